import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import Testing

@Suite("TOML with lines")
struct TOMLDocumentTests {
    /// The lines of all nodes by path, as `a.b[0]`.
    private func lines(_ node: DataNode, path: String = "") -> [String: Int] {
        var result = [path: node.line]
        for entry in node.entries ?? [] {
            result.merge(lines(entry.node, path: path.isEmpty ? entry.key : "\(path).\(entry.key)")) { $1 }
        }
        for (index, element) in (node.elements ?? []).enumerated() {
            result.merge(lines(element, path: "\(path)[\(index)]")) { $1 }
        }
        return result
    }

    private static let sample = #"""
        # a comment with [brackets] = "and quotes
        title = "top" # [not.a.header]

        [a.b]
        c = 1
        "quoted \"key\".x" = { d = true, e.f = [1, 2] }
        'literal "key"' = """
        many
        [lines] \""" of = text
        """"
        after = 'x'

        [[rule]]
        id = "one"
        list = [ # comment ]
            "p", "q # no comment",

            [ 3,
              4 ],
            { k = '''
        a ''' },
        ]
        level.strict = { expect = { equals = 2 } }
        level.minimal.expect.equals = 1

        [rule.sub]
        n = 0x0f
        [[rule.sub.deep]]
        m = "\u00e9"

        [[rule]]
        id = "two"
        "k\u00e9y" = 1

        [a]
        late = 1_000
        """#

    /// toml++ ends the process over a header that starts with none of a key's characters.
    @Test(arguments: ["[.a]", "[=]", "[\n]", "[ #]", "[[,]]", "[[ .a]]", "[]", "[\u{1b}]", "[["])
    func aHeaderWithoutANameIsRefused(_ header: String) {
        let error = #expect(throws: DataError.self) { try TOMLDocument.parse("a = 1\n" + header, file: "x.toml") }
        #expect(error?.line == 2)
    }

    @Test func everyNodeHasItsLine() throws {
        let root = try TOMLDocument.parse(Self.sample, file: "sample.toml")
        let lines = lines(root)
        let expected: [String: Int] = [
            "title": 2, "a": 35, "a.b": 4, "a.b.c": 5, "a.b.quoted \"key\".x": 6, "a.b.quoted \"key\".x.d": 6,
            "a.b.quoted \"key\".x.e": 6, "a.b.quoted \"key\".x.e.f": 6, "a.b.quoted \"key\".x.e.f[1]": 6,
            "a.b.literal \"key\"": 7, "a.b.after": 11, "rule": 13, "rule[0]": 13, "rule[0].id": 14,
            "rule[0].list": 15, "rule[0].list[0]": 16, "rule[0].list[1]": 16, "rule[0].list[2]": 18,
            "rule[0].list[2][0]": 18, "rule[0].list[2][1]": 19, "rule[0].list[3]": 20, "rule[0].list[3].k": 20,
            "rule[0].level": 23, "rule[0].level.strict": 23, "rule[0].level.strict.expect.equals": 23,
            "rule[0].level.minimal": 24, "rule[0].level.minimal.expect": 24,
            "rule[0].level.minimal.expect.equals": 24, "rule[0].sub": 26, "rule[0].sub.n": 27,
            "rule[0].sub.deep": 28, "rule[0].sub.deep[0]": 28, "rule[0].sub.deep[0].m": 29, "rule[1]": 31,
            "rule[1].id": 32, "rule[1].kéy": 33, "a.late": 36,
        ]
        for (path, line) in expected {
            #expect(lines[path] == line, "\(path)")
        }
    }

    @Test func valuesArriveAndKeysAreSorted() throws {
        let root = try TOMLDocument.parse(
            "z = 1\nb = true\na = 'x'\nl = [ 1, 'y' ]\nmax = 9223372036854775807\n", file: "f.toml")
        #expect(root.entries?.map(\.key) == ["a", "b", "l", "max", "z"])
        #expect(root["a"]?.string == "x")
        #expect(root["b"]?.boolean == true)
        #expect(root["z"]?.integer == 1)
        #expect(root["max"]?.integer == .max)
        #expect(root["l"]?.elements?.map(\.value) == [.integer(1), .string("y")])
    }

    @Test func windowsLineEndsAndByteOrderMark() throws {
        let root = try TOMLDocument.parse("\u{FEFF}a = 1\r\n\r\n[t]\r\nb = [\r\n1,\r\n2]\r\n", file: "f.toml")
        #expect(lines(root)["t.b[1]"] == 6)
        #expect(lines(root)["t"] == 3)
    }

    @Test(arguments: [
        ("a = 1\nb = 1.5\n", 2, "float"),
        ("a = 1\n\nb = [1,\n 2024-01-01]\n", 4, "date"),
        ("a = 07:32:00\n", 1, "date"),
        ("a = 1\na = 2\n", 2, "not TOML"),
        ("a = 1\n[b\n", 2, "not TOML"),
        ("a = \"x", 1, "not TOML"),
        ("a = 1\nb = \"x\\u0000y\"\n", 2, "NUL"),
        ("\"a\\U00000000\" = 1\n", 1, "NUL"),
        ("x = 1\na = 1\0\n", 2, "not TOML"),
        ("a = 9223372036854775808\n", 1, "not TOML"),
    ])
    func errorsNameTheLine(text: String, line: Int, word: String) {
        let error = #expect(throws: DataError.self) { try TOMLDocument.parse(text, file: "bad.toml") }
        #expect(error?.line == line)
        #expect(error?.file == "bad.toml")
        #expect(error?.message.contains(word) == true, "\(error?.description ?? "no error")")
    }

    /// Texts by name, since a failing test prints its argument.
    private static let deep = [
        "arrays": "a = " + String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000),
        "tables": "a = " + String(repeating: "{a=", count: 1_000) + "1" + String(repeating: "}", count: 1_000),
        "open": "a = " + String(repeating: "[{a=", count: 200_000),
        "key": String(repeating: "a.", count: 200_000) + "a = 1",
        "open key": String(repeating: "a.", count: 200_000) + "a = ",
        "header": "[" + String(repeating: "a.", count: 1_000) + "a]",
        "array header": "[[" + String(repeating: "a.", count: 200_000) + "a]",
    ]

    @Test(arguments: deep.keys.sorted())
    func depthIsBounded(name: String) throws {
        let text = try #require(Self.deep[name])
        let error = #expect(throws: DataError.self) { try TOMLDocument.parse(text, file: "deep.toml") }
        #expect(error?.message == "nested deeper than 64 levels")
        #expect(error?.line == 1)
    }

    @Test func sizeIsBounded() {
        let text = String(repeating: "# five megabytes\n", count: 300_000)
        let error = #expect(throws: DataError.self) { try TOMLDocument.parse(text, file: "large.toml") }
        #expect(error?.message.contains("longer than") == true)
    }
}
