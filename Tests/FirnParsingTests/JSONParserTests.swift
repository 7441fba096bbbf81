import FirnParsing
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(ParseError) -> JSONNode {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test func valuesAndLines() throws {
        let node = try parse(
            "{\n \"a\": [1, -2,\n 2.5e3], \"b\": \"\\u00e9\\ud83d\\ude00\\n\", \"c\": null, \"d\": true}")
        #expect(node["a"]?.line == 2)
        #expect(node["a"]?.array?.map(\.integer) == [1, -2, nil])
        #expect(node["a"]?.array?[2].value == .double(2500))
        #expect(node["a"]?.array?[2].line == 3)
        #expect(node["b"]?.string == "é😀\n")
        #expect(node["c"]?.isNull == true)
        #expect(node["d"]?.boolean == true)
    }

    @Test(arguments: [
        "", " ", "{", "[1,", "\"a", "tru", "nul", "{\"a\"", "{\"a\":", "[1 2]", "{\"a\" 1}", "{a: 1}", "[01]", "[1.]",
        "[1e]", "[-]", "[+1]", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "1 2", "{}x",
        "{\"a\":1,\"a\":2}", "[1e999]", "{\"a\":1,}", "[1,]", "'a'", "\u{feff}{}",
    ])
    func whatIsNoJSONIsRefusedWithALine(text: String) {
        let error = #expect(throws: ParseError.self) { try parse(text) }
        #expect((error?.line ?? 0) >= 1)
    }

    @Test func depthIsBounded() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        _ = try parse(nested(256))
        let error = #expect(throws: ParseError.self) { try parse(nested(10_000)) }
        #expect(error?.code == .limit)
    }

    @Test func aNumberBeyond64BitsIsNoWholeNumber() throws {
        #expect(try parse("9223372036854775807").integer == .max)
        #expect(try parse("9223372036854775808").integer == nil)
    }

    @Test func everyCutOfADocumentIsRefused() throws {
        let text = Array("{\"a\": [1, {\"b\": \"x\\n\"}], \"c\": false}".utf8)
        for end in 0..<text.count {
            #expect(throws: ParseError.self) { try JSONParser.parse(Array(text[..<end])) }
        }
    }
}
