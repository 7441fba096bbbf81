import FirnModel

/// What switches auditing off when it starts, whatever the rules say.
enum AuditSwitch {
    /// journald with `Audit=no` (journald.conf(5)) does it at every start, auditd with `-s disable` (auditd(8)) too. Only
    /// a locked kernel refuses; whether they come before or behind the rules is not decided by the configuration.
    static func find(
        journald: () throws(ConfSettings.Obstacle) -> ConfSettings, daemon: (words: [String], evidence: Evidence)?
    ) -> (reason: String, evidence: Evidence)? {
        if let daemon, let option = daemon.words.firstIndex(of: "-s"), option + 1 < daemon.words.count,
            daemon.words[option + 1] == "disable"
        {
            return ("auditd switches auditing off when it starts (-s disable)", daemon.evidence)
        }
        do throws(ConfSettings.Obstacle) {
            let settings = try journald()
            let audit = settings.last(["Audit"]) { $0 == "keep" ? true : ConfSettings.boolean($0) }
            guard let audit, !audit.value else { return nil }
            return ("journald switches auditing off when it starts (Audit=no)", audit.evidence)
        } catch {
            return (error.reason, error.evidence)
        }
    }
}
