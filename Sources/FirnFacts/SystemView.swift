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

    /// Creates a view.
    public init(tree: any RootTree, toplevel: String, etcRoot: String) {
        self.tree = tree
        self.toplevel = toplevel
        self.etcRoot = etcRoot
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

    /// A unit of `/etc/systemd/system` with its drop-ins. For `sshd@x.service` ask for the template `sshd@.service`.
    public func unit(_ name: String) -> UnitLookup {
        let path = "systemd/system/" + name
        let shown = shownEtcPath(path)
        do {
            let target = try tree.linkTarget(etcPath(path))
            if target == "/dev/null" { return .masked }
        } catch {
            // Not a link: a plain file, or nothing; reading it decides.
        }
        do {
            let main = try SystemdUnit.parse(try readEtc(path, limit: 1 << 20), file: shown)
            return .unit(try withDropIns(main, name), path: shown)
        } catch let error as TreeError {
            return error.isAbsence ? .missing : .unavailable(error.description)
        } catch let error as ParseError {
            return .unavailable("\(shown): \(error)")
        } catch {
            return .unavailable("\(shown): \(error)")
        }
    }

    private func withDropIns(_ main: SystemdUnit, _ name: String) throws -> SystemdUnit {
        var unit = main
        let directory = "systemd/system/" + name + ".d"
        let names: [String]
        do {
            names = try listEtc(directory)
        } catch {
            if error.isAbsence { return unit }
            throw error
        }
        for dropIn in names where dropIn.hasSuffix(".conf") {
            let path = directory + "/" + dropIn
            unit.merge(try SystemdUnit.parse(try readEtc(path, limit: 1 << 20), file: shownEtcPath(path)))
        }
        return unit
    }

    /// The targets that pull a unit in at boot through `.wants` and `.requires` links, or why that cannot be told.
    public func wanted(_ name: String) throws(TreeError) -> [String] {
        var targets: [String] = []
        for directory in try listEtc("systemd/system") {
            guard directory.hasSuffix(".target.wants") || directory.hasSuffix(".target.requires") else { continue }
            let names = try listEtc("systemd/system/" + directory)
            if names.contains(name) {
                targets.append(String(directory.prefix(upTo: directory.lastIndex(of: ".") ?? directory.endIndex)))
            }
        }
        return targets
    }
}
