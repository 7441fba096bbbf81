import FirnModel
import FirnReportCore

extension ReportFormat {
    /// One self-contained page, for people.
    public static let html = ReportFormat(
        name: "html", summary: "one self-contained page, for people", fileEnding: "html"
    ) { report, options in
        HTMLReporter.render(report, options: options)
    }
}

/// The report as one file for a browser or a printer: it asks nothing of the network, and is complete without script.
///
/// The worst comes first: the gate's decision, the counts, the findings, what is accepted, drift, what could not be
/// told; what passed is folded at the end.
enum HTMLReporter {
    /// Renders a report.
    static func render(_ report: Report, options: RenderOptions) -> [UInt8] {
        let page = HTMLPage(report, options: options)
        var html = HTMLWriter()
        page.document(&html)
        return html.bytes
    }
}

extension HTMLPage {
    func document(_ html: inout HTMLWriter) {
        html.fixed("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n")
        html.fixed(HTMLAssets.policy)
        html.fixed(
            """
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">

            """)
        html.element(.title, titleText)
        html.fixed("\n<style>")
        html.fixed(HTMLAssets.style)
        html.fixed("</style>\n</head>\n<body>\n")
        let first = systems.first?.places.findings ?? Self.findings
        html.element(.a, [.style(.skip), .link(first)], "Skip to the findings")
        html.fixed("\n")
        masthead(&html)
        html.element(.main) { html in
            verdict(&html)
            generations(&html)
            if hasSections { systemTable(&html) }
            overview(&html)
            filterForm(&html)
            if hasSections {
                for system in systems { section(system, &html) }
                drift(looseDrift, at: Self.drift, level: .h2, &html)
            } else if let only = systems.first {
                parts(only, level: 2, &html)
            } else {
                nothing(&html)
                drift(looseDrift, at: Self.drift, level: .h2, &html)
            }
            sources(&html)
            record(&html)
            meanings(&html)
        }
        html.fixed("<script>")
        html.fixed(HTMLAssets.script)
        html.fixed("</script>\n</body>\n</html>\n")
    }

    private var titleText: String {
        let name =
            switch systems.count {
            case 0: "no target"
            case 1: systems[0].system.name
            default: "\(systems.count) systems"
            }
        let word =
            report.verdict.map { $0.decision == .pass ? "gate passes" : "gate blocks" } ?? answer.word.lowercased()
        return "\(name): \(word) - Firn audit report"
    }

    /// A report without a target says so where the findings would be.
    private func nothing(_ html: inout HTMLWriter) {
        html.element(.section, [.id(Self.findings)]) { html in
            html.element(.h2, "Findings")
            html.element(.p, "Nothing was judged: the report has no target. This is no pass.")
        }
    }
}
