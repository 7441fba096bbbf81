import FirnModel
import FirnReportCore

extension HTMLPage {
    /// The systems of a report of several, side by side.
    func systemTable(_ html: inout HTMLWriter) {
        html.element(.section, [.id(Self.systemsPlace)]) { html in
            html.element(.h2, "Systems")
            html.element(.div, [.style(.scroll), .focusable, .region, .label("Results by system")]) { html in
                html.element(.table, [.style(.numbers)]) { html in
                    html.element(.caption, "Results by system: fails by severity, then the rest")
                    Self.head(
                        ["System", Self.barHead] + Severity.allCases.sorted(by: >).map(HTMLWords.severity)
                            + ["Accepted", "Unknown", "Error", "Pass", "Not applicable", "Not checked"], &html)
                    html.element(.tbody) { html in
                        for system in systems { row(system, &html) }
                    }
                }
            }
        }
    }

    private func row(_ system: HTMLSystem, _ html: inout HTMLWriter) {
        let tally = system.tally
        html.element(.tr) { html in
            html.element(.th, [.rowHead]) { html in
                html.element(.a, [.link(system.place)], system.system.name)
                html.gap()
                let sources = system.system.targets.map { report.targets[$0].source.rawValue }.joined(separator: ", ")
                let release = system.system.identity.release.map { "NixOS \($0), " } ?? ""
                html.element(.small, release + sources)
            }
            html.element(.td, [.style(.chart)]) { html in HTMLChart.bar(tally, named: system.system.name, &html) }
            for severity in Severity.allCases.sorted(by: >) {
                html.element(.td, Self.number(tally.fails[severity] ?? 0))
            }
            for count in [
                tally.waived, tally.count(.unknown), tally.count(.error), tally.count(.pass),
                tally.count(.notApplicable), tally.count(.notChecked),
            ] {
                html.element(.td, Self.number(count))
            }
        }
    }

    /// The section of one system.
    func section(_ system: HTMLSystem, _ html: inout HTMLWriter) {
        html.element(.section, [.id(system.place), .style(.system), .group]) { html in
            html.element(.h2, system.system.name)
            html.element(.ul, [.style(.facts)]) { html in facts(system, &html) }
            HTMLChart.bar(system.tally, named: system.system.name, &html)
            HTMLChart.counts(system.tally, &html)
            parts(system, level: 3, &html)
        }
    }

    /// The parts of one system, the worst first.
    func parts(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        findings(system, level: level, &html)
        waived(system, level: level, &html)
        drift(system.drift, at: system.places.drift, level: Self.heading(level), &html)
        untold(system, level: level, &html)
        notApplicable(system, level: level, &html)
        notChecked(system, level: level, &html)
        passed(system, level: level, &html)
    }

    static func heading(_ level: Int) -> HTMLTag {
        switch level {
        case 2: .h2
        case 3: .h3
        case 4: .h4
        default: .h5
        }
    }
}
