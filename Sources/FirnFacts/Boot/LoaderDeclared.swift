import FirnModel
import FirnParsing

/// Reads the boot loader's and the initrd's options.
struct LoaderDeclared {
    let options: OptionTree
    let context: SystemContext

    private static let loader = ["boot", "loader"]
    private static let initrd = ["boot", "initrd"]

    func facts() -> FactBatch {
        var batch = FactBatch()
        batch.facts["boot.initrd.secrets-in-store"] = secrets()
        let loader = loader()
        batch.facts["boot.loader"] = loader
        batch.facts["boot.microcode"] = microcode()
        if loader.value != .string("none") {
            batch.facts["boot.secure-boot"] = secureBoot(loader)
            batch.facts["boot.loader.editor"] = editor(loader)
            batch.facts["boot.loader.timeout"] = timeout()
            if loader.value == .string("grub") { batch.facts["boot.loader.plain-passwords"] = plainPasswords() }
        } else if context.hasOwnKernel != false {
            batch.facts["boot.secure-boot"] = .absent(loader.evidence)
        }
        guard context.hasOwnKernel != false else { return batch }
        batch.facts["boot.initrd.emergency-access"] = emergencyAccess()
        luks(&batch)
        return batch
    }

    private func missing(_ path: [String]) -> Fact {
        .unavailable(reason: "the export does not hold \(OptionTree.spelled(path))", [options.evidence(path)])
    }

    // MARK: The loader

    private func loader() -> Fact {
        if context.hasOwnKernel == false {
            return .known(.string("none"), [options.evidence(["boot", "isContainer"])])
        }
        let lanzaboote = ["boot", "lanzaboote", "enable"]
        if options.boolean(lanzaboote) == true {
            return .known(.string("lanzaboote"), [options.evidence(lanzaboote, text: "true")])
        }
        let kinds = [
            ("systemd-boot", "systemd-boot"), ("grub", "grub"), ("limine", "limine"),
            ("generic-extlinux-compatible", "extlinux"), ("external", "external"), ("refind", "external"),
        ]
        var unknown: Fact?
        for (option, name) in kinds {
            let path = Self.loader + [option, "enable"]
            switch options.readBoolean(path) {
            case .value(true, let evidence): return .known(.string(name), [evidence])
            case .unavailable(let reason, let evidence): unknown = .unavailable(reason: reason, [evidence])
            // Releases without a loader have no option for it; these are in all of them.
            case .missing where ["grub", "systemd-boot", "generic-extlinux-compatible"].contains(option):
                unknown = missing(path)
            case .value, .null, .missing: continue
            }
        }
        return unknown ?? .known(.string("none"), [options.evidence(Self.loader, text: "no loader is enabled")])
    }

    private func secureBoot(_ loader: Fact) -> Fact {
        guard case .known(.string(let name), let evidence) = loader else {
            return .unavailable(reason: "the boot loader is not known", loader.evidence)
        }
        switch name {
        case "lanzaboote": return .known(.boolean(true), evidence)
        case "limine":
            let path = Self.loader + ["limine", "secureBoot", "enable"]
            let reading = options.readBoolean(path)
            let support = Self.loader + ["limine", "efiSupport"]
            if reading.value == false, options.boolean(support) == false { return .absent([options.evidence(support)]) }
            return reading.fact(null: missing(path), missing: missing(path)) { .boolean($0) }
        case "grub": return startsFromBIOS().map { .absent([$0]) } ?? .known(.boolean(false), evidence)
        case "systemd-boot": return .known(.boolean(false), evidence)
        // U-Boot reads the menu of extlinux without UEFI.
        case "extlinux": return .absent(evidence)
        default:
            return .unavailable(reason: "whether this boot loader's files are signed is not known", evidence)
        }
    }

    /// Why GRUB is one for the BIOS, where there is no Secure Boot; nil where it may be one for UEFI.
    private func startsFromBIOS() -> Evidence? {
        let support = Self.loader + ["grub", "efiSupport"]
        if case .value(let isOn, let evidence) = options.readBoolean(support) { return isOn ? nil : evidence }
        guard case .value(let members, let evidence) = options.readMembers(["fileSystems"]) else { return nil }
        let hasESP = members.contains { member in
            BootFacts.mayBeESP(
                type: member.node["fsType"]?.string ?? "auto", target: member.node["mountPoint"]?.string ?? member.key)
        }
        return hasESP
            ? nil : Evidence(path: evidence.path, line: evidence.line, text: "GRUB without an EFI system partition")
    }

    private func editor(_ loader: Fact) -> Fact {
        guard case .known(.string(let name), let evidence) = loader else {
            return .unavailable(reason: "the boot loader is not known", loader.evidence)
        }
        let path: [String]
        switch name {
        case "systemd-boot", "lanzaboote":
            // lanzaboote takes its own settings first, whose default is this option.
            let own = ["boot", "lanzaboote", "settings", "editor"]
            if name == "lanzaboote", case .value(let truth, let place) = options.readBoolean(own) {
                return .known(.boolean(truth), [place])
            }
            path = Self.loader + ["systemd-boot", "editor"]
        case "limine": path = Self.loader + ["limine", "enableEditor"]
        case "grub": return grubEditor()
        default: return .unavailable(reason: "whether this boot loader has an editor is not known", evidence)
        }
        return options.readBoolean(path).fact(null: missing(path), missing: missing(path)) { .boolean($0) }
    }

    private func extraConfig() -> Swift.Result<GrubConfiguration, ReadingFailure> {
        let path = Self.loader + ["grub", "extraConfig"]
        switch options.readString(path) {
        case .value(let text, let evidence):
            do {
                return .success(try GrubConfiguration.parse(Array(text.utf8)))
            } catch {
                return .failure(ReadingFailure(reason: "\(OptionTree.spelled(path)): \(error)", evidence: evidence))
            }
        case .null: return .success(GrubConfiguration())
        case .missing(let evidence):
            return .failure(
                ReadingFailure(reason: "the export does not hold \(OptionTree.spelled(path))", evidence: evidence))
        case .unavailable(let reason, let evidence):
            return .failure(ReadingFailure(reason: reason, evidence: evidence))
        }
    }

    private struct ReadingFailure: Error {
        var reason: String
        var evidence: Evidence
        var fact: Fact { .unavailable(reason: reason, [evidence]) }
    }

    private func grubEditor() -> Fact {
        let path = Self.loader + ["grub", "users"]
        let names: [String]
        switch options.readMembers(path) {
        case .value(let members, _): names = members.map(\.key)
        case .null: names = []
        case .missing: return missing(path)
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
        switch extraConfig() {
        case .failure(let failure): return failure.fact
        case .success(let conf):
            let answer = BootFacts.grubEditor(users: names, extra: conf)
            let evidence = [
                options.evidence(path, text: "users: \(names.sorted().joined(separator: ", "))"),
                options.evidence(Self.loader + ["grub", "extraConfig"]),
            ]
            return answer.isOpen.map { .known(.boolean($0), evidence) }
                ?? .unavailable(
                    reason: "boot.loader.grub.extraConfig: \(answer.reason ?? "not understood")", evidence)
        }
    }

    private func plainPasswords() -> Fact {
        let path = Self.loader + ["grub", "users"]
        guard case .value(let members, let evidence) = options.readMembers(path) else { return missing(path) }
        guard case .success(let conf) = extraConfig() else {
            return .unavailable(reason: "boot.loader.grub.extraConfig cannot be read", [evidence])
        }
        let plain = members.filter { $0.node["password"]?.string?.isEmpty == false }.map(\.key)
        let all = Set(plain + conf.users.filter(\.isPlain).map(\.name)).sorted()
        return .known(
            .strings(all),
            plain.isEmpty ? [evidence] : plain.map { options.evidence(path + [$0, "password"], text: "not shown") })
    }

    private func timeout() -> Fact {
        let path = Self.loader + ["timeout"]
        switch options.readInteger(path) {
        case .value(let seconds, let evidence): return .known(.integer(seconds), [evidence])
        case .null(let evidence): return .known(.integer(-1), [evidence])
        case .missing: return missing(path)
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }

    // MARK: The initrd

    /// `boot.initrd.systemd.emergencyAccess`: true opens a root shell, a hash asks for its password.
    private func emergencyAccess() -> Fact {
        let path = Self.initrd + ["systemd", "emergencyAccess"]
        if case .value(false, let evidence) = options.readBoolean(Self.initrd + ["systemd", "enable"]) {
            // The scripted initrd has a kernel parameter instead.
            return scripted(evidence)
        }
        switch options.lookup(path) {
        case .missing:
            if case .missing = options.lookup(Self.initrd + ["systemd"]) {
                guard let release = context.release, let version = DottedVersion(release),
                    let first = DottedVersion("22.05"), version < first
                else { return missing(path) }
                return scripted(options.evidence(path, text: "NixOS \(release) has no systemd in its initrd"))
            }
            return missing(path)
        case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(path)])
        case .value(let node):
            if node.isNull || node.boolean == false {
                return .known(.string("none"), [options.evidence(path, text: "off")])
            }
            if node.boolean == true {
                return .known(.string("open"), [options.evidence(path, text: "true: a root shell without a password")])
            }
            guard let hash = node.string else {
                return .unavailable(
                    reason: "\(OptionTree.spelled(path)) has another type than expected", [options.evidence(path)])
            }
            return .known(
                .string(hash.isEmpty ? "open" : "password"), [options.evidence(path, text: "a hash, not shown")])
        }
    }

    /// The initrd without systemd opens a shell where the kernel parameter boot.shell_on_fail asks for it.
    private func scripted(_ evidence: Evidence) -> Fact {
        BootParameters(options)?.shellOnFail.map { .known(.string("open"), [$0]) }
            ?? .known(.string("none"), [evidence])
    }

    private func luks(_ batch: inout FactBatch) {
        let path = Self.initrd + ["luks", "devices"]
        guard case .value(let members, let base) = options.readMembers(path) else {
            batch.facts["boot.initrd.luks-keys"] = missing(path)
            batch.facts["boot.initrd.luks-empty-passphrase"] = missing(path)
            return
        }
        func list(_ option: String, _ isOffender: (JSONNode) -> Bool) -> Fact {
            let found = members.filter { $0.node[option].map(isOffender) ?? false }
            return .known(
                .strings(found.map(\.key).sorted()),
                found.isEmpty ? [base] : found.map { options.evidence(path + [$0.key, option]) })
        }
        let shipped = Set((initrdSecrets() ?? []).map(\.destination) + initrdFiles().map(\.destination))
        batch.facts["boot.initrd.luks-keys"] = list("keyFile") { node in
            guard let file = node.string else { return false }
            return file.hasPrefix("/nix/store/") || shipped.contains(file)
        }
        batch.facts["boot.initrd.luks-empty-passphrase"] = list("tryEmptyPassphrase") { $0.boolean == true }
    }

    private func initrdSecrets() -> [(destination: String, source: String)]? {
        guard case .value(let members, _) = options.readMembers(Self.initrd + ["secrets"]) else { return nil }
        return members.map { ($0.key, $0.node.string ?? $0.key) }
    }

    /// Files that are put into the initrd when the system is built, from the store.
    private func initrdFiles() -> [(destination: String, source: String, path: [String])] {
        [Self.initrd + ["systemd", "contents"], Self.initrd + ["extraFiles"]].flatMap { path in
            guard case .value(let members, _) = options.readMembers(path) else {
                return [(destination: String, source: String, path: [String])]()
            }
            return members.filter { $0.node["enable"]?.boolean != false }.compactMap { member in
                let destination = member.node["target"]?.string ?? member.key
                let source = member.node["source"]?.string ?? (member.node["text"]?.string == nil ? nil : member.key)
                return source.map { (destination, $0, path + [member.key]) }
            }
        }
    }

    /// Whether a file of the initrd is a private key by its name: a host key of SSH, a key file.
    static func isKey(_ destination: String) -> Bool {
        let name = destination.split(separator: "/").last ?? ""
        return (name.hasPrefix("ssh_host_") && name.hasSuffix("_key")) || name.hasSuffix(".key")
            || name.hasSuffix(".keyfile") || name == "keyfile"
    }

    private func secrets() -> Fact {
        let path = Self.initrd + ["secrets"]
        guard context.hasOwnKernel != false else {
            return .known(.strings([]), [options.evidence(["boot", "isContainer"])])
        }
        var found: Set<String> = []
        var evidence: [Evidence] = []
        for (destination, source) in initrdSecrets() ?? [] where source.hasPrefix("/nix/store/") {
            found.insert(source)
            evidence.append(options.evidence(path + [destination], text: source))
        }
        let keys = Self.initrd + ["network", "ssh", "hostKeys"]
        if case .value(let paths, _) = options.readStrings(keys) {
            for source in paths where source.hasPrefix("/nix/store/") {
                found.insert(source)
                evidence.append(options.evidence(keys, text: source))
            }
        }
        for file in initrdFiles() where Self.isKey(file.destination) {
            found.insert(file.source)
            evidence.append(options.evidence(file.path, text: file.destination))
        }
        if found.isEmpty, initrdSecrets() == nil {
            if case .unavailable(let reason) = options.lookup(path) {
                return .unavailable(reason: reason, [options.evidence(path)])
            }
            return missing(path)
        }
        return .known(.strings(found.sorted()), evidence.isEmpty ? [options.evidence(path)] : evidence)
    }

    private func microcode() -> Fact {
        let paths = ["intel", "amd"].map { ["hardware", "cpu", $0, "updateMicrocode"] }
        var unknown: Fact?
        for path in paths {
            switch options.readBoolean(path) {
            case .value(true, let evidence): return .known(.boolean(true), [evidence])
            case .value, .null: continue
            case .missing: unknown = missing(path)
            case .unavailable(let reason, let evidence): unknown = .unavailable(reason: reason, [evidence])
            }
        }
        return unknown ?? .known(.boolean(false), paths.map { options.evidence($0, text: "false") })
    }
}
