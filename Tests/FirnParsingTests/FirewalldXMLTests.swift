import FirnParsing
import Testing

@Suite("firewalld's XML")
struct FirewalldXMLTests {
    @Test("a zone")
    func zone() throws {
        let root = try FirewalldElement.parse(
            Array(
                "<?xml version=\"1.0\"?>\n<!-- c -->\n<zone target='DROP'>\n <short>a &amp; b</short>\n <port port=\"22\" protocol=\"tcp\"/>\n</zone>\n"
                    .utf8))
        #expect(root.name == "zone")
        #expect(root.attributes == ["target": "DROP"])
        #expect(root.children.map(\.name) == ["short", "port"])
        #expect(root.children[1].attributes == ["port": "22", "protocol": "tcp"])
        #expect(root.children[1].line == 5)
    }

    @Test(
        "what is refused",
        arguments: [
            "", "<zone>", "<zone></rule>", "<zone a=1/>", "<zone a=\"1\" a=\"2\"/>", "<zone/><zone/>", "text",
            "<!DOCTYPE z [<!ENTITY a \"b\">]><zone/>", "<zone a=\"&lol;\"/>", "<zone>&lol;</zone>", "<zone a=\"<\"/>",
            "<zone><!-- </zone>", String(repeating: "<a>", count: 100), "<zone a=\"", "<zone>\u{0}</zone>",
        ])
    func malformed(_ text: String) {
        #expect(throws: ParseError.self) { try FirewalldElement.parse(Array(text.utf8)) }
    }

    @Test("the last of two entries counts")
    func conf() throws {
        let conf = try FirewalldConf.parse(Array("# c\nDefaultZone=a\n; c\nDefaultZone = b\nnothing\n".utf8))
        #expect(conf.entries["DefaultZone"]?.value == "b")
        #expect(conf.entries["DefaultZone"]?.line == 4)
        #expect(conf.entries.count == 1)
    }
}
