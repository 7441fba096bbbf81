import FirnModel
import FirnReportCore

/// What a report says of one system beside its results, as names and printable values.
enum SystemFacts {
    static func of(_ system: ReportSystem, in report: Report) -> [(name: String, value: String)] {
        var facts = identity(system.identity)
        for index in system.targets where report.targets.indices.contains(index) {
            let target = report.targets[index]
            facts.append(("source", "\(target.source.rawValue), \(shown(target.kind)) \(shown(target.name))"))
        }
        return facts + common(report)
    }

    static func of(_ target: ReportTarget, in report: Report) -> [(name: String, value: String)] {
        var facts = identity(target.identity)
        facts.append(("source", target.source.rawValue))
        facts.append(("kind", shown(target.kind)))
        facts.append(("name", shown(target.name)))
        if let size = target.size { facts.append(("size", String(size))) }
        if let digest = target.digest { facts.append(("sha256", shown(digest))) }
        return facts + common(report)
    }

    private static func identity(_ identity: Identity) -> [(name: String, value: String)] {
        [
            ("toplevel", identity.toplevel), ("release", identity.release), ("system", identity.system),
            ("closure-digest", identity.closureDigest.map { "\($0.value) (\($0.origin.rawValue))" }),
        ].compactMap { name, value in value.map { (name, shown($0)) } }
    }

    private static func common(_ report: Report) -> [(name: String, value: String)] {
        [
            ("profile", shown(report.profile)), ("profile-digest", shown(report.profileDigest)),
            ("catalogue-digest", shown(report.catalogueDigest)),
            ("collected-at", Timestamp.text(report.collectedAt)),
        ]
    }

    private static func shown(_ text: String) -> String {
        VisibleText.escape(text, limit: 300)
    }
}
