public import FirnModel
import FirnReportCore

extension ReportFormat {
    /// The formats of `firn drift`: pages of what differs, and the whole report for programs and for browsers.
    public static func drift(_ findings: DriftFindings) -> [ReportFormat] {
        [
            ReportFormat(name: "text", summary: "for people", fileEnding: "txt") { report, options in
                Array(DriftText.render(report, findings, options: options).utf8)
            },
            json, html,
            ReportFormat(name: "markdown", summary: "Markdown, for a pull request", fileEnding: "md") { report, _ in
                Array(DriftMarkdown.render(report, findings).utf8)
            },
        ]
    }
}

/// What a comparison came to, in words.
struct DriftWords {
    /// The phrases, the gravest first.
    let phrases: [String]
    /// The answer in a word.
    let word: String
    let style: TextStyle

    init(_ report: Report, _ findings: DriftFindings) {
        let hosts = HostGeneration.of(report.targets).count
        var phrases: [String] = []
        if hosts > 0 { phrases.append("\(TextPage.plural(hosts, "host")) of another generation") }
        if findings.compared.isEmpty { phrases.append("no two layers of one system were given") }
        let drift = report.drift
        if !findings.compared.isEmpty {
            phrases.append(
                drift.isEmpty ? "no rule differs" : "\(TextPage.plural(drift.count, "difference"))")
        }
        for effect in Drift.Effect.allCases {
            for source in SourceKind.allCases {
                let count = drift.count { $0.effect == effect && $0.layer == source }
                guard count > 0 else { continue }
                switch effect {
                case .broke: phrases.append("\(count) broken by \(source.rawValue)")
                case .repaired: phrases.append("\(count) passing only in \(source.rawValue)")
                case .changed: phrases.append("\(count) changed by \(source.rawValue)")
                }
            }
        }
        let same = findings.answered - drift.count
        if same > 0 { phrases.append("\(same) the same in all layers that answer") }
        if !findings.untold.isEmpty { phrases.append("\(findings.untold.count) could not be compared") }
        self.phrases = phrases
        if findings.compared.isEmpty && hosts == 0 || !findings.untold.isEmpty {
            (word, style) = ("incomplete", .medium)
        } else if hosts > 0 || !drift.isEmpty {
            (word, style) = ("drift", .critical)
        } else {
            (word, style) = ("no drift", .good)
        }
    }
}
