import FirnModel
import FirnReportCore

extension HTMLPage {
    /// The controls that choose what shows. They are hidden until script runs, as they would do nothing.
    func filterForm(_ html: inout HTMLWriter) {
        if report.results.isEmpty { return }
        html.element(.form, [.id(Self.filter), .style(.filter), .search, .label("Filter the entries"), .hidden]) {
            html in
            html.element(.div, [.style(.fields)]) { html in
                html.element(.div) { html in
                    html.element(.label, [.label(for: HTMLAnchor("q"))], "Search")
                    html.element(.input, [.id(HTMLAnchor("q")), .type("search"), .noCompletion])
                }
                choice(HTMLAnchor("by-severity"), "Severity", severities, &html)
                choice(HTMLAnchor("by-outcome"), "Outcome", outcomes, &html)
                choice(HTMLAnchor("by-source"), "Source", sourceNames, &html)
                choice(HTMLAnchor("by-family"), "Family", families, &html)
            }
            html.element(.div, [.style(.buttons)]) { html in
                html.element(.output, [.id(HTMLAnchor("shown")), .polite])
                html.element(.button, [.id(HTMLAnchor("show-all")), .type("button")], "Show all")
                html.element(.button, [.id(HTMLAnchor("open-all")), .type("button")], "Open evidence and fixes")
                html.element(.button, [.id(HTMLAnchor("close-all")), .type("button")], "Close them")
            }
        }
    }

    private var severities: [(String, String)] {
        Severity.allCases.sorted(by: >).map { ($0.rawValue, HTMLWords.severity($0)) }
    }

    private var outcomes: [(String, String)] {
        [("fail", "Fail"), ("waived", "Accepted")]
            + [Outcome.unknown, .error, .pass, .notApplicable, .notChecked].map { ($0.rawValue, HTMLWords.outcome($0)) }
    }

    private var sourceNames: [(String, String)] {
        Set(report.results.lazy.map(\.source)).sorted().map { ($0.rawValue, $0.rawValue) }
    }

    private var families: [(String, String)] {
        Set(report.results.lazy.map { HTMLWords.family($0.rule) }).sorted().map { ($0, $0) }
    }

    private func choice(
        _ place: HTMLAnchor, _ name: String, _ options: [(value: String, text: String)], _ html: inout HTMLWriter
    ) {
        html.element(.div) { html in
            html.element(.label, [.label(for: place)], name)
            html.element(.select, [.id(place)]) { html in
                html.element(.option, [.value("")], "All")
                for option in options { html.element(.option, [.value(option.value)], option.text) }
            }
        }
    }
}
