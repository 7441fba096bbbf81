/// `auditd.conf`, line by line as auditd reads it (auditd.conf(5)): `keyword = value [option]`, words between blanks.
public struct AuditdConf: Sendable, Hashable {
    /// One setting.
    public struct Setting: Sendable, Hashable {
        /// The keyword in lower case.
        public var key: String
        /// The value as it stands there.
        public var value: String
        /// The word behind the value, the program of `exec`.
        public var option: String?
        /// The line.
        public var line: Int
    }

    /// The settings in their order; the last of a keyword counts.
    public var settings: [Setting]
    /// The first line auditd stops at, with the reason: it does not start then.
    public var fault: ParseError?

    /// Lines auditd does not read: longer ones are skipped.
    public static let lineLimit = 159

    /// Reads a file.
    public static func parse(_ bytes: [UInt8], limit: Int = 1 << 20) throws(ParseError) -> AuditdConf {
        let text = try TextFile.decode(bytes, limit: limit)
        var conf = AuditdConf(settings: [], fault: nil)
        for line in TextFile.lines(text) {
            guard line.text.utf8.count <= lineLimit else { continue }
            let words = line.text.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
            guard let key = words.first, !key.hasPrefix("#") else { continue }
            guard words.count > 1, words[1] == "=" else {
                conf.fault = ParseError(.malformed, line: line.number, "no = between blanks")
                break
            }
            guard words.count == 3 || words.count == 4 else {
                conf.fault = ParseError(.malformed, line: line.number, "not a keyword, = and a value")
                break
            }
            conf.settings.append(
                Setting(
                    key: key.lowercased(), value: words[2], option: words.count == 4 ? words[3] : nil,
                    line: line.number))
        }
        return conf
    }

    /// The setting that counts.
    public subscript(key: String) -> Setting? { settings.last { $0.key == key } }
}
