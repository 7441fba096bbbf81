import FirnModel
import FirnParsing

/// Reads the mounts of a system closure: fstab, mount and swap units, and the script of the special file systems.
struct MountsBuilt {
    let system: SystemView
    let knowledge: MountsKnowledge

    private var prefix: String { system.toplevel == "/" ? "" : system.toplevel }

    func model() -> MountModel {
        var model = MountModel(base: Evidence(path: system.shownEtcPath("fstab")))
        fstab(&model)
        units(&model)
        zram(&model)
        special(&model)
        model.cleansTmp = cleansTmp(&model)
        model.storeOptions = store()
        return model
    }

    // MARK: fstab

    private func fstab(_ model: inout MountModel) {
        let shown = system.shownEtcPath("fstab")
        let table: FSTab
        do {
            table = try FSTab.parse(try system.readEtc("fstab", limit: 1 << 20))
        } catch let error as TreeError {
            guard !error.isAbsence else { return }
            model.problems.append((error.description, Evidence(path: shown)))
            return
        } catch {
            model.problems.append(("\(shown): \(error)", Evidence(path: shown)))
            return
        }
        for line in table.ignored {
            model.problems.append(("\(shown):\(line.line): \(line.reason)", Evidence(path: shown, line: line.line)))
        }
        for entry in table.entries {
            let place = Evidence(path: shown, line: entry.line)
            if entry.type == "swap" {
                model.swaps.append(swap(entry.source, place))
            } else if entry.target.hasPrefix("/") {
                model.add(
                    Mount(
                        source: entry.source, target: entry.target, type: entry.type,
                        options: MountOptions(entry.options ?? ""), origin: .fstab, place: place))
            }
        }
    }

    private func swap(_ device: String, _ place: Evidence) -> SwapArea {
        var evidence = place
        evidence.text = "swap on \(device)"
        let protection: SwapArea.Protection
        switch StorageDevice.kind(device) {
        case .partition: protection = .plain
        case .memory: protection = .memory
        case .mapping(let name): protection = mapping(name)
        case .content:
            protection = .unclear("\(device) may lie within an encrypted volume, which only the initrd knows")
        case .file: protection = .unclear("\(device) is a file; whether its disk is encrypted only the initrd knows")
        case .other: protection = .unclear("\(device) does not tell whether it is encrypted")
        }
        return SwapArea(device: device, protection: protection, evidence: evidence)
    }

    /// Compressed memory (zram-generator.conf(5)): what of it is moved to a disk when it is not used, and what holds a file
    /// system, as `boot.tmp.useZram` makes one.
    private func zram(_ model: inout MountModel) {
        guard case .lines(let lines, let path) = system.etcLines("systemd/zram-generator.conf") else { return }
        var section = ""
        var mount: Mount?
        func end() {
            if let mount, !mount.target.isEmpty { model.add(mount) }
        }
        for line in lines {
            let text = line.text.trimmed
            if text.hasPrefix("[") {
                end()
                section = String(text.dropFirst().prefix { $0 != "]" })
                mount = Mount(
                    source: "/dev/" + section, target: "", type: "ext2", options: MountOptions("discard"),
                    origin: .unit,
                    place: Evidence(path: path, line: line.number))
                continue
            }
            guard let equals = text.firstIndex(of: "=") else { continue }
            let value = String(text[text.index(after: equals)...].trimmed)
            switch text[..<equals].trimmed {
            case "writeback-device" where !value.isEmpty:
                model.swaps.append(swap(value, Evidence(path: path, line: line.number)))
            case "mount-point":
                mount?.target = value
                mount?.place.line = line.number
            case "fs-type": mount?.type = value
            case "options": mount?.options = MountOptions(value)
            default: continue
            }
        }
        end()
    }

    /// NixOS opens swap with a random key in `mkswap-<name>.service` (nixos/modules/config/swap.nix).
    private func mapping(_ name: String) -> SwapArea.Protection {
        // Volumes that systemd opens after the initrd, by name.
        if case .lines(let lines, _) = system.etcLines("crypttab"),
            lines.contains(where: {
                $0.text.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init) == name
            })
        {
            return .encrypted
        }
        let unitName = "mkswap-\(name).service"
        switch system.unit(unitName) {
        case .unit(let unit, let path):
            for command in unit.commands("ExecStart") {
                guard let program = command.first else { continue }
                if program.hasSuffix("/cryptsetup") { return .encrypted }
                if case .lines(let lines, _) = system.lines(program),
                    lines.contains(where: { $0.text.contains("cryptsetup ") })
                {
                    return .encrypted
                }
            }
            return .unclear("\(path) does not show how /dev/mapper/\(name) is opened")
        case .unavailable(let reason): return .unclear(reason)
        case .missing, .masked: return .unclear("/dev/mapper/\(name) is opened in the initrd, which is not read")
        }
    }

    // MARK: Units

    private func units(_ model: inout MountModel) {
        let entries: [String]
        do {
            entries = try system.unitEntries()
        } catch {
            model.problems.append((error.description, Evidence(path: system.shownEtcPath("systemd/system"))))
            return
        }
        for name in entries where name.hasSuffix(".mount") || name.hasSuffix(".swap") {
            if knowledge.ownUnits.contains(name) { continue }
            let place = Evidence(path: system.shownEtcPath("systemd/system/" + name))
            switch system.unit(name) {
            case .missing, .masked: continue
            case .unavailable(let reason):
                // The units of systemd itself are links into its package, which a slim image may lack.
                if !isPackageUnit(name) { model.problems.append((reason, place)) }
            case .unit(let unit, _):
                if name.hasSuffix(".swap") {
                    if let what = unit.value("Swap", "What") {
                        model.swaps.append(swap(what.value, Evidence(path: what.file, line: what.line)))
                    }
                } else {
                    add(unit, place, &model)
                }
            }
        }
    }

    private func add(_ unit: SystemdUnit, _ place: Evidence, _ model: inout MountModel) {
        let type = unit.value("Mount", "Type")?.value ?? "auto"
        guard let location = unit.value("Mount", "Where"), !knowledge.pseudo.contains(type) else { return }
        guard !location.value.contains("%") else {
            model.problems.append(("\(place.path) mounts at a place with specifiers", place))
            return
        }
        let options = unit.value("Mount", "Options")
        model.add(
            Mount(
                source: unit.value("Mount", "What")?.value ?? "", target: location.value, type: type,
                options: MountOptions(options?.value ?? ""), origin: .unit,
                place: Evidence(path: options?.file ?? location.file, line: options?.line ?? location.line)))
    }

    private func isPackageUnit(_ name: String) -> Bool {
        let own = ["dev-hugepages", "dev-mqueue", "proc-sys-fs-binfmt_misc", "sys-fs-fuse-connections"]
        return name.hasPrefix("sys-kernel-") || own.contains { name == $0 + ".mount" }
    }

    // MARK: Special file systems

    private func special(_ model: inout MountModel) {
        if isNixosInit {
            let place = Evidence(path: prefix + "/init", text: "system.nixos-init mounts nothing again")
            for (target, options) in knowledge.systemd {
                model.add(
                    Mount(
                        source: "systemd", target: target, type: "kernel", options: MountOptions(options),
                        origin: .special, place: place))
            }
            return
        }
        let activate = prefix + "/activate"
        guard case .lines(let lines, _) = system.lines(activate) else {
            model.specialProblem = ("the activation script cannot be read", Evidence(path: activate))
            return
        }
        guard
            let line = lines.first(where: { line in
                let text = line.text.trimmed
                return text.hasPrefix("source /") && text.hasSuffix("-mounts.sh")
            })
        else {
            model.specialProblem = ("the activation script names no script of mounts", Evidence(path: activate))
            return
        }
        let path = String(line.text.trimmed.dropFirst("source ".count))
        do {
            let script = try SpecialMounts.parse(try system.tree.read(path, limit: 1 << 18))
            for entry in script.entries {
                model.add(
                    Mount(
                        source: entry.source, target: entry.target, type: entry.type,
                        options: MountOptions(entry.options ?? ""), origin: .special,
                        place: Evidence(path: path, line: entry.line)))
            }
        } catch let error as TreeError {
            model.specialProblem = (error.description, Evidence(path: path))
        } catch {
            model.specialProblem = ("\(path): \(error)", Evidence(path: path))
        }
    }

    /// With nixos-init there is no stage 2 script: neither `prepare-root`, nor an `init` that is one.
    private var isNixosInit: Bool {
        guard !system.tree.exists(prefix + "/prepare-root") else { return false }
        do {
            if try system.tree.linkTarget(prefix + "/init").contains("-nixos-init-") { return true }
        } catch {
            // Not a link: a copy of a program, or the script of stage 2.
        }
        do {
            return try !system.tree.read(prefix + "/init", limit: 1 << 20).starts(with: [0x23, 0x21])
        } catch {
            if case .tooLarge = error { return true }
            return false
        }
    }

    // MARK: /tmp and the store

    private func cleansTmp(_ model: inout MountModel) -> (isCleaned: Bool, evidence: Evidence)? {
        let directory = system.shownEtcPath("tmpfiles.d")
        let names: [String]
        do {
            names = try system.listEtc("tmpfiles.d")
        } catch {
            return error.isAbsence ? (false, Evidence(path: directory, text: "there are no rules")) : nil
        }
        for name in names where name.hasSuffix(".conf") {
            guard case .lines(let lines, let path) = system.etcLines("tmpfiles.d/" + name) else { continue }
            for line in lines where Self.empties(line.text) {
                return (true, Evidence(path: path, line: line.number, text: String(line.text.trimmed)))
            }
        }
        return (false, Evidence(path: directory, text: "no rule empties /tmp"))
    }

    /// Whether a line of tmpfiles.d(5) removes what is in /tmp at boot.
    static func empties(_ line: Substring) -> Bool {
        guard line.contains("/tmp") else { return false }
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count >= 2, let type = words[0].first, words[1] == "/tmp" || words[1] == "/tmp/*" else {
            return false
        }
        return type == "D" || type == "R"
    }

    private func store() -> Fact {
        let path = prefix + "/boot.json"
        do {
            let json = try JSONParser.parse(try system.tree.read(path, limit: 4 << 20))
            if let options = json["org.nixos.nixos-init.v1"]?["nix_store_mount_opts"], let words = options.array {
                let texts = words.compactMap(\.string)
                return .known(
                    .boolean(texts.contains("ro")),
                    [Evidence(path: path, line: options.line, text: "/nix/store: " + texts.joined(separator: ","))])
            }
        } catch {
            // Older releases say it in the script of stage 2 only.
        }
        for name in ["/prepare-root", "/init"] {
            guard case .lines(let lines, let script) = system.lines(prefix + name) else { continue }
            if let line = lines.first(where: { $0.text.trimmed.hasPrefix("for mount_opt in ") }) {
                let words = line.text.split(separator: " ")
                return .known(
                    .boolean(words.contains("ro")),
                    [Evidence(path: script, line: line.number, text: String(line.text.trimmed))])
            }
            guard let index = lines.firstIndex(where: { $0.text.contains("mount -o remount,ro,bind /nix/store") })
            else { continue }
            // `if [ -n "1" ]; then` before it: boot.readOnlyNixStore.
            guard let condition = lines[..<index].last(where: { $0.text.trimmed.hasPrefix("if [ -n \"") }) else {
                return .known(.boolean(true), [Evidence(path: script, line: lines[index].number)])
            }
            let value = condition.text.trimmed.dropFirst("if [ -n \"".count).prefix { $0 != "\"" }
            // The condition just before is that of a container.
            let isSwitch = !value.contains("$")
            let isOn = isSwitch ? !value.isEmpty : switchBefore(lines[..<index])
            return .known(
                .boolean(isOn),
                [Evidence(path: script, line: condition.number, text: String(condition.text.trimmed))])
        }
        return .unavailable(
            reason: "the script that makes /nix/store read-only cannot be read", [Evidence(path: prefix + "/init")])
    }

    private func switchBefore(_ lines: ArraySlice<TextLine>) -> Bool {
        let conditions = lines.filter { line in
            let text = line.text.trimmed
            return text.hasPrefix("if [ -n \"") && !text.contains("$")
        }
        return conditions.last.map { !$0.text.contains("\"\"") } ?? true
    }
}
