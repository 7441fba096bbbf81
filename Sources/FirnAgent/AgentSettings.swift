/// The settings that a reload changes, from the command line and from a file over it.
///
/// The file is a subset of TOML, so that any writer of TOML can write it: lines `key = value` with `profile = "strict"`,
/// `interval = 900` and `jitter = 60`, and comments.
struct AgentSettings: Sendable, Hashable {
    /// The id of the profile.
    var profile: String
    /// How often facts are collected, in seconds.
    var interval: Int64
    /// By how much an interval may be shorter, in seconds.
    var jitter: Int64

    /// The longest file that is read, in bytes.
    static let sizeLimit = 16_384

    /// The settings of the command line.
    init(_ options: AgentOptions) {
        profile = options.profile
        interval = options.interval
        jitter = options.jitter
    }

    /// These settings with those of a file.
    ///
    /// - Parameter file: The name that errors give.
    /// - Throws: `AgentFailure` with the line: not of this form, an unknown key, one given twice, a value out of range.
    func reading(_ bytes: [UInt8], file: String) throws(AgentFailure) -> AgentSettings {
        guard bytes.count <= Self.sizeLimit else {
            throw AgentFailure("\(file): longer than \(Self.sizeLimit) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw AgentFailure("\(file): no valid UTF-8") }
        var result = self
        var seen: Set<String> = []
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let content = Self.trimmed(line)
            if content.isEmpty || content.hasPrefix("#") { continue }
            func wrong(_ what: String) -> AgentFailure { AgentFailure("\(file):\(number): \(what)") }
            guard let sign = content.firstIndex(of: "=") else { throw wrong("this is no line 'key = value'") }
            let key = String(Self.trimmed(content[..<sign]))
            let value = Self.withoutComment(Self.trimmed(content[content.index(after: sign)...]))
            guard ["profile", "interval", "jitter"].contains(key) else {
                throw wrong("the key is none of profile, interval, jitter")
            }
            guard seen.insert(key).inserted else { throw wrong("'\(key)' is given twice") }
            if key == "profile" {
                guard value.utf8.count > 2, value.first == "\"", value.last == "\"" else {
                    throw wrong("'profile' is text in quotes")
                }
                let name = value.dropFirst().dropLast()
                guard name.utf8.count <= 64,
                    name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
                else { throw wrong("'profile' is the id of a built-in profile") }
                result.profile = String(name)
                continue
            }
            let least: Int64 = key == "interval" ? 1 : 0
            guard let seconds = AgentOptions.seconds(value, from: least) else {
                throw wrong("'\(key)' is a number of seconds from \(least) to \(AgentOptions.longestInterval)")
            }
            if key == "interval" { result.interval = seconds } else { result.jitter = seconds }
        }
        guard result.jitter < result.interval else {
            throw AgentFailure("\(file): 'jitter' must be shorter than 'interval'")
        }
        return result
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    private static func withoutComment(_ value: Substring) -> Substring {
        guard let sign = value.firstIndex(of: "#") else { return value }
        return trimmed(value[..<sign])
    }
}
