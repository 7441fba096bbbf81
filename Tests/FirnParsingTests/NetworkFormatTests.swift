import FirnParsing
import Testing

/// exports(5), tmpfiles.d(5) and sectioned settings, whole and broken.
@Suite struct NetworkFormatTests {
    @Test func exports() throws {
        let text = """
            # comment
            /srv/a 10.0.0.0/8(rw,no_root_squash,root_squash) *(ro,insecure)
            /srv/b -sec=krb5p,rw host1 \\
              host2(ro)
            "/srv/with blank" (rw)
            /srv/c\\040d @group
            /srv/e
            """
        let exports = try ExportsFile.parse(Array(text.utf8)).exports
        #expect(
            exports.map { "\($0.path) \($0.client)" } == [
                "/srv/a 10.0.0.0/8", "/srv/a *", "/srv/b host1", "/srv/b host2", "/srv/with blank *", "/srv/c d @group",
                "/srv/e *",
            ])
        #expect(exports[0].last(of: ["no_root_squash", "root_squash"]) == "root_squash")
        #expect(exports[2].flavours == ["krb5p"])
        #expect(exports[1].flavours == ["sys"])
        #expect(exports[3].line == 3)
    }

    @Test func aClientWithoutNameIsEverybody() throws {
        #expect(try ExportsFile.parse(Array("/srv \"\"\n".utf8)).exports.map(\.client) == ["*"])
    }

    @Test func aContinuedLastLineCounts() throws {
        let file = try SectionedText.parse(Array("[s]\nguest ok = yes\\".utf8))
        #expect(file.last("s", ["guest ok"])?.value == "yes")
    }

    @Test(arguments: ["srv *", "/srv host(rw", "\"/srv", "/a\0b *", "/x \u{22}a"])
    func brokenExports(text: String) {
        #expect(throws: ParseError.self) { try ExportsFile.parse(Array(text.utf8)) }
    }

    @Test func tmpfiles() throws {
        let text = "# no\nd /srv/drop 0777 root root -\nz \"/a b\" ~:0640 - - - x\\x20y\nL+ /l - - - - /t\nf /f\n"
        let lines = try TmpfilesLine.parse(Array(text.utf8))
        #expect(lines.map(\.mode) == [0o777, 0o640, nil, nil])
        #expect(lines.map(\.path) == ["/srv/drop", "/a b", "/l", "/f"])
        #expect(lines[1].isMasked && lines[1].isForNewOnly)
        #expect(lines[1].argument == "x y")
        #expect(lines[2].marks == "+")
    }

    @Test(arguments: ["d", "d /x 0788 - -", "d \"/x", "d /x 077777 -", "d /x u=rwx"])
    func brokenTmpfiles(text: String) {
        #expect(throws: ParseError.self) { try TmpfilesLine.parse(Array(text.utf8)) }
    }

    @Test func sections() throws {
        let text = "[Global]\n  map to guest = Bad User\n; c\n[Public]\nGuest  OK = yes\nlong = a \\\n b\n"
        let file = try SectionedText.parse(Array(text.utf8))
        #expect(file.sections == ["Global", "Public"])
        #expect(file.last("global", ["map to guest"])?.value == "Bad User")
        #expect(file.last("public", ["guest ok"])?.value == "yes")
        #expect(file.last("public", ["long"])?.value.contains("b") == true)
        #expect(throws: ParseError.self) { try SectionedText.parse(Array("[open\n".utf8)) }
    }

    @Test func nginx() throws {
        let text = """
            # c
            http { server { listen 443 ssl; server_name "a b" 'c\\'d'; return 301 https://$host${request_uri};
              location ~ "^/x{2}" { autoindex on; } content_by_lua_block { if x { y } } } }
            """
        let root = try NginxDirective.parse(Array(text.utf8), file: "f")
        let server = try #require(root.first?.block?.first)
        #expect(server.block?.map(\.name) == ["listen", "server_name", "return", "location", "content_by_lua_block"])
        #expect(server.block?[1].arguments == ["a b", "c'd"])
        #expect(server.block?[2].arguments == ["301", "https://$host${request_uri}"])
        #expect(server.block?[3].line == 3)
    }

    @Test(arguments: ["a", "a b", "{ }", "a { b; ", "}", "a \"b;", "a \"b\"c;", "a; ;"])
    func brokenNginx(text: String) {
        #expect(throws: ParseError.self) { try NginxDirective.parse(Array(text.utf8), file: "f") }
    }

    @Test func nestedTooDeep() {
        let text = String(repeating: "a { ", count: 100) + String(repeating: "} ", count: 100)
        #expect(throws: ParseError.self) { try NginxDirective.parse(Array(text.utf8), file: "f") }
    }
}
