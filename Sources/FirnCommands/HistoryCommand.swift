public import ArgumentParser
import Crypto
import FirnHistory
import FirnModel
import FirnReportCore
public import FirnReports

extension HistoryFormat: ExpressibleByArgument {}

/// `firn history`: reports over time.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Keep how reports judged, and show the trend.",
        discussion: """
            Only outcomes are kept, no values of a system.

            Examples:
              firn history add report.json --database history.db
              firn history show --database history.db
            """,
        subcommands: [Add.self, Show.self])

    struct Add: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add saved reports; one that is there is not added again.",
            discussion: """
                Example:
                  firn history add web1.json web2.json --database history.db
                """)

        @Argument(
            help: ArgumentHelp("Saved reports (firn check --format json=FILE).", valueName: "report"),
            completion: .file())
        var reports: [String]

        @Option(
            help: ArgumentHelp("The SQLite file; made where it is not there.", valueName: "file"), completion: .file())
        var database: String

        mutating func run(_ console: Console) throws -> Int32 {
            // All are read before any is added: a bad one stops the run before it changed something.
            let saved = try reports.map { path in try SavedReport.read(path) }
            let shown = VisibleText.escape(database)
            var added = 0
            do {
                let history = try HistoryDatabase(path: database, isWritable: true)
                for one in saved {
                    // Of the report, not of the file: another spelling of one report is the same report.
                    let digest = SHA256.text(of: Array(ReportJSON.encode(one.report).utf8))
                    if try history.add(one.report, digest: digest) { added += 1 }
                }
            } catch {
                throw CommandFailure("\(shown): \(VisibleText.escape(error.description))")
            }
            let known = saved.count - added
            console.out("\(added) added" + (known > 0 ? ", \(known) already there" : "") + "\n")
            return 0
        }
    }

    struct Show: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the trend of each host, per severity and per rule.",
            discussion: """
                Examples:
                  firn history show --database history.db --host web1 --since 2026-01-01
                  firn history show --database history.db --format svg > trend.svg
                """)

        @Option(help: ArgumentHelp("The SQLite file.", valueName: "file"), completion: .file()) var database: String
        @Option(help: ArgumentHelp("Only this host.", valueName: "name")) var host: String?
        @Option(help: ArgumentHelp("Only this rule.", valueName: "rule"), completion: CatalogueCompletion.rule)
        var rule: String?
        @Option(
            help: ArgumentHelp(
                "Only reports from this time on (2026-11-24 or 2026-11-24T12:00:00Z).", valueName: "time"))
        var since: String?
        @Option(help: ArgumentHelp("text, json or svg.", valueName: "format")) var format: HistoryFormat = .text
        @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when")) var color: ColorChoice = .auto
        @Flag(name: .long, help: "Show every rule that ever failed, not only the first.") var all = false

        mutating func run(_ console: Console) throws -> Int32 {
            let start = try since.map(CheckCommand.time) ?? .min
            let trends: [HistoryTrend]
            do {
                trends = try HistoryDatabase(path: database, isWritable: false).trends(
                    host: host, rule: rule, since: start)
            } catch {
                throw CommandFailure("\(VisibleText.escape(database)): \(VisibleText.escape(error.description))")
            }
            // A misspelt name must not look like a clean machine.
            if let host, trends.isEmpty { throw CommandFailure("no report of the host \(VisibleText.escape(host))") }
            if let rule, trends.allSatisfy(\.rules.isEmpty) {
                throw CommandFailure("no report has the rule \(VisibleText.escape(rule))")
            }
            console.out(
                format.render(
                    trends,
                    RenderOptions(
                        colour: color.isOn(console), width: console.columns, verbosity: all ? .all : .findings),
                    isASCII: console.isASCII))
            return 0
        }
    }
}
