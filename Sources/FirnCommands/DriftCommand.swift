import ArgumentParser
import FirnModel
import FirnReportCore
import FirnReports

/// `firn drift`: what the layers of one system say of the same rules.
struct DriftCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Compare what was declared, what was built and what runs, and name the layer that broke a rule.",
        discussion: """
            Reports are what firn check --format json=FILE wrote, plain or signed. Those that name one toplevel are layers \
            of one system and are compared rule by rule: the report says which layer broke a rule and what is likely to \
            have caused it. A host that runs, or was booted from, another generation is a finding of its own. Of several \
            live reports of one host the newest tells what is so, and the older ones since when.

            Examples:
              firn check config.json --format json=declared.json
              firn check result --format json=built.json
              sudo firn check live --format json=live.json
              firn drift declared.json built.json live.json
              firn drift built.json live.json --format html=drift.html

            json and html are the whole report of all layers; text and markdown show what differs.

            Exit codes: 0 no drift, 1 drift of a rule at or above --fail-on, or a host of another generation, 2 tool or \
            input error, 3 incomplete (a report was compared with nothing, or a later layer could not tell what an \
            earlier one could), 64 usage. Precedence 64, 2, 3, 1.
            """
    )

    @Argument(help: ArgumentHelp("Saved reports, two or more.", valueName: "report"), completion: .file())
    var reports: [String] = []

    @OptionGroup var catalogueOptions: CatalogueOptions

    @Option(help: ArgumentHelp("The profile file the reports were made with, if it was one.", valueName: "profile"))
    var profile: String?

    @Option(help: ArgumentHelp("The lowest severity that makes the exit code 1.", valueName: "severity"))
    var failOn: Severity = .low

    @Option(
        name: .long,
        help: ArgumentHelp(
            "text, json, html or markdown; with =PATH into a file. May be repeated.", valueName: "format[=path]"))
    var format: [String] = []

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .auto

    @Flag(name: .long, help: "Show the value of every layer whole, and every rule that could not be compared.")
    var all = false

    mutating func run(_ console: Console) throws -> Int32 {
        guard !reports.isEmpty else {
            console.err(FirnCommand.helpMessage(for: DriftCommand.self, columns: console.columns) + "\n")
            return FirnReportCore.ExitCode.usage
        }
        guard reports.count > 1 else {
            throw ValidationError("One report has nothing to be compared with; give two or more.")
        }
        // Before the long work: a format that is none is refused at once.
        _ = try Outputs(format, known: ReportFormat.drift(DriftFindings()))
        var catalogue = try catalogueOptions.load()
        var chosen: ResolvedProfile?
        if let profile { (catalogue, chosen) = try catalogueOptions.load(profile: profile) }
        let joined = try JoinedReports.read(reports, catalogue: catalogue, profile: chosen, console: console)
        guard let found = joined.findings else {
            throw CommandFailure(
                joined.refusal.map { $0 + "; run firn check again with one firn" } ?? "the reports were not compared")
        }
        let outputs = try Outputs(format, known: ReportFormat.drift(found))
        let options = RenderOptions(
            colour: color.isOn(console), width: console.columns, verbosity: all ? .all : .findings, failOn: failOn)
        try outputs.write(
            joined.report, console: console,
            options: CatalogueOptions.renderOptions(
                options, for: joined.report, formats: outputs.formats, catalogue: catalogue))
        return exitCode(joined, found)
    }

    private func exitCode(_ joined: JoinedReports, _ found: DriftFindings) -> Int32 {
        let hosts = HostGeneration.of(joined.report.targets)
        // A report of which nothing was compared was given for nothing, and says nothing of the others.
        var used = Set(found.compared.flatMap(\.self).map { joined.origins[$0] })
        for host in hosts where host.kind == .runsAnother {
            used.insert(joined.origins[host.target])
            for (index, target) in joined.report.targets.enumerated()
            where target.identity.toplevel == host.wanted { used.insert(joined.origins[index]) }
        }
        let unused = Set(reports).subtracting(used)
        if !unused.isEmpty || !found.untold.isEmpty { return FirnReportCore.ExitCode.incomplete }
        if !hosts.isEmpty && HostGeneration.severity >= failOn { return FirnReportCore.ExitCode.findings }
        return found.drift.contains { $0.severity >= failOn }
            ? FirnReportCore.ExitCode.findings : FirnReportCore.ExitCode.pass
    }
}
