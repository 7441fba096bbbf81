import FirnModel
import FirnReportCore

extension HTMLPage {
    /// What was audited, when, with what.
    func masthead(_ html: inout HTMLWriter) {
        html.element(.header, [.style(.top)]) { html in
            html.element(.p, [.style(.quiet)], "Firn audit report")
            html.element(.h1) { html in
                switch systems.count {
                case 0: html.text("No target")
                case 1: html.text(systems[0].system.name)
                default: html.text("\(systems.count) systems")
                }
            }
            html.element(.ul, [.style(.facts)]) { html in
                Self.fact("Profile", report.profile, &html)
                Self.fact("Collected", TextPage.time(report.collectedAt), &html)
                Self.fact("Tool", report.tool, &html)
                if systems.count == 1 { facts(systems[0], &html) }
            }
        }
        contents(&html)
    }

    /// What names a system, and the targets it was seen through.
    func facts(_ system: HTMLSystem, _ html: inout HTMLWriter) {
        let identity = system.system.identity
        Self.fact("NixOS", identity.release ?? "release not known", &html)
        let platforms = system.system.targets.compactMap { report.targets[$0].identity.system }
        if let platform = identity.system ?? platforms.first { Self.fact("Platform", platform, &html) }
        for target in system.system.targets {
            Self.fact("Target, \(label(target))", targetText(report.targets[target]), &html)
        }
        Self.digest("Toplevel", identity.toplevel ?? "not known", &html)
    }

    private func targetText(_ target: ReportTarget) -> String {
        let size = target.size.map { ", " + TextPage.bytes($0) } ?? ""
        return target.name + " (" + HTMLWords.kind(target.kind) + size + ")"
    }

    static func fact(_ name: String, _ value: String, _ html: inout HTMLWriter) {
        html.element(.li) { html in
            html.element(.span, [.style(.quiet)], name)
            html.gap()
            html.text(value)
        }
    }

    /// Links to the parts, with how many rules each holds.
    private func contents(_ html: inout HTMLWriter) {
        html.element(.nav, [.label("Contents")]) { html in
            html.element(.ul) { html in
                if report.verdict != nil { Self.link(Self.verdictPlace, "Verdict", nil, &html) }
                if hasSections { Self.link(Self.systemsPlace, "Systems", systems.count, &html) }
                Self.link(Self.summaryPlace, "Summary", nil, &html)
                if !hasSections, let only = systems.first {
                    Self.link(only.places.findings, "Findings", only.groups.count(where: \.isFinding), &html)
                    let waived = only.groups.count(where: \.isWaived)
                    if waived > 0 { Self.link(only.places.waived, "Accepted", waived, &html) }
                    if !only.drift.isEmpty { Self.link(only.places.drift, "Drift", only.drift.count, &html) }
                    let untold = untold(only)
                    if untold > 0 { Self.link(only.places.unknown, "Not told", untold, &html) }
                    let passed = only.rules(.pass)
                    if passed > 0 { Self.link(only.places.passed, "Passed", passed, &html) }
                }
                Self.link(Self.coverage, "Sources", nil, &html)
                Self.link(Self.record, "Record", nil, &html)
                Self.link(Self.glossary, "Words", nil, &html)
            }
        }
    }

    /// The rules of a system with a result that is unknown or in error.
    func untold(_ system: HTMLSystem) -> Int {
        system.groups.count { group in group.results.contains { $0.outcome == .unknown || $0.outcome == .error } }
    }

    private static func link(_ place: HTMLAnchor, _ text: String, _ count: Int?, _ html: inout HTMLWriter) {
        html.element(.li) { html in
            html.element(.a, [.link(place)]) { html in
                html.text(text)
                if let count {
                    html.gap()
                    html.element(.small, String(count))
                }
            }
        }
    }
}
