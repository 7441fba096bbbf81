public import FirnModel
import FirnParsing

/// What kind of system it is: identity, kernel, platform and roles.
public enum SystemFacts {
    /// The facts, and what other families need of them.
    public struct Findings: Sendable {
        /// The facts `system.*` and `role.*`.
        public var batch: FactBatch
        /// What other families need.
        public var context: SystemContext
        /// What names the system.
        public var identity: Identity

        /// Creates findings.
        public init(batch: FactBatch, context: SystemContext, identity: Identity) {
            self.batch = batch
            self.context = context
            self.identity = identity
        }
    }

    /// The name, host and version in a toplevel's path: `<hash>-nixos-system-<host>-<version>`.
    public static func nameParts(toplevel: String) -> (host: String, version: String)? {
        let name = toplevel.split(separator: "/").last ?? ""
        guard let start = name.firstRange(of: "-nixos-system-")?.upperBound else { return nil }
        let rest = name[start...]
        // The host may hold dashes, the version may too (`26.11pre-git`): the version starts at the last dash before
        // a digit that is followed by a dot somewhere.
        var split: String.Index?
        for index in rest.indices where rest[index] == "-" {
            let after = rest.index(after: index)
            guard after < rest.endIndex, rest[after].isNumber, rest[after...].contains(".") else { continue }
            split = index
        }
        guard let split else { return nil }
        return (String(rest[..<split]), String(rest[rest.index(after: split)...]))
    }

    /// The release of a version string: `26.11` of `26.11pre-git` or `26.11.20260701.abcdef`.
    public static func release(ofVersion version: String) -> String? {
        let numbers = version.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
        guard numbers.count >= 2 else { return nil }
        return "\(numbers[0]).\(numbers[1])"
    }

    /// The version at the end of a kernel's store name: `6.12.15` of `linux-hardened-6.12.15`.
    public static func kernelVersion(ofName name: String) -> String? {
        guard name.contains("linux") else { return nil }
        let version = name.split(separator: "-").last { part in
            part.first?.isNumber == true && part.contains(".")
        }
        return version.map(String.init)
    }

    /// `x86_64` of `x86_64-linux`.
    static func architecture(ofSystem system: String) -> String? {
        guard let dash = system.lastIndex(of: "-") else { return nil }
        return String(system[..<dash])
    }

    // MARK: - Built

    /// The facts of a system closure.
    public static func built(_ system: SystemView) -> Findings {
        var batch = FactBatch()
        var identity = Identity(toplevel: system.toplevel)
        var context = SystemContext()

        // The label in nixos-version may be anything (`rescue-26.11pre-git`); os-release has the release.
        let version = text(system, "nixos-version")
        let label: String? = if case .known(.string(let text), _) = version { text } else { nil }
        let named = NixOSIdentity(system, fallback: label.flatMap { release(ofVersion: $0) })
        if let release = named.release {
            identity.release = release
            context.release = release
            batch.facts["system.release"] = .known(.string(release), named.evidence)
        } else {
            batch.facts["system.release"] =
                label == nil
                ? version
                : .unavailable(reason: "neither os-release nor nixos-version holds a release", version.evidence)
        }
        let platform = text(system, "system")
        if case .known(.string(let text), let evidence) = platform, let architecture = architecture(ofSystem: text) {
            identity.system = text
            batch.facts["system.architecture"] = .known(.string(architecture), evidence)
        } else {
            batch.facts["system.architecture"] = .unavailable(
                reason: "the toplevel does not name its platform", platform.evidence)
        }
        identity.hostName = hostName(system)

        let kernel = kernelFacts(system)
        batch.merge(kernel.batch)
        context.hasOwnKernel = kernel.hasOwnKernel
        context.kernelVersion = kernel.version

        batch.facts["role.container-host"] = unitRole(system, containerHostUnits)
        batch.facts["role.nix-builder"] = unitRole(system, nixBuilderUnits)
        batch.facts["role.desktop"] = unitRole(system, ["display-manager.service"])
        batch.facts["role.installer"] = installer(system)
        let wsl = system.shownEtcPath("wsl.conf")
        batch.facts["role.wsl"] = .known(
            .boolean(system.tree.exists(system.etcPath("wsl.conf"))), [Evidence(path: wsl)])
        return Findings(batch: batch, context: context, identity: identity)
    }

    private static func text(_ system: SystemView, _ name: String) -> Fact {
        let path = (system.toplevel == "/" ? "" : system.toplevel) + "/" + name
        do {
            let bytes = try system.tree.read(path, limit: 4096)
            let text = try TextFile.decode(bytes).trimmedOfBlanks
            return .known(.string(text), [Evidence(path: path, line: 1, text: text)])
        } catch let error as TreeError {
            return error.isAbsence
                ? .absent([Evidence(path: path)])
                : .unavailable(reason: error.description, [Evidence(path: path)])
        } catch {
            return .unavailable(reason: "\(path): \(error)", [Evidence(path: path)])
        }
    }

    private static func hostName(_ system: SystemView) -> String? {
        do {
            let text = try TextFile.decode(try system.readEtc("hostname", limit: 256)).trimmedOfBlanks
            if !text.isEmpty { return text }
        } catch {
            // The host name is for people only; the toplevel's name has it too.
        }
        return nameParts(toplevel: system.toplevel)?.host
    }

    private static func kernelFacts(
        _ system: SystemView
    ) -> (batch: FactBatch, hasOwnKernel: Bool?, version: String?) {
        var batch = FactBatch()
        let prefix = system.toplevel == "/" ? "" : system.toplevel
        let path = prefix + "/kernel"
        let target: String
        do {
            target = try system.tree.linkTarget(path)
        } catch {
            // A toplevel unpacked as plain files has lost its links, but these are only written with a kernel.
            let companions = ["kernel-params", "boot.json", "initrd", "kernel-modules"].map { prefix + "/" + $0 }
            if let companion = companions.first(where: { stands(system.tree, $0) }) {
                batch.facts["system.has-own-kernel"] = .known(.boolean(true), [Evidence(path: companion)])
                batch.facts["system.kernel-version"] = .unavailable(
                    reason: "the toplevel's kernel link cannot be read: \(error)", [Evidence(path: path)])
                return (batch, true, nil)
            }
            guard error.isAbsence else {
                let fact = Fact.unavailable(reason: error.description, [Evidence(path: path)])
                batch.facts["system.has-own-kernel"] = fact
                batch.facts["system.kernel-version"] = fact
                return (batch, nil, nil)
            }
            batch.facts["system.has-own-kernel"] = .known(
                .boolean(false), [Evidence(path: path, text: "the toplevel has no kernel")])
            batch.facts["system.kernel-version"] = .absent([Evidence(path: path)])
            return (batch, false, nil)
        }
        let evidence = [Evidence(path: path, text: target)]
        batch.facts["system.has-own-kernel"] = .known(.boolean(true), evidence)
        // /nix/store/<hash>-linux-6.18.37/bzImage
        let name = target.split(separator: "/").dropLast().last.map(String.init) ?? ""
        guard let version = kernelVersion(ofName: name) else {
            batch.facts["system.kernel-version"] = .unavailable(reason: "\(target) names no kernel version", evidence)
            return (batch, true, nil)
        }
        batch.facts["system.kernel-version"] = .known(.string(version), evidence)
        return (batch, true, version)
    }

    /// Whether anything is at the path, a link that leads out of the target included.
    private static func stands(_ tree: any RootTree, _ path: String) -> Bool {
        do {
            _ = try tree.linkTarget(path)
            return true
        } catch {
            return !error.isAbsence
        }
    }

    private static let containerHostUnits = [
        "docker.service", "podman.service", "libvirtd.service", "incus.service", "lxd.service", "containerd.service",
        "k3s.service", "kubelet.service",
    ]
    private static let nixBuilderUnits = [
        "hydra-queue-runner.service", "nix-serve.service", "harmonia.service", "gitlab-runner.service",
        "github-runner.service",
    ]

    private static func unitRole(_ system: SystemView, _ units: [String]) -> Fact {
        for unit in units {
            switch system.unit(unit) {
            case .unit(_, let path): return .known(.boolean(true), [Evidence(path: path)])
            case .unavailable(let reason): return .unavailable(reason: reason, [])
            case .missing, .masked: continue
            }
        }
        return .known(
            .boolean(false), [Evidence(path: "/etc/systemd/system", text: "no " + units.joined(separator: ", "))])
    }

    private static func installer(_ system: SystemView) -> Fact {
        let shown = system.shownEtcPath("fstab")
        do {
            let text = try TextFile.decode(try system.readEtc("fstab"))
            for line in TextFile.lines(text) {
                let fields = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if fields.count >= 3, !line.text.hasPrefix("#"), fields[1] == "/nix/.ro-store" {
                    return .known(
                        .boolean(true), [Evidence(path: shown, line: line.number, text: String(line.text))])
                }
            }
            return .known(.boolean(false), [Evidence(path: shown, text: "no read-only store image is mounted")])
        } catch let error as TreeError {
            return error.isAbsence
                ? .known(.boolean(false), [Evidence(path: shown, text: "there is no fstab")])
                : .unavailable(reason: error.description, [Evidence(path: shown)])
        } catch {
            return .unavailable(reason: "\(shown): \(error)", [Evidence(path: shown)])
        }
    }

    // MARK: - Declared

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, toplevel: String?, release: String?, system: String?
    ) -> Findings {
        var batch = FactBatch()
        let release = release ?? string(options, ["system", "nixos", "release"])
        let platform =
            system ?? string(options, ["nixpkgs", "hostPlatform", "system"]) ?? string(options, ["nixpkgs", "system"])
        let identity = Identity(
            toplevel: toplevel, hostName: string(options, ["networking", "hostName"]), release: release,
            system: platform)
        var context = SystemContext(release: release)
        let releasePath = ["system", "nixos", "release"]
        batch.facts["system.release"] =
            release.map { .known(.string($0), [options.evidence(releasePath)]) }
            ?? .unavailable(reason: "the export does not name the release", [options.evidence(releasePath)])
        // A bare option tree may not name its platform at all; then this source does not supply the key.
        if let platform, let architecture = architecture(ofSystem: platform) {
            batch.facts["system.architecture"] = .known(
                .string(architecture), [Evidence(path: "nixpkgs.hostPlatform.system", text: platform)])
        }

        let ownKernel = declaredOwnKernel(options)
        batch.facts["system.has-own-kernel"] = ownKernel
        if case .known(.boolean(let truth), _) = ownKernel { context.hasOwnKernel = truth }
        let versionPath = ["boot", "kernelPackages", "kernel", "version"]
        if context.hasOwnKernel == false {
            batch.facts["system.kernel-version"] = .absent(ownKernel.evidence)
        } else if let version = string(options, versionPath) {
            context.kernelVersion = version
            batch.facts["system.kernel-version"] = .known(.string(version), [options.evidence(versionPath)])
        } else {
            batch.facts["system.kernel-version"] = .unavailable(
                reason: "the export does not name the kernel's version", [options.evidence(versionPath)])
        }

        batch.facts["role.container-host"] = optionRole(
            options,
            [
                ["virtualisation", "docker", "enable"], ["virtualisation", "podman", "enable"],
                ["virtualisation", "libvirtd", "enable"], ["virtualisation", "incus", "enable"],
                ["virtualisation", "lxd", "enable"], ["virtualisation", "containerd", "enable"],
                ["services", "k3s", "enable"], ["services", "kubernetes", "kubelet", "enable"],
            ])
        batch.facts["role.nix-builder"] = optionRole(
            options,
            [
                ["services", "hydra", "enable"], ["services", "nix-serve", "enable"],
                ["services", "harmonia", "enable"], ["services", "gitlab-runner", "enable"],
            ])
        batch.facts["role.desktop"] = optionRole(
            options,
            [["services", "xserver", "enable"], ["services", "displayManager", "enable"]])
        let stores = ["fileSystems", "/nix/.ro-store"]
        if case .value = options.lookup(stores) {
            batch.facts["role.installer"] = .known(.boolean(true), [options.evidence(stores)])
        } else {
            batch.facts["role.installer"] = .known(.boolean(false), [options.evidence(["fileSystems"])])
        }
        let wslPath = ["environment", "etc", "wsl.conf"]
        if case .value = options.lookup(wslPath) {
            batch.facts["role.wsl"] = .known(.boolean(true), [options.evidence(wslPath)])
        } else {
            batch.facts["role.wsl"] = .known(.boolean(false), [options.evidence(wslPath)])
        }
        return Findings(batch: batch, context: context, identity: identity)
    }

    private static func string(_ options: OptionTree, _ path: [String]) -> String? {
        if case .value(let node) = options.lookup(path) { node.string } else { nil }
    }

    private static func declaredOwnKernel(_ options: OptionTree) -> Fact {
        let container = ["boot", "isContainer"]
        let enable = ["boot", "kernel", "enable"]
        switch options.boolean(container) {
        case true?: return .known(.boolean(false), [options.evidence(container, text: "true")])
        case false?:
            if options.boolean(enable) == false {
                return .known(.boolean(false), [options.evidence(enable, text: "false")])
            }
            return .known(.boolean(true), [options.evidence(container, text: "false")])
        case nil:
            return .unavailable(reason: "the export does not hold boot.isContainer", [options.evidence(container)])
        }
    }

    private static func optionRole(_ options: OptionTree, _ paths: [[String]]) -> Fact {
        for path in paths where options.boolean(path) == true {
            return .known(.boolean(true), [options.evidence(path, text: "true")])
        }
        for path in paths {
            if case .unavailable(let reason) = options.lookup(path) {
                return .unavailable(reason: reason, [options.evidence(path)])
            }
        }
        return .known(.boolean(false), paths.prefix(1).map { options.evidence($0) })
    }
}

extension String {
    /// The text without blanks and line ends at both ends.
    var trimmedOfBlanks: String {
        var slice = self[...]
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice)
    }
}
