import FirnModel
import FirnReportCore

extension HTMLPage {
    /// What the sources could look at.
    func sources(_ html: inout HTMLWriter) {
        let coverage = SourceCoverage.of(report)
        html.element(.section, [.id(Self.coverage)]) { html in
            html.element(.h2, "Sources")
            if coverage.isEmpty { html.element(.p, "No source was judged.") }
            if !coverage.isEmpty {
                html.element(.div, [.style(.scroll), .focusable, .region, .label("Rules by source")]) { html in
                    html.element(.table, [.style(.numbers)]) { html in
                        html.element(.caption, "How many of the rules each source says something about")
                        Self.head(["Source", "Answered", "Not checked"], &html)
                        html.element(.tbody) { html in
                            for one in coverage {
                                html.element(.tr) { html in
                                    html.element(.th, [.rowHead]) { html in
                                        html.text(one.source.rawValue)
                                        html.gap()
                                        html.element(.small, HTMLWords.source(one.source))
                                    }
                                    html.element(.td, Self.number(one.supplied.count))
                                    html.element(.td, Self.number(one.notSupplied.count))
                                }
                            }
                        }
                    }
                }
            }
            let none = summary.notCheckedByAnySource
            if !none.isEmpty {
                html.element(.details, [.style(.fold)]) { html in
                    html.element(.summary, "\(TextPage.plural(none.count, "rule")) not checked by any source")
                    Self.ruleNames(none, &html)
                }
            }
        }
    }

    /// What the report was made with, so that it can be made again.
    func record(_ html: inout HTMLWriter) {
        html.element(.section, [.id(Self.record)]) { html in
            html.element(.h2, "Record")
            if !report.notes.isEmpty {
                html.element(.h3, "Notes")
                html.element(.ul) { html in
                    for note in report.notes { html.element(.li, note) }
                }
            }
            if !report.dropped.isEmpty {
                html.element(.h3, "Rules the profile leaves out (\(report.dropped.count))")
                html.element(.ul, [.style(.rules)]) { html in
                    for dropped in report.dropped {
                        html.element(.li) { html in
                            html.element(.code, [.style(.rule)], dropped.id)
                            html.gap()
                            html.text(dropped.reason)
                        }
                    }
                }
            }
            html.element(.h3, "Made with")
            html.element(.ul, [.style(.facts)]) { html in
                Self.fact("Tool", report.tool, &html)
                Self.fact("Profile", report.profile, &html)
                Self.fact("Collected", TextPage.time(report.collectedAt), &html)
                if let challenge = report.challenge { Self.fact("Challenge", challenge, &html) }
                Self.digest("Profile SHA-256", report.profileDigest, &html)
                Self.digest("Catalogue SHA-256", report.catalogueDigest, &html)
                for (index, target) in report.targets.enumerated() {
                    if let digest = target.digest { Self.digest("SHA-256 of \(target.name)", digest, &html) }
                    if let closure = target.identity.closureDigest {
                        Self.digest(
                            "Closure SHA-256, \(label(index)) (\(closure.origin.rawValue))", closure.value, &html)
                    }
                }
            }
        }
    }

    /// The words of the page.
    func meanings(_ html: inout HTMLWriter) {
        html.element(.section, [.id(Self.glossary)]) { html in
            html.element(.h2, "Words")
            html.element(.dl, [.style(.says)]) { html in
                for outcome in [Outcome.fail, .unknown, .error, .pass, .notApplicable, .notChecked] {
                    html.element(.dt) { html in
                        html.element(.span, [.style(.key, HTMLWords.style(outcome))], HTMLWords.outcome(outcome))
                    }
                    html.element(.dd, HTMLWords.meaning(outcome))
                }
                html.element(.dt) { $0.element(.span, [.style(.key, .waived)], "Accepted") }
                html.element(
                    .dd, "A fail with a waiver: an owner answers for it, for a reason, until a day. It stays a fail.")
                Self.pair("Finding", "A rule that fails on at least one target without a waiver.", &html)
                Self.pair(
                    "Source", "The layer that was read: declared, built or live. Each is judged for itself.", &html)
                Self.pair("Drift", "Two layers of one system that do not say the same.", &html)
            }
        }
    }
}
