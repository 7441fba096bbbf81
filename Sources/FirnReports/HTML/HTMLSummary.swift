import FirnModel
import FirnReportCore

extension HTMLPage {
    /// The counts, as cards and charts. All of them are of results, and come from the summary.
    func overview(_ html: inout HTMLWriter) {
        let total = summary.total
        html.element(.section, [.id(Self.summaryPlace)]) { html in
            html.element(.h2, "Summary")
            html.element(.p, [.style(.quiet)], basisOfCounts)
            html.element(.ul, [.style(.cards)]) { html in
                card(.fail, "Fail", total.count(.fail) - total.waived, "not accepted", &html)
                card(.waived, "Accepted", total.waived, "fail, with a waiver", &html)
                card(.unknown, "Unknown", total.count(.unknown), "could not be told", &html)
                card(.error, "Error", total.count(.error), "rule or tool failed", &html)
                card(.pass, "Pass", total.count(.pass), "as the rule wants it", &html)
                card(.notApplicable, "Not applicable", total.count(.notApplicable), "for a known reason", &html)
                card(.notChecked, "Not checked", total.count(.notChecked), "by this source", &html)
            }
            if report.results.isEmpty { return }
            html.element(.div, [.style(.charts)]) { html in
                outcomeChart(&html)
                severityChart(&html)
            }
            familyTable(&html)
        }
    }

    private var basisOfCounts: String {
        let rules = Set(report.results.lazy.map(\.rule)).count
        if report.results.isEmpty { return "There is no result." }
        return "\(TextPage.plural(rules, "rule")) judged on \(TextPage.plural(report.targets.count, "target")): "
            + "\(TextPage.plural(report.results.count, "result")). The counts are results; a finding is a rule, on "
            + "however many targets it fails."
    }

    private func card(
        _ style: HTMLClass, _ word: String, _ count: Int, _ note: String, _ html: inout HTMLWriter
    ) {
        html.element(.li, [.style(count == 0 ? .quiet : style), .count(count)]) { html in
            html.element(.strong, String(count))
            html.gap()
            html.element(.span, [.style(.key, style)], word)
            html.gap()
            html.element(.small, note)
        }
    }

    private func outcomeChart(_ html: inout HTMLWriter) {
        let limit = 12
        html.element(.figure) { html in
            html.element(.figcaption, "Outcomes by target")
            html.element(.ul, [.style(.bars)]) { html in
                for (index, tally) in summary.targets.enumerated().prefix(limit) {
                    html.element(.li) { html in
                        html.element(.p) { html in
                            html.element(.strong, label(index))
                            html.gap()
                            html.element(.span, [.style(.quiet)], report.targets[index].name)
                        }
                        HTMLChart.bar(tally, named: label(index), &html)
                        HTMLChart.counts(tally, &html)
                    }
                }
            }
            let rest = summary.targets.count - limit
            if rest > 0 {
                html.element(.p, [.style(.quiet)], "\(TextPage.plural(rest, "more target")) in the table of systems.")
            }
        }
    }

    private func severityChart(_ html: inout HTMLWriter) {
        let fails = summary.total.fails
        let most = max(fails.values.max() ?? 0, 1)
        html.element(.figure) { html in
            html.element(.figcaption, "Fails by severity, without those accepted")
            html.element(.ul, [.style(.bars, .severity)]) { html in
                for severity in Severity.allCases.sorted(by: >) {
                    let count = fails[severity] ?? 0
                    html.element(.li) { html in
                        html.element(.span, [.style(.key, HTMLWords.style(severity))], HTMLWords.severity(severity))
                        HTMLChart.bar(
                            count, of: most, HTMLWords.style(severity),
                            "\(HTMLWords.severity(severity)): \(TextPage.plural(count, "fail"))", &html)
                        html.element(.strong, String(count))
                    }
                }
            }
        }
    }
}
