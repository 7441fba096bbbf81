import FirnParsing

/// What is at the paths that rules name, as far as NixOS decides it.
struct AuditPaths {
    let knowledge: AuditKnowledge
    /// Whether something below `/etc` is part of the system; nil where that cannot be told.
    let etcHas: (String) -> Bool?
    /// Whether a path of the store is there.
    let storeHas: (String) -> Bool?
    /// Whether something else than NixOS fills `/bin` and `/usr/bin` (envfs).
    let hasForeignPrograms: Bool

    private func plain(_ path: String) -> String {
        let path = AuditPath.normal(path)
        return path.hasPrefix("/var/run/") ? "/run" + path.dropFirst("/var/run".utf8.count) : path
    }

    /// Whether a directory is there when rules are loaded.
    func presence(_ path: String) -> AuditLoad.Presence {
        let path = plain(path)
        if knowledge.directories.contains(path) { return .there }
        if let reason = absence(path) { return .missing(reason) }
        if AuditPath.isAtOrBelow(path, "/nix/store") {
            switch storeHas(path) {
            case true?: return .there
            case false?: return .missing("\(path) is not in the store")
            case nil: return .unknown("whether \(path) is there cannot be told")
            }
        }
        if AuditPath.isAtOrBelow(path, "/etc") {
            let below = String(path.dropFirst("/etc/".utf8.count))
            let top = below.split(separator: "/").first.map(String.init) ?? ""
            if etcHas(below) == true { return .there }
            if knowledge.runtimeEtc.contains(top) { return .unknown("\(path) is made at run time, or not") }
            if etcHas(below) == false { return .missing("\(path) is not part of the system") }
        }
        return .unknown("whether \(path) is there when the rules are loaded cannot be told")
    }

    /// Why nothing is at a path; nil where something may be.
    func absence(_ path: String) -> String? {
        let path = plain(path)
        for directory in knowledge.absent where AuditPath.isAtOrBelow(path, directory) {
            return "NixOS has no \(directory)"
        }
        for (directory, names) in knowledge.closed.sorted(by: { $0.key.utf8.count < $1.key.utf8.count }) {
            guard AuditPath.isAtOrBelow(path, directory), path != directory else { continue }
            if hasForeignPrograms, directory != "/usr" { continue }
            let child = String(path.dropFirst(directory.utf8.count + 1).prefix { $0 != "/" })
            if !names.contains(child) { return "NixOS has no \(directory)/\(child)" }
        }
        return nil
    }

    /// Why a rule on a path never matches; nil where it may.
    func deadness(_ rule: AuditRule) -> String? {
        guard let path = rule.path else { return nil }
        if let reason = absence(path) { return reason }
        let normal = AuditPath.normal(path)
        guard let farm = knowledge.linkFarms.first(where: { AuditPath.isAtOrBelow(normal, $0) }) else { return nil }
        return "\(farm) holds links, and the kernel compares the file behind the link"
    }

    /// Whether a rule watches the execution of a privileged program in a place it has no privilege.
    func missesWrapper(_ rule: AuditRule) -> Bool {
        guard let path = rule.path.map(AuditPath.normal), rule.permissions.map({ $0 & 1 != 0 }) ?? true else {
            return false
        }
        return knowledge.privileged.contains(AuditPath.name(path)) && AuditPath.parent(path) != "/run/wrappers/bin"
            && !path.hasPrefix("/nix/store/") && !path.hasPrefix("/etc/") && !path.hasPrefix("/home/")
            && !path.hasPrefix("/var/")
    }
}
