import FirnModel
import FirnParsing

/// A unit that starts at boot and loads audit rules.
struct AuditLoader {
    /// What a search for such units found.
    enum Search {
        case units([AuditLoader])
        case unavailable(String, [Evidence])

        /// Whether rules have to be read.
        var mayLoad: Bool {
            if case .units(let units) = self { !units.isEmpty } else { false }
        }
    }

    var name: String
    var unit: SystemdUnit

    private static let units = "/etc/systemd/system/"

    /// The units that start at boot and call auditctl or augenrules, or the script of audit.service.
    static func find(_ system: SystemView) -> Search {
        var result: [AuditLoader] = []
        let entries: [String]
        do throws(TreeError) {
            entries = try system.unitEntries()
        } catch {
            return error.isAbsence
                ? .units([]) : .unavailable(error.description, [Evidence(path: "/etc/systemd/system")])
        }
        for name in entries where name.hasSuffix(".service") {
            let unit: SystemdUnit
            switch system.unit(name) {
            case .unit(let found, _): unit = found
            case .unavailable(let reason) where name.hasPrefix("audit"):
                return .unavailable(reason, [Evidence(path: units + name)])
            default: continue
            }
            guard name == "audit.service" || loadsRules(unit) else { continue }
            do throws(TreeError) {
                guard try startsAtBoot(name, system) else { continue }
            } catch {
                return .unavailable(error.description, [Evidence(path: units + name)])
            }
            if name == "audit-rules.service", !hasRulesDirectory(system) { continue }
            result.append(AuditLoader(name: name, unit: unit))
        }
        return .units(result)
    }

    private static func loadsRules(_ unit: SystemdUnit) -> Bool {
        unit.assignments.contains { assignment in
            assignment.section == "Service" && ["ExecStartPre", "ExecStart", "ExecStartPost"].contains(assignment.key)
                && callsLoader(assignment.value)
        }
    }

    /// Whether a command names auditctl or augenrules. All units are asked: byte by byte.
    private static func callsLoader(_ command: String) -> Bool {
        var rest = command.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "a")) {
            rest = rest[start...]
            if rest.starts(with: "auditctl".utf8) || rest.starts(with: "augenrules".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Whether augenrules of audit-rules.service finds anything to load.
    private static func hasRulesDirectory(_ system: SystemView) -> Bool {
        system.tree.exists(system.etcPath("audit/rules.d")) || system.tree.exists(system.etcPath("audit/audit.rules"))
    }

    private static func startsAtBoot(_ name: String, _ system: SystemView) throws(TreeError) -> Bool {
        let pullers = try system.pulled(name)
        if pullers.contains(where: { $0.hasSuffix(".target") }) { return true }
        for puller in pullers where try !system.pulled(puller).isEmpty { return true }
        return false
    }
}
