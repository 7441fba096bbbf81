public import FirnModel
import FirnParsing

/// The family `age`: ends of life and what was let in although it is known to be insecure.
///
/// | fact | value |
/// |---|---|
/// | `age.nixos.end-of-life` | the last day the NixOS release gets updates |
/// | `age.nixpkgs.date` | the day of the nixpkgs revision, where the version names one (`26.05.20260701.abcdef`); else absent |
/// | `age.kernel.end-of-life` | the last day the kernel's branch gets updates; absent without a kernel of its own |
/// | `age.kernel.released` | the day the kernel's patch release came out, at the latest; absent for branches that ended |
/// | `age.openssh.released` | the day the OpenSSH of sshd came out; absent where there is no sshd |
/// | `age.permitted-insecure` | `nixpkgs.config.permittedInsecurePackages` (declared only) |
/// | `age.insecure-predicate` | whether `nixpkgs.config.allowInsecurePredicate` is set (declared only) |
/// | `age.allow-broken` | `nixpkgs.config.allowBroken` (declared only) |
/// | `age.state-version-ahead` | whether `system.stateVersion` is newer than the release (declared only) |
///
/// Dates are those of `profiles/knowledge/end-of-life.toml`. One that is known on one side only says so (`2026-12-20 or
/// later`); a release of which nothing is known is unavailable. Whether a date is over is for the evaluation, which knows
/// the time.
public enum AgeFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try EndOfLifeTable(knowledge)
        var batch = FactBatch()
        let identity = NixOSIdentity(system, fallback: context.release)
        addNixOS(&batch, table, release: identity.release, version: identity.version, identity.evidence)
        addKernel(
            &batch, table, context,
            [Evidence(path: system.toplevel + "/kernel", text: context.kernelVersion.map { "Linux \($0)" })])
        batch.facts["age.openssh.released"] = openSSH(system, table)
        return batch
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try EndOfLifeTable(knowledge)
        var batch = FactBatch()
        let path = ["system", "nixos", "version"]
        addNixOS(
            &batch, table, release: context.release, version: options.readString(path).value,
            [options.evidence(path, text: options.readString(path).value)])
        addKernel(
            &batch, table, context,
            [options.evidence(["boot", "kernelPackages", "kernel", "version"], text: context.kernelVersion)])
        batch.facts["age.openssh.released"] = AgeDeclared(options: options).openSSH(table)
        batch.merge(AgeDeclared(options: options).nixpkgs(release: context.release))
        return batch
    }

    /// The facts about NixOS itself: `age.nixos.end-of-life` and `age.nixpkgs.date`.
    public static func nixos(_ build: NixOSBuild, knowledge: Knowledge) throws(DataError) -> FactBatch {
        var batch = FactBatch()
        addNixOS(
            &batch, try EndOfLifeTable(knowledge), release: build.release, version: build.version, build.evidence)
        return batch
    }

    private static func addNixOS(
        _ batch: inout FactBatch, _ table: EndOfLifeTable, release: String?, version: String?, _ places: [Evidence]
    ) {
        guard let release else {
            batch.facts["age.nixos.end-of-life"] = .unavailable(reason: "the release of NixOS is not known", places)
            batch.facts["age.nixpkgs.date"] = .unavailable(reason: "the version of NixOS is not known", places)
            return
        }
        if let version, isPreRelease(version, of: release), let date = table.endOfPreRelease(release) {
            batch.facts["age.nixos.end-of-life"] = .known(
                .string(date.description),
                places + [Evidence(path: "NixOS \(version)", text: "before \(release): superseded by \(date)")])
        } else {
            batch.facts["age.nixos.end-of-life"] = table.fact(
                table.nixos, "NixOS", release, places, word: "updates until")
        }
        guard let version else {
            batch.facts["age.nixpkgs.date"] = .unavailable(reason: "the version of NixOS is not known", places)
            return
        }
        batch.facts["age.nixpkgs.date"] =
            revisionDate(version).map { .known(.string($0.description), places) } ?? .absent(places)
    }

    /// Whether a version is a channel's pre-release: `26.11pre812345.abcdef`. `26.11pre-git` is what any checkout is
    /// called, that of a release branch too.
    static func isPreRelease(_ version: String, of release: String) -> Bool {
        guard let found = version.firstRange(of: release + "pre") else { return false }
        return version[found.upperBound...].first.map { $0.isASCII && $0.isNumber } ?? false
    }

    /// The date in the version a flake gives: `26.05.20260701.abcdef` (lib/flake-version-info.nix).
    static func revisionDate(_ version: String) -> CalendarDate? {
        for part in version.split(separator: ".").dropFirst(2) where part.utf8.count == 8 {
            let digits = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard digits, part >= "20100101" else { continue }
            return CalendarDate("\(part.prefix(4))-\(part.dropFirst(4).prefix(2))-\(part.suffix(2))")
        }
        return nil
    }

    private static func addKernel(
        _ batch: inout FactBatch, _ table: EndOfLifeTable, _ context: SystemContext, _ places: [Evidence]
    ) {
        let keys: [FactKey] = ["age.kernel.end-of-life", "age.kernel.released"]
        if context.hasOwnKernel == false {
            for key in keys { batch.facts[key] = .absent(places) }
            return
        }
        guard let version = context.kernelVersion else {
            for key in keys { batch.facts[key] = .unavailable(reason: "the kernel's version is not known", places) }
            return
        }
        let parts = version.split(separator: ".")
        // `7.0-rc3` is of the branch 7.0.
        func number(_ part: Substring) -> Int? { Int(part.prefix { $0.isASCII && $0.isNumber }) }
        guard parts.count >= 2, let minor = number(parts[1]) else {
            for key in keys { batch.facts[key] = .unavailable(reason: "\(version) names no branch of Linux", places) }
            return
        }
        let branch = "\(parts[0]).\(minor)"
        batch.facts[keys[0]] = table.fact(table.linux, "Linux", branch, places, word: "updates until")
        let patch = parts.count > 2 ? number(parts[2]) ?? 0 : 0
        batch.facts[keys[1]] = table.patchDate(branch, patch: patch, places)
    }

    private static func openSSH(_ system: SystemView, _ table: EndOfLifeTable) -> Fact {
        var places: [Evidence] = []
        for name in ["sshd.service", "sshd@.service"] {
            switch system.unit(name) {
            case .missing, .masked: continue
            case .unavailable(let reason): return .unavailable(reason: reason, [])
            case .unit(let unit, let path):
                guard let program = unit.commands("ExecStart").last?.first else { continue }
                let line = unit.value("Service", "ExecStart")?.line
                places.append(Evidence(path: path, line: line, text: program))
                if let fact = openSSH(program: program, places, table) { return fact }
            }
        }
        if places.isEmpty { return .absent([Evidence(path: "/etc/systemd/system/sshd.service", text: "not there")]) }
        return .unavailable(reason: "the path of sshd names no release of OpenSSH", places)
    }

    /// The fact of the program a unit starts; nil where its path names no release.
    static func openSSH(program: String, _ places: [Evidence], _ table: EndOfLifeTable) -> Fact? {
        guard let release = SSHPackage.release(program) else { return nil }
        return table.fact(table.openssh, "OpenSSH", release.text, places, word: "released")
    }
}
