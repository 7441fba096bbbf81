import FirnParsing

/// What a command line that opens a terminal does without asking: agetty(8), mingetty(8), login(1).
struct GettyCommand: Sendable, Hashable {
    /// The account that is logged in by itself.
    var autologin: String?
    /// What gives a shell without a password, in words.
    var bypass: String?
    /// The program that asks for the password, where it is none we know.
    var unknownProgram: String?

    /// Reads the words of a command; quotes are removed already.
    init(words: [String], knowledge: AccountsKnowledge) {
        let bases = words.map { String($0.split(separator: "/").last ?? "") }
        var isGetty = false
        for (index, word) in words.enumerated() {
            let next = index + 1 < words.count ? words[index + 1] : nil
            if bases[index].hasSuffix("getty"), !word.hasPrefix("-") { isGetty = true }
            if word == "--autologin" || isGetty && word == "-a" { autologin = next }
            if word.hasPrefix("--autologin=") { autologin = String(word.dropFirst("--autologin=".count)) }
            if word == "--login-program" || isGetty && word == "-l", let next {
                judge(String(next.split(separator: "/").last ?? ""), knowledge)
            }
            if word.hasPrefix("--login-program=") { judge(String(bases[index]), knowledge) }
            if word == "--login-options" || isGetty && word == "-o", let next { options(next) }
            if word.hasPrefix("--login-options=") { options(String(word.dropFirst("--login-options=".count))) }
            // login -f NAME: NAME is logged in without a password.
            if knowledge.loginPrograms.contains(bases[index]), !word.hasPrefix("-"),
                index == 0 || !["--login-program", "-l"].contains(words[index - 1])
            {
                let rest = words[(index + 1)...]
                if let flag = rest.firstIndex(of: "-f"),
                    let name = rest[(flag + 1)...].first(where: { !$0.hasPrefix("-") })
                {
                    autologin = name
                }
            }
        }
    }

    private mutating func judge(_ program: String, _ knowledge: AccountsKnowledge) {
        if knowledge.loginPrograms.contains(program) { return }
        if knowledge.shells.contains(program) {
            bypass = "\(program) in place of login"
        } else {
            unknownProgram = program
        }
    }

    private mutating func options(_ text: String) {
        if text.split(separator: " ").contains("-f") { bypass = "login -f asks for no password" }
    }
}
