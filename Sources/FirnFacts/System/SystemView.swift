public import FirnParsing

/// One NixOS system inside a root: the toplevel, and where its `/etc` is seen.
///
/// Extractors read through it and need not know whether the root is a directory, an image or a live host.
public struct SystemView: Sendable {
    /// The files.
    public let tree: any RootTree
    /// The toplevel's path inside the root.
    public let toplevel: String
    /// Where `/etc` of this system stands: `/etc` of an activated root, or `<toplevel>/etc`.
    public let etcRoot: String

    /// The `/etc` this system finds when it is activated, where that is not `etcRoot`: what no generation put there
    /// stays. Nil where the root has none, or belongs to another machine.
    public let formerEtc: String?

    /// Whether it is a specialisation of another system, whose boot loader offers it.
    public let isSpecialisation: Bool

    let cache = UnitCache()
    let startedUnits = StartedUnitsCache()
    private let kernelCache = KernelConfigurationCache()

    /// Creates a view.
    public init(
        tree: any RootTree, toplevel: String, etcRoot: String, formerEtc: String? = nil, isSpecialisation: Bool = false
    ) {
        self.isSpecialisation = isSpecialisation
        self.tree = tree
        self.toplevel = toplevel
        self.etcRoot = etcRoot
        self.formerEtc = formerEtc
    }

    /// The names in a directory of the former `/etc` that activation does not remove: all but links to `/etc/static`
    /// and the copies that `/etc/.clean` lists (nixos/modules/system/etc/setup-etc.pl).
    public func leftovers(_ directory: String) throws(TreeError) -> [String] {
        guard let formerEtc else { return [] }
        let path = formerEtc + "/" + directory
        if isStaticLink(path) { return [] }
        let names: [String]
        do {
            names = try tree.list(path)
        } catch {
            if error.isAbsence { return [] }
            throw error
        }
        var copies: Set<Substring> = []
        do {
            let bytes = try tree.read(formerEtc + "/.clean", limit: 1 << 20)
            copies = Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n"))
        } catch {
            if !error.isAbsence { throw error }
        }
        return names.filter { !isStaticLink(path + "/" + $0) && !copies.contains("\(directory)/\($0)") }
    }

    private func isStaticLink(_ path: String) -> Bool {
        do {
            return try tree.linkTarget(path).hasPrefix("/etc/static/")
        } catch {
            return false
        }
    }

    /// The path inside the root of a path below `/etc` (`ssh/sshd_config`).
    public func etcPath(_ path: String) -> String {
        path.isEmpty ? etcRoot : etcRoot + "/" + path
    }

    /// What evidence calls a path below `/etc`: always `/etc/...`, as on the running system.
    public func shownEtcPath(_ path: String) -> String {
        path.isEmpty ? "/etc" : "/etc/" + path
    }

    /// The bytes of a file below `/etc`.
    public func readEtc(_ path: String, limit: Int = 16 << 20) throws(TreeError) -> [UInt8] {
        try tree.read(etcPath(path), limit: limit)
    }

    /// The names in a directory below `/etc`.
    public func listEtc(_ path: String) throws(TreeError) -> [String] {
        try tree.list(etcPath(path))
    }

    /// What a systemd unit is in this system.
    public enum UnitLookup: Sendable {
        /// No unit file of that name.
        case missing
        /// A link to `/dev/null`: it can never start.
        case masked
        /// The main file and its drop-ins merged.
        case unit(SystemdUnit, path: String)
        /// It is there and cannot be read, and why.
        case unavailable(String)
    }

    /// A unit of `/etc/systemd/system` with its drop-ins, by any of its names. NixOS keeps all units of the system there;
    /// what generators and administrators put into `/run/systemd` exists on a running host only.
    public func unit(_ name: String) -> UnitLookup {
        cache.unit(name) { readUnit(name) }
    }

    /// The names in `/etc/systemd/system`, sorted: units, links of other names, directories of drop-ins, wants and
    /// requires.
    public func unitEntries() throws(TreeError) -> [String] {
        try cache.entries { () throws(TreeError) in try listEtc("systemd/system") }
    }

    /// The kernel's configuration, looked for the first time it is asked for.
    func kernelConfigurationOnce(_ find: () -> KernelConfiguration.Lookup) -> KernelConfiguration.Lookup {
        kernelCache.lookup(find)
    }

    /// The name a unit really has: what a link to another unit's name leads to (systemd.unit(5), "Unit File Load Path"), or
    /// the template of an instance that has no file of its own.
    public func canonicalUnit(_ name: String) throws(TreeError) -> String {
        let links = try unitLinks()
        var current = name
        for _ in 0..<8 {
            if let target = links[current] {
                let base = Self.baseName(target)
                guard base != current, Self.unitType(base) == Self.unitType(current), target != "/dev/null" else {
                    break
                }
                // What is not in the directory is no unit: the link gives the file only.
                guard links[base] != nil else { break }
                current = base
            } else {
                guard let template = Self.template(of: current), links[template] != nil else { break }
                current = template
            }
        }
        return current
    }

    /// `getty@.service` of `getty@tty1.service`; nil for what is no instance.
    public static func template(of name: String) -> String? {
        guard let at = name.utf8.firstIndex(of: UInt8(ascii: "@")),
            let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), at < dot
        else { return nil }
        let after = name.utf8.index(after: at)
        return after == dot ? nil : String(name[..<after] + name[dot...])
    }

    /// The part after the last dot, the dot included.
    static func unitType(_ name: String) -> Substring {
        name.utf8.lastIndex(of: UInt8(ascii: ".")).map { name[$0...] } ?? ""
    }

    /// The part after the last slash.
    private static func baseName(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// What each unit in `/etc/systemd/system` links to; empty for a plain file.
    func unitLinks() throws(TreeError) -> [String: String] {
        try cache.links { () throws(TreeError) in
            let entries = try unitEntries()
            let directory = try unitDirectory()
            var links: [String: String] = [:]
            for name in entries where Self.unitTypes.contains(Self.unitType(name)) {
                do throws(TreeError) {
                    links[name] = try tree.linkText(at: directory + "/" + name)
                } catch {
                    if error.isAbsence { continue }
                    links[name] = ""
                }
            }
            return links
        }
    }

    private static let unitTypes: Set<Substring> = [
        ".service", ".socket", ".target", ".timer", ".path", ".mount", ".automount", ".slice", ".swap", ".device",
        ".scope",
    ]

    private func readUnit(_ name: String) -> UnitLookup {
        let shown = shownEtcPath("systemd/system/" + name)
        do {
            let canonical = try canonicalUnit(name)
            guard try unitLinks()[canonical] != nil else { return .missing }
            let path = "systemd/system/" + canonical
            guard let bytes = try unitFile(canonical, link: try unitLinks()[canonical] ?? "") else { return .masked }
            // An empty file masks as a link to /dev/null does.
            if bytes.isEmpty { return .masked }
            let main = try SystemdUnit.parse(bytes, file: shownEtcPath(path))
            return .unit(try withDropIns(main, name, canonical: canonical), path: shown)
        } catch let error as TreeError {
            return error.isAbsence ? .missing : .unavailable(error.description)
        } catch let error as ParseError {
            return .unavailable("\(shown): \(error)")
        } catch {
            return .unavailable("\(shown): \(error)")
        }
    }

    /// The bytes of an entry of the directory of units, or of a directory in it; nil where it leads to `/dev/null`.
    ///
    /// Most are links into a store directory: where that is known to be a plain directory the file is opened at once, and
    /// only what is no plain file there is resolved step by step.
    private func unitFile(_ name: String, link: String) throws(TreeError) -> [UInt8]? {
        if link == "/dev/null" { return nil }
        if link.hasPrefix("/"), let slash = link.lastIndex(of: "/"), slash > link.startIndex {
            do throws(TreeError) {
                let directory = try plainDirectory(String(link[..<slash]))
                if let directory {
                    return try tree.fileBytes(at: directory + link[slash...], limit: 1 << 20)
                }
            } catch {
                // A link, or nothing: the full walk says what.
            }
        }
        let place: String
        do throws(TreeError) {
            place = try tree.resolve(try unitDirectory() + "/" + name)
        } catch {
            // The root of an image has no /dev/null, so that the link to it dangles.
            if case .danglingLink(_, "/dev/null") = error { return nil }
            throw error
        }
        return place == "/dev/null" ? nil : try tree.fileBytes(at: place, limit: 1 << 20)
    }

    /// The path of the directory of units, links resolved.
    private func unitDirectory() throws(TreeError) -> String {
        try cache.directory("systemd/system") { () throws(TreeError) in try tree.resolve(etcPath("systemd/system")) }
    }

    /// A path without links, where it is a directory; nil where a link is on the way.
    private func plainDirectory(_ path: String) throws(TreeError) -> String? {
        if path.isEmpty || path == "/" { return "" }
        let found = try cache.directory(path) { () throws(TreeError) in
            guard let slash = path.lastIndex(of: "/"), try plainDirectory(String(path[..<slash])) != nil,
                !path.hasSuffix("/.."), !path.hasSuffix("/.")
            else { return "" }
            return try tree.entry(at: path) == .directory ? path : ""
        }
        return found.isEmpty ? nil : found
    }

    private func withDropIns(_ main: SystemdUnit, _ name: String, canonical: String) throws -> SystemdUnit {
        var unit = main
        let directory = try unitDirectory()
        for path in try dropIns(name, canonical: canonical) {
            let link: String
            do throws(TreeError) {
                link = try tree.linkText(at: directory + "/" + path)
            } catch {
                link = ""
            }
            // A link to /dev/null switches a drop-in off.
            guard let bytes = try unitFile(path, link: link) else { continue }
            unit.merge(try SystemdUnit.parse(bytes, file: shownEtcPath("systemd/system/" + path)))
        }
        return unit
    }

    /// The directories of drop-ins of one name: its own, those of its name up to each dash, and of its template.
    private static func dropInDirectories(_ name: String) -> [String] {
        guard let dot = name.lastIndex(of: ".") else { return [] }
        let type = name[dot...]
        var stem = name[..<dot]
        var directories = [name + ".d"]
        if let template = template(of: name) { directories.append(template + ".d") }
        if let at = stem.firstIndex(of: "@") { stem = stem[..<at] }
        while let dash = stem.dropLast().lastIndex(of: "-") {
            stem = stem[...dash]
            directories.append(stem + type + ".d")
        }
        return directories
    }

    /// The drop-ins of a unit in the order systemd applies them: by file name over all directories, of which the more
    /// specific one wins (systemd.unit(5)): those of its name, of its other names, and that of its type.
    private func dropIns(_ name: String, canonical: String) throws(TreeError) -> [String] {
        let present = try cache.present { () throws(TreeError) in Set(try unitEntries()) }
        var names = [name]
        if canonical != name { names.append(canonical) }
        names += try cache.aliases { () throws(TreeError) in try unitAliases() }[canonical] ?? []
        var directories: [String] = []
        // A real name comes before its aliases; an instance before its template.
        if canonical != name, Self.template(of: name) == nil { names.swapAt(0, 1) }
        for one in names { directories += Self.dropInDirectories(one) }
        directories.append(Self.unitType(name).dropFirst() + ".d")
        var paths: [String: String] = [:]
        for directory in directories where present.contains(directory) {
            do {
                for file in try unitEntries(of: directory) where file.hasSuffix(".conf") {
                    if paths[file] == nil { paths[file] = directory + "/" + file }
                }
            } catch {
                // A plain file of that name is no directory of drop-ins; the unit itself is still there.
                if !error.isAbsence { throw error }
            }
        }
        return paths.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    }

    /// The names in a directory of the directory of units: drop-ins, wants and requires.
    func unitEntries(of directory: String) throws(TreeError) -> [String] {
        try cache.listing(directory) { () throws(TreeError) in
            try tree.list(try unitDirectory() + "/" + directory)
        }
    }

    /// The other names of each unit that has some.
    private func unitAliases() throws(TreeError) -> [String: [String]] {
        var aliases: [String: [String]] = [:]
        for name in try unitLinks().keys {
            let canonical = try canonicalUnit(name)
            if canonical != name { aliases[canonical, default: []].append(name) }
        }
        return aliases.mapValues { $0.sorted() }
    }

    /// Targets of systemd that an ordinary boot does not reach (systemd.special(7)): what only they want is not started.
    static let targetsBesideTheBoot: Set<String> = [
        "rescue.target", "emergency.target", "shutdown.target", "umount.target", "final.target", "halt.target",
        "poweroff.target", "reboot.target", "soft-reboot.target", "kexec.target", "exit.target", "sleep.target",
        "suspend.target", "hibernate.target", "hybrid-sleep.target", "suspend-then-hibernate.target",
        "factory-reset.target", "initrd.target", "initrd-switch-root.target", "system-update.target",
        "ctrl-alt-del.target",
    ]
}
