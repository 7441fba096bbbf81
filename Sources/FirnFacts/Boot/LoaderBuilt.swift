import FirnModel
import FirnParsing

/// Reads the boot loader's set-up of a closure: the installer that `switch-to-configuration` calls, and, in a root with
/// its boot partition, what really lies there.
struct LoaderBuilt {
    let system: SystemView
    let context: SystemContext

    private var prefix: String { system.toplevel == "/" ? "" : system.toplevel }

    /// The editor and timeout as far as a text tells them.
    private struct Menu {
        var editor: Fact?
        var timeout: Fact?
        var plain: Fact?
    }

    func facts() -> FactBatch {
        var batch = FactBatch()
        batch.facts["boot.initrd.secrets-in-store"] = secrets()
        guard context.hasOwnKernel != false else {
            batch.facts["boot.loader"] = .known(
                .string("none"), [Evidence(path: prefix + "/kernel", text: "the toplevel has no kernel")])
            return batch
        }
        guard !system.isSpecialisation else {
            // The installer puts an entry into the menu of the system this one belongs to.
            let place = [
                Evidence(path: prefix + "/nixos-version", text: "a specialisation has no boot loader of its own")
            ]
            batch.facts["boot.loader"] = .known(.string("parent"), place)
            batch.facts["boot.secure-boot"] = .absent(place)
            return batch
        }
        let (loader, installer) = loader()
        batch.facts["boot.loader"] = loader
        batch.facts["boot.secure-boot"] = secureBoot(loader, installer)
        var menu = Menu()
        if let installer, case .known(.string(let name), _) = loader {
            menu = self.menu(name, installer: installer)
        }
        if case .known(.string(let name), _) = loader, let disk = onDisk(name) {
            // The next switch writes what the closure says: the editor is off only where both have it off.
            if menu.editor?.value != .boolean(true) { menu.editor = disk.editor ?? menu.editor }
            menu.timeout = disk.timeout ?? menu.timeout
            menu.plain = disk.plain ?? menu.plain
        }
        if loader.value == .string("none") { return batch }
        let unread = Fact.unavailable(
            reason: "the set-up of the boot loader is not in the closure", installer.map { [Evidence(path: $0)] } ?? [])
        batch.facts["boot.loader.editor"] = menu.editor ?? unread
        batch.facts["boot.loader.timeout"] = menu.timeout ?? unread
        if loader.value == .string("grub") { batch.facts["boot.loader.plain-passwords"] = menu.plain ?? unread }
        return batch
    }

    // MARK: Which loader

    /// The installer's name tells the loader.
    private static let kinds: [(suffix: String, loader: String)] = [
        ("-install-systemd-boot.sh", "systemd-boot"), ("-systemd-boot-builder.py", "systemd-boot"),
        ("-systemd-boot", "systemd-boot"), ("-install-grub.sh", "grub"), ("-install-grub.pl", "grub"),
        ("-no-bootloader", "none"), ("-limine-install.py", "limine"), ("-install-limine.sh", "limine"),
        ("-limine-install", "limine"), ("-limine-install.sh", "limine"), ("-extlinux-conf-builder.sh", "extlinux"),
        ("-install-extlinux.sh", "extlinux"),
        ("-init-script-builder.sh", "none"),
    ]

    private func loader() -> (Fact, installer: String?) {
        let path = prefix + "/bin/switch-to-configuration"
        let lines: [TextLine]
        switch system.lines(path, limit: 4 << 20) {
        case .lines(let read, _): lines = read
        case .absent:
            return (.unavailable(reason: "\(path) is not there", [Evidence(path: path)]), nil)
        case .unavailable(let reason, _): return (.unavailable(reason: reason, [Evidence(path: path)]), nil)
        }
        // `export INSTALL_BOOTLOADER='...'`; in the Perl scripts of older releases, the command after a comment.
        for (index, line) in lines.enumerated() {
            let text = line.text.trimmed
            if text.hasPrefix("export INSTALL_BOOTLOADER=") {
                let value = text.dropFirst("export INSTALL_BOOTLOADER=".count).filter { $0 != "'" && $0 != "\"" }
                return kind(value, Evidence(path: path, line: line.number, text: value))
            }
            guard text.hasPrefix("# Install or update the bootloader.") else { continue }
            for next in lines[(index + 1)...].prefix(4) {
                guard let start = next.text.firstRange(of: "/nix/store/") else { continue }
                let value = next.text[start.lowerBound...].prefix { !" \"';$".contains($0) }
                return kind(
                    String(value), Evidence(path: path, line: next.number, text: String(next.text.trimmed)))
            }
            return (
                .known(.string("none"), [Evidence(path: path, line: line.number, text: "no boot loader is installed")]),
                nil
            )
        }
        if let line = lines.first(where: { $0.text.contains("-install-grub.sh") || $0.text.contains("-systemd-boot") }),
            let start = line.text.firstRange(of: "/nix/store/")
        {
            let value = line.text[start.lowerBound...].prefix { !" \"';$".contains($0) }
            return kind(String(value), Evidence(path: path, line: line.number, text: String(value)))
        }
        return (.unavailable(reason: "\(path) names no installer of a boot loader", [Evidence(path: path)]), nil)
    }

    private func kind(_ path: String, _ evidence: Evidence) -> (Fact, String?) {
        if path.isEmpty || path.hasSuffix("/bin/true") || path.hasSuffix("-no-bootloader") {
            return (.known(.string("none"), [evidence]), nil)
        }
        for (suffix, loader) in Self.kinds where path.hasSuffix(suffix) {
            return (.known(.string(loader), [evidence]), path)
        }
        guard case .lines(let lines, _) = system.lines(path) else {
            return (.unavailable(reason: "\(path), which installs the boot loader, cannot be read", [evidence]), path)
        }
        for (word, loader) in [("lzbt", "lanzaboote"), ("limine", "limine"), ("extlinux", "extlinux")]
        where lines.contains(where: { $0.text.contains(word) }) {
            return (.known(.string(loader), [evidence]), path)
        }
        return (.known(.string("external"), [evidence]), path)
    }

    private func secureBoot(_ loader: Fact, _ installer: String?) -> Fact {
        switch loader {
        case .known(.string("lanzaboote"), let evidence): return .known(.boolean(true), evidence)
        case .known(.string("grub"), let evidence):
            return startsFromBIOS(installer).map { .absent([$0]) } ?? .known(.boolean(false), evidence)
        // NixOS signs nothing itself.
        case .known(.string("systemd-boot"), let evidence): return .known(.boolean(false), evidence)
        // U-Boot reads the menu of extlinux without UEFI.
        case .known(.string("none"), let evidence), .known(.string("extlinux"), let evidence): return .absent(evidence)
        case .known(.string("limine"), let evidence):
            guard let (root, path) = installer.flatMap(limineConfiguration),
                let enable = root["secureBoot"]?["enable"], let isOn = enable.boolean
            else { return .unavailable(reason: "the set-up of Limine is not in the closure", evidence) }
            let place = [Evidence(path: path, line: enable.line, text: "secureBoot.enable is \(isOn)")]
            return !isOn && root["efiSupport"]?.boolean == false ? .absent(place) : .known(.boolean(isOn), place)
        case .known(_, let evidence):
            return .unavailable(reason: "whether this boot loader's files are signed is not known", evidence)
        case .absent(let evidence): return .absent(evidence)
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, evidence)
        }
    }

    /// The set-up of Limine, which its installer reads (nixos/modules/system/boot/loader/limine).
    private func limineConfiguration(_ installer: String) -> (JSONNode, path: String)? {
        let scripts = [installer] + storePaths(installer).filter { $0.contains("-limine-install") }
        for path in scripts.lazy.flatMap(storePaths) where path.hasSuffix("-limine-install.json") {
            do {
                return (try JSONParser.parse(try system.tree.read(path, limit: 1 << 20)), path)
            } catch {
                // The facts say that it was not read.
                return nil
            }
        }
        return nil
    }

    private func limine(_ installer: String) -> Menu {
        guard let (root, path) = limineConfiguration(installer) else { return Menu() }
        var menu = Menu()
        if let editor = root["enableEditor"], let isOn = editor.boolean {
            menu.editor = .known(
                .boolean(isOn), [Evidence(path: path, line: editor.line, text: "enableEditor is \(isOn)")])
        }
        if let timeout = root["timeout"] {
            let seconds = timeout.isNull ? -1 : timeout.integer
            menu.timeout = seconds.map {
                .known(.integer($0), [Evidence(path: path, line: timeout.line, text: "timeout is \($0)")])
            }
        }
        return menu
    }

    /// Why GRUB is one for the BIOS, where there is no Secure Boot; nil where it may be one for UEFI. Its set-up says so, and
    /// where that is not in the closure, whether an EFI system partition is mounted.
    private func startsFromBIOS(_ installer: String?) -> Evidence? {
        if let installer, let path = grubConfiguration(installer),
            let target = grubAttributes(path).first(where: { $0.attributes["name"] == "grubTargetEfi" })?.children.first
        {
            return target.attributes["value"]?.isEmpty == false
                ? nil : Evidence(path: path, line: target.line, text: "GRUB is installed for the BIOS only")
        }
        do {
            let table = try FSTab.parse(try system.readEtc("fstab", limit: 1 << 20))
            guard table.ignored.isEmpty,
                !table.entries.contains(where: { BootFacts.mayBeESP(type: $0.type, target: $0.target) })
            else { return nil }
            return Evidence(path: system.shownEtcPath("fstab"), text: "GRUB without an EFI system partition")
        } catch {
            return nil
        }
    }

    // MARK: The menu

    private func menu(_ loader: String, installer: String) -> Menu {
        switch loader {
        case "systemd-boot": systemdBoot(installer)
        case "grub": grub(installer)
        case "lanzaboote": lanzaboote(installer)
        case "limine": limine(installer)
        default: Menu()
        }
    }

    /// Store paths named in a script.
    private func storePaths(_ path: String) -> [String] {
        guard case .lines(let lines, _) = system.lines(path) else { return [] }
        return lines.flatMap { line in
            line.text.split(whereSeparator: { " \t\"'=;".contains($0) }).filter { $0.hasPrefix("/nix/store/") }
                .map(String.init)
        }
    }

    private func systemdBoot(_ installer: String) -> Menu {
        var candidates = [installer]
        candidates += storePaths(installer).filter { $0.contains("systemd-boot") }
        for path in candidates {
            do {
                let builder = try SystemdBootBuilder.parse(try system.tree.read(path, limit: 1 << 20))
                guard builder.editor != nil || builder.timeout != nil else { continue }
                var menu = Menu()
                menu.editor = builder.editor.map {
                    .known(.boolean($0.value), [Evidence(path: path, line: $0.line, text: $0.text)])
                }
                menu.timeout = builder.timeout.map {
                    Self.timeout($0.value, Evidence(path: path, line: $0.line, text: $0.text))
                }
                return menu
            } catch {
                // Not in the closure, or not text: the facts say that it was not read.
                continue
            }
        }
        return Menu()
    }

    /// Seconds; -1 for a menu that waits for ever.
    static func timeout(_ text: String, _ evidence: Evidence) -> Fact {
        switch text {
        case "", "menu-force": .known(.integer(-1), [evidence])
        case "menu-hidden", "menu-disabled": .known(.integer(0), [evidence])
        default:
            Int64(text).map { .known(.integer($0), [evidence]) }
                ?? .unavailable(reason: "the timeout \(text.prefix(32)) is no number", [evidence])
        }
    }

    private func lanzaboote(_ installer: String) -> Menu {
        guard
            let path = storePaths(installer).first(where: {
                $0.hasSuffix("-loader.conf") || $0.hasSuffix("/loader.conf")
            })
        else { return Menu() }
        return loaderConf(path, path)
    }

    private func grubConfiguration(_ installer: String) -> String? {
        storePaths(installer).first { $0.hasSuffix("-grub-config.xml") }
    }

    /// What the XML of GRUB's set-up holds; nothing where it cannot be read.
    private func grubAttributes(_ path: String) -> [FirewalldElement] {
        do {
            let root = try FirewalldElement.parse(try system.tree.read(path, limit: 1 << 20))
            // builtins.toXML: <expr><attrs><attr name="..."><string value="..."/></attr>
            return root.children.first { $0.name == "attrs" }?.children ?? []
        } catch {
            return []
        }
    }

    private func grub(_ installer: String) -> Menu {
        guard let path = grubConfiguration(installer) else { return Menu() }
        let attributes = grubAttributes(path)
        func element(_ name: String) -> FirewalldElement? {
            attributes.first { $0.attributes["name"] == name }?.children.first
        }
        var menu = Menu()
        if let timeout = element("timeout"), let text = timeout.attributes["value"] {
            menu.timeout = Self.timeout(
                text, Evidence(path: path, line: timeout.line, text: "timeout = \(text)"))
        }
        guard let users = element("users"), let extra = element("extraConfig") else { return menu }
        let text = extra.attributes["value"] ?? ""
        let names = users.children.compactMap { $0.attributes["name"] }
        let evidence = Evidence(path: path, line: users.line, text: "users: \(names.sorted().joined(separator: ", "))")
        do {
            let conf = try GrubConfiguration.parse(Array(text.utf8))
            let answer = BootFacts.grubEditor(users: names, extra: conf)
            let place = [evidence, Evidence(path: path, line: extra.line, text: "extraConfig")]
            menu.editor =
                answer.isOpen.map { .known(.boolean($0), place) }
                ?? .unavailable(reason: "extraConfig of GRUB: \(answer.reason ?? "not understood")", place)
            // <attr name="root"><attrs><attr name="password"><string value="..."/>: only whether there is one.
            let plain = users.children.filter { user in
                (user.children.first?.children ?? []).contains { field in
                    field.attributes["name"] == "password"
                        && field.children.first?.attributes["value"]?.isEmpty == false
                }
            }.compactMap { $0.attributes["name"] }
            let all = plain + conf.users.filter(\.isPlain).map(\.name)
            menu.plain = .known(.strings(Set(all).sorted()), place)
        } catch {
            menu.editor = .unavailable(reason: "extraConfig of GRUB: \(error)", [evidence])
        }
        return menu
    }

    // MARK: The boot partition

    /// What lies on the boot partition of a root, which is what the machine boots with.
    private func onDisk(_ loader: String) -> Menu? {
        guard system.etcRoot == "/etc" || system.formerEtc != nil else { return nil }
        // Files of another loader may have stayed behind and count for nothing.
        if loader == "systemd-boot" || loader == "lanzaboote" {
            for directory in ["/boot", "/efi", "/boot/efi"] {
                let path = directory + "/loader/loader.conf"
                if system.tree.exists(path) { return loaderConf(path, path) }
            }
        }
        let path = "/boot/grub/grub.cfg"
        guard loader == "grub", system.tree.exists(path) else { return nil }
        var menu = Menu()
        do {
            let conf = try GrubConfiguration.parse(try system.tree.read(path, limit: 4 << 20))
            let answer = BootFacts.grubEditor(users: [], extra: conf)
            let evidence = [
                Evidence(
                    path: path, line: answer.line,
                    text: conf.superusers.map { "superusers: \($0.names.joined(separator: ", "))" }
                        ?? "there are no superusers")
            ]
            menu.editor =
                answer.isOpen.map { .known(.boolean($0), evidence) }
                ?? .unavailable(reason: "\(path): \(answer.reason ?? "not understood")", evidence)
            if let timeout = conf.timeout {
                menu.timeout = Self.timeout(
                    timeout.value, Evidence(path: path, line: timeout.line, text: "timeout=\(timeout.value)"))
            }
            menu.plain = .known(
                .strings(Set(conf.users.filter(\.isPlain).map(\.name)).sorted()),
                conf.users.isEmpty ? evidence : conf.users.map { Evidence(path: path, line: $0.line, text: $0.name) })
        } catch let error as TreeError {
            menu.editor = .unavailable(reason: error.description, [Evidence(path: path)])
        } catch {
            menu.editor = .unavailable(reason: "\(path): \(error)", [Evidence(path: path)])
        }
        return menu
    }

    private func loaderConf(_ path: String, _ shown: String) -> Menu {
        var menu = Menu()
        do {
            let conf = try LoaderText.parse(try system.tree.read(path, limit: 1 << 20))
            if let editor = conf.last("editor") {
                let evidence = [Evidence(path: shown, line: editor.line, text: "editor \(editor.value)")]
                menu.editor =
                    LoaderText.boolean(editor.value).map { .known(.boolean($0), evidence) }
                    ?? .unavailable(reason: "the editor's value is neither yes nor no", evidence)
            } else {
                menu.editor = .known(.boolean(true), [Evidence(path: shown, text: "no line switches the editor off")])
            }
            menu.timeout =
                conf.last("timeout").map {
                    Self.timeout($0.value, Evidence(path: shown, line: $0.line, text: "timeout \($0.value)"))
                } ?? .known(.integer(0), [Evidence(path: shown, text: "there is no timeout: the menu stays hidden")])
        } catch let error as TreeError {
            menu.editor = .unavailable(reason: error.description, [Evidence(path: shown)])
        } catch {
            menu.editor = .unavailable(reason: "\(shown): \(error)", [Evidence(path: shown)])
        }
        return menu
    }

    // MARK: The initrd

    /// `append-initrd-secrets` copies the secrets into the initrd when the loader is installed:
    /// `cp -a SOURCE "$tmp/DESTINATION"`.
    private func secrets() -> Fact {
        let path = prefix + "/append-initrd-secrets"
        switch system.lines(path) {
        case .absent:
            return .known(.strings([]), [Evidence(path: path, text: "the initrd gets no secrets")])
        case .unavailable(let reason, _): return .unavailable(reason: reason, [Evidence(path: path)])
        case .lines(let lines, _):
            var sources: Set<String> = []
            var evidence: [Evidence] = []
            for line in lines {
                let words = line.text.trimmed.split(whereSeparator: { $0 == " " || $0 == "\t" })
                guard words.first == "cp" || words.first?.hasSuffix("/bin/cp") == true else { continue }
                for word in words.dropFirst() {
                    let source = word.filter { $0 != "'" && $0 != "\"" }
                    guard source.hasPrefix("/nix/store/") else { continue }
                    sources.insert(source)
                    evidence.append(Evidence(path: path, line: line.number, text: source))
                }
            }
            return .known(.strings(sources.sorted()), evidence.isEmpty ? [Evidence(path: path)] : evidence)
        }
    }
}
