/// `nix.conf` (nix.conf(5)) as Nix splits it: lines of `name = value`, and includes.
public struct NixConf: Sendable, Hashable {
    /// One line that means something.
    public enum Statement: Sendable, Hashable {
        /// `name = value`; the value's words joined by one blank. May hold a token.
        case setting(name: String, value: String, line: Int)
        /// `include path`, or `!include path` when the file need not be there.
        case include(path: String, isRequired: Bool, line: Int)
    }

    /// The statements in order.
    public var statements: [Statement]

    /// Creates a configuration.
    public init(statements: [Statement] = []) {
        self.statements = statements
    }

    /// Reads a file of at most 1 MiB. Nix refuses a file with a line it cannot read, and so does this.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> NixConf {
        let text = try TextFile.decode(bytes, limit: 1 << 20)
        var conf = NixConf()
        for line in TextFile.lines(text) {
            let content = line.text.prefix { $0 != "#" }
            let words = content.utf8.split { byte in
                byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            }.map { String(Substring($0)) }
            if words.isEmpty { continue }
            guard words.count >= 2 else {
                throw ParseError(.malformed, line: line.number, "a line has one word only, which Nix refuses")
            }
            if words[0] == "include" || words[0] == "!include" {
                guard words.count == 2 else {
                    throw ParseError(.malformed, line: line.number, "an include names more than one file")
                }
                conf.statements.append(
                    .include(path: words[1], isRequired: words[0] == "include", line: line.number))
                continue
            }
            guard words[1] == "=" else {
                throw ParseError(.malformed, line: line.number, "a line is no \"name = value\", which Nix refuses")
            }
            conf.statements.append(
                .setting(name: words[0], value: words[2...].joined(separator: " "), line: line.number))
        }
        return conf
    }

    /// A truth value as Nix reads it; nil for any other word, which Nix refuses.
    public static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "yes", "1": true
        case "false", "no", "0": false
        default: nil
        }
    }
}
