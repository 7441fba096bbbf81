import FirnModel
import FirnReportCore

extension HTMLPage {
    /// Each family's fails by severity, as a table whose cells are the darker the more there are.
    func familyTable(_ html: inout HTMLWriter) {
        var byFamily: [String: [Result]] = [:]
        for result in report.results { byFamily[HTMLWords.family(result.rule), default: []].append(result) }
        let tallies = byFamily.map { (family: $0.key, tally: Tally($0.value)) }.sorted { left, right in
            for severity in Severity.allCases.sorted(by: >) {
                let (one, other) = (left.tally.fails[severity] ?? 0, right.tally.fails[severity] ?? 0)
                if one != other { return one > other }
            }
            // What could not be told comes before what passed.
            let untold = { (tally: Tally) in tally.count(.error) + tally.count(.unknown) }
            let (one, other) = (untold(left.tally), untold(right.tally))
            return one == other ? left.family < right.family : one > other
        }
        let limit = 60
        let most = max(tallies.flatMap { $0.tally.fails.values }.max() ?? 0, 1)
        html.element(.div, [.style(.scroll), .focusable, .region, .label("Results by family")]) { html in
            html.element(.table, [.style(.numbers)]) { html in
                html.element(.caption, "Results by family: fails by severity, the worst family first; then the rest")
                Self.head(
                    ["Family", Self.barHead] + Severity.allCases.sorted(by: >).map(HTMLWords.severity)
                        + ["Accepted", "Unknown", "Error", "Pass", "Not applicable", "Not checked"], &html)
                html.element(.tbody) { html in
                    for (family, tally) in tallies.prefix(limit) { row(family, tally, most, &html) }
                }
            }
        }
        if tallies.count > limit {
            html.element(
                .p, [.style(.quiet)],
                "\(tallies.count - limit) more families are not in this table; their rules are below.")
        }
    }

    private func row(_ family: String, _ tally: Tally, _ most: Int, _ html: inout HTMLWriter) {
        html.element(.tr) { html in
            html.element(.th, [.rowHead], family)
            html.element(.td, [.style(.chart)]) { html in HTMLChart.bar(tally, named: family, &html) }
            for severity in Severity.allCases.sorted(by: >) {
                let count = tally.fails[severity] ?? 0
                html.element(.td, count == 0 ? [] : [.style(Self.heat(count, most))], Self.number(count))
            }
            for count in [
                tally.waived, tally.count(.unknown), tally.count(.error), tally.count(.pass),
                tally.count(.notApplicable), tally.count(.notChecked),
            ] {
                html.element(.td, Self.number(count))
            }
        }
    }

    /// Nothing is easier to overlook in a table than many zeros.
    static func number(_ count: Int) -> String { count == 0 ? "-" : String(count) }

    private static func heat(_ count: Int, _ most: Int) -> HTMLClass {
        switch count * 4 / most {
        case 0: .heat1
        case 1: .heat2
        case 2: .heat3
        default: .heat4
        }
    }
}
