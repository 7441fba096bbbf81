import FirnModel
import FirnReportCore

/// What is folded below a finding: where it was seen, what repairs it, and why it matters.
extension HTMLPage {
    func evidence(_ results: [Result], _ system: HTMLSystem, _ html: inout HTMLWriter) {
        let count = Set(results.flatMap(\.evidence)).count
        if count == 0 { return }
        html.element(.details) { html in
            html.element(.summary) { html in
                html.text("Evidence ")
                html.element(.small, TextPage.plural(count, "place"))
            }
            places(results, system, &html)
        }
    }

    /// The places results were seen at; a place of several sources once.
    func places(_ results: [Result], _ system: HTMLSystem, _ html: inout HTMLWriter) {
        var order: [Evidence] = []
        var targets: [Evidence: [Int]] = [:]
        for result in results {
            for place in result.evidence {
                if targets[place] == nil { order.append(place) }
                if targets[place]?.last != result.target { targets[place, default: []].append(result.target) }
            }
        }
        let isOne = system.system.targets.count == 1
        html.element(.ul, [.style(.places)]) { html in
            for place in order {
                html.element(.li) { html in
                    if !isOne {
                        html.element(
                            .span, [.style(.source)], (targets[place] ?? []).map(label).joined(separator: ", "))
                        html.gap()
                    }
                    html.element(.code) { html in
                        html.text(place.path)
                        if let line = place.line { html.text(":\(line)") }
                    }
                    if let text = place.text {
                        html.gap()
                        html.element(.span, text)
                    }
                }
            }
        }
    }

    /// The definitions to set, as Nix; what a person must do where no option can.
    func fixes(_ fixes: [Fix], _ html: inout HTMLWriter) {
        let definitions = fixes.filter { NixDefinition.render($0) != nil }
        let manual = fixes.compactMap(\.manual)
        if definitions.isEmpty && manual.isEmpty { return }
        html.element(.details) { html in
            html.element(.summary) { html in
                html.text("Fix ")
                html.element(.small) { html in
                    if let first = definitions.first {
                        html.text("set ")
                        html.text(NixPath.render(first.path))
                        if definitions.count > 1 { html.text(" and \(definitions.count - 1) more") }
                    } else {
                        html.text("by hand")
                    }
                }
            }
            if !definitions.isEmpty {
                html.element(.pre) { html in
                    html.element(.code) { html in
                        for fix in definitions {
                            if case .list = fix.value, fix.merge == .replace {
                                html.fixed("# in place of other definitions of this option\n")
                            }
                            for line in NixDefinition.lines(fix, width: 90) {
                                html.whole(line)
                                html.fixed("\n")
                            }
                        }
                    }
                }
            }
            for text in manual { html.element(.p, text) }
        }
    }

    /// Rationale, side effects and references of rules, where the catalogue is at hand.
    func why(_ ids: [String], _ html: inout HTMLWriter) {
        let known = ids.compactMap { rules[$0] }
        if known.isEmpty { return }
        html.element(.details) { html in
            html.element(.summary, "Why, and what the fix may cost")
            for rule in known {
                if ids.count > 1 {
                    html.element(.p) { html in html.element(.code, [.style(.rule)], rule.id) }
                }
                html.element(.p, rule.rationale)
                html.element(.p) { html in
                    html.element(.strong, "Side effects:")
                    html.gap()
                    html.text(rule.sideEffects)
                }
                if rule.references.isEmpty { continue }
                html.element(.ul, [.style(.small)]) { html in
                    for reference in rule.references {
                        html.element(.li) { html in
                            if let address = HTMLAddress(reference) {
                                html.element(.a, [.link(address), .noReferrer], reference)
                            } else {
                                html.text(reference)
                            }
                        }
                    }
                }
            }
        }
    }
}
