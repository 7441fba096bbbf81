import FirnModel
import FirnParsing

/// Who is logged in without being asked: on the consoles, by display managers, by greetd.
struct AccountsAutologin {
    let knowledge: AccountsKnowledge
    let rootNames: Set<String>

    private var logins: [(text: String, user: String, evidence: Evidence)] = []
    private var bypasses: [(text: String, evidence: Evidence)] = []
    private var loginDoubt: (reason: String, evidence: Evidence)?
    private var bypassDoubt: (reason: String, evidence: Evidence)?
    private var base: [Evidence] = []
    /// Whether the options show what every getty runs, and not just the name of a script.
    private var areGettysShown = false

    init(knowledge: AccountsKnowledge, rootNames: Set<String>) {
        self.knowledge = knowledge
        self.rootNames = rootNames
    }

    private mutating func doubt(_ reason: String, _ evidence: Evidence) {
        loginDoubt = (reason, evidence)
        bypassDoubt = (reason, evidence)
    }

    private mutating func add(_ place: String, _ user: String, _ evidence: Evidence) {
        guard !user.isEmpty else { return }
        if user.contains("$") || user.contains("%") {
            loginDoubt = ("who is logged in is decided at run time: \(user)", evidence)
            return
        }
        logins.append(("\(place): \(user)", user, evidence))
    }

    // MARK: - Closure

    /// Facts of a closure.
    mutating func built(_ system: SystemView) -> FactBatch {
        base = [Evidence(path: "/etc/systemd/system", text: "no getty logs anybody in")]
        do {
            try gettys(system)
        } catch {
            doubt(error.description, Evidence(path: "/etc/systemd/system"))
        }
        displayManagers(system)
        greetd(system)
        // A kiosk runs its program as a user on the first terminal (services.cage).
        if case .unit(let unit, let path) = system.unit("cage-tty1.service") {
            let user = unit.value("Service", "User")
            add("cage", user?.value ?? "root", Evidence(path: user?.file ?? path, line: user?.line, text: "a kiosk"))
        }
        return facts(suppliesBypass: true)
    }

    private static let prefixes = [
        "getty@", "autovt@", "serial-getty@", "container-getty@", "console-getty.", "kmsconvt@", "kmscon",
    ]

    /// All units that open a terminal, templates and instances, whether or not something starts them now: the kernel's
    /// command line, logind and plugged devices decide that later.
    private mutating func gettys(_ system: SystemView) throws(TreeError) {
        var names: [String] = []
        for entry in try system.unitEntries() where Self.prefixes.contains(where: entry.hasPrefix) {
            let name = entry.hasSuffix(".d") ? String(entry.dropLast(2)) : entry
            if name.hasSuffix(".service"), !names.contains(name) { names.append(name) }
        }
        for name in names {
            guard let unit = unit(name, system) else { continue }
            for assignment in unit.values("Service", "ExecStart") { command(assignment, name, system) }
        }
    }

    /// A unit; an instance that has no file of its own is its template with the instance's drop-ins.
    private mutating func unit(_ name: String, _ system: SystemView) -> SystemdUnit? {
        switch system.unit(name) {
        case .unit(let unit, _): return unit
        case .masked: return nil
        case .unavailable(let reason):
            // Units lie in a directory of links: a masked one leads to /dev/null by way of the store.
            if !isMasked(name, system) {
                doubt(reason, Evidence(path: system.shownEtcPath("systemd/system/" + name)))
            }
            return nil
        case .missing: break
        }
        guard let at = name.firstIndex(of: "@"),
            case .unit(var unit, _) = system.unit(String(name[...at]) + ".service")
        else { return nil }
        let directory = "systemd/system/" + name + ".d"
        do {
            for file in try system.listEtc(directory) where file.hasSuffix(".conf") {
                let path = directory + "/" + file
                unit.merge(
                    try SystemdUnit.parse(try system.readEtc(path, limit: 1 << 20), file: system.shownEtcPath(path)))
            }
        } catch {
            doubt("\(error)", Evidence(path: system.shownEtcPath(directory)))
        }
        return unit
    }

    private func isMasked(_ name: String, _ system: SystemView) -> Bool {
        do {
            return try system.tree.resolve(system.etcPath("systemd/system/" + name)) == "/dev/null"
        } catch {
            if case .danglingLink(_, let target) = error { return target == "/dev/null" }
            return false
        }
    }

    private mutating func command(_ assignment: SystemdUnit.Assignment, _ name: String, _ system: SystemView) {
        var words = SysusersFile.quotedWords(assignment.value)
        guard let first = words.first else { return }
        words[0] = String(first.drop { "@-:+!|".contains($0) })
        let place = Evidence(path: assignment.file, line: assignment.line)
        read(GettyCommand(words: words, knowledge: knowledge), name, place)
        // Scripts of this configuration: the program itself, or a file of the store among its arguments (kmscon).
        for (index, word) in words.enumerated() where word.hasPrefix("/nix/store/") {
            let parts = word.split(separator: "/")
            let isProgram = index == 0 && parts.last.map { !$0.hasSuffix("agetty") && $0 != "kmscon" } ?? false
            guard isProgram || parts.count == 3 else { continue }
            switch system.lines(word, limit: 1 << 16) {
            case .lines(let lines, let path): script(lines, path, name)
            case .absent, .unavailable:
                // Programs of packages are not read; what NixOS generates for a getty must be.
                if parts.last?.hasSuffix("getty") == true || parts.count == 3 {
                    doubt("\(word), which \(name) starts, cannot be read", place)
                }
            }
        }
    }

    private mutating func script(_ lines: [TextLine], _ path: String, _ unit: String) {
        guard lines.first?.text.hasPrefix("#!") == true else { return }
        var pending = ""
        for line in lines where !line.text.trimmed.hasPrefix("#") {
            let continues = line.text.hasSuffix("\\")
            pending += continues ? line.text.dropLast() + " " : line.text
            if continues { continue }
            let words = SysusersFile.quotedWords(pending).map { $0.hasSuffix(";") ? String($0.dropLast()) : $0 }
            // Once as the shell splits it, once with what quotes keep together split too: it may be a variable's value.
            let pieces = words.flatMap { $0.split(whereSeparator: { $0 == " " || $0 == ";" }).map(String.init) }
            for one in words == pieces ? [words] : [words, pieces] {
                read(GettyCommand(words: one, knowledge: knowledge), unit, Evidence(path: path, line: line.number))
            }
            pending = ""
        }
    }

    private mutating func read(_ command: GettyCommand, _ unit: String, _ place: Evidence) {
        if let user = command.autologin {
            add("console", user, Evidence(path: place.path, line: place.line, text: "\(unit): --autologin \(user)"))
        }
        if let bypass = command.bypass {
            bypasses.append((bypass, Evidence(path: place.path, line: place.line, text: "\(unit): \(bypass)")))
        }
        if let program = command.unknownProgram {
            bypassDoubt = ("\(program) asks for the password in place of login, and is not known", place)
        }
    }

    /// Where each display manager keeps its automatic login: file, section prefix, name of the user, name of a switch.
    private static let places: [(file: String, section: String, user: String, gate: String?)] = [
        ("lightdm/lightdm.conf", "Seat", "autologin-user", nil),
        ("sddm.conf", "Autologin", "User", nil),
        ("gdm/custom.conf", "daemon", "AutomaticLogin", "AutomaticLoginEnable"),
        ("gdm/custom.conf", "daemon", "TimedLogin", "TimedLoginEnable"),
        ("ly/config.ini", "", "auto_login_user", nil),
        ("slim.conf", "", "default_user", "auto_login"),
        ("lxdm/lxdm.conf", "base", "autologin", nil),
    ]

    private mutating func displayManagers(_ system: SystemView) {
        for place in Self.places {
            guard let file = sections(system, place.file) else { continue }
            let shown = system.shownEtcPath(place.file)
            if let gate = place.gate {
                let truth = file.settings.last { $0.section.hasPrefix(place.section) && $0.key == gate }?.value
                guard let truth, ["true", "1", "yes"].contains(truth.lowercased()) else { continue }
            }
            var users: [String: DisplayManagerText.Setting] = [:]
            for setting in file.settings where setting.section.hasPrefix(place.section) && setting.key == place.user {
                users[setting.section] = setting
            }
            for setting in users.values.sorted(by: { $0.line < $1.line }) where setting.value != "null" {
                add(
                    "display-manager", setting.value,
                    Evidence(path: shown, line: setting.line, text: "\(setting.key) = \(setting.value)"))
            }
        }
        for directory in ["sddm.conf.d", "plasmalogin.conf.d"] { dropIns(system, directory) }
    }

    /// Files of a directory in their order; the last value counts.
    private mutating func dropIns(_ system: SystemView, _ directory: String) {
        var last: (String, Evidence)?
        do {
            for name in try system.listEtc(directory) where name.hasSuffix(".conf") {
                let path = directory + "/" + name
                guard let setting = sections(system, path)?.last("Autologin", "User") else { continue }
                let shown = system.shownEtcPath(path)
                last = (
                    setting.value, Evidence(path: shown, line: setting.line, text: "User = \(setting.value)")
                )
            }
        } catch {
            if !error.isAbsence { doubt(error.description, Evidence(path: system.shownEtcPath(directory))) }
        }
        if let (user, evidence) = last { add("display-manager", user, evidence) }
    }

    private mutating func sections(_ system: SystemView, _ path: String) -> DisplayManagerText? {
        sections(system, absolute: system.etcPath(path), shown: system.shownEtcPath(path))
    }

    private mutating func sections(_ system: SystemView, absolute: String, shown: String) -> DisplayManagerText? {
        do {
            return try DisplayManagerText.parse(try system.tree.read(absolute, limit: 1 << 20))
        } catch let error as TreeError {
            if !error.isAbsence { loginDoubt = (error.description, Evidence(path: shown)) }
        } catch {
            loginDoubt = ("\(shown): \(error)", Evidence(path: shown))
        }
        return nil
    }

    private mutating func greetd(_ system: SystemView) {
        guard case .unit(let unit, let unitPath) = system.unit("greetd.service") else { return }
        let words = unit.commands("ExecStart").last ?? []
        let flag = words.firstIndex { $0 == "--config" || $0 == "-c" }
        let named = flag.flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        let path = named ?? system.etcPath("greetd/config.toml")
        guard let file = sections(system, absolute: path, shown: path) else {
            if loginDoubt == nil { loginDoubt = ("greetd's configuration is not there", Evidence(path: unitPath)) }
            return
        }
        if let user = file.last("initial_session", "user") {
            add("greetd", user.value, Evidence(path: path, line: user.line, text: "initial_session: \(user.value)"))
        } else if file.settings.contains(where: { $0.key.hasPrefix("initial_session") }) {
            loginDoubt = ("the initial session of greetd is written in a form that is not known", Evidence(path: path))
        }
    }

    // MARK: - Options

    /// Facts of options.
    mutating func declared(_ options: OptionTree) -> FactBatch {
        var isKnown = false
        for name in ["getty", "mingetty", "kmscon"] {
            let path = ["services", name, "autologinUser"]
            switch options.readString(path) {
            case .value(let user, let evidence):
                isKnown = true
                add("console", user, Evidence(path: evidence.path, line: evidence.line, text: user))
            case .null(let evidence):
                isKnown = isKnown || name != "kmscon"
                if name != "kmscon" { base = [evidence] }
            case .unavailable(let reason, let evidence): loginDoubt = (reason, evidence)
            case .missing: continue
            }
            arguments(options, name)
        }
        if !isKnown, loginDoubt == nil {
            loginDoubt = (
                "the export does not hold services.getty.autologinUser",
                options.evidence(["services", "getty", "autologinUser"])
            )
        }
        for path in [
            ["services", "displayManager", "autoLogin"], ["services", "xserver", "displayManager", "autoLogin"],
        ] {
            switch options.readBoolean(path + ["enable"]) {
            case .value(true, _):
                if options.boolean(["services", "displayManager", "enable"]) == false,
                    options.boolean(["services", "xserver", "enable"]) != true
                {
                    continue
                }
                if case .value(let user, let evidence) = options.readString(path + ["user"]),
                    !logins.contains(where: { $0.text == "display-manager: \(user)" })
                {
                    add("display-manager", user, Evidence(path: evidence.path, line: evidence.line, text: user))
                }
            case .unavailable(let reason, let evidence): loginDoubt = (reason, evidence)
            default: continue
            }
        }
        settings(options)
        units(options)
        let greetd = ["services", "greetd"]
        if options.boolean(greetd + ["enable"]) == true {
            let path = greetd + ["settings", "initial_session", "user"]
            if case .value(let user, let evidence) = options.readString(path) {
                add("greetd", user, Evidence(path: evidence.path, line: evidence.line, text: user))
            }
        }
        if options.boolean(["services", "cage", "enable"]) == true,
            case .value(let user, let evidence) = options.readString(["services", "cage", "user"])
        {
            add("cage", user, evidence)
        }
        var suppliesBypass = areGettysShown
        if case .value(let program, let evidence) = options.readString(["services", "getty", "loginProgram"]) {
            suppliesBypass = true
            read(
                GettyCommand(words: ["agetty", "--login-program", program], knowledge: knowledge), "getty",
                evidence)
        }
        return facts(suppliesBypass: suppliesBypass)
    }

    /// Automatic logins that are written into a display manager's own settings.
    private mutating func settings(_ options: OptionTree) {
        let texts = [
            ["displayManager", "sddm", "settings", "Autologin", "User"],
            ["xserver", "displayManager", "sddm", "settings", "Autologin", "User"],
            ["displayManager", "gdm", "settings", "daemon", "AutomaticLogin"],
            ["displayManager", "gdm", "settings", "daemon", "TimedLogin"],
            ["xserver", "displayManager", "gdm", "settings", "daemon", "AutomaticLogin"],
            ["displayManager", "ly", "settings", "auto_login_user"],
        ]
        for path in texts {
            let enable = ["services"] + path.prefix { $0 != "settings" } + ["enable"]
            guard options.boolean(enable) != false,
                case .value(let user, let evidence) = options.readString(["services"] + path)
            else { continue }
            add("display-manager", user, Evidence(path: evidence.path, line: evidence.line, text: user))
        }
        let lightdm = ["services", "xserver", "displayManager", "lightdm"]
        for name in ["extraSeatDefaults", "extraConfig"] where options.boolean(lightdm + ["enable"]) == true {
            guard case .value(let text, let evidence) = options.readString(lightdm + [name]) else { continue }
            do {
                let file = try DisplayManagerText.parse(Array(text.utf8))
                for setting in file.settings where setting.key == "autologin-user" {
                    add("display-manager", setting.value, evidence)
                }
            } catch {
                loginDoubt = ("\(evidence.path): \(error)", evidence)
            }
        }
    }

    /// Command lines that a configuration gives to a getty's unit itself.
    private mutating func units(_ options: OptionTree) {
        guard case .value(let services, _) = options.readMembers(["systemd", "services"]) else { return }
        var shown: Set<String> = []
        var isHidden = false
        for service in services
        where Self.prefixes.contains(where: { (service.key + ".").hasPrefix($0) })
            && service.node["enable"]?.boolean != false
        {
            guard let node = service.node["serviceConfig"]?["ExecStart"] else { continue }
            shown.insert(service.key)
            let path = OptionTree.spelled(["systemd", "services", service.key, "serviceConfig", "ExecStart"])
            for command in node.array ?? [node] {
                guard let text = command.string, !text.isEmpty else { continue }
                var words = SysusersFile.quotedWords(text)
                guard let first = words.first else { continue }
                words[0] = String(first.drop { "@-:+!|".contains($0) })
                // NixOS names login in each of its command lines; a script hides what it runs.
                if !words.contains("--login-program") { isHidden = true }
                read(
                    GettyCommand(words: words, knowledge: knowledge), service.key,
                    Evidence(path: path, line: command.line))
            }
        }
        areGettysShown = !isHidden && shown.isSuperset(of: ["getty@", "serial-getty@"])
    }

    private mutating func arguments(_ options: OptionTree, _ name: String) {
        if case .value(let arguments, let evidence) = options.readStrings(["services", name, "extraArgs"]) {
            read(GettyCommand(words: ["agetty"] + arguments, knowledge: knowledge), "getty", evidence)
        }
        if case .value(let text, let evidence) = options.readString(["services", name, "loginOptions"]) {
            read(GettyCommand(words: ["agetty", "--login-options", text], knowledge: knowledge), "getty", evidence)
        }
    }

    // MARK: - Facts

    private func facts(suppliesBypass: Bool) -> FactBatch {
        var batch = FactBatch()
        batch.facts["accounts.autologin"] = Self.fact(logins.map { ($0.text, $0.evidence) }, loginDoubt, base)
        batch.facts["accounts.autologin.root"] = Self.fact(
            logins.filter { rootNames.contains($0.user) }.map { ($0.text, $0.evidence) }, loginDoubt, base)
        if suppliesBypass || !bypasses.isEmpty {
            batch.facts["accounts.getty.bypass"] = Self.fact(bypasses, bypassDoubt, base)
        }
        return batch
    }

    private static func fact(
        _ found: [(text: String, evidence: Evidence)], _ doubt: (reason: String, evidence: Evidence)?,
        _ base: [Evidence]
    ) -> Fact {
        if found.isEmpty, let doubt { return .unavailable(reason: doubt.reason, [doubt.evidence]) }
        var evidence: [Evidence] = []
        for one in found where !evidence.contains(one.evidence) { evidence.append(one.evidence) }
        return .known(.strings(Set(found.map(\.text)).sorted()), found.isEmpty ? base : evidence)
    }
}
