public import ArgumentParser
import FirnCatalogue
import FirnEvaluation
import FirnFacts
import FirnGate
public import FirnModel
import FirnReportCore
import FirnReports

extension Severity: ExpressibleByArgument {}
extension ColorChoice: ExpressibleByArgument {}
extension TargetKind: ExpressibleByArgument {}

/// `firn check`: audits targets against a profile.
struct CheckCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Audit targets against a profile.",
        discussion: """
            A target is told by its content: the evaluated options of a NixOS configuration as JSON, a root directory \
            with a NixOS system, a toplevel beside its store (./result), live for the machine that runs (write ./live for a \
            file of that name), or - for option JSON on standard input. \
            Several targets of one system are compared with each other: where what was declared and what was built \
            differ, the report says drift.

            Examples:
              firn check config.json
              firn check result --profile strict --fail-on medium
              firn check config.json result --format sarif=firn.sarif
              sudo firn check live --profile standard
              nix eval --json -f options.nix | firn check -

            Exit codes: 0 pass, 1 findings at or above --fail-on, 2 tool or input error, 3 incomplete (something \
            required could not be told, or nothing was checked), 64 usage. Precedence 64, 2, 3, 1.
            """
    )

    @Argument(help: ArgumentHelp("What to audit.", valueName: "target"), completion: .file())
    var targets: [String] = []

    @Option(help: ArgumentHelp("minimal, standard, strict, or a profile file.", valueName: "profile"))
    var profile = "standard"

    @OptionGroup var catalogueOptions: CatalogueOptions

    @Option(help: ArgumentHelp("The lowest severity that makes the exit code 1.", valueName: "severity"))
    var failOn: Severity = .low

    @Option(
        name: .long,
        help: ArgumentHelp(
            "\(ReportFormat.all.map(\.name).joined(separator: ", ")); with =PATH into a file. May be repeated.",
            valueName: "format[=path]"))
    var format: [String] = []

    @Option(name: .customLong("as"), help: ArgumentHelp("Take the targets for this kind.", valueName: "kind"))
    var forcedKind: TargetKind?

    @Option(
        help: ArgumentHelp(
            "Judge ends of life and waivers at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.",
            valueName: "time"))
    var now: String?

    @Option(
        help: ArgumentHelp(
            "Accept failures by the waivers of a directory (*.toml) or a file; they stay failures and say so.",
            valueName: "dir"), completion: .file())
    var waivers: String?

    @Option(
        help: ArgumentHelp("The root directory of the running machine, for the target live.", valueName: "dir"),
        completion: .directory)
    var root = "/"

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .auto

    @Flag(name: .long, help: "Audit every generation and boot entry of a root directory, not only the default.")
    var allGenerations = false

    @Flag(name: .long, help: "Show where and how to repair for every finding, not only for the worst.")
    var details = false

    @Flag(name: .long, help: "Show everything: --details, and passed and not applicable rules too.")
    var all = false

    @Flag(name: .long, help: "Search all text of a closure for secrets, not only what the configuration generated.")
    var deep = false

    mutating func run(_ console: Console) throws -> Int32 {
        guard !targets.isEmpty else {
            // Somebody who types `firn check` wants to know what it is.
            console.err(FirnCommand.helpMessage(for: CheckCommand.self, columns: console.columns) + "\n")
            return 64
        }
        let outputs = try Outputs(format)
        let chosenTime = try now.map(Self.time)
        let waiverSet = try waivers.map(WaiverOptions.load)
        let (catalogue, resolved) = try catalogueOptions.load(profile: profile)
        let collectedAt = console.reportTime
        let opener = TargetOpener(
            knowledge: catalogue.knowledge, allGenerations: allGenerations, liveRoot: root,
            deepScan: deep ? DeepScanLine.callback(console) : nil)
        var opened: [OpenedTarget] = []
        for target in targets {
            opened.append(contentsOf: try opener.open(target, forced: forcedKind))
        }

        let evaluator: Evaluator
        let finder: DriftFinder
        // SOURCE_DATE_EPOCH is for printed times: a build that believes it is 1980 must still see what has ended.
        let time = chosenTime ?? max(console.now(), Evaluator.earliestTime(catalogue.knowledge))
        do {
            evaluator = try Evaluator(
                knowledge: catalogue.knowledge, now: time, rules: catalogue.orderedRules)
            finder = try DriftFinder(profile: resolved, knowledge: catalogue.knowledge)
        } catch {
            throw CommandFailure(error.description)
        }
        var report = Report(
            tool: "firn \(FirnCommand.version)", targets: [], profile: resolved.id, profileDigest: resolved.digest,
            dropped: resolved.dropped, catalogueDigest: catalogue.digest, collectedAt: collectedAt, snapshots: [],
            results: [], drift: [], notes: [])
        for (index, target) in opened.enumerated() {
            let snapshot: Snapshot
            do {
                snapshot = try target.source.collect(now: collectedAt)
            } catch {
                throw CommandFailure(error.description)
            }
            report.targets.append(
                ReportTarget(
                    kind: target.kind, name: target.name, size: target.size, source: snapshot.source,
                    identity: snapshot.identity))
            report.snapshots.append(snapshot)
            report.results.append(
                contentsOf: resolved.rules.map { evaluator.evaluate($0, on: snapshot, target: index) })
        }
        let found = finder.find(targets: report.targets, snapshots: report.snapshots, results: report.results)
        report.drift = found.drift
        report.notes = found.notes + DeepScanLine.notes(report.snapshots, targets: report.targets)
        if let chosenTime { report.notes.append("Ends of life are judged at \(Timestamp.text(chosenTime)).") }
        if let waiverSet {
            let applied = waiverSet.apply(
                to: report, now: time, knownRules: Set(catalogue.orderedRules.map(\.id)))
            report = applied.report
            report.notes += WaiverOptions.notes(applied.problems)
        }

        let options = RenderOptions(
            colour: color.isOn(console), width: console.columns,
            verbosity: all ? .all : details ? .details : .findings, failOn: failOn)
        try outputs.write(
            report, console: console,
            options: CatalogueOptions.renderOptions(
                options, for: report, formats: outputs.formats, catalogue: catalogue))
        return FirnReportCore.ExitCode.of(results: report.results, failOn: failOn)
    }

    /// The seconds since 1970 of a date or a time in UTC.
    static func time(_ text: String) throws -> Int64 {
        if let date = CalendarDate(text) { return date.seconds }
        guard let seconds = Timestamp.seconds(text) else {
            throw ValidationError("'\(text)' is no time; write 2026-11-24 or 2026-11-24T12:00:00Z.")
        }
        return seconds
    }
}
