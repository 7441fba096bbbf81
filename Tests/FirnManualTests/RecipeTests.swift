import FirnManual
import FirnTestSupport
import Foundation
import Testing

/// The blocks of docs/ci-recipes.md, judged by the tools they are for.
struct RecipeTests {
    /// A fenced block.
    struct Block {
        var language: String
        /// What we call it; empty for a block that only shows something.
        var name: String
        var text: String
        var line: Int
    }

    static let file = Repository.root.appendingPathComponent("docs/ci-recipes.md")

    /// The fenced blocks of a page.
    static func blocks(of file: URL = file) throws -> [Block] {
        var blocks: [Block] = []
        var current: Block?
        var indent = 0
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("```") {
                if let block = current {
                    blocks.append(block)
                    current = nil
                } else {
                    let words = text.dropFirst(3).split(separator: " ").map(String.init)
                    indent = line.count - text.count
                    current = Block(
                        language: words.first ?? "", name: words.count > 1 ? words[1] : "", text: "", line: number + 1)
                }
            } else {
                current?.text += line.dropFirst(indent) + "\n"
            }
        }
        try #require(current == nil, "a block without an end")
        return blocks
    }

    static func block(_ name: String) throws -> String {
        let found = try blocks().filter { $0.name == name }.map(\.text)
        try #require(!found.isEmpty, "no block \(name)")
        return found.joined()
    }

    // MARK: - Their judges

    private func judge(_ tool: Tool, _ arguments: [String], _ name: String, _ text: String) throws -> (Int32, String) {
        try withTemporaryDirectory { directory in
            let place = directory.appendingPathComponent(".github/workflows")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let path = place.appendingPathComponent(name)
            try text.write(to: path, atomically: true, encoding: .utf8)
            return try tool.run(arguments + [path.path], in: directory)
        }
    }

    @Test(.enabled(if: Tool.checkJSONSchema.isExpected), arguments: ["github-workflows", "gitlab-ci"])
    func theSchemaAccepts(_ schema: String) throws {
        let text = try Self.block(String(schema.prefix { $0 != "-" }))
        let arguments = ["--builtin-schema", "vendor." + schema]
        let (code, output) = try judge(.checkJSONSchema, arguments, "ci.yml", text)
        #expect(code == 0, "\(output)")
        let broken = text.replacing("runs-on:", with: "runs-at:").replacing("when: always", with: "when: sometimes")
        #expect(try judge(.checkJSONSchema, arguments, "ci.yml", broken).0 != 0)
    }

    @Test(.enabled(if: Tool.actionlint.path != nil))
    func actionlintAccepts() throws {
        let text = try Self.block("github")
        // SC2166: `-o` in one test is what the page shows in one line; bash and dash take it.
        let arguments = ["-no-color", "-ignore", "SC2166"]
        let (code, output) = try judge(.actionlint, arguments, "ci.yml", text)
        #expect(code == 0, "\(output)")
        #expect(
            try judge(.actionlint, arguments, "ci.yml", text.replacing("cancelled()", with: "canceled()")).0 != 0)
    }

    /// Actions pinned by commit, no credentials left behind, nothing of a pull request in a shell line.
    @Test(.enabled(if: Tool.zizmor.isExpected))
    func zizmorAccepts() throws {
        let text = try Self.block("github")
        let (code, output) = try judge(.zizmor, ["--offline", "--no-progress"], "ci.yml", text)
        #expect(code == 0, "\(output)")
        let moved = text.replacing("@3d3c42e5aac5ba805825da76410c181273ba90b1", with: "@main")
        let injected = text.replacing("rm config.json", with: "echo ${{ github.event.pull_request.title }}")
        for broken in [moved, injected] {
            #expect(broken != text)
            #expect(try judge(.zizmor, ["--offline", "--no-progress"], "ci.yml", broken).0 != 0)
        }
    }

    @Test(.enabled(if: Tool.nix.isExpected))
    func nixParses() throws {
        let blocks = try Self.blocks().filter { $0.language == "nix" }
        #expect(!blocks.isEmpty)
        for block in blocks {
            let (code, output) = try judge(.nix, ["--parse"], "block.nix", block.text)
            #expect(code == 0, "line \(block.line): \(output)")
            #expect(try judge(.nix, ["--parse"], "block.nix", String(block.text.dropLast(4))).0 != 0)
        }
    }

    @Test func bashParses() throws {
        for block in try Self.blocks() where block.language == "sh" {
            let (code, output) = try Tool.bash.run(["-n", "-c", block.text])
            #expect(code == 0, "line \(block.line): \(output)")
        }
    }

    // MARK: - Every firn line

    /// The `firn` commands of all blocks, whatever is around them.
    private func firnLines() throws -> [(line: Int, words: [String])] {
        var result: [(Int, [String])] = []
        for block in try Self.blocks() {
            // A folded text of YAML is one line: what is more indented than its key.
            let folded = block.text.replacing(#/\\\n */#, with: " ").replacing(#/>-\n */#, with: "")
                .replacing(#/(firn gate [^\n]*waivers)\n +--/#, with: { "\($0.output.1) --" })
            for line in folded.split(separator: "\n") {
                let text = line.trimmingPrefix(#/[ ]*(- )?(run: )?/#)
                guard text.hasPrefix("firn ") else { continue }
                let words = text.split(separator: " ").prefix { !["||", ">", "|", ";"].contains($0) }
                result.append((block.line, words.map(String.init)))
            }
        }
        return result
    }

    @Test func everyFirnLineIsACommand() throws {
        let root = try CommandLineText.commands()
        let lines = try firnLines()
        // By hand: check, check, gate, report, sign, verify in four recipes, and more.
        #expect(lines.count >= 30)
        for (line, words) in lines {
            let defect = root.defect(in: words)
            #expect(defect == nil, "block of line \(line): \(words.joined(separator: " ")): \(defect ?? "")")
        }
    }

    @Test func aWrongLineIsFound() throws {
        let root = try CommandLineText.commands()
        for line in [
            "firn chekc x.json", "firn check x.json --formatt json", "firn gate a.json --verdict", "firn",
            "firn history add a.json", "firn doctor --format xml", "firn doctor what", "firn history",
        ] {
            #expect(root.defect(in: line.split(separator: " ").map(String.init)) != nil, "\(line)")
        }
    }

    /// The five steps and the baseline, run as they stand on a real system that has findings: so check and gate say no, and
    /// nothing ends as an error (2) or as wrong usage (64).
    @Test func theStepsRun() throws {
        let fixture = Repository.fixtures.appendingPathComponent("current-a-default")
        try withTemporaryDirectory { directory in
            let manager = FileManager.default
            try manager.createSymbolicLink(
                at: directory.appendingPathComponent("config.json"),
                withDestinationURL: fixture.appendingPathComponent("config.json"))
            try manager.createSymbolicLink(
                at: directory.appendingPathComponent("result"),
                withDestinationURL: fixture.appendingPathComponent("system"))
            try manager.createDirectory(
                at: directory.appendingPathComponent("waivers"), withIntermediateDirectories: true)
            // The page says where the key comes from.
            let made = try Tool.bash.run(["-c", try Self.keygen()], in: directory)
            try #require(made.code == 0, "\(made.output)")

            let path = try Tool.firnDirectory.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
            let expected: [String: Set<Int32>] = [
                "check": [0], "gate": [1, 3], "report": [0], "sign": [0], "verify": [1], "fix": [0], "waiver": [0, 1],
                "history": [0],
            ]
            let steps = try Self.block("steps") + Self.block("baseline")
            var ran: [String] = []
            for line in steps.split(separator: "\n") {
                let name = String(line.split(separator: " ")[1])
                let (code, output) = try Tool.bash.run(
                    ["-c", String(line)], in: directory, environment: ["PATH": path])
                #expect(expected[name]?.contains(code) == true, "\(line) ended with \(code): \(output)")
                ran.append(name)
            }
            #expect(ran.prefix(6) == ["check", "check", "gate", "report", "sign", "verify"])
            for name in [
                "declared.json", "built.json", "firn.sarif", "firn.xml", "verdict.json", "release/index.html",
                "verdict.intoto.json", "baseline.json", "hardening-fix.nix", "firn.db",
            ] {
                #expect(manager.fileExists(atPath: directory.appendingPathComponent(name).path), "\(name)")
            }
        }
    }

    /// The command of the table of keys.
    private static func keygen() throws -> String {
        let text = try String(contentsOf: file, encoding: .utf8)
        return String(try #require(text.firstMatch(of: #/`(ssh-keygen [^`]*)`/#)).output.1)
    }
}
