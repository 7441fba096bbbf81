import FirnTestSupport
import Foundation
import Testing

struct CompletionTests {
    static let directory = Repository.root.appendingPathComponent("completions")
    static let files = ["bash": "firn.bash", "zsh": "_firn", "fish": "firn.fish"]

    @Test(arguments: files.keys.sorted())
    func theScriptIsThatOfTheCommands(_ shell: String) throws {
        let name = try #require(Self.files[shell])
        let written = try String(contentsOf: Self.directory.appendingPathComponent(name), encoding: .utf8)
        let script = try CommandLineText.output("--generate-completion-script", shell)
        let isFresh = written == script
        #expect(isFresh, "completions/\(name) is stale: run make manual")
    }

    @Test(.enabled(if: Tool.bash.isExpected))
    func bashReadsIt() throws { try check(.bash, "-n", "bash") }

    @Test(.enabled(if: Tool.zsh.isExpected))
    func zshReadsIt() throws { try check(.zsh, "-n", "zsh") }

    @Test(.enabled(if: Tool.fish.isExpected))
    func fishReadsIt() throws { try check(.fish, "--no-execute", "fish") }

    /// The shell takes the script, and not one of which the end is missing.
    private func check(_ tool: Tool, _ option: String, _ shell: String) throws {
        let file = Self.directory.appendingPathComponent(try #require(Self.files[shell]))
        let (code, output) = try tool.run([option, file.path])
        #expect(code == 0, "\(output)")
        try withTemporaryDirectory { directory in
            let broken = directory.appendingPathComponent("broken")
            let text = try String(contentsOf: file, encoding: .utf8)
            let end = shell == "fish" ? "function x\n" : "if true; then\n"
            try (text + end).write(to: broken, atomically: true, encoding: .utf8)
            #expect(try tool.run([option, broken.path]).code != 0)
        }
    }

    /// What bash offers for the last word of a line.
    private func bash(_ words: String...) throws -> [String] {
        let line = words.joined(separator: " ")
        let script = """
            source \(Self.directory.path)/firn.bash
            COMP_LINE="$1" COMP_POINT=${#1}
            COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
            last="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}"
            # The function that `complete -F` registered for firn.
            function=$(complete -p firn | sed -E 's/.*-F ([^ ]+).*/\\1/')
            "$function" firn "$last" "$before" 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let path = try Tool.firnDirectory.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        let (code, output) = try Tool.bash.run(
            ["--norc", "-c", script, "bash", line] + words, environment: ["PATH": path])
        #expect(code == 0, "\(output)")
        return output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func bashCompletesCommands() throws {
        #expect(Set(try bash("firn", "")).isSuperset(of: ["check", "gate", "explain", "doctor", "history"]))
        #expect(try bash("firn", "exp") == ["explain"])
        #expect(Set(try bash("firn", "history", "")).isSuperset(of: ["add", "show"]))
    }

    @Test func bashCompletesRules() throws {
        let rules = ["sysctl.kernel.kptr_restrict"]
        #expect(try bash("firn", "explain", "sysctl.kernel.kp") == rules)
        #expect(try bash("firn", "rules", "show", "sysctl.kernel.kp") == rules)
        #expect(try bash("firn", "history", "show", "--rule", "sysctl.kernel.kp") == rules)
        #expect(try bash("firn", "explain", "no-such") == [])
        #expect(try bash("firn", "rules", "list", "--family", "sy") == ["sysctl"])
    }

    @Test func bashCompletesOptionsAndValues() throws {
        #expect(try bash("firn", "doctor", "--f") == ["--format"])
        #expect(Set(try bash("firn", "doctor", "--format", "")) == ["text", "json"])
    }
}
