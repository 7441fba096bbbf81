import FirnModel
import FirnReportCore

extension HTMLPage {
    /// The fails nobody has accepted, by severity, folded by cause as in the text report.
    func findings(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        let open = system.groups.filter(\.isFinding)
        let clusters = FindingCluster.of(open)
        html.element(.section, [.id(system.places.findings), .group]) { html in
            html.element(Self.heading(level), "Findings (\(open.count))")
            if open.isEmpty {
                html.element(.p) { html in
                    html.text(
                        system.tally.count(.pass) == 0
                            ? "Nothing failed, and nothing passed either: nothing was judged."
                            : "No rule fails without a waiver.")
                    if untold(system) > 0 { html.text(" What could not be told, below, is no pass.") }
                }
            } else {
                html.element(.p, [.style(.quiet)], "Each title says what should be so, and is not.")
            }
            for severity in Severity.allCases.sorted(by: >) {
                let own = clusters.filter { $0.severity == severity }
                if own.isEmpty { continue }
                html.element(.section, [.group]) { html in
                    html.element(Self.heading(level + 1), [.style(.severity, HTMLWords.style(severity))]) { html in
                        html.text(HTMLWords.severity(severity))
                        html.text(" (\(own.reduce(0) { $0 + $1.groups.count }))")
                    }
                    for cluster in own {
                        if cluster.isFolded {
                            folded(cluster, system, level: level + 2, &html)
                        } else {
                            for group in cluster.groups { finding(group, system, level: level + 2, &html) }
                        }
                    }
                }
            }
        }
    }

    /// Fails that waivers accept: still fails, and shown as such.
    func waived(_ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        let waived = system.groups.filter(\.isWaived)
        if waived.isEmpty { return }
        html.element(.section, [.id(system.places.waived), .group]) { html in
            html.element(Self.heading(level), "Accepted by waivers (\(waived.count))")
            html.element(
                .p, [.style(.quiet)], "These rules fail. Somebody answers for each until the day it says.")
            for group in waived { finding(group, system, level: level + 1, &html) }
        }
    }

    private func entry(_ groups: [RuleGroup], isWaived: Bool) -> HTMLAttribute {
        let fails = groups.flatMap(\.results).filter { $0.outcome == .fail }
        return .entry(
            HTMLEntry(
                isWaived ? "waived" : "fail", groups.first?.severity.rawValue ?? "", Self.sources(fails),
                HTMLWords.family(groups.first?.rule ?? "")))
    }

    static func sources(_ results: [Result]) -> [String] {
        Set(results.map(\.source)).sorted().map(\.rawValue)
    }

    private func finding(_ group: RuleGroup, _ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        let isWaived = group.isWaived
        var attributes: [HTMLAttribute] = [
            .style(.finding, HTMLWords.style(group.severity)), entry([group], isWaived: isWaived),
        ]
        if let anchor = system.ruleAnchors[group.rule] { attributes.append(.id(anchor)) }
        html.element(.article, attributes) { html in
            html.element(Self.heading(level), group.title)
            ruleLine(group, isWaived: isWaived, &html)
            observations(group, system, &html)
            for waiver in group.waivers { self.waiver(waiver, &html) }
            html.element(.div, [.style(.folds)]) { html in
                evidence(group.results.filter { $0.outcome == .fail }, system, &html)
                fixes(group.fixes, &html)
                why([group.rule], &html)
            }
        }
    }

    private func ruleLine(_ group: RuleGroup, isWaived: Bool, _ html: inout HTMLWriter) {
        html.element(.p, [.style(.tags)]) { html in
            html.element(
                .span, [.style(.key, HTMLWords.style(group.severity))], HTMLWords.severity(group.severity))
            html.gap()
            if isWaived {
                html.element(.span, [.style(.key, .waived)], "Fail, accepted")
            } else {
                html.element(.span, [.style(.key, .fail)], "Fail")
            }
            html.gap()
            html.element(.code, [.style(.rule)]) { $0.whole(group.rule) }
            var seen: Set<String> = []
            let controls = group.results.flatMap(\.controls).filter { seen.insert($0).inserted }
            if !controls.isEmpty {
                html.gap()
                html.element(.span, [.style(.quiet)], "Controls: " + controls.joined(separator: ", "))
            }
        }
    }

    /// What each source says: sources that say the same, in one line.
    private func observations(_ group: RuleGroup, _ system: HTMLSystem, _ html: inout HTMLWriter) {
        let isOne = system.system.targets.count == 1
        var order: [Statement] = []
        var targets: [Statement: [Int]] = [:]
        for result in group.results {
            let statement = Statement(result)
            if targets[statement] == nil { order.append(statement) }
            targets[statement, default: []].append(result.target)
        }
        html.element(.dl, [.style(.says)]) { html in
            for statement in order {
                let sources = (targets[statement] ?? []).map(label).joined(separator: ", ")
                self.statement(statement, isOne ? nil : sources, isMixed: order.count > 1, &html)
            }
            let expectations = group.expectations
            for expected in expectations { Self.pair("Should be", expected, code: true, &html) }
        }
    }

    /// What a source says, to be compared with what the others say.
    private struct Statement: Hashable {
        let outcome: Outcome
        let observed: String?
        let message: String?
        let isWaived: Bool

        init(_ result: Result) {
            outcome = result.outcome
            observed = result.observed
            message = result.message
            isWaived = result.waiver != nil
        }
    }

    private func statement(
        _ statement: Statement, _ sources: String?, isMixed: Bool, _ html: inout HTMLWriter
    ) {
        html.element(.dt) { html in
            html.text(statement.outcome == .fail || statement.outcome == .pass ? "Is" : "Answer")
            if let sources {
                html.gap()
                html.element(.span, [.style(.source)], "(" + sources + ")")
            }
        }
        html.element(.dd) { html in
            switch statement.outcome {
            case .fail, .pass:
                html.element(.code, statement.observed ?? "not set")
                if statement.outcome == .pass {
                    html.gap()
                    html.element(.span, [.style(.key, .pass)], "Pass")
                } else if statement.isWaived {
                    html.gap()
                    html.element(.span, [.style(.key, .waived)], "Fail, accepted")
                } else if isMixed {
                    html.gap()
                    html.element(.span, [.style(.key, .fail)], "Fail")
                }
                if statement.outcome == .fail, let message = statement.message {
                    html.element(.p, message)
                }
            case .unknown, .error, .notApplicable:
                html.element(
                    .span, [.style(.key, HTMLWords.style(statement.outcome))], HTMLWords.outcome(statement.outcome))
                html.gap()
                html.text(statement.message ?? "no reason was given")
            case .notChecked:
                html.element(.span, [.style(.key, .notChecked)], "Not checked")
                html.text(" by this source")
            }
        }
    }

    static func pair(_ name: String, _ value: String, code: Bool = false, _ html: inout HTMLWriter) {
        html.element(.dt, name)
        html.element(.dd) { html in
            if code { html.element(.code, value) } else { html.text(value) }
        }
    }

    private func waiver(_ waiver: Waiver, _ html: inout HTMLWriter) {
        html.element(.div, [.style(.waiver)]) { html in
            html.element(.p) { html in
                html.element(.strong) { html in
                    html.text("Accepted until ")
                    html.text(waiver.expires)
                    html.text(" by ")
                    html.text(waiver.owner)
                }
                html.text(". It still fails.")
            }
            html.element(.p, waiver.reason)
            var parts: [String] = []
            if let ticket = waiver.ticket { parts.append("Ticket " + ticket) }
            let scope = waiver.scope
            if !scope.hosts.isEmpty { parts.append("hosts " + scope.hosts.joined(separator: ", ")) }
            if !scope.images.isEmpty { parts.append("images " + scope.images.joined(separator: ", ")) }
            if !scope.sources.isEmpty {
                parts.append("sources " + scope.sources.map(\.rawValue).joined(separator: ", "))
            }
            if scope == WaiverScope() { parts.append("on every host, image and source") }
            if let most = waiver.maximumSeverity { parts.append("up to severity " + most.rawValue) }
            html.element(.p, [.style(.small)], Self.sentence([parts.joined(separator: "; ")]))
        }
    }

    /// Rules with one cause: the cause once, then what each wants.
    private func folded(_ cluster: FindingCluster, _ system: HTMLSystem, level: Int, _ html: inout HTMLWriter) {
        html.element(
            .article,
            [.style(.finding, HTMLWords.style(cluster.severity)), entry(cluster.groups, isWaived: false)]
        ) { html in
            html.element(Self.heading(level)) { html in
                html.text("\(cluster.groups.count) ")
                html.text(cluster.family)
                html.text(" rules have one cause")
            }
            html.element(.p, [.style(.tags)]) { html in
                html.element(
                    .span, [.style(.key, HTMLWords.style(cluster.severity))], HTMLWords.severity(cluster.severity))
                html.gap()
                html.element(.span, [.style(.key, .fail)], "Fail")
            }
            let fails = cluster.groups.first?.results.filter { $0.outcome == .fail } ?? []
            places(fails, system, &html)
            html.element(.ul, [.style(.rules)]) { html in
                for group in cluster.groups {
                    var attributes: [HTMLAttribute] = []
                    if let anchor = system.ruleAnchors[group.rule] { attributes.append(.id(anchor)) }
                    html.element(.li, attributes) { html in
                        html.element(.code, [.style(.rule)]) { $0.whole(group.rule) }
                        html.gap()
                        html.text(group.title)
                        html.gap()
                        html.element(.span, [.style(.quiet)], "Should be: ")
                        html.element(.code, group.expectations.joined(separator: "; "))
                        var seen: Set<String> = []
                        let controls = group.results.flatMap(\.controls).filter { seen.insert($0).inserted }
                        if !controls.isEmpty {
                            html.element(.span, [.style(.quiet)], " Controls: " + controls.joined(separator: ", "))
                        }
                    }
                }
            }
            for waiver in Set(cluster.groups.flatMap(\.waivers)).sorted(by: { $0.rule < $1.rule }) {
                self.waiver(waiver, &html)
            }
            var seen: Set<Fix> = []
            html.element(.div, [.style(.folds)]) { html in
                fixes(cluster.groups.flatMap(\.fixes).filter { seen.insert($0).inserted }, &html)
                why(cluster.groups.map(\.rule), &html)
            }
        }
    }
}
