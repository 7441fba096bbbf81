import FirnModel
import FirnReportCore

/// What a page shows: the report, with what is counted and named once.
struct HTMLPage {
    let report: Report
    let rules: [String: Rule]
    let summary: ReportSummary
    let systems: [HTMLSystem]
    /// What each target is called beside its results.
    let labels: [String]
    /// Drift that belongs to no one system.
    let looseDrift: [Drift]

    static let findings = HTMLAnchor("findings")
    static let summaryPlace = HTMLAnchor("summary")
    static let verdictPlace = HTMLAnchor("verdict")
    static let systemsPlace = HTMLAnchor("systems")
    static let coverage = HTMLAnchor("sources")
    static let record = HTMLAnchor("record")
    static let glossary = HTMLAnchor("glossary")
    static let drift = HTMLAnchor("drift")
    static let filter = HTMLAnchor("filter")

    /// All fixed places, so that no rule takes their name.
    private static let reserved: [StaticString] = [
        "findings", "summary", "verdict", "systems", "sources", "record", "glossary", "drift", "filter", "q",
        "by-severity", "by-outcome", "by-source", "by-family", "shown", "open-all", "close-all", "show-all",
    ]

    init(_ report: Report, options: RenderOptions) {
        self.report = report
        rules = options.rules
        summary = ReportSummary(report)
        answer = HTMLAnswer(report, summary: summary)
        let sources = report.targets.map(\.source)
        let found = ReportSystem.of(report)
        var labels = sources.map(\.rawValue)
        for system in found {
            let own = system.targets.map { sources[$0] }
            guard Set(own).count < own.count else { continue }
            for (number, target) in system.targets.enumerated() {
                labels[target] = "\(sources[target].rawValue) \(number + 1)"
            }
        }
        self.labels = labels
        var anchors = HTMLAnchors()
        anchors.reserve(Self.reserved)
        let isSingle = found.count <= 1
        var systems: [HTMLSystem] = []
        var loose = report.drift
        if found.isEmpty {
            systems = []
        } else {
            var byTarget: [[Result]] = report.targets.map { _ in [] }
            for result in report.results where byTarget.indices.contains(result.target) {
                byTarget[result.target].append(result)
            }
            for (number, system) in found.enumerated() {
                let results = system.targets.flatMap { byTarget[$0] }
                var drift = loose
                if !isSingle { drift = Self.drift(loose, of: system) }
                loose.removeAll(where: drift.contains)
                systems.append(
                    HTMLSystem(
                        system, results: results, drift: drift, tally: Tally(results),
                        prefix: isSingle ? "" : "s\(number + 1)", anchors: &anchors))
            }
        }
        self.systems = systems
        looseDrift = loose
    }

    /// The drift a system shows: that of its targets.
    private static func drift(_ drift: [Drift], of system: ReportSystem) -> [Drift] {
        drift.filter { one in one.values.allSatisfy { system.targets.contains($0.target) } }
    }

    /// Whether the systems have a section each.
    var hasSections: Bool { systems.count > 1 }

    func label(_ target: Int) -> String {
        labels.indices.contains(target) ? labels[target] : "target \(target + 1)"
    }

    /// What the report as a whole comes to, without a gate.
    let answer: HTMLAnswer
}

/// A system with its results as the page shows them.
struct HTMLSystem {
    let system: ReportSystem
    let tally: Tally
    let groups: [RuleGroup]
    let drift: [Drift]
    let results: [Result]
    let place: HTMLAnchor
    let places: Places
    /// Where each rule of a finding is, by id.
    let ruleAnchors: [String: HTMLAnchor]

    /// The places of a system's parts.
    struct Places {
        let findings: HTMLAnchor
        let waived: HTMLAnchor
        let drift: HTMLAnchor
        let unknown: HTMLAnchor
        let notApplicable: HTMLAnchor
        let notChecked: HTMLAnchor
        let passed: HTMLAnchor
    }

    init(
        _ system: ReportSystem, results: [Result], drift: [Drift], tally: Tally, prefix: String,
        anchors: inout HTMLAnchors
    ) {
        self.system = system
        self.results = results
        self.drift = drift
        self.tally = tally
        groups = RuleGroup.of(results)
        let dash = prefix.isEmpty ? "" : prefix + "-"
        place = anchors.next(prefix.isEmpty ? "system" : prefix)
        places = Places(
            findings: prefix.isEmpty ? HTMLPage.findings : anchors.next("findings", prefix: dash),
            waived: anchors.next("accepted", prefix: dash),
            drift: prefix.isEmpty ? HTMLPage.drift : anchors.next("drift", prefix: dash),
            unknown: anchors.next("not-told", prefix: dash),
            notApplicable: anchors.next("not-applicable", prefix: dash),
            notChecked: anchors.next("not-checked", prefix: dash), passed: anchors.next("passed", prefix: dash))
        var ruleAnchors: [String: HTMLAnchor] = [:]
        for group in groups where group.isFinding || group.isWaived {
            ruleAnchors[group.rule] = anchors.next(group.rule, prefix: dash)
        }
        self.ruleAnchors = ruleAnchors
    }

    /// How many rules have a result of an outcome.
    func rules(_ outcome: Outcome) -> Int {
        groups.count { group in group.results.contains { $0.outcome == outcome } }
    }
}

/// What a report comes to, in a word and a sentence.
struct HTMLAnswer {
    let word: String
    let style: HTMLClass
    let parts: [String]

    init(_ report: Report, summary: ReportSummary) {
        let groups = RuleGroup.of(report.results)
        let findings = groups.count(where: \.isFinding)
        let rules = { (outcome: Outcome) in
            Set(report.results.lazy.filter { $0.outcome == outcome }.map(\.rule)).count
        }
        var parts: [String] = []
        if report.results.isEmpty {
            parts.append("nothing was judged")
        } else {
            parts.append(findings == 0 ? "no findings" : TextPage.plural(findings, "finding"))
        }
        let waived = groups.count(where: \.isWaived)
        if waived > 0 { parts.append("\(waived) accepted by a waiver") }
        let (unknown, error) = (rules(.unknown), rules(.error))
        if unknown > 0 { parts.append("\(TextPage.plural(unknown, "rule")) could not be told") }
        if error > 0 { parts.append("\(TextPage.plural(error, "rule")) in error") }
        let drift = report.drift.count
        if drift > 0 { parts.append("\(TextPage.plural(drift, "difference")) between layers") }
        let notChecked = summary.notCheckedByAnySource.count
        if notChecked > 0 { parts.append("\(TextPage.plural(notChecked, "rule")) not checked by any source") }
        let code = ExitCode.of(results: report.results, failOn: .info)
        if code == ExitCode.incomplete && unknown == 0 && !report.results.isEmpty {
            parts.append("nothing could be judged on some target")
        }
        self.parts = parts
        switch code {
        case ExitCode.pass: (word, style) = ("Pass", .good)
        case ExitCode.findings: (word, style) = ("Findings", .bad)
        case ExitCode.error: (word, style) = ("Error", .bad)
        default: (word, style) = (findings > 0 ? "Findings, and incomplete" : "Incomplete", findings > 0 ? .bad : .warn)
        }
    }
}
