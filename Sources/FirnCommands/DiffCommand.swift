public import ArgumentParser
import FirnModel
import FirnReportCore
public import FirnReports

extension DiffFormat: ExpressibleByArgument {}

/// `firn diff`: what changed between two reports.
struct DiffCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two saved reports: what got worse, what got better, and which options and facts changed.",
        discussion: """
            Worse is a new failure, something that passed and is no longer looked at or can no longer be told, an \
            error, a failure that is no longer waived or is more severe, and new drift. A failure that can no longer be \
            told is not better.

            Examples:
              firn check config.json --format json=new.json
              firn diff old.json new.json
              firn diff old.json new.json --format markdown > comment.md

            Exit codes: 0 nothing got worse, 1 something got worse, 2 tool or input error, 64 usage.
            """)

    @Argument(
        help: ArgumentHelp("The older report (firn check --format json=FILE).", valueName: "old"), completion: .file())
    var old: String

    @Argument(help: ArgumentHelp("The newer report.", valueName: "new"), completion: .file())
    var new: String

    @Option(help: ArgumentHelp("text, json or markdown.", valueName: "format")) var format: DiffFormat = .text
    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when")) var color: ColorChoice = .auto
    @Flag(name: .long, help: "Show every fact, option and result, not only the first of long lists.") var all = false

    mutating func run(_ console: Console) throws -> Int32 {
        let diff = ReportDiff(old: try SavedReport.read(old).report, new: try SavedReport.read(new).report)
        console.out(
            format.render(
                diff,
                RenderOptions(
                    colour: color.isOn(console), width: console.columns, verbosity: all ? .all : .findings)))
        return diff.hasWorse ? FirnReportCore.ExitCode.findings : FirnReportCore.ExitCode.pass
    }
}
