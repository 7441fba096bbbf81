import FirnModel
import FirnParsing

/// The log file that sudo writes, where sudoers names one (sudoers(5), `logfile`).
enum AuditSudoLog {
    /// The path as text; false where sudo writes no such file.
    static func fact(_ lines: [TextLine], _ place: (TextLine?) -> Evidence) -> Fact {
        for line in lines where !line.text.trimmed.hasPrefix("#") && line.text.trimmed.hasPrefix("Defaults") {
            guard let range = line.text.firstRange(of: "logfile") else { continue }
            // `!logfile` switches it off; `iolog_file` and the like are other words.
            let before = line.text[..<range.lowerBound].last
            guard before == nil || before == " " || before == "," || before == "\t" else { continue }
            let rest = line.text[range.upperBound...].trimmed
            guard rest.hasPrefix("=") else { continue }
            let path = rest.dropFirst().trimmed.prefix { $0 != "," && $0 != " " }.filter { $0 != "\"" }
            return .known(.string(String(path)), [place(line)])
        }
        return .known(.boolean(false), [place(nil)])
    }
}
