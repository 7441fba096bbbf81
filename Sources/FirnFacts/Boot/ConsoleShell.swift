/// Tells a command that leaves somebody at a shell from one that runs what it is given and ends.
enum ConsoleShell {
    /// Programs that are a shell themselves, by base name.
    private static let shells: Set<Substring> = [
        "sh", "bash", "dash", "ash", "zsh", "fish", "ksh", "mksh", "sushell", "busybox", "nu", "tcsh",
    ]

    /// Programs that start the one named after them, in the same terminal.
    private static let starters: Set<Substring> = ["exec", "setsid", "cttyhack", "env", "nohup"]

    /// Whether the words of a command start a shell that reads from its terminal: `exec bash -l`, and
    /// `sh -c "exec bash"` as well.
    static func isShell(_ words: some Collection<String>) -> Bool {
        let words = words.map { $0.filter { !"\"';".contains($0) } }.filter { !$0.isEmpty }
        let command = words.drop { starters.contains(name($0)) || ($0.hasPrefix("-") && $0 != words.first) }
        guard let program = command.first, shells.contains(name(program)) else { return false }
        var isFileOfOption = false
        for (index, word) in command.enumerated().dropFirst() {
            if isFileOfOption {
                isFileOfOption = false
                continue
            }
            if word == "--rcfile" || word == "--init-file" { isFileOfOption = true }
            if word.contains("<") || word.contains(">") { return true }
            // `sh -c TEXT` runs the text, `sh FILE` the file: what the text starts may be a shell again.
            if word.hasPrefix("-"), !word.hasPrefix("--"), word.contains("c") {
                return isShell(Array(command.dropFirst(index + 1)))
            }
            guard word.hasPrefix("-") || word.hasPrefix("+") else { return false }
        }
        return true
    }

    /// Whether a line of a script does.
    static func isShell(line: Substring) -> Bool {
        isShell(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
    }

    /// The last part of a path.
    private static func name(_ word: String) -> Substring {
        word.split(separator: "/").last ?? ""
    }

    /// Whether a service with these settings has a terminal as its input, as root.
    static func isOnTerminal(input: String?, user: String?) -> Bool {
        guard let input, input.hasPrefix("tty") else { return false }
        return user == nil || user == "root" || user == "0" || user == ""
    }
}
