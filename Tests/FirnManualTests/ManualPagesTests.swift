import FirnCommands
import FirnManual
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

struct ManualPagesTests {
    static let directory = Repository.root.appendingPathComponent("docs/man")

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    @Test func thePagesAreThoseOfTheCommands() throws {
        let pages = ManualPages(try CommandLineText.commands(), version: FirnCommand.version).pages
        #expect(
            Set(pages.keys) == Set(try Self.names().filter { $0.hasSuffix(".1") }), "run make manual")
        for (name, text) in pages {
            let file = Self.directory.appendingPathComponent(name)
            let written = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
            // Compared first, so that a failure does not print two pages.
            let isFresh = written == text
            #expect(isFresh, "docs/man/\(name) is stale: run make manual")
        }
    }

    /// Which pages there have to be, by hand: nothing may vanish because the dump changed its form.
    @Test func everyCommandHasAPage() throws {
        let names = Set(try Self.names())
        for command in [
            "firn", "firn-check", "firn-gate", "firn-diff", "firn-history", "firn-history-add", "firn-history-show",
            "firn-fix", "firn-waiver", "firn-waiver-lint", "firn-waiver-list", "firn-sign", "firn-verify", "firn-rules",
            "firn-rules-list", "firn-rules-show", "firn-rules-search", "firn-profiles", "firn-profiles-list",
            "firn-profiles-show", "firn-profiles-diff", "firn-explain", "firn-doctor",
        ] {
            #expect(names.contains(command + ".1"))
        }
        #expect(names.isSuperset(of: ["firn-policy.5", "firn-waiver.5"]))
    }

    @Test(.enabled(if: Tool.mandoc.isExpected))
    func mandocAcceptsThem() throws {
        let paths = try Self.names().map { Self.directory.appendingPathComponent($0).path }
        let (code, output) = try Tool.mandoc.run(["-T", "lint", "-W", "warning"] + paths)
        #expect(code == 0, "\(output)")
        #expect(output.isEmpty, "\(output)")
    }

    @Test(.enabled(if: Tool.mandoc.isExpected), arguments: [".Bl -tag\n.It a\n", ".Ed\n", ".Zz what\n"])
    func mandocRefusesABrokenOne(_ defect: String) throws {
        let page = try String(contentsOf: Self.directory.appendingPathComponent("firn-explain.1"), encoding: .utf8)
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("broken.1")
            try (page + defect).write(to: file, atomically: true, encoding: .utf8)
            #expect(try Tool.mandoc.run(["-T", "lint", "-W", "warning", file.path]).code != 0)
        }
    }

    /// Pages that are referred to exist.
    @Test func seeAlsoLeadsSomewhere() throws {
        let names = Set(try Self.names())
        for name in names {
            let page = try String(contentsOf: Self.directory.appendingPathComponent(name), encoding: .utf8)
            for line in page.replacing("\\-", with: "-").split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "Xr") ?? words.firstIndex(of: ".Xr"), index + 2 < words.count
                else { continue }
                #expect(names.contains("\(words[index + 1]).\(words[index + 2])"), "\(name): \(line)")
            }
        }
    }

    /// Words that mean something to mdoc(7) are words of a page like all others.
    @Test(.enabled(if: Tool.mandoc.isExpected))
    func hostileTextIsShownAsItIs() throws {
        let words = ["Ar", ".Sh", "'br", "\\fB", "\"q\"", "--no", "Xr", ".", "Fl", "a\\"]
        let argument = """
            {"kind": "option", "isOptional": true, "isRepeating": false, "shouldDisplay": true, "valueName": "Ar",
             "abstract": "Op Fl x.", "names": [{"kind": "long", "name": "Nm"}], "defaultValue": ".Pp"}
            """
        let text = words.joined(separator: " ").replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let lines = words.map { "  " + $0 }.joined(separator: "\\n").replacing("\\f", with: "\\\\f")
            .replacing("a\\", with: "a\\\\").replacing("\"q\"", with: "\\\"q\\\"")
        let dump = """
            {"serializationVersion": 0, "command": {"commandName": "firn", "shouldDisplay": true, "abstract": ".Sh it",
             "discussion": "\(text)\\n\\nExample:\\n\(lines)", "arguments": [\(argument)]}}
            """
        let root = try #require(CommandDescription(dump: try JSONParser.parse(Array(dump.utf8))))
        let page = try #require(ManualPages(root, version: "1").pages["firn.1"])
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("firn.1")
            try page.write(to: file, atomically: true, encoding: .utf8)
            let lint = try Tool.mandoc.run(["-T", "lint", "-W", "error", file.path])
            #expect(lint.code == 0, "\(lint.output)")
            // `x BACKSPACE x` is how a terminal page says bold.
            let shown = try Tool.mandoc.run(["-T", "ascii", file.path]).output
                .replacing(#/.\u{8}/#, with: "").split(separator: "\n").map { $0.trimmingPrefix(#/ +/#) }
            #expect(shown.contains { $0 == words.joined(separator: " ") }, "\(shown)")
            for word in words { #expect(shown.contains { $0 == word }, "\(word)") }
            #expect(shown.contains { $0 == "--Nm Ar" })
            #expect(shown.contains { $0.contains("Op Fl x.") })
            #expect(shown.contains { $0.contains("Default: .Pp.") })
        }
    }

    @Test func anotherFormOfTheDumpIsRefused() throws {
        for dump in ["{}", #"{"serializationVersion": 1, "command": {"commandName": "firn"}}"#, "[]"] {
            #expect(CommandDescription(dump: try JSONParser.parse(Array(dump.utf8))) == nil)
        }
    }
}
