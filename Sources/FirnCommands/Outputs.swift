import ArgumentParser
import FirnModel
import FirnReports

/// Where the reports of one run go.
struct Outputs {
    private struct Output {
        var format: ReportFormat
        var path: String?
    }

    private var outputs: [Output] = []

    /// Reads the `--format` options; without one, text goes to standard output.
    ///
    /// - Parameter known: The formats the command has; the first is the one without an option.
    init(_ options: [String], known: [ReportFormat] = ReportFormat.all) throws {
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let format = known.first(where: { $0.name == parts[0] }) else {
                let names = known.map(\.name).joined(separator: ", ")
                throw ValidationError("'\(parts[0])' is no report format; there are \(names).")
            }
            let path = parts.count == 2 ? String(parts[1]) : nil
            guard path?.isEmpty != true else {
                throw ValidationError("'\(option)' names no file after '='.")
            }
            outputs.append(Output(format: format, path: path == "-" ? nil : path))
        }
        if outputs.isEmpty, let text = known.first {
            outputs.append(Output(format: text, path: nil))
        }
        guard outputs.count(where: { $0.path == nil }) <= 1 else {
            throw ValidationError("Only one report can go to standard output; give the others a file: FORMAT=PATH.")
        }
        let paths = outputs.compactMap(\.path)
        guard Set(paths).count == paths.count else {
            throw ValidationError("Two reports cannot go into one file.")
        }
    }

    /// Whether one of them goes to standard output.
    var hasStandardOutput: Bool { outputs.contains { $0.path == nil } }

    /// The formats that were asked for.
    var formats: [ReportFormat] { outputs.map(\.format) }

    /// Renders every report, then writes them: when one cannot be written, none before it is half there.
    func write(_ report: Report, console: Console, options: RenderOptions) throws {
        for format in formats {
            if let objection = format.objection(report) {
                throw CommandFailure("--format \(format.name): \(objection)")
            }
        }
        let rendered = outputs.map { output in
            var own = options
            if output.path != nil {
                own.colour = false
                own.width = 100
            }
            return (output.path, String(decoding: output.format.render(report, own), as: UTF8.self))
        }
        for (path, text) in rendered {
            if let path { try FileOutput.writeAtomically(text, to: path) }
        }
        for (path, text) in rendered where path == nil {
            console.out(text)
        }
    }
}
