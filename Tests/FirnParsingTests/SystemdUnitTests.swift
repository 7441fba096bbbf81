import FirnParsing
import Testing

@Suite struct SystemdUnitTests {
    private func parse(_ text: String) throws(ParseError) -> SystemdUnit {
        try SystemdUnit.parse(Array(text.utf8), file: "x.service")
    }

    @Test func continuationsCommentsAndResets() throws {
        let unit = try parse(
            """
            # a comment
            [Service]
            ExecStart=/bin/a one \\
            ; a comment inside
              two

            ExecStart=
            ExecStart=@/bin/b argv0 -x
            Environment="A=B"
            [Unit]
            After=x.target
            """)
        #expect(unit.commands("ExecStart") == [["/bin/b", "-x"]])
        #expect(unit.values("Unit", "After").map(\.value) == ["x.target"])
        #expect(unit.value("Service", "Environment")?.value == "\"A=B\"")
        #expect(unit.assignments.first?.value == "/bin/a one  two")
        #expect(unit.assignments.first?.line == 3)
    }

    @Test func aDropInComesAfterTheMainFile() throws {
        var unit = try parse("[Socket]\nListenStream=22\n")
        unit.merge(try parse("[Socket]\nListenStream=\nListenStream=2022\n"))
        #expect(unit.values("Socket", "ListenStream").map(\.value) == ["2022"])
    }

    @Test func whatIsNoAssignmentIsIgnoredAsSystemdDoes() throws {
        let unit = try parse(
            "\u{FEFF}[Service]\nno assignment\nUser = web\n[Unit]\n[Service]\nUMask=0077\\\\\nType=simple")
        #expect(unit.assignments.map(\.value) == ["web", "0077\\\\", "simple"])
        #expect(unit.value("Service", "User")?.line == 3)
    }

    @Test(arguments: ["[Unit\n", "\u{0}"])
    func whatIsNoUnitIsRefused(text: String) {
        #expect(throws: ParseError.self) { try parse(text) }
    }
}
