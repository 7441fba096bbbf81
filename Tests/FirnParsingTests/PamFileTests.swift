import FirnParsing
import Testing

/// How libpam reads its files; the comparison with libpam itself is in PamOracleTests.
struct PamFileTests {
    private func lines(_ text: String) throws -> [PamLine] { try PamFile.parse(Array(text.utf8)).lines }

    @Test func aLineIsTypeControlModuleAndArguments() throws {
        let line = try #require(
            try lines("  -AUTH\t[success=1 default=ignore]  /lib/pam_foo.so a=b [c d \\] e]  x # why\n").first)
        #expect(line.type == .auth && line.isSilent && line.problem == nil)
        #expect(line.target == "/lib/pam_foo.so" && line.arguments == ["a=b", "c d ] e", "x"])
        guard case .actions(let actions) = line.control else { throw ParseError(.malformed, line: 1, "no actions") }
        #expect(actions[PamResult.success] == .jump(1) && actions[PamResult.ignore] == .ignore)
    }

    @Test func theWordsAreAbbreviations() throws {
        let line = try #require(try lines("auth Sufficient pam_x.so\n").first)
        #expect(line.control == .actions(.sufficient))
        #expect(PamActions.sufficient[PamResult.newTokenRequired] == .done)
        #expect(PamActions.required[PamResult.ignore] == .ignore && PamActions.required[7] == .bad)
        #expect(PamActions.requisite[7] == .die && PamActions.optional[7] == .ignore)
    }

    @Test func defaultFillsOnlyWhatWasNotNamedBefore() throws {
        let line = try #require(try lines("auth [user_unknown=ignore default=die success=ok] pam_x.so\n").first)
        guard case .actions(let actions) = line.control else { throw ParseError(.malformed, line: 1, "no actions") }
        #expect(actions[PamResult.userUnknown] == .ignore && actions[PamResult.success] == .ok && actions[7] == .die)
    }

    @Test(arguments: [
        "auth [success=0] pam_x.so", "auth [success] pam_x.so", "auth [nonsense=ok] pam_x.so",
        "auth [success=okay] pam_x.so", "auth [success=99999999999] pam_x.so", "auth mandatory pam_x.so",
    ])
    func aControlThatIsNotUnderstoodMakesEveryResultAFailure(text: String) throws {
        let line = try #require(try lines(text).first)
        #expect(line.control == .actions(PamActions(all: .bad)) && line.problem != nil && line.target == "pam_x.so")
    }

    @Test(arguments: ["auth", "auth required", "authentication required pam_x.so", "@include common-auth"])
    func aLineWithoutItsPartsIsNamed(text: String) throws {
        let line = try #require(try lines(text).first)
        #expect(line.problem != nil)
        #expect(line.type == nil || line.target == nil)
    }

    @Test func backslashesContinueAndCommentsEnd() throws {
        let found = try lines("auth \\\n  required \\  \n pam_x.so a\n# account \\\naccount required pam_y.so # \\\n\n")
        #expect(found.map(\.number) == [1, 5])
        #expect(found.map(\.target) == ["pam_x.so", "pam_y.so"])
        #expect(try PamFile.parse(Array("auth required \\\n".utf8)).endsInContinuation)
        #expect(try PamFile.parse(Array("auth required pam_x.so # \\\n".utf8)).endsInContinuation == false)
    }

    @Test func aCarriageReturnBelongsToTheWord() throws {
        #expect(try lines("auth required pam_x.so\r\n").first?.target == "pam_x.so\r")
    }

    @Test func theOneFileFormNamesServices() throws {
        let file = try PamFile.parse(Array("LOGIN auth required pam_x.so\n".utf8), hasServices: true)
        #expect(file.lines.first?.service == "login" && file.lines.first?.type == .auth)
    }

    @Test func hostileBytesAreRefused() {
        #expect(throws: ParseError.self) { try PamFile.parse([0x61, 0]) }
        #expect(throws: ParseError.self) { try PamFile.parse([0xff, 0xfe]) }
        #expect(throws: ParseError.self) { try PamFile.parse(Array(repeating: 0x61, count: PamFile.limit + 1)) }
        #expect(throws: ParseError.self) { try PamSettings.parse([0xff]) }
        #expect(throws: ParseError.self) { try LimitsFile.parse([0]) }
    }

    @Test func settingsAreKeysAndValues() throws {
        let settings = try PamSettings.parse(
            Array("# x\n deny = 4 # more\neven_deny_root\nunlock_time=never\ndeny 5\n".utf8))
        #expect(settings["deny"]?.value == "5" && settings["deny"]?.line == 5)
        #expect(settings["even_deny_root"]?.value == "" && settings["unlock_time"]?.value == "never")
    }

    @Test func limitsHaveFourWords() throws {
        let file = try LimitsFile.parse(
            Array(
                "* hard core 0\n@dev\t-  nofile  65536 # x\nroot -\n* core 0\n* medium core 0\n* HARD Core Unlimited\n"
                    .utf8))
        #expect(file.entries.map(\.line) == [1, 2, 3, 6])
        #expect(file.entries.last?.value == "unlimited" && file.entries[2].item.isEmpty)
    }
}
