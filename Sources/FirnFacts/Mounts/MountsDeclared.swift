import FirnModel
import FirnParsing

/// Reads the mounts of evaluated options.
struct MountsDeclared {
    let options: OptionTree
    let knowledge: MountsKnowledge
    let context: SystemContext

    func model() -> MountModel {
        var model = MountModel(base: options.evidence(["fileSystems"]))
        fileSystems(&model)
        units(&model)
        tmp(&model)
        special(&model)
        swap(&model)
        model.storeOptions = store()
        return model
    }

    // MARK: File systems

    private func fileSystems(_ model: inout MountModel) {
        switch options.readMembers(["fileSystems"]) {
        case .value(let members, _):
            for member in members where member.node["enable"]?.boolean != false {
                add(member.node, at: ["fileSystems", member.key], key: member.key, origin: .fstab, &model)
            }
        case .null(let evidence), .missing(let evidence):
            model.problems.append(("the export does not hold fileSystems", evidence))
        case .unavailable(let reason, let evidence): model.problems.append((reason, evidence))
        }
    }

    private func add(
        _ node: JSONNode, at path: [String], key: String, origin: Mount.Origin, _ model: inout MountModel
    ) {
        let place = options.evidence(path + ["options"])
        let words: [String]
        switch options.readStrings(path + ["options"]) {
        case .value(let list, _): words = list
        case .null, .missing: words = []
        case .unavailable(let reason, let evidence):
            model.problems.append((reason, evidence))
            return
        }
        let label = node["label"]?.string
        guard let device = node["device"]?.string ?? label.map({ "/dev/disk/by-label/" + $0 }) else {
            model.problems.append(("\(OptionTree.spelled(path)) names no device", place))
            return
        }
        model.add(
            Mount(
                source: device, target: node["mountPoint"]?.string ?? key, type: node["fsType"]?.string ?? "auto",
                options: MountOptions(words.joined(separator: ",")), origin: origin, place: place))
    }

    /// `systemd.mounts` where the export has it; else the names of the units tell whether there is something unseen.
    private func units(_ model: inout MountModel) {
        switch options.lookup(["systemd", "mounts"]) {
        case .value(let node):
            for mount in node.array ?? [] where mount["enable"]?.boolean != false {
                guard let target = mount["where"]?.string else { continue }
                let type = mount["type"]?.string ?? mount["mountConfig"]?["Type"]?.string ?? "auto"
                let words = mount["mountConfig"]?["Options"]?.string ?? mount["options"]?.string ?? ""
                if knowledge.pseudo.contains(type) || target == "/run/wrappers" || target == "/run/initramfs" {
                    continue
                }
                model.add(
                    Mount(
                        source: mount["what"]?.string ?? "", target: target, type: type,
                        options: MountOptions(words), origin: .unit,
                        place: Evidence(path: "systemd.mounts", line: mount.line)))
            }
        case .unavailable(let reason): model.problems.append((reason, options.evidence(["systemd", "mounts"])))
        case .missing:
            switch options.readMembers(["systemd", "units"]) {
            case .value(let members, _):
                for member in members where member.node["enable"]?.boolean != false {
                    let isMount = member.key.hasSuffix(".mount") || member.key.hasSuffix(".swap")
                    guard isMount, !knowledge.ownUnits.contains(member.key), member.key != "tmp.mount" else {
                        continue
                    }
                    model.problems.append(
                        (
                            "the export names the unit \(member.key) and not what it mounts",
                            options.evidence(["systemd", "units", member.key])
                        ))
                }
            case .null(let evidence), .missing(let evidence):
                model.problems.append(("the export holds neither systemd.mounts nor systemd.units", evidence))
            case .unavailable(let reason, let evidence): model.problems.append((reason, evidence))
            }
        }
    }

    /// `boot.tmp.useTmpfs`, once `boot.tmpOnTmpfs`: what nixos/modules/system/boot/tmp.nix mounts.
    private func tmp(_ model: inout MountModel) {
        let reading = first([["boot", "tmp", "useTmpfs"], ["boot", "tmpOnTmpfs"]])
        switch reading {
        case .value(let isOn, let evidence):
            if isOn, model.mounts["/tmp"]?.origin != .unit {
                model.add(
                    Mount(
                        source: "tmpfs", target: "/tmp", type: "tmpfs",
                        options: MountOptions("mode=1777,strictatime,rw,nosuid,nodev"), origin: .unit, place: evidence))
            }
        case .null(let evidence), .missing(let evidence):
            model.problems.append(("the export does not say whether /tmp is a file system of its own", evidence))
        case .unavailable(let reason, let evidence): model.problems.append((reason, evidence))
        }
        if options.boolean(["boot", "tmp", "useZram"]) == true {
            let settings = ["boot", "tmp", "zramSettings"]
            model.add(
                Mount(
                    source: "/dev/zram0", target: "/tmp",
                    type: options.readString(settings + ["fs-type"]).value ?? "ext4",
                    options: MountOptions(options.readString(settings + ["options"]).value ?? "X-mount.mode=1777"),
                    origin: .unit, place: options.evidence(["boot", "tmp", "useZram"], text: "true")))
        }
        model.cleansTmp = cleansTmp()
    }

    /// Whether a rule of systemd-tmpfiles empties /tmp at boot. Where no option says so a package may still bring one, which
    /// only an export with the list of packages rules out: those of nixpkgs bring none.
    private func cleansTmp() -> (isCleaned: Bool, evidence: Evidence)? {
        let clean = first([["boot", "tmp", "cleanOnBoot"], ["boot", "cleanTmpDir"]])
        if case .value(true, let evidence) = clean { return (true, evidence) }
        let tmpfiles = ["systemd", "tmpfiles"]
        let rules = options.readStrings(tmpfiles + ["rules"])
        if case .value(let lines, _) = rules, let line = lines.first(where: { MountsBuilt.empties($0[...]) }) {
            return (true, options.evidence(tmpfiles + ["rules"], text: line))
        }
        let settings = options.readMembers(tmpfiles + ["settings"])
        if case .value(let files, _) = settings {
            for file in files {
                for path in ["/tmp", "/tmp/*"] {
                    guard let types = file.node[path]?.object?.members,
                        let rule = types.first(where: { MountsBuilt.empties("\($0.key) \(path)") })
                    else { continue }
                    return (true, options.evidence(tmpfiles + ["settings", file.key, path, rule.key]))
                }
            }
        }
        guard case .value(false, let evidence) = clean, case .value = rules, case .value = settings,
            case .value = options.readStrings(tmpfiles + ["packages"])
        else { return nil }
        return (false, evidence)
    }

    private func first(_ paths: [[String]]) -> OptionReading<Bool> {
        for path in paths {
            let reading = options.readBoolean(path)
            if case .missing = reading { continue }
            return reading
        }
        return .missing(options.evidence(paths[0]))
    }

    // MARK: Special file systems, the store

    private func special(_ model: inout MountModel) {
        let nixosInit = ["system", "nixos-init", "enable"]
        if options.boolean(nixosInit) == true {
            for (target, words) in knowledge.systemd {
                model.add(
                    Mount(
                        source: "systemd", target: target, type: "kernel", options: MountOptions(words),
                        origin: .special, place: options.evidence(nixosInit, text: "true")))
            }
            return
        }
        let path = ["boot", "specialFileSystems"]
        switch options.readMembers(path) {
        case .value(let members, _):
            for member in members where member.node["enable"]?.boolean != false {
                add(member.node, at: path + [member.key], key: member.key, origin: .special, &model)
            }
        case .null(let evidence), .missing(let evidence):
            model.specialProblem = ("the export does not hold boot.specialFileSystems", evidence)
        case .unavailable(let reason, let evidence): model.specialProblem = (reason, evidence)
        }
    }

    private func store() -> Fact {
        if case .value(let words, let evidence) = options.readStrings(["boot", "nixStoreMountOpts"]) {
            return .known(.boolean(words.contains("ro")), [evidence])
        }
        // nixos-init gets them by the bootspec, in every system of that release.
        let bootspec = ["boot", "bootspec", "extensions", "org.nixos.nixos-init.v1", "nix_store_mount_opts"]
        if case .value(let words, let evidence) = options.readStrings(bootspec) {
            return .known(.boolean(words.contains("ro")), [evidence])
        }
        // Before 22.11 it was an option of Nix.
        return first([["boot", "readOnlyNixStore"], ["nix", "readOnlyStore"]]).fact(
            null: .absent([]),
            missing: .unavailable(
                reason: "the export holds neither boot.nixStoreMountOpts nor boot.readOnlyNixStore",
                [options.evidence(["boot", "nixStoreMountOpts"])])
        ) { .boolean($0) }
    }

    // MARK: Swap, encryption

    /// Names of the volumes the initrd opens; nil where the export does not tell.
    private var luksNames: Set<String>? {
        guard case .value(let members, _) = options.readMembers(["boot", "initrd", "luks", "devices"]) else {
            return nil
        }
        // Volumes that systemd opens after the initrd stand in a text.
        if members.isEmpty, case .value = options.lookup(["environment", "etc", "crypttab"]) { return nil }
        return Set(members.map { $0.node["name"]?.string ?? $0.key })
    }

    private func swap(_ model: inout MountModel) {
        let path = ["swapDevices"]
        let list: [JSONNode]
        switch options.reading(path, \.array) {
        case .value(let nodes, _): list = nodes
        case .null(let evidence), .missing(let evidence):
            model.problems.append(("the export does not hold swapDevices", evidence))
            return
        case .unavailable(let reason, let evidence):
            model.problems.append((reason, evidence))
            return
        }
        let writeback = ["zramSwap", "writebackDevice"]
        if case .value(let device, var evidence) = options.readString(writeback),
            options.boolean(["zramSwap", "enable"]) != false
        {
            evidence.text = "swap on \(device)"
            let protection: SwapArea.Protection =
                isEncrypted(device, model).map { $0 ? .encrypted : .plain }
                ?? .unclear("\(device) may lie within an encrypted volume")
            model.swaps.append(SwapArea(device: device, protection: protection, evidence: evidence))
        }
        for node in list {
            let label = node["label"]?.string.map { "/dev/disk/by-label/" + $0 }
            let device = node["device"]?.string ?? label ?? ""
            let evidence = Evidence(path: "swapDevices", line: node.line, text: "swap on \(device)")
            var area = SwapArea(device: device, protection: .plain, evidence: evidence)
            if node["randomEncryption"]?["enable"]?.boolean == true || node["encrypted"]?["enable"]?.boolean == true
                || node["randomEncryption"]?.boolean == true
            {
                area.protection = .encrypted
            } else if let isEncrypted = isEncrypted(device, model) {
                area.protection = isEncrypted ? .encrypted : .plain
                if StorageDevice.kind(device) == .memory { area.protection = .memory }
            } else {
                area.protection = .unclear("\(device) may lie within an encrypted volume")
            }
            model.swaps.append(area)
        }
    }

    /// Whether what is written to a device is encrypted on disk; nil where the options do not tell.
    private func isEncrypted(_ device: String, _ model: MountModel) -> Bool? {
        switch StorageDevice.kind(device) {
        case .partition: return false
        case .memory: return true
        case .mapping(let name):
            guard let names = luksNames else { return nil }
            // A volume of LVM may lie on an encrypted one.
            return names.contains(name) ? true : (names.isEmpty && !name.contains("crypt") ? false : nil)
        case .content:
            guard let names = luksNames else { return nil }
            return names.isEmpty ? false : nil
        case .file:
            guard let holder = model.holder(of: device), holder.origin == .fstab else { return nil }
            if knowledge.selfEncrypting.contains(holder.type) { return nil }
            return holder.source.hasPrefix("/dev/") ? isEncrypted(holder.source, model) : nil
        case .other:
            guard let names = luksNames else { return nil }
            return names.isEmpty && device.hasPrefix("/dev/") && !device.hasPrefix("/dev/zvol/") ? false : nil
        }
    }

    /// File systems that lie readable on disk.
    func unencrypted(_ model: MountModel) -> Fact {
        var plain: [Mount] = []
        var unclear: Mount?
        for mount in model.ordered where mount.origin == .fstab {
            let isOwn =
                mount.isBind || knowledge.network.contains(mount.type)
                || knowledge.hypervisor.contains(mount.type) || knowledge.pseudo.contains(mount.type)
                || knowledge.memory.contains(mount.type) || knowledge.loader.contains(mount.target)
            if isOwn || ["overlay", "squashfs", "iso9660", "erofs"].contains(mount.type) { continue }
            if mount.options.has("loop") { continue }
            if options.boolean(["fileSystems", mount.target, "encrypted", "enable"]) == true { continue }
            if knowledge.selfEncrypting.contains(mount.type) {
                unclear = unclear ?? mount
                continue
            }
            switch isEncrypted(mount.source, model) {
            case true?: continue
            case false?: plain.append(mount)
            case nil: unclear = unclear ?? mount
            }
        }
        if plain.isEmpty {
            if let unclear {
                return .unavailable(
                    reason: "whether the device of \(unclear.target) is encrypted cannot be told", [unclear.place])
            }
            if let problem = model.problems.first { return .unavailable(reason: problem.reason, [problem.evidence]) }
        }
        return .known(
            .strings(plain.map(\.target)),
            plain.isEmpty
                ? [model.base] : plain.map { MountText.evidence($0, model.flags(of: $0), knowledge) })
    }
}
