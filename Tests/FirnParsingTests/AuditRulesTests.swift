import FirnParsing
import Testing

@Suite struct AuditRulesTests {
    private let names = AuditNames(
        syscalls: [
            .x86_64: ["open": 2, "mount": 165, "execve": 59, "umount2": 166],
            .i386: ["open": 5, "mount": 21, "execve": 11],
        ], errors: ["EACCES": 13], messageTypes: ["SYSCALL": 1300])

    private func statement(_ line: String) throws -> AuditStatement {
        try #require(AuditRules.statement(line, line: 1, names: names))
    }

    private func rule(_ line: String) throws -> AuditRule {
        let statement = try statement(line)
        guard case .append(let rule)? = statement.change, statement.refusal == nil else {
            Issue.record("\(line): \(statement)")
            throw ParseError(.malformed, line: 1, "no rule")
        }
        return rule
    }

    @Test(arguments: [
        [
            "-w /etc/passwd -p wa -k id", "-a always,exit -F path=/etc/passwd -F perm=wa -k id",
            "-w /etc/passwd -p AW -k id",
        ],
        [
            "-a always,exit -F arch=b64 -S open,mount -F auid!=unset -k x",
            "-a exit,always -F arch=x86_64 -S mount -S open -F loginuid!=-1 -F key=x",
            "-a always,exit -F arch=0xc000003e -S 165,2 -F auid!=4294967295 -k x",
        ],
        ["-a always,exit -S execve -C uid!=euid", "-a always,exit -S execve -C euid!=uid"],
        ["-a always,exit -F dir=/etc/ -F perm=w", "-w /etc -p w"],
        ["-a always,exit -S all", "-a always,exit"],
        ["-a always,exit -F exit=-EACCES -S open", "-a always,exit -F exit=-13 -S open"],
        ["-a never,exclude -F msgtype=syscall", "-a never,exclude -F msgtype=1300"],
    ])
    func spellingsOfOneRuleGiveOneText(lines: [String]) throws {
        let texts = Set(try lines.map { try rule($0).text(names) })
        #expect(texts.count == 1, "\(texts)")
    }

    @Test func aWatchIsARule() throws {
        let watch = try rule("-w /etc/shadow")
        #expect(watch.list == .exit && watch.action == .always && watch.syscalls == .all)
        #expect(watch.permissions == 15)
        #expect(watch.path == "/etc/shadow")
        #expect(try rule("-w /etc/passwd -k a -k b").keys == ["a", "b"])
    }

    @Test func blanksAreTheOnlySeparators() throws {
        #expect(try rule("-w /tmp/a\\ b -p r").path == "/tmp/a b")
        #expect(try rule("-w /tmp/a\\\\b -p r").path == "/tmp/a\\b")
        #expect(try statement("\t-w /etc/passwd").refusal != nil)
        #expect(try statement("-w '/etc/passwd'").refusal != nil)
        #expect(AuditRules.statement("   ", line: 1, names: names) == nil)
        #expect(AuditRules.statement("  # -w /etc/passwd", line: 1, names: names) == nil)
    }

    @Test func controlsAreRead() throws {
        let one = try statement("-e 2 -b 8192 -f 2 -r 0")
        #expect(one.controls == [.enabled(2), .backlog(8192), .failure(2), .rate(0)])
        #expect(try statement("--loginuid-immutable").controls == [.loginuidImmutable])
        #expect(try statement("--loginuid").controls == [.loginuidImmutable])
        #expect(try statement("--backlog_wait_time=60000").controls == [.backlogWaitTime(60000)])
        #expect(try statement("--backlog_wait_time 0").controls == [.backlogWaitTime(0)])
        #expect(try statement("-D").controls == [.deleteAll(key: nil)])
        #expect(try statement("-D -k old").controls == [.deleteAll(key: "old")])
        #expect(try statement("-c").controls == [.continueOnError])
        #expect(try statement("--reset-lost").refusal == nil)
    }

    @Test(arguments: [
        "-e 3", "-e", "-f 4", "-b many", "-e 2 more", "-D -k", "-D extra", "-c -i", "--loginuid-immutable=1", "--back",
        "--r", "-h", "-b -1", "--loginuid-immutable -e 1",
    ])
    func wrongControlsAreRefused(line: String) throws {
        #expect(try statement(line).refusal != nil)
    }

    @Test func deletionsAndPrependedRules() throws {
        guard case .prepend? = try statement("-A always,exit -S mount").change,
            case .delete(let removed)? = try statement("-d always,exit -S mount").change,
            case .delete(let watch)? = try statement("-W /etc/passwd -p wa").change
        else {
            Issue.record("not what was asked for")
            return
        }
        #expect(removed.isSame(as: try rule("-a always,exit -S mount")))
        #expect(watch.isSame(as: try rule("-w /etc/passwd -p wa")))
    }

    @Test func boundsHold() throws {
        let long = "-w /" + String(repeating: "a", count: 7000)
        #expect(try statement(long).refusal != nil)
        #expect(try statement("-w /" + String(repeating: "a", count: 300)).refusal != nil)
        #expect(try statement("-w /x -k " + String(repeating: "k", count: 257)).refusal != nil)
        #expect(try statement("-w /x -k " + String(repeating: "k", count: 256)).refusal == nil)
        let fields = String(repeating: " -F auid!=5", count: 64)
        #expect(try statement("-a always,exit" + fields).refusal != nil)
        #expect(try statement("-a always,exit -S 2048").refusal != nil)
        #expect(try statement("-a always,exit -S 99999999999999999999999").refusal != nil)
    }

    @Test func bytesThatAreNoTextAreAnError() {
        #expect(throws: ParseError.self) { try AuditRules.parse([0xff, 0xfe], names: names) }
        #expect(throws: ParseError.self) { try AuditRules.parse([0x2d, 0x00], names: names) }
        #expect(throws: ParseError.self) { try AuditRules.parse(Array(repeating: 0x20, count: 2 << 20), names: names) }
    }

    @Test func aCarriageReturnBelongsToTheWord() throws {
        let statements = try AuditRules.parse(Array("-w /etc/passwd -p wa\r\n-D\r\n".utf8), names: names)
        #expect(statements.map { $0.refusal != nil } == [true, true])
    }
}

@Suite struct AuditdConfTests {
    private func parse(_ text: String) throws -> AuditdConf { try AuditdConf.parse(Array(text.utf8)) }

    @Test func keywordsAreReadInAnyCaseAndTheLastCounts() throws {
        let conf = try parse("# comment\nSpace_Left = 75\nspace_left = 25%\n\nspace_left_action = EXEC /bin/x\n")
        #expect(conf.fault == nil)
        #expect(conf["space_left"]?.value == "25%")
        #expect(conf["space_left_action"]?.option == "/bin/x")
    }

    @Test(arguments: ["space_left=75", "space_left 75", "space_left =", "space_left = 1 2 3", "space_left", "a\t= b"])
    func auditdStopsThere(line: String) throws {
        let conf = try parse("log_group = root\n\(line)\nnum_logs = 5\n")
        #expect(conf.fault?.line == 2)
        #expect(conf.settings.count == 1)
    }

    @Test func longLinesAreSkipped() throws {
        let conf = try parse("name = " + String(repeating: "n", count: 200) + "\nnum_logs = 5\n")
        #expect(conf.settings.map(\.key) == ["num_logs"])
        #expect(throws: ParseError.self) { try AuditdConf.parse([0xff]) }
    }
}
