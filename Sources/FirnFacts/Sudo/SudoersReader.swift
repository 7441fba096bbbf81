import FirnModel
import FirnParsing

/// Reads sudoers and what it includes.
struct SudoersReader {
    /// What reading an included file or directory gave.
    enum Included {
        case file([UInt8])
        /// Names in a directory.
        case directory([String])
        case missing
        case unavailable(String)
    }

    private let read: (_ path: String, _ isDirectory: Bool) -> Included
    private(set) var sources: [SudoPolicy.Source] = []
    private(set) var problems: [(reason: String, evidence: Evidence)] = []
    /// Why the whole policy cannot be told.
    private(set) var unavailable: (reason: String, evidence: [Evidence])?
    private var fileCount = 0

    private static let depthLimit = 16
    private static let fileLimit = 500

    init(read: @escaping (_ path: String, _ isDirectory: Bool) -> Included) {
        self.read = read
    }

    mutating func add(_ bytes: [UInt8], file: String, firstLine: Int = 0, depth: Int = 0) {
        fileCount += 1
        guard depth <= Self.depthLimit, fileCount <= Self.fileLimit else {
            unavailable = ("\(file): too many included files", [Evidence(path: file)])
            return
        }
        let parsed: SudoersFile
        do {
            parsed = try SudoersFile.parse(bytes)
        } catch {
            unavailable = ("\(file): \(error)", [Evidence(path: file, line: error.line)])
            return
        }
        problems += parsed.problems.map { ($0.message, Evidence(path: file, line: $0.line)) }
        for entry in parsed.entries {
            guard case .include(let path, let isDirectory) = entry.kind else {
                sources.append(SudoPolicy.Source(entry: entry, file: file))
                continue
            }
            include(path, isDirectory: isDirectory, from: file, line: entry.line, depth: depth)
            if unavailable != nil { return }
        }
    }

    private mutating func include(_ path: String, isDirectory: Bool, from file: String, line: Int, depth: Int) {
        let place = Evidence(path: file, line: line)
        guard !path.contains("%h") else {
            unavailable = ("\(file):\(line): an include that depends on the host name", [place])
            return
        }
        let directory =
            file.hasPrefix("/") ? String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex)) : "/etc"
        let absolute = path.hasPrefix("/") ? path : directory + "/" + path
        switch read(absolute, isDirectory) {
        case .unavailable(let reason): unavailable = ("\(file):\(line): \(reason)", [place])
        case .missing:
            // A directory that is not there is left out; a file that is not there is an error (sudoers(5)).
            if !isDirectory { problems.append(("the included file \(absolute) is not there", place)) }
        case .file(let bytes): add(bytes, file: absolute, depth: depth + 1)
        case .directory(let names):
            for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            where !name.hasSuffix("~") && !name.contains(".") {
                let child = absolute + "/" + name
                switch read(child, false) {
                case .file(let bytes): add(bytes, file: child, depth: depth + 1)
                case .missing, .directory: continue
                case .unavailable(let reason):
                    unavailable = ("\(file):\(line): \(reason)", [place])
                    return
                }
            }
        }
    }
}
