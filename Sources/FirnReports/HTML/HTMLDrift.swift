import FirnModel
import FirnReportCore

extension HTMLPage {
    /// Rules on which the layers of a system disagree, with what each says.
    func drift(_ drift: [Drift], at place: HTMLAnchor, level: HTMLTag, _ html: inout HTMLWriter) {
        if drift.isEmpty { return }
        html.element(.section, [.id(place), .group]) { html in
            html.element(level, "Drift (\(drift.count))")
            html.element(
                .p, [.style(.quiet)], "Layers of one system that disagree; the first that differs is marked.")
            let below: HTMLTag = level == .h2 ? .h3 : .h4
            for one in drift { self.drift(one, level: below, &html) }
        }
    }

    private func drift(_ drift: Drift, level: HTMLTag, _ html: inout HTMLWriter) {
        let outcomes = Set(drift.values.map(\.outcome.rawValue)).sorted().joined(separator: ",")
        let severity = report.results.first { $0.rule == drift.rule }?.severity.rawValue ?? ""
        let sources = drift.values.map(\.source.rawValue)
        let entry = HTMLEntry(outcomes, severity, sources, HTMLWords.family(drift.rule))
        html.element(.article, [.style(.finding), .entry(entry)]) { html in
            html.element(level) { html in html.element(.code, [.style(.rule)]) { $0.whole(drift.rule) } }
            html.element(.p, drift.message)
            html.element(.dl, [.style(.says)]) { html in
                for value in drift.values {
                    html.element(.dt) { $0.element(.span, [.style(.source)], value.source.rawValue) }
                    html.element(.dd) { html in
                        html.element(
                            .span, [.style(.key, HTMLWords.style(value.outcome))], HTMLWords.outcome(value.outcome))
                        html.gap()
                        html.element(.code, value.observed ?? "not set")
                        if value.source == drift.layer { html.element(.strong, " differs from here on") }
                    }
                }
            }
        }
    }
}
