public import FirnModel

/// What each level asks and may break, as Markdown tables made of the rules' side effects. They are the second part of
/// docs/hardening-levels.md; the first is written by hand and kept.
public enum LevelReference {
    /// The line from which on the page is generated.
    public static let marker = "<!-- Generated from profiles/ by `make catalogue` from here on. Do not edit. -->"

    /// The page: what was written by hand before the marker, and the tables. `selected` are the ids each level demands. A
    /// page without the marker gets one at its end.
    public static func page(from old: String, rules: [Rule], selected: [Level: Set<String>]) -> String {
        let lines = old.split(separator: "\n", omittingEmptySubsequences: false)
        let above = lines.prefix { $0 != marker }
        var hand = above.joined(separator: "\n")
        // What stands before the marker ended with a line; what has no marker yet may end without one.
        let isComplete = above.count < lines.count ? above.isEmpty : hand.isEmpty || hand.hasSuffix("\n")
        if !isComplete { hand += "\n" }
        return hand + marker + "\n" + tables(rules: rules, selected: selected)
    }

    /// The tables alone: one for each level and family.
    static func tables(rules: [Rule], selected: [Level: Set<String>]) -> String {
        var text = ""
        var below: Level?
        for level in Level.allCases {
            text += section(level, below, rules, selected)
            below = level
        }
        return text
    }

    private static func section(
        _ level: Level, _ below: Level?, _ rules: [Rule], _ selected: [Level: Set<String>]
    ) -> String {
        let here = rules.filter { selected[level]?.contains($0.id) == true }
        let before = below.flatMap { selected[$0] } ?? []
        let new = here.filter { !before.contains($0.id) }
        let tightened = here.filter { rule in
            guard let below, before.contains(rule.id) else { return false }
            return rule.expectation(at: level) != rule.expectation(at: below)
        }
        let changed = new + tightened
        let quiet = changed.filter(isQuiet)
        let loud = changed.filter { !isQuiet($0) }
        let tightenedIds = Set(tightened.map(\.id))

        var text = "\n## \(level.rawValue)\n\n\(count(here.count, "rule")), \(new.count) of them new"
        if below != nil { text += ", and \(tightened.count) that ask for more than before" }
        text += ". Of what changes here, \(quiet.count) have no known side effect; these may break something:\n"
        for (family, rules) in Dictionary(grouping: loud, by: \.family).sorted(by: { $0.key < $1.key }) {
            text += "\n### \(family)\n\n| what may break | rules | repair |\n|---|---|---|\n"
            // Rules with one side effect are one row, in the order of the first.
            var order: [String] = []
            var rows: [String: [Rule]] = [:]
            for rule in rules {
                let key = rule.sideEffects + (hasOption(rule, level) ? "o" : "h")
                if rows[key] == nil { order.append(key) }
                rows[key, default: []].append(rule)
            }
            for key in order {
                guard let group = rows[key], let first = group.first else { continue }
                let names = group.map { rule in
                    "[\(MarkdownText.code(rule.id))](rules/\(family).md)"
                        + (tightenedIds.contains(rule.id) ? " (stricter)" : "")
                }
                let repair = hasOption(first, level) ? "option" : "by hand"
                text += "| \(MarkdownText.escape(first.sideEffects)) | \(names.joined(separator: ", ")) | \(repair) |\n"
            }
        }
        return text
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// The catalogue says "None known." where nothing is, sometimes with a remark behind it.
    private static func isQuiet(_ rule: Rule) -> Bool {
        rule.sideEffects.lowercased().hasPrefix("none known")
    }

    /// Whether an option of NixOS repairs it.
    private static func hasOption(_ rule: Rule, _ level: Level) -> Bool {
        rule.fixes(at: level).contains { !$0.path.isEmpty }
    }
}
