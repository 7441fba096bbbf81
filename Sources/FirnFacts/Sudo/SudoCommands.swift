import FirnModel
import FirnParsing

/// What a command of sudoers or doas.conf lets its user do beyond its name.
struct SudoCommands: Sendable {
    let knowledge: SudoKnowledge

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
        let words = arguments.split(separator: " ").map(String.init)
        if words.contains(where: { escape.unless.contains($0) }), !Self.hasWildcard(arguments) { return false }
        if escape.always { return true }
        if Self.hasWildcard(arguments) { return true }
        return words.first { !$0.hasPrefix("-") }.map { escape.subcommands.contains($0) } ?? false
    }

    /// Whether users can change the file that runs: it lies in a directory of theirs, or a wildcard stands for a whole
    /// store path, which every user of the Nix daemon can make.
    func isWritable(_ path: String) -> Bool {
        if path.hasPrefix("/nix/store/") {
            let name = path.dropFirst("/nix/store/".count).prefix { $0 != "/" }
            return Self.hasWildcard(String(name))
        }
        if path.hasPrefix("^") { return false }
        return knowledge.writableDirectories.contains { path.hasPrefix($0) }
    }
}
