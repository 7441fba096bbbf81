import ArgumentParser
import FirnCatalogue
import FirnGate
import FirnModel
import FirnReportCore
import FirnReports

/// `firn report`: renders saved reports.
struct ReportCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Render saved reports in other formats, or as a bundle of all of them.",
        discussion: """
            Reports are what firn check --format json=FILE wrote, plain or signed. Several make one report: a section for \
            each system and a table of all. Layers of one system that came from different reports are compared, and where \
            they differ the report says drift.

            Examples:
              firn report declared.json built.json --format html=report.html
              firn report host1.json host2.json --format csv
              firn report built.json --bundle release-1.4 --closure result
              firn report built.json --closure result --format cyclonedx=sbom.cdx.json

            A bundle holds every format, an index (index.html, index.json) and SHA256SUMS, and with --closure the bill of \
            materials of the system. It is written whole or not at all.

            Exit codes: 0 when everything was written, whatever the results say (firn gate decides about them), 2 tool or \
            input error, 64 usage.
            """
    )

    @Argument(help: ArgumentHelp("Saved reports.", valueName: "report"), completion: .file())
    var reports: [String] = []

    @OptionGroup var catalogueOptions: CatalogueOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A report format, or cyclonedx with --closure; with =PATH into a file. May be repeated.",
            valueName: "format[=path]"))
    var format: [String] = []

    @Option(
        help: ArgumentHelp("Write every format, an index and checksums into this directory.", valueName: "dir"),
        completion: .directory)
    var bundle: String?

    @Flag(name: .long, help: "Replace a bundle that is there. A directory with anything else is never touched.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "The system the bill of materials is of: a toplevel (./result) or a root directory.", valueName: "path"),
        completion: .directory)
    var closure: String?

    @Option(help: ArgumentHelp("Accept failures by these waivers instead of the reports' own.", valueName: "path"))
    var waivers: String?

    @Option(
        help: ArgumentHelp(
            "Judge waivers as of this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.", valueName: "time"))
    var now: String?

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .auto

    @Flag(name: .long, help: "Show where and how to repair for every finding, not only for the worst.")
    var details = false

    @Flag(name: .long, help: "Show everything: --details, and passed and not applicable rules too.")
    var all = false

    mutating func run(_ console: Console) throws -> Int32 {
        guard !reports.isEmpty else {
            console.err(FirnCommand.helpMessage(for: ReportCommand.self, columns: console.columns) + "\n")
            return FirnReportCore.ExitCode.usage
        }
        let material = try BundleMaterialOutput(format)
        let reportFormats = format.filter { !BundleMaterialOutput.isMaterial($0) }
        let writesReport = !reportFormats.isEmpty || (bundle == nil && material == nil)
        let outputs = try Outputs(reportFormats)
        guard material?.path != nil || material == nil || reportFormats.isEmpty || !outputs.hasStandardOutput else {
            throw ValidationError("Only one report can go to standard output; give the others a file: FORMAT=PATH.")
        }
        if material != nil, closure == nil {
            throw ValidationError("cyclonedx is of a closure; name it with --closure.")
        }
        if closure != nil, material == nil, bundle == nil {
            throw ValidationError("--closure is for --bundle and --format cyclonedx; give one of them.")
        }
        if force, bundle == nil { throw ValidationError("--force is for --bundle.") }
        let time = try now.map(CheckCommand.time) ?? console.now()
        let waiverSet = try waivers.map(WaiverOptions.load)
        // Before the long work: what will be refused in the end is refused at once.
        let writer = try bundle.map { try BundleWriter(directory: $0, replaces: force) }

        let catalogue = try catalogueOptions.load()
        let joined = try JoinedReports.read(reports, catalogue: catalogue, console: console)
        if let refusal = joined.refusal { console.err("firn: \(refusal)\n") }
        var report = joined.report
        if let waiverSet {
            let applied = waiverSet.apply(
                to: report, now: time, knownRules: Set(catalogue.orderedRules.map(\.id)))
            report = applied.report
            report.notes += WaiverOptions.notes(applied.problems)
        } else {
            noteExpired(report, at: time, console)
        }

        let plain = RenderOptions(
            colour: color.isOn(console), width: console.columns,
            verbosity: all ? .all : details ? .details : .findings)
        let materials = try closure.map {
            try BundleMaterial.of($0, report: report, time: report.collectedAt, console: console)
        }
        var written: [(name: String, bytes: Int, about: String)] = []
        if let writer {
            let options = try CatalogueOptions.renderOptions(
                RenderOptions(), for: report, formats: ReportFormat.all, catalogue: catalogue)
            let files = BundleFiles.of(report, options: options, material: materials)
            try writer.write(files)
            written = files.map { (name: writer.shown($0.name), bytes: $0.bytes.count, about: $0.about) }
        }
        if writesReport {
            try outputs.write(
                report, console: console,
                options: CatalogueOptions.renderOptions(
                    plain, for: report, formats: outputs.formats, catalogue: catalogue))
        }
        if let material, let materials {
            if let path = material.path {
                try FileOutput.writeAtomically(materials.text, to: path)
            } else {
                console.out(materials.text)
            }
        }
        if !written.isEmpty { console.err(Self.list(written, width: console.columns)) }
        return FirnReportCore.ExitCode.pass
    }

    private static func list(_ files: [(name: String, bytes: Int, about: String)], width: Int) -> String {
        var columns = Columns()
        let sizes = files.map { String($0.bytes) }
        let longest = sizes.map(\.count).max() ?? 0
        for (file, size) in zip(files, sizes) {
            columns.add(file.name, String(repeating: " ", count: longest - size.count) + size, file.about)
        }
        return columns.render(width: width)
    }

    /// Waivers are shown as the reports have them; that one has ended since is said aloud.
    private func noteExpired(_ report: Report, at time: Int64, _ console: Console) {
        let ended = report.results.filter { result in
            guard let waiver = result.waiver else { return false }
            // The last day counts whole. What is no date cannot be held to be ahead.
            return CalendarDate(waiver.expires).map { $0.seconds + 86_400 <= time } ?? true
        }
        guard !ended.isEmpty else { return }
        console.err(
            "firn: \(ended.count) failed results are shown as waived by waivers that have expired since; give --waivers "
                + "to judge them again\n")
    }
}
