import ArgumentParser
import FirnCatalogue
import FirnModel
import FirnReportCore

/// The forms in which the catalogue is listed.
enum ListFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}

/// `firn rules`: what the catalogue knows.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "List, show and search rules.",
        discussion: """
            Example:
              firn rules list --family ssh
              firn rules search forwarding
              firn rules list --format json | jq length
            """,
        subcommands: [List.self, Show.self, Search.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all rules, or those of one family.",
            discussion: """
                Example:
                  firn rules list --family firewall
                """)

        @Option(help: ArgumentHelp("Only this family.", valueName: "family"), completion: CatalogueCompletion.family)
        var family: String?
        @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format: ListFormat = .text
        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let catalogue = try catalogueOptions.load()
            let rules = catalogue.orderedRules.filter { family == nil || $0.family == family }
            guard !rules.isEmpty else {
                throw CommandFailure("there is no rule of the family \(family ?? "")")
            }
            console.out(RuleListing.render(rules, catalogue: catalogue, format: format, width: console.columns))
            return 0
        }
    }

    struct Search: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the rules whose id, title or rationale has every word.",
            discussion: """
                Example:
                  firn rules search kernel pointer
                """)

        @Argument(help: ArgumentHelp("Words to look for.", valueName: "word")) var words: [String]
        @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format: ListFormat = .text
        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let catalogue = try catalogueOptions.load()
            let wanted = words.map { $0.lowercased() }
            let rules = catalogue.orderedRules.filter { rule in
                let text = "\(rule.id) \(rule.title) \(rule.rationale) \(rule.sideEffects)".lowercased()
                return wanted.allSatisfy { text.contains($0) }
            }
            guard !rules.isEmpty else {
                console.err("firn: no rule has \(words.joined(separator: " and "))\n")
                return 1
            }
            console.out(RuleListing.render(rules, catalogue: catalogue, format: format, width: console.columns))
            return 0
        }
    }

    struct Show: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one rule; the same as firn explain.",
            discussion: """
                Example:
                  firn rules show ssh.PermitRootLogin
                """)

        @Argument(help: ArgumentHelp("The rule's id.", valueName: "rule"), completion: CatalogueCompletion.rule)
        var rule: String
        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let catalogue = try catalogueOptions.load()
            console.out(try RuleExplanation.render(rule, catalogue: catalogue, width: console.columns))
            return 0
        }
    }
}

/// `firn explain`: one rule, in full.
struct ExplainCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a rule: what it wants, why, what it costs, and how to set it.",
        discussion: """
            Example:
              firn explain sysctl.kernel.kptr_restrict
            """)

    @Argument(help: ArgumentHelp("The rule's id.", valueName: "rule"), completion: CatalogueCompletion.rule)
    var rule: String
    @OptionGroup var catalogueOptions: CatalogueOptions

    mutating func run(_ console: Console) throws -> Int32 {
        let catalogue = try catalogueOptions.load()
        console.out(try RuleExplanation.render(rule, catalogue: catalogue, width: console.columns))
        return 0
    }
}

/// Lists of rules for people and for programs.
enum RuleListing {
    static func render(_ rules: [Rule], catalogue: Catalogue, format: ListFormat, width: Int) -> String {
        let levels = catalogue.firstLevels()
        switch format {
        case .text:
            var columns = Columns()
            for rule in rules {
                columns.add(
                    rule.id, rule.severity.rawValue, levels[rule.id]?.rawValue ?? "-", rule.title)
            }
            return columns.render(width: width)
        case .json:
            return JSONWriter.document { writer in
                writer.array(rules) { writer, rule in
                    writer.object { writer in
                        writer.member("id", rule.id)
                        writer.member("title", rule.title)
                        writer.member("severity", rule.severity.rawValue)
                        writer.member("fact", rule.fact.rawValue)
                        writer.member("profile", levels[rule.id]?.rawValue)
                        writer.member("expected", ConditionText.describe(rule.expect, subject: rule.fact))
                        writer.member("rationale", rule.rationale)
                        writer.member("sideEffects", rule.sideEffects)
                        writer.member("references") { $0.strings(rule.references) }
                        writer.member("controls") { $0.strings(catalogue.controls(of: rule.id)) }
                    }
                }
            }
        }
    }
}
