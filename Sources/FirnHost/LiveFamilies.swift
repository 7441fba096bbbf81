import FirnFacts
import FirnModel

/// One family of live facts.
struct LiveFamily: Sendable {
    /// The prefixes it answers alone: what files say of them is dropped first.
    var owns: [String]
    /// The facts. A key that it leaves out is not supplied by the live source.
    var facts: @Sendable (HostView, Knowledge, SystemContext) throws(DataError) -> FactBatch
}

/// All live families, and the families that the files of the machine answer.
enum LiveFamilies {
    static let all: [LiveFamily] = [
        LiveFamily(owns: ["sysctl."], facts: LiveSysctl.facts),
        LiveFamily(owns: ["cmdline."], facts: LiveCmdline.facts),
        LiveFamily(owns: ["kconfig."], facts: LiveKconfig.facts),
        LiveFamily(owns: ["modules."], facts: LiveModules.facts),
        LiveFamily(owns: ["mounts."], facts: LiveMounts.facts),
        LiveFamily(owns: ["ssh."], facts: LiveSSH.facts),
        LiveFamily(owns: ["firewall."], facts: LiveFirewall.facts),
        LiveFamily(owns: [], facts: LiveSockets.facts),
        LiveFamily(owns: ["audit."], facts: LiveAudit.facts),
        LiveFamily(owns: ["units."], facts: LiveUnits.facts),
    ]

    /// Families whose files are read each time they are used, so that what lies in `/etc` now is what is in force. What a
    /// service does is none of them: it may be stopped, or have read other files when it started.
    static func fromFiles(isNixOS: Bool) -> Set<String> {
        // PAM of Debian includes files by a word that NixOS' has not, and its sudo is no wrapper: read as those of NixOS they
        // would be false alarms.
        guard isNixOS else { return ["accounts"] }
        return ["accounts", "pam", "sudo", "polkit", "age"]
    }

    /// On another Linux, what only NixOS has does not apply.
    static func markForeign(_ batch: inout FactBatch) {
        var known = Set(batch.facts.keys.map(\.family))
        known.formUnion((batch.families.map(\.prefix) + all.flatMap(\.owns)).map { String($0.dropLast()) })
        for name in FactFamilies.names where !known.contains(name) {
            batch.inapplicable.append(
                InapplicableFamily(prefix: name + ".", reason: "no NixOS system: Firn reads \(name) of NixOS only"))
        }
    }
}
