import FirnModel
import FirnParsing
import FirnReportCore
import FirnTestSupport
import Testing

struct ReportJSONTests {
    @Test(arguments: SampleReports.all.map(\.name))
    func roundTrip(_ name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }?.report)
        let document = ReportJSON.encode(report)
        let read = try ReportJSON.decode(Array(document.utf8))
        #expect(read == report)
        #expect(ReportJSON.encode(read) == document)
    }

    @Test(arguments: ["firn 0.1.0", "firn", "", " ", "a b c", "a ", " a", "firn  1"])
    func toolIsSplitAndJoined(_ tool: String) throws {
        var report = SampleReports.empty
        report.tool = tool
        #expect(try ReportJSON.decode(Array(ReportJSON.encode(report).utf8)).tool == tool)
    }

    @Test(arguments: DocumentChange.ofForm + DocumentChange.ofMeaning)
    func changedDocumentsAreRefused(_ change: DocumentChange) throws {
        let error = try #require(throws: ParseError.self) {
            try ReportJSON.decode(Array(change.document().utf8))
        }
        #expect(error.message.contains(change.message), "\(error)")
        #expect(error.line >= 1)
    }

    @Test func everyPrefixIsRefused() {
        let bytes = Array(ReportJSON.encode(SampleReports.hosts).utf8)
        for count in 0..<(bytes.count - 1) {
            #expect(throws: ParseError.self) { try ReportJSON.decode(Array(bytes[..<count])) }
        }
    }

    /// Every byte replaced by a few others: refused, or read as a report; never a trap.
    @Test func everyByteChanged() {
        let bytes = Array(ReportJSON.encode(SampleReports.single).utf8)
        for index in bytes.indices {
            for byte in [0x22, 0x30, 0x5b, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                do {
                    let report = try ReportJSON.decode(changed)
                    #expect(try ReportJSON.decode(Array(ReportJSON.encode(report).utf8)) == report)
                } catch {
                    #expect(error.message.unicodeScalars.allSatisfy(VisibleText.isSafe))
                }
            }
        }
    }

    @Test(arguments: ["", "null", "[]", "\"x\"", "{}", "\u{feff}{}", String(repeating: "[", count: 100_000)])
    func otherDocumentsAreRefused(_ text: String) {
        #expect(throws: ParseError.self) { try ReportJSON.decode(Array(text.utf8)) }
    }

    @Test func messagesDoNotCarryControls() throws {
        let error = try #require(throws: ParseError.self) {
            try ReportJSON.decode(Array(#"{"schemaVersion": 3, "a\u001b[31m": 1}"#.utf8))
        }
        #expect(error.message.contains(#"a\u{1b}[31m"#))
    }

    /// The schema describes every property and leaves none open.
    @Test func schemaIsStrictAndDescribed() throws {
        let node = try JSONParser.parse(try Repository.bytes("reports/schema/report.schema.json"))
        var objects = 0
        func walk(_ node: JSONNode, _ path: String) {
            if let properties = node["properties"]?.object {
                objects += 1
                for member in properties.members {
                    let text = member.node["description"]?.string ?? ""
                    #expect(!text.isEmpty, "\(path).\(member.key) has no description")
                }
                if node["type"]?.string == "object" {
                    #expect(node["additionalProperties"]?.boolean == false, "\(path) is open")
                    #expect(
                        node["required"]?.array?.compactMap(\.string).sorted()
                            == properties.members.map(\.key).sorted(),
                        "\(path) has keys that may be missing")
                }
            }
            for member in node.object?.members ?? [] { walk(member.node, path + "." + member.key) }
            for element in node.array ?? [] { walk(element, path + "[]") }
        }
        walk(node, "")
        #expect(objects > 20)
        #expect(node["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        let words = { (name: String) in node["$defs"]?[name]?["enum"]?.array?.compactMap(\.string) ?? [] }
        #expect(words("outcome") == Outcome.allCases.map(\.rawValue))
        #expect(words("severity") == Severity.allCases.map(\.rawValue))
        #expect(words("source") == SourceKind.allCases.map(\.rawValue))
    }
}

struct JSONWriterTests {
    @Test func layout() {
        let text = JSONWriter.document { writer in
            writer.object { writer in
                writer.member("b", 1)
                writer.member("a") { $0.array([true, false]) { $0.boolean($1) } }
                writer.member("empty") { $0.object { _ in } }
                writer.member("none") { $0.strings([]) }
                writer.member("nested") { $0.array([[1], []]) { $0.array($1) { $0.integer($1) } } }
                writer.member("null", nil as String?)
            }
        }
        #expect(
            text == """
                {
                  "b": 1,
                  "a": [
                    true,
                    false
                  ],
                  "empty": {},
                  "none": [],
                  "nested": [
                    [
                      1
                    ],
                    []
                  ],
                  "null": null
                }

                """)
    }

    @Test(arguments: [
        ("\"\\/", #""\"\\/""#), ("\n\r\t\u{8}\u{c}\u{0}", #""\n\r\t\u0008\u000c\u0000""#),
        ("\u{7f}\u{9b}\u{2028}\u{2029}", #""\u007f\u009b\u2028\u2029""#), ("\u{e0041}", #""\udb40\udc41""#),
        ("é日\u{1f600}", "\"é日\u{1f600}\""),
    ])
    func strings(_ text: String, _ expected: String) {
        #expect(JSONWriter.document { $0.string(text) } == expected + "\n")
    }
}
