import FirnModel
import FirnReportCore

extension HTMLPage {
    /// Rules on which the layers of a system disagree: what each layer says side by side, which layer broke the rule, and
    /// what is likely to have caused it.
    func drift(_ drift: [Drift], at place: HTMLAnchor, level: HTMLTag, _ html: inout HTMLWriter) {
        if drift.isEmpty { return }
        html.element(.section, [.id(place), .group]) { html in
            html.element(level, "Drift (\(drift.count))")
            html.element(
                .p, [.style(.quiet)],
                "Layers of one system that disagree, the gravest first. The layer from which the rule differs is framed. "
                    + "Causes are likely, not certain.")
            let below: HTMLTag = level == .h2 ? .h3 : .h4
            for row in DriftRow.of(drift, report) { self.drift(row, level: below, &html) }
        }
    }

    /// Hosts that run, or were booted from, another generation.
    func generations(_ html: inout HTMLWriter) {
        let hosts = HostGeneration.of(report.targets)
        if hosts.isEmpty { return }
        html.element(.section) { html in
            html.element(.h2, "Another generation (\(hosts.count))")
            for host in hosts {
                html.element(.article, [.style(.finding)]) { html in
                    html.element(.p, host.message)
                }
            }
        }
    }

    private func drift(_ row: DriftRow, level: HTMLTag, _ html: inout HTMLWriter) {
        let drift = row.drift
        let outcomes = Set(drift.values.map(\.outcome.rawValue)).sorted().joined(separator: ",")
        let entry = HTMLEntry(
            outcomes, drift.severity.rawValue, drift.values.map(\.source.rawValue), HTMLWords.family(drift.rule))
        html.element(.article, [.style(.finding), .entry(entry)]) { html in
            html.element(level) { html in html.element(.code, [.style(.rule)]) { $0.whole(drift.rule) } }
            html.element(.p, [.style(.tags)]) { html in
                html.element(
                    .span, [.style(.key, HTMLWords.style(drift.severity))], HTMLWords.severity(drift.severity))
                html.gap()
                html.element(.span, row.title == drift.rule ? row.did : "\(row.title): \(row.did)")
                if let since = row.since {
                    html.gap()
                    html.element(.span, [.style(.quiet)], "seen since \(TextPage.time(since))")
                }
            }
            html.element(.div, [.style(.layers)]) { html in
                for cell in row.cells { self.cell(cell, &html) }
            }
            if drift.causes.isEmpty { return }
            html.element(.dl, [.style(.says)]) { html in
                for (index, cause) in drift.causes.enumerated() {
                    html.element(.dt) { $0.element(.span, [.style(.source)], index == 0 ? "likely" : "or") }
                    html.element(.dd, cause)
                }
            }
        }
    }

    private func cell(_ cell: DriftRow.Cell, _ html: inout HTMLWriter) {
        html.element(.div, cell.isMarked ? [.style(.marked)] : []) { html in
            html.element(.p, [.style(.source)], cell.source.rawValue)
            html.element(.p) { html in
                guard let outcome = cell.outcome else {
                    html.element(.span, [.style(.quiet)], "not given")
                    return
                }
                html.element(.span, [.style(.key, HTMLWords.style(outcome))], HTMLWords.outcome(outcome))
                guard outcome == .pass || outcome == .fail else { return }
                html.gap()
                html.element(.code, cell.observed ?? "not set")
            }
        }
    }
}
