public import FirnModel

/// The reference of all rules as Markdown pages, generated from the catalogue: one a family and an index.
public enum RuleReference {
    /// The pages by file name (`index.md`, `ssh.md`). `selected` are the ids each level demands.
    public static func pages(rules: [Rule], selected: [Level: Set<String>]) -> [String: String] {
        var pages: [String: String] = [:]
        let families = Dictionary(grouping: rules, by: \.family)
        pages["index.md"] = index(families, selected)
        for (family, rules) in families {
            pages["\(family).md"] = page(family, rules, selected)
        }
        return pages
    }

    private static let origin = "<!-- Generated from profiles/ by `make catalogue`. Do not edit. -->\n"

    private static func index(_ families: [String: [Rule]], _ selected: [Level: Set<String>]) -> String {
        var text = origin
        text += "# Rules\n\nEach rule is one entry of `profiles/rules/`; how to read it is in"
        text += " [CONTRIBUTING](../../CONTRIBUTING.md), which source answers it in [coverage](../coverage.md).\n\n"
        text += "| family | rules | minimal | standard | strict |\n|---|---:|---:|---:|---:|\n"
        func row(_ name: String, _ rules: [Rule]) -> String {
            let counts = Level.allCases.map { level in
                String(rules.count { selected[level]?.contains($0.id) == true })
            }
            return "| \(name) | \(rules.count) | \(counts.joined(separator: " | ")) |\n"
        }
        for (family, rules) in families.sorted(by: { $0.key < $1.key }) {
            text += row("[\(family)](\(family).md)", rules)
        }
        text += row("all", families.values.flatMap { $0 })
        return text
    }

    private static func page(_ family: String, _ rules: [Rule], _ selected: [Level: Set<String>]) -> String {
        var text = origin + "# Rules: \(family)\n"
        for rule in rules { text += "\n" + entry(rule, selected) }
        return text
    }

    private static func entry(_ rule: Rule, _ selected: [Level: Set<String>]) -> String {
        var text = "## \(MarkdownText.code(rule.id))\n\n\(MarkdownText.escape(rule.title)).\n\n"
        text += "- **severity** \(severities(rule))\n"
        for (label, expectation) in expectations(rule, selected) {
            text += "- **\(label)** \(MarkdownText.escape(expectation))\n"
        }
        text += "- **fact** \(MarkdownText.code(rule.fact.rawValue))\n"
        if let condition = rule.appliesWhen {
            let described = ConditionText.describe(condition, subject: rule.fact)
            text += "- **applies when** \(MarkdownText.escape(described))\n"
        }
        text += "- **why** \(MarkdownText.escape(rule.rationale))\n"
        text += "- **side effects** \(MarkdownText.escape(rule.sideEffects))\n"
        for reference in rule.references {
            let isLink = reference.hasPrefix("https://") && !reference.contains(where: { " <>".contains($0) })
            text += "- **see** \(isLink ? "<\(reference)>" : MarkdownText.escape(reference))\n"
        }
        return text + fixes(rule)
    }

    private static func severities(_ rule: Rule) -> String {
        var text = rule.severity.rawValue
        for level in Level.allCases where rule.severity(at: level) != rule.severity {
            text += ", \(rule.severity(at: level).rawValue) at \(level.rawValue)"
            break
        }
        return text
    }

    /// What each level asks, a level that asks the same as the one before left out.
    private static func expectations(_ rule: Rule, _ selected: [Level: Set<String>]) -> [(String, String)] {
        var result: [(String, String)] = []
        var previous: Condition?
        for level in Level.allCases where selected[level]?.contains(rule.id) == true {
            let expectation = rule.expectation(at: level)
            guard expectation != previous else { continue }
            previous = expectation
            result.append(("from \(level.rawValue)", ConditionText.describe(expectation, subject: rule.fact)))
        }
        if result.isEmpty {
            result.append(("in no built-in profile", ConditionText.describe(rule.expect, subject: rule.fact)))
        }
        return result
    }

    private static func fixes(_ rule: Rule) -> String {
        var code = ""
        var manual = ""
        for fix in rule.fixes(at: .strict) {
            let range = [fix.since.map { "since \($0)" }, fix.until.map { "before \($0)" }].compactMap(\.self)
            if let definition = NixDefinition.render(fix) {
                if !range.isEmpty { code += "# NixOS \(range.joined(separator: " "))\n" }
                if let when = fix.when { code += "# when \(ConditionText.describe(when, subject: rule.fact))\n" }
                code += definition + "\n"
            }
            if let text = fix.manual { manual += "- **do** \(MarkdownText.escape(text))\n" }
        }
        if code.isEmpty { return manual }
        return manual + "\n```nix\n\(code)```\n"
    }
}
