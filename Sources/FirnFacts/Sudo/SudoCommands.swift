import FirnModel
import FirnParsing

/// What a command of sudoers or doas.conf lets its user do beyond its name.
struct SudoCommands: Sendable {
    let knowledge: SudoKnowledge
    /// Homes of accounts, asked only where a command lies outside of what the system brings.
    var homes: @Sendable () -> SudoHomes

    /// How a command reads in a fact. Arguments that may hold a password or token are not shown.
    static func shown(_ command: SudoersCommand?) -> String {
        guard let command else { return "ALL" }
        guard let arguments = command.arguments else { return command.path }
        return isHarmless(arguments) ? "\(command.path) \(arguments)" : "\(command.path) (arguments not shown)"
    }

    private static let secretWords = ["pass", "token", "secret", "key", "auth", "cred", "login", "user"]

    static func isHarmless(_ arguments: String) -> Bool {
        guard arguments.utf8.count <= 200 else { return false }
        for word in arguments.split(separator: " ") {
            if word.contains("=") || word.contains(":") || word.contains("@") || word == "-p" || word == "-u" {
                return false
            }
            let lowered = word.lowercased()
            if secretWords.contains(where: { lowered.contains($0) }) { return false }
            // A long word without the marks of a path or an option may be a token.
            let isPath = word.contains("/") || word.hasPrefix("-") || word.contains(".")
            if !isPath, word.utf8.count > 20 { return false }
        }
        return true
    }

    /// Whether a text holds a shell wildcard or is a regular expression.
    static func hasWildcard(_ text: String) -> Bool {
        if text.hasPrefix("^") { return true }
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[") {
                return true
            }
        }
        return false
    }

    /// Whether the command lets its user run what they want: a known program with a shell inside, or a whole directory.
    func isEscape(_ command: SudoersCommand, noExec: Bool) -> Bool {
        if command.path.hasSuffix("/") { return true }
        if command.path.hasPrefix("^") { return true }
        let base = WrapperScript.base(command.path)
        if Self.hasWildcard(base) { return true }
        guard let escape = knowledge.escape(base) else { return false }
        if noExec, escape.noExecHelps { return false }
        guard let arguments = command.arguments else { return true }
        if arguments == "\"\"" { return escape.bare || escape.always }
        if Self.hasWildcard(arguments) { return true }
        let words = arguments.split(separator: " ").map(String.init)
        // Options with a value may stand before the subcommand.
        if words.contains(where: escape.open.contains) { return true }
        if words.contains(where: escape.unless.contains) { return false }
        return escape.always || words.contains(where: escape.subcommands.contains)
    }

    /// Whether users can change a file.
    enum Writability: Sendable {
        case writable
        case fixed
        /// The homes decide and are not known.
        case unknown(String)
    }

    /// Whether users can change the file that runs: it lies in a directory of theirs, or a wildcard stands for a whole
    /// store path, which every user of the Nix daemon can make.
    func writability(_ path: String) -> Writability {
        if path.hasPrefix("/nix/store/") {
            let name = path.dropFirst("/nix/store/".count).prefix { $0 != "/" }
            return Self.hasWildcard(String(name)) ? .writable : .fixed
        }
        guard path.hasPrefix("/") else { return .fixed }
        if knowledge.systemDirectories.contains(where: path.hasPrefix), !path.contains("/..") { return .fixed }
        if knowledge.writableDirectories.contains(where: path.hasPrefix) { return .writable }
        switch homes() {
        case .homes(let homes): return homes.contains { path.hasPrefix($0 + "/") } ? .writable : .fixed
        case .unknown(let reason): return .unknown("whether \(path) lies in a home cannot be told: \(reason)")
        }
    }
}
