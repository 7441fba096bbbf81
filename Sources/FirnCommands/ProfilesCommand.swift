import ArgumentParser
import FirnCatalogue
import FirnModel

/// `firn profiles`: what each profile demands.
struct ProfilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "List, show and compare profiles.",
        discussion: """
            Example:
              firn profiles diff standard strict
            """,
        subcommands: [List.self, Show.self, Diff.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the profiles.",
            discussion: """
                Example:
                  firn profiles list
                """)

        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let catalogue = try catalogueOptions.load()
            var columns = Columns()
            for profile in catalogue.orderedProfiles {
                let resolved = try resolve(catalogue, profile.id)
                columns.add(profile.id, "\(resolved.rules.count) rules", profile.title)
            }
            console.out(columns.render(width: console.columns))
            return 0
        }
    }

    struct Show: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a profile demands.",
            discussion: """
                Example:
                  firn profiles show minimal
                """)

        @Argument(help: ArgumentHelp("An id or a file.", valueName: "profile")) var profile: String
        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let (catalogue, resolved) = try catalogueOptions.load(profile: profile)
            var columns = Columns()
            for selected in resolved.rules {
                let controls = catalogue.controls(of: selected.rule.id)
                columns.add(
                    selected.rule.id, selected.severity.rawValue,
                    ConditionText.describe(selected.expect, subject: selected.rule.fact)
                        + (controls.isEmpty ? "" : " (\(controls.joined(separator: ", ")))"))
            }
            console.out(
                "\(resolved.id): \(resolved.title)\n\(resolved.rules.count) rules, digest \(resolved.digest)\n\n")
            console.out(columns.render(width: console.columns))
            for dropped in resolved.dropped {
                console.out("left out: \(dropped.id): \(dropped.reason)\n")
            }
            return 0
        }
    }

    struct Diff: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the second profile demands more, less or otherwise than the first.",
            discussion: """
                Example:
                  firn profiles diff minimal ./my-profile.toml
                """)

        @Argument(help: ArgumentHelp("An id or a file.", valueName: "profile")) var first: String
        @Argument(help: ArgumentHelp("An id or a file.", valueName: "profile")) var second: String
        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let old = try catalogueOptions.load(profile: first).profile
            let new = try catalogueOptions.load(profile: second).profile
            let before = Dictionary(uniqueKeysWithValues: old.rules.map { ($0.rule.id, $0) })
            let after = Dictionary(uniqueKeysWithValues: new.rules.map { ($0.rule.id, $0) })
            var columns = Columns()
            for id in Set(before.keys).union(after.keys).sorted() {
                switch (before[id], after[id]) {
                case (nil, let added?): columns.add("+", id, text(added))
                case (let removed?, nil): columns.add("-", id, text(removed))
                case (let one?, let other?) where one.expect != other.expect || one.severity != other.severity:
                    columns.add("~", id, "\(text(one)) -> \(text(other))")
                default: continue
                }
            }
            console.out(columns.render(width: console.columns))
            return 0
        }

        private func text(_ selected: SelectedRule) -> String {
            "\(selected.severity.rawValue): " + ConditionText.describe(selected.expect, subject: selected.rule.fact)
        }
    }

    static func resolve(_ catalogue: Catalogue, _ id: String) throws(CommandFailure) -> ResolvedProfile {
        do {
            return try catalogue.resolve(profile: id)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
