import FirnCatalogue
import FirnModel
import Testing

@Suite struct TOMLDocumentTests {
    let text = #"""
        # a comment with [brackets] and "quotes"
        id = "x"

        [[rule]]
        id = "a.b"
        example = [
            { facts = { "sysctl.x" = 1 }, outcome = "pass" },

            { facts = { y = """
            three
            lines""" }, outcome = "fail" },
        ]
        level.strict = { expect = { equals = 2 } }

        [[rule]]
        'id' = 'c.d'
        [rule.fix]
        path = ["boot", "x y"]
        """#

    @Test func everyNodeKnowsItsLine() throws {
        let root = try TOMLDocument.parse(text, file: "t.toml")
        #expect(root["id"]?.line == 2)
        let rules = try #require(root["rule"]?.elements)
        #expect(rules.map(\.line) == [4, 15])
        let examples = try #require(rules[0]["example"]?.elements)
        #expect(examples.map(\.line) == [7, 9])
        #expect(examples[1]["facts"]?["y"]?.line == 9)
        #expect(examples[1]["facts"]?["y"]?.string == "    three\n    lines")
        #expect(examples[1]["outcome"]?.line == 11)
        #expect(rules[0]["level"]?["strict"]?["expect"]?["equals"]?.line == 13)
        #expect(rules[1]["id"]?.line == 16)
        #expect(rules[1]["fix"]?["path"]?.line == 18)
        #expect(rules[1]["fix"]?["path"]?.strings == ["boot", "x y"])
    }

    @Test(arguments: [
        ("a = 1\nb = 1.5\n", 2), ("a = 1\nd = 2026-01-01\n", 2), ("a = 1\n\nb = \n", 3), ("a = 1\na = 2\n", 2),
    ])
    func whatIsNotAllowedIsAnErrorWithItsLine(text: String, line: Int) {
        let error = #expect(throws: DataError.self) { try TOMLDocument.parse(text, file: "t.toml") }
        #expect(error?.line == line)
        #expect(error?.file == "t.toml")
    }

    @Test func deepNestingIsAnErrorNotACrash() {
        let deep = "a = " + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: DataError.self) { try TOMLDocument.parse(deep, file: "t.toml") }
    }

    @Test func aHugeDocumentIsAnError() {
        let huge = String(repeating: "# comment comment comment\n", count: 300_000)
        #expect(throws: DataError.self) { try TOMLDocument.parse(huge, file: "t.toml") }
    }
}
