import FirnParsing
import Testing

@Suite("nix.conf")
struct NixConfTests {
    private func parse(_ text: String) throws -> NixConf { try NixConf.parse(Array(text.utf8)) }

    @Test func statements() throws {
        let conf = try parse(
            "# c\n a  =  1   2 # c\nbuilders =\nb = x=y\ninclude /etc/nix/a.conf\n!include b.conf\n\n")
        #expect(
            conf.statements == [
                .setting(name: "a", value: "1 2", line: 2), .setting(name: "builders", value: "", line: 3),
                .setting(name: "b", value: "x=y", line: 4),
                .include(path: "/etc/nix/a.conf", isRequired: true, line: 5),
                .include(path: "b.conf", isRequired: false, line: 6),
            ])
    }

    @Test(
        "what Nix refuses is refused",
        arguments: ["a\n", "a=b\n", "a =b\n", "a b\n", "include\n", "include a b\n", "a \u{0} b\n"])
    func refused(_ text: String) {
        #expect(throws: ParseError.self) { try parse(text) }
    }

    @Test func errorsNameTheLine() {
        let error = #expect(throws: ParseError.self) { try parse("a = b\n\nc\n") }
        #expect(error?.line == 3)
    }

    @Test func truth() {
        #expect(["true", "yes", "1"].allSatisfy { NixConf.boolean($0) == true })
        #expect(["false", "no", "0"].allSatisfy { NixConf.boolean($0) == false })
        #expect(["True", "on", "", "2"].allSatisfy { NixConf.boolean($0) == nil })
    }
}
