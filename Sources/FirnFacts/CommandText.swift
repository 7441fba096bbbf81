/// Command lines in evidence and values: the program is shown, its arguments may hold a token and are not.
enum CommandText {
    private static let note = " (arguments not shown)"

    /// A setting whose value is a pipe to a program, as kernel.core_pattern's `|/bin/upload --token ...` (core(5)).
    static func pipe(_ text: String) -> String {
        guard let bar = text.firstIndex(of: "|") else { return text }
        guard let blank = text[bar...].firstIndex(where: { $0 == " " || $0 == "\t" }) else { return text }
        return text[..<blank] + note
    }

    /// A shell command that is none of those which load filter rules.
    static func shell(_ text: String) -> String {
        let words = text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" })
        guard let program = words.first, words.count > 1 else { return text }
        let name = program.split(separator: "/").last ?? program
        return filterPrograms.contains(String(name)) ? text : program + note
    }

    private static let filterPrograms: Set<String> = [
        "iptables", "ip6tables", "ip46tables", "iptables-restore", "ip6tables-restore", "ipset", "nft", "for", "if",
        "while", "case", "echo", "true", "false", "exit", "return", "set", "local",
    ]
}
