import FirnModel
import FirnReportCore

extension HTMLPage {
    /// The gate's decision, or what the report comes to without a gate.
    func verdict(_ html: inout HTMLWriter) {
        guard let verdict = report.verdict else { return ungated(&html) }
        let isPass = verdict.decision == .pass
        html.element(.section, [.id(Self.verdictPlace), .style(.banner, isPass ? .good : .bad)]) { html in
            html.element(.h2, isPass ? "Gate: pass" : "Gate: blocked")
            html.element(.p, [.style(.words)]) { html in
                html.text("Policy ")
                html.element(.strong, verdict.policy)
                html.text(", decided \(TextPage.time(verdict.judgedAt))")
                if isPass {
                    html.text(", holds until ")
                    html.element(.strong, TextPage.time(verdict.validUntil))
                }
                html.text(". The report itself: \(answer.parts.joined(separator: ", ")).")
            }
            if isPass {
                html.element(.p, [.style(.expired), .hidden, .until(verdict.validUntil)]) { html in
                    html.text("This decision no longer holds: ask the gate again.")
                }
            }
            reasons(verdict, &html)
            list("Warnings", verdict.warnings, limit: 8, &html)
            open(verdict, &html)
            html.element(.details, [.style(.fold)]) { html in
                html.element(.summary, "What the decision rests on")
                basis(verdict, &html)
            }
        }
    }

    private func ungated(_ html: inout HTMLWriter) {
        html.element(.section, [.id(Self.verdictPlace), .style(.banner, answer.style)]) { html in
            html.element(.h2, answer.word)
            html.element(.p, [.style(.words)], Self.sentence(answer.parts))
            for index in summary.targets.indices {
                let tally = summary.targets[index]
                let judged = tally.count(.pass) + tally.count(.fail) + tally.count(.unknown) + tally.count(.error)
                guard judged == 0 else { continue }
                html.element(
                    .p, "Nothing of \(label(index)) \(report.targets[index].name) was judged. This is no pass.")
            }
            html.element(.p, [.style(.small)], "This report has not been to the gate; firn gate decides on a release.")
        }
    }

    static func sentence(_ parts: [String]) -> String {
        let text = parts.joined(separator: ", ") + "."
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private func reasons(_ verdict: Verdict, _ html: inout HTMLWriter) {
        if verdict.reasons.isEmpty { return }
        let limit = 8
        html.element(.h3, "Why it blocks (\(verdict.reasons.count))")
        let counts = Verdict.ReasonKind.allCases.compactMap { kind in
            let count = verdict.reasons.count { $0.kind == kind }
            return count == 0 ? nil : "\(count) \(kind.title)"
        }
        html.element(
            .p, [.style(.small)],
            counts.joined(separator: ", ") + ". A finding on several targets is a reason for each of them.")
        let folded = folded(verdict.reasons)
        reasonList(folded.prefix(limit), &html)
        let rest = folded.dropFirst(limit)
        if rest.isEmpty { return }
        html.element(.details, [.style(.fold), .fold]) { html in
            html.element(
                .summary, TextPage.plural(rest.reduce(0) { $0 + max($1.places.count, 1) }, "more reason"))
            reasonList(rest, &html)
        }
    }

    /// What blocks, once for all the targets of which the gate says the same of one rule.
    private struct FoldedReason {
        var reason: Verdict.Reason
        /// The labels of the targets; empty where the gate's words are shown as they are.
        var places: [String]
        /// What is said after the rule and its targets.
        var rest: String
    }

    private func folded(_ reasons: [Verdict.Reason]) -> [FoldedReason] {
        struct Key: Hashable {
            var kind: Verdict.ReasonKind
            var rule: String
            var rest: String
        }
        var result: [FoldedReason] = []
        var seen: [Key: Int] = [:]
        for reason in reasons {
            guard let rule = reason.rule, let target = reason.target, report.targets.indices.contains(target),
                case let start = "\(rule) in \(report.targets[target].source.rawValue)",
                reason.message.hasPrefix(start + " ")
            else {
                result.append(FoldedReason(reason: reason, places: [], rest: reason.message))
                continue
            }
            let place = label(target)
            let rest = String(reason.message.dropFirst(start.count))
            let key = Key(kind: reason.kind, rule: rule, rest: rest)
            if let index = seen[key] {
                result[index].places.append(place)
            } else {
                seen[key] = result.count
                result.append(FoldedReason(reason: reason, places: [place], rest: rest))
            }
        }
        return result
    }

    private func reasonList(_ reasons: some Sequence<FoldedReason>, _ html: inout HTMLWriter) {
        html.element(.ul, [.style(.verdict)]) { html in
            for folded in reasons {
                html.element(.li) { html in
                    html.element(.strong, HTMLWords.reason(folded.reason.kind))
                    html.gap()
                    let anchor = folded.reason.rule.flatMap { place(of: $0, target: folded.reason.target) }
                    guard let rule = folded.reason.rule, !folded.places.isEmpty else {
                        html.text(folded.reason.message)
                        guard let rule = folded.reason.rule, let anchor else { return }
                        html.gap()
                        return html.element(.a, [.link(anchor)], rule)
                    }
                    if let anchor { html.element(.a, [.link(anchor)], rule) } else { html.text(rule) }
                    html.text(" in \(folded.places.joined(separator: ", "))\(folded.rest)")
                }
            }
        }
    }

    /// Where a rule's finding is: of the system of the target, else of the first system that has one.
    private func place(of rule: String, target: Int?) -> HTMLAnchor? {
        if let target, let system = systems.first(where: { $0.system.targets.contains(target) }) {
            return system.ruleAnchors[rule]
        }
        return systems.lazy.compactMap { $0.ruleAnchors[rule] }.first
    }

    private func list(_ title: String, _ texts: [String], limit: Int, _ html: inout HTMLWriter) {
        if texts.isEmpty { return }
        html.element(.h3, "\(title) (\(texts.count))")
        html.element(.ul) { html in
            for text in texts.prefix(limit) { html.element(.li, text) }
        }
        let rest = texts.dropFirst(limit)
        if rest.isEmpty { return }
        html.element(.details, [.style(.fold)]) { html in
            html.element(.summary, "\(rest.count) more")
            html.element(.ul) { html in
                for text in rest { html.element(.li, text) }
            }
        }
    }

    private func open(_ verdict: Verdict, _ html: inout HTMLWriter) {
        if verdict.open.isEmpty { return }
        html.element(.h3, "Open until live (\(verdict.open.count))")
        html.element(.p) { html in
            html.text("No source of this policy can answer these rules. They are open, not passed.")
        }
        html.element(.details, [.style(.fold)]) { html in
            html.element(.summary, TextPage.plural(verdict.open.count, "rule"))
            Self.ruleNames(verdict.open, &html)
        }
    }

    /// Ids in columns.
    static func ruleNames(_ rules: [String], _ html: inout HTMLWriter) {
        html.element(.ul, [.style(.bare)]) { html in
            for rule in rules {
                html.element(.li) { $0.element(.code, rule) }
            }
        }
    }

    private func basis(_ verdict: Verdict, _ html: inout HTMLWriter) {
        html.element(
            .p, [.style(.small)],
            "As the report states it. This page checks no signature; firn verify does.")
        html.element(.div, [.style(.scroll), .focusable, .region, .label("Reports the gate was given")]) { html in
            html.element(.table) { html in
                html.element(.caption, "Reports the gate was given")
                Self.head(["Report", "Signed by", "SHA-256"], &html)
                html.element(.tbody) { html in
                    for input in verdict.inputs {
                        html.element(.tr) { html in
                            html.element(.th, [.rowHead], input.name)
                            html.element(.td, input.signer ?? "nobody")
                            html.element(.td, [.style(.hash)]) { $0.element(.code, input.digest) }
                        }
                    }
                }
            }
        }
        html.element(.ul, [.style(.facts)]) { html in
            if let artifact = verdict.artifact {
                let limit = artifact.limit.map { " of at most " + TextPage.bytes($0) } ?? ""
                Self.fact(
                    "Artifact",
                    "\(artifact.name) (\(artifact.kind)), \(TextPage.bytes(artifact.size))\(limit), "
                        + (artifact.isVerified ? "contents verified" : "contents not verified"), &html)
                Self.digest("Artifact SHA-256", artifact.digest ?? "none: its toplevel names it", &html)
            } else {
                Self.fact("Artifact", "none", &html)
            }
            Self.digest("Toplevel", verdict.toplevel ?? "not known", &html)
            if let closure = verdict.closureDigest {
                Self.digest("Closure SHA-256 (\(closure.origin.rawValue))", closure.value, &html)
            }
            Self.digest("Policy SHA-256", verdict.policyDigest, &html)
            Self.digest("Waivers SHA-256", verdict.waiversDigest ?? "no waivers", &html)
            if let baseline = verdict.baselineDigest { Self.digest("Baseline SHA-256", baseline, &html) }
        }
    }

    static func digest(_ name: String, _ value: String, _ html: inout HTMLWriter) {
        html.element(.li, [.style(.hash)]) { html in
            html.element(.span, [.style(.quiet)], name)
            html.gap()
            html.element(.code, value)
        }
    }

    /// The head of a column of bars; narrow screens leave it out.
    static let barHead = "Outcomes"

    /// The head of a table.
    static func head(_ names: [String], _ html: inout HTMLWriter) {
        html.element(.thead) { html in
            html.element(.tr) { html in
                for name in names {
                    html.element(.th, name == barHead ? [.columnHead, .style(.chart)] : [.columnHead], name)
                }
            }
        }
    }
}
