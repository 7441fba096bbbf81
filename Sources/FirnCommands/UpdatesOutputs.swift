import ArgumentParser

/// Where the answers of `firn updates` go.
struct UpdatesOutputs {
    enum Format: String, CaseIterable {
        case text, json, openmetrics
    }

    private var outputs: [(format: Format, path: String?)] = []

    /// Reads the `--format` options; without one, text goes to standard output.
    init(_ options: [String]) throws {
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let format = Format(rawValue: String(parts[0])) else {
                let known = Format.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(parts[0])' is no format of this command; there are \(known).")
            }
            let path = parts.count == 2 ? String(parts[1]) : nil
            guard path?.isEmpty != true else { throw ValidationError("'\(option)' names no file after '='.") }
            outputs.append((format, path == "-" ? nil : path))
        }
        if outputs.isEmpty { outputs.append((.text, nil)) }
        guard outputs.count(where: { $0.path == nil }) <= 1 else {
            throw ValidationError("Only one format can go to standard output; give the others a file: FORMAT=PATH.")
        }
        let paths = outputs.compactMap(\.path)
        guard Set(paths).count == paths.count else { throw ValidationError("Two formats cannot go into one file.") }
    }

    /// Renders all, then writes the files, then standard output.
    func write(_ console: Console, _ render: (Format, _ isFile: Bool) -> String) throws {
        let rendered = outputs.map { ($0.path, render($0.format, $0.path != nil)) }
        for (path, text) in rendered {
            if let path { try FileOutput.writeAtomically(text, to: path) }
        }
        for (path, text) in rendered where path == nil { console.out(text) }
    }
}
