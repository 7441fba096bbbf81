public import FirnModel
import FirnReportCore

extension ReportFormat {
    /// Markdown, for a pull request.
    public static let markdown = ReportFormat(
        name: "markdown", summary: "Markdown, for a pull request", fileEnding: "md"
    ) { report, _ in
        Array(MarkdownReporter.render(report).utf8)
    }
}

/// Markdown for a comment on a pull request: CommonMark with tables, and `<details>`, which GitHub and GitLab fold and
/// which elsewhere only leaves the text open.
///
/// The answer comes first, then the counts, then the findings, worst first. The page never has more than `limit` bytes;
/// what is left out is counted. There is no link on it: addresses of a report stand in code spans.
public enum MarkdownReporter {
    /// The most bytes of a page: GitHub takes comments of up to 65,536 characters.
    public static let limit = 65_536

    /// Renders a report.
    public static func render(_ report: Report) -> String {
        MarkdownPage(report).text()
    }
}

private struct MarkdownPage {
    let report: Report
    let summary: ReportSummary
    let systems: [ReportSystem]
    let groups: [RuleGroup]

    init(_ report: Report) {
        self.report = report
        summary = ReportSummary(report)
        systems = ReportSystem.of(report)
        groups = RuleGroup.of(report.results)
    }

    func text() -> String {
        let head = heading() + verdict() + table()
        var tail = drift() + untold() + waivers() + openRules() + remarks()
        tail += "Made by \(MarkdownText.inline(report.tool, limit: 80)) with the profile"
        tail += " \(MarkdownText.inline(report.profile, limit: 80)); facts collected at"
        tail += " \(Timestamp.text(report.collectedAt)).\n"
        var left = MarkdownReporter.limit - head.utf8.count - tail.utf8.count
        let findings = findings(&left)
        return head + findings + details(left) + tail
    }

    // MARK: The answer

    private func heading() -> String {
        if let verdict = report.verdict { return "## Firn: \(verdict.decision.rawValue)\n\n" }
        if report.results.isEmpty { return "## Firn: nothing was judged\n\n" }
        let count = groups.count(where: \.isFinding)
        return "## Firn: \(count == 0 ? "no findings" : TextPage.plural(count, "finding"))\n\n"
    }

    private func verdict() -> String {
        var text = ""
        if let verdict = report.verdict {
            text += verdict.decision == .pass ? "**Passed**" : "**Blocked**"
            text += " by the policy \(MarkdownText.inline(verdict.policy, limit: 80))."
            text +=
                " Judged at \(Timestamp.text(verdict.judgedAt)), holds until \(Timestamp.text(verdict.validUntil)).\n\n"
            text += items(verdict.reasons, bytes: 8000, "more reasons") { reason in
                "- \(MarkdownText.inline(reason.message, limit: 400))\n"
            }
            text += items(verdict.warnings, bytes: 3000, "more warnings") { warning in
                "- warning: \(MarkdownText.inline(warning, limit: 400))\n"
            }
        }
        let untold = [Outcome.unknown, .error].map { outcome in
            groups.count { group in group.results.contains { $0.outcome == outcome } }
        }
        let phrases: [(Int, String)] = [
            (groups.count(where: \.isFinding), "failed"), (groups.count(where: \.isWaived), "waived"),
            (untold[0], "could not be told"), (untold[1], "in error"),
            (report.drift.count, "differ between layers"),
            (summary.notCheckedByAnySource.count, "not checked by any source"),
        ]
        let said = phrases.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        text += "\(TextPage.plural(groups.count, "rule"))"
        return text + (said.isEmpty ? "" : ": " + said.joined(separator: ", ")) + ".\n\n"
    }

    private func table() -> String {
        if report.targets.isEmpty { return "" }
        let severities = Severity.allCases.sorted(by: >)
        let outcomes: [(Outcome, String)] = [
            (.unknown, "unknown"), (.error, "error"), (.notApplicable, "not applicable"), (.notChecked, "not checked"),
        ]
        var text = "| system | source | target | pass |"
        for severity in severities { text += " \(severity.rawValue) |" }
        text += " waived |"
        for (_, name) in outcomes { text += " \(name) |" }
        text += "\n|---|---|---|" + String(repeating: "---:|", count: 2 + severities.count + outcomes.count) + "\n"
        func counts(_ tally: Tally) -> String {
            let numbers =
                [tally.count(.pass)] + severities.map { tally.fails[$0] ?? 0 } + [tally.waived]
                + outcomes.map { tally.count($0.0) }
            return numbers.map { " \($0) |" }.joined() + "\n"
        }
        let rows = systems.flatMap { system in system.targets.map { (system, $0) } }
        var left = 6000
        for (index, row) in rows.enumerated() {
            let target = report.targets[row.1]
            let line =
                "| \(MarkdownText.cell(row.0.name)) | \(target.source.rawValue) | \(MarkdownText.cell(target.name)) |"
                + counts(summary.targets[row.1])
            left -= line.utf8.count
            if left < 0 {
                text += "| \(rows.count - index) more targets, counted in the sum | | |"
                text += String(repeating: " |", count: 2 + severities.count + outcomes.count) + "\n"
                break
            }
            text += line
        }
        if rows.count > 1 { text += "| all | | |" + counts(summary.total) }
        return text + "\nThe columns critical to info count failures without a waiver.\n\n"
    }

    // MARK: Findings

    private func findings(_ left: inout Int) -> String {
        var text = ""
        let reserve = 400
        for (index, system) in systems.enumerated() {
            let targets = Set(system.targets)
            let found = RuleGroup.of(report.results.filter { targets.contains($0.target) }).filter(\.isFinding)
            let title = systems.count == 1 ? "Findings" : MarkdownText.inline(system.name, limit: 80)
            var section = "### \(title)\n\n"
            // A share for each system still to come, and half of it for the details where it is the last.
            let share = (left - reserve) / (systems.count - index)
            if share < section.utf8.count + 700 {
                let note = "\(systems.count - index) more systems: see the HTML or JSON report.\n\n"
                left -= note.utf8.count
                return text + note
            }
            section += items(found, bytes: share - section.utf8.count - 200, "more findings") { line($0) }
            if found.isEmpty { section += "No findings.\n\n" }
            text += section
            left -= section.utf8.count
        }
        let stray = report.results.filter { !report.targets.indices.contains($0.target) }
        if !stray.isEmpty {
            let note = "\(stray.count) results are of a target that the report does not list.\n\n"
            text += note
            left -= note.utf8.count
        }
        return text
    }

    /// One line a finding: severity, title, rule, and per different observation the layers that saw it.
    private func line(_ group: RuleGroup) -> String {
        let fails = group.results.filter { $0.outcome == .fail && $0.waiver == nil }
        var text =
            "- **\(fails.map(\.severity).max()?.rawValue ?? "")** \(MarkdownText.inline(group.title, limit: 120))"
        text += " (\(MarkdownText.code(VisibleText.escape(group.rule, limit: 100)))):"
        var seen: [(String, [String])] = []
        for result in fails {
            let what = "is \(Self.value(result.observed)), should be \(Self.value(result.expected))"
            if let index = seen.firstIndex(where: { $0.0 == what }) {
                if !seen[index].1.contains(result.source.rawValue) { seen[index].1.append(result.source.rawValue) }
            } else if seen.count < 3 {
                seen.append((what, [result.source.rawValue]))
            }
        }
        return text + seen.map { " \($0.0) (\($0.1.joined(separator: ", ")))" }.joined(separator: ";") + "\n"
    }

    private static func value(_ text: String?) -> String {
        text.map { MarkdownText.code(VisibleText.escape($0, limit: 80)) } ?? "not set"
    }

    /// Evidence and repair of the worst findings, folded.
    private func details(_ bytes: Int) -> String {
        let found = groups.filter(\.isFinding)
        if found.isEmpty || bytes < 2000 { return "" }
        let body = items(found, bytes: min(bytes - 300, 24_000), "more findings") { group in
            var text = "- \(MarkdownText.code(VisibleText.escape(group.rule, limit: 100)))\n"
            for result in group.results.prefix(6) where result.outcome == .fail && result.waiver == nil {
                for evidence in result.evidence.prefix(4) {
                    let place = evidence.path + (evidence.line.map { ":\($0)" } ?? "")
                    text += "  - \(result.source.rawValue): \(MarkdownText.code(VisibleText.escape(place, limit: 160)))"
                    text += evidence.text.map { " " + MarkdownText.code(VisibleText.escape($0, limit: 160)) } ?? ""
                    text += "\n"
                }
                if let message = result.message {
                    text += "  - \(result.source.rawValue): \(MarkdownText.inline(message))\n"
                }
            }
            for fix in group.fixes.prefix(2) {
                if let definition = NixDefinition.render(fix) {
                    text += "  - set \(MarkdownText.code(VisibleText.escape(definition, limit: 400)))\n"
                }
                if let manual = fix.manual { text += "  - do \(MarkdownText.inline(manual, limit: 400))\n" }
            }
            return text
        }
        return folded("Evidence and repair", body)
    }

    // MARK: The rest

    private func drift() -> String {
        let generations = MarkdownDrift.generations(report)
        if report.drift.isEmpty && generations.isEmpty { return "" }
        return "### Drift\n\n" + generations + MarkdownDrift.table(DriftRow.of(report), bytes: 6000)
    }

    /// What is no answer, by its reason: it is no pass.
    private func untold() -> String {
        let results = report.results.filter { $0.outcome == .unknown || $0.outcome == .error }
        if results.isEmpty { return "" }
        var order: [String] = []
        var byReason: [String: [Result]] = [:]
        for result in results.sorted(by: { $0.outcome == .error && $1.outcome != .error }) {
            let reason = (result.outcome == .error ? "error: " : "") + (result.message ?? "no reason was given")
            if byReason[reason] == nil { order.append(reason) }
            byReason[reason, default: []].append(result)
        }
        return "### Could not be told\n\n"
            + items(order, bytes: 5000, "more reasons") { reason in
                let rules = Set((byReason[reason] ?? []).map(\.rule)).sorted()
                let named = rules.prefix(5).map { MarkdownText.code(VisibleText.escape($0, limit: 100)) }
                let more = rules.count > 5 ? " and \(rules.count - 5) more" : ""
                return "- \(MarkdownText.inline(reason)): \(named.joined(separator: ", "))\(more)\n"
            }
    }

    private func waivers() -> String {
        let waived = groups.filter { group in group.results.contains { $0.outcome == .fail && $0.waiver != nil } }
        if waived.isEmpty { return "" }
        let count = report.results.count { $0.outcome == .fail && $0.waiver != nil }
        let body = items(waived, bytes: 5000, "more waived rules") { group in
            var text = ""
            for waiver in group.waivers.prefix(4) {
                text += "- \(MarkdownText.code(VisibleText.escape(group.rule, limit: 100))): accepted by"
                text += " \(MarkdownText.inline(waiver.owner, limit: 80)) until"
                text += " \(MarkdownText.code(VisibleText.escape(waiver.expires, limit: 20)))"
                text += waiver.ticket.map { " (\(MarkdownText.inline($0, limit: 80)))" } ?? ""
                text += ": \(MarkdownText.inline(waiver.reason, limit: 300))\n"
            }
            return text
        }
        return folded("Waived: \(count == 1 ? "1 failure" : "\(count) failures")", body)
    }

    private func openRules() -> String {
        guard let open = report.verdict?.open, !open.isEmpty else { return "" }
        let body = items(open, bytes: 2500, "more rules") {
            "- \(MarkdownText.code(VisibleText.escape($0, limit: 100)))\n"
        }
        return folded("Open until live: \(TextPage.plural(open.count, "rule"))", body)
    }

    private func remarks() -> String {
        let dropped = report.dropped.map { "the profile drops \($0.id): \($0.reason)" }
        let lines = report.notes + dropped
        if lines.isEmpty { return "" }
        return folded("Notes", items(lines, bytes: 2500, "more notes") { "- \(MarkdownText.inline($0, limit: 300))\n" })
    }

    /// `title` is ours. The blank lines let what is inside be Markdown.
    private func folded(_ title: String, _ body: String) -> String {
        "<details>\n<summary>\(title)</summary>\n\n\(body)</details>\n\n"
    }

    /// A list that stays within so many bytes, with a word on how much is missing.
    private func items<Item>(_ items: [Item], bytes: Int, _ more: String, _ line: (Item) -> String) -> String {
        if items.isEmpty { return "" }
        var text = ""
        var left = bytes - 100
        for (index, item) in items.enumerated() {
            let next = line(item)
            left -= next.utf8.count
            if left < 0 {
                text += "- \(items.count - index) \(more), see the HTML or JSON report\n"
                break
            }
            text += next
        }
        return text + "\n"
    }
}
