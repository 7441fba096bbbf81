import FirnModel
import FirnReportCore

/// What is no answer, by its reason: one file that cannot be read takes many rules with it.
extension HTMLPage {
    /// What could not be told, open on the page: it is no pass.
    func untold(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        let count = untold(system)
        if count == 0 { return }
        html.element(.section, [.id(system.places.unknown), .group]) { html in
            html.element(Self.heading(level), "Could not be told (\(count))")
            html.element(
                .p, [.style(.quiet)],
                "No answer is no pass: somebody has to look, or the source has to be made readable.")
            reasons(system, .error, level: level + 1, &html)
            reasons(system, .unknown, level: level + 1, &html)
        }
    }

    func notApplicable(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        folded(
            system, .notApplicable, system.places.notApplicable, level: level,
            "Not applicable", "These rules do not apply, each for the reason given.", &html)
    }

    func notChecked(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        let isChecked = Set(system.results.lazy.filter { $0.outcome != .notChecked }.map(\.rule))
        let none = system.groups.filter { !isChecked.contains($0.rule) }
        if none.isEmpty { return }
        html.element(.section, [.id(system.places.notChecked), .group]) { html in
            html.element(Self.heading(level), "Not checked by any source (\(none.count))")
            html.element(
                .p, [.style(.quiet)], "No source given here says anything about these rules. This is no pass.")
            html.element(.details, [.style(.fold), .fold]) { html in
                html.element(.summary, "Show \(TextPage.plural(none.count, "rule"))")
                reasonLists(none.flatMap(\.results), system, .notChecked, level: level + 1, &html)
            }
        }
    }

    private func folded(
        _ system: HTMLSystem, _ outcome: Outcome, _ place: HTMLAnchor, level: Int, _ title: String, _ note: String,
        _ html: inout HTMLWriter
    ) {
        let count = system.rules(outcome)
        if count == 0 { return }
        html.element(.section, [.id(place), .group]) { html in
            html.element(Self.heading(level), "\(title) (\(count))")
            html.element(.p, [.style(.quiet)], note)
            html.element(.details, [.style(.fold), .fold]) { html in
                html.element(.summary, "Show \(TextPage.plural(count, "rule"))")
                reasonLists(system.results.filter { $0.outcome == outcome }, system, outcome, level: level + 1, &html)
            }
        }
    }

    private func reasons(_ system: HTMLSystem, _ outcome: Outcome, level: Int, _ html: inout HTMLWriter) {
        reasonLists(system.results.filter { $0.outcome == outcome }, system, outcome, level: level, &html)
    }

    private func reasonLists(
        _ results: [Result], _ system: HTMLSystem, _ outcome: Outcome, level: Int, _ html: inout HTMLWriter
    ) {
        for (reason, results) in Self.worstFirst(TextPage.byReason(results)) {
            html.element(.section, [.style(.reason), .group]) { html in
                html.element(Self.heading(level)) { html in
                    html.element(.span, [.style(.key, HTMLWords.style(outcome))], HTMLWords.outcome(outcome))
                    html.gap()
                    html.text(reason)
                }
                html.element(.ul, [.style(.rules)]) { html in
                    for group in RuleGroup.of(results) { entry(group, outcome, system, &html) }
                }
            }
        }
    }

    /// The reason that hides the most severe rule first; equals stay in order.
    private static func worstFirst(_ reasons: [(String, [Result])]) -> [(String, [Result])] {
        reasons.enumerated().map {
            (position: $0.offset, worst: $0.element.1.map(\.severity).max(), reason: $0.element)
        }
        .sorted { left, right in
            guard let one = left.worst, let other = right.worst, one != other else {
                return left.position < right.position
            }
            return one > other
        }
        .map(\.reason)
    }

    private func entry(_ group: RuleGroup, _ outcome: Outcome, _ system: HTMLSystem, _ html: inout HTMLWriter) {
        let entry = HTMLEntry(
            outcome.rawValue, group.severity.rawValue, Self.sources(group.results), HTMLWords.family(group.rule))
        html.element(.li, [.entry(entry)]) { html in
            html.element(.code, [.style(.rule)]) { $0.whole(group.rule) }
            html.gap()
            html.text(group.title)
            html.gap()
            if outcome == .unknown || outcome == .error {
                html.element(
                    .span, [.style(.key, HTMLWords.style(group.severity))], HTMLWords.severity(group.severity))
                html.gap()
            }
            if system.system.targets.count > 1 {
                html.element(.span, [.style(.source)], group.results.map { label($0.target) }.joined(separator: ", "))
            }
        }
    }
}
