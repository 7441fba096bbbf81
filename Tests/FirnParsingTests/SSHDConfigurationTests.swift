import Testing

@testable import FirnParsing

/// A small dialect, so that these tests speak of the reading alone; the tables are tested beside sshd itself.
enum SSHDSample {
    static func dialect(_ change: (inout SSHDDialect.Syntax) -> Void = { _ in }) -> SSHDDialect {
        var syntax = SSHDDialect.Syntax()
        change(&syntax)
        var names: [String: SSHDDialect.Name] = [:]
        func add(_ keyword: SSHDKeyword) {
            names[keyword.name.lowercased()] = SSHDDialect.Name(keyword: keyword, inMatch: keyword.inMatch)
        }
        add(SSHDKeyword(name: "X11Forwarding", kind: .flag, inMatch: true, standard: ["no"]))
        add(SSHDKeyword(name: "PermitTTY", kind: .flag, inMatch: true, standard: ["yes"]))
        add(SSHDKeyword(name: "UsePAM", kind: .flag, standard: ["no"]))
        add(SSHDKeyword(name: "MaxAuthTries", kind: .integer, inMatch: true, standard: ["6"]))
        add(SSHDKeyword(name: "Banner", kind: .path, inMatch: true, standard: ["none"]))
        add(SSHDKeyword(name: "AllowUsers", kind: .users, inMatch: true, repetition: .append, standard: []))
        add(SSHDKeyword(name: "SetEnv", kind: .environment, inMatch: true, standard: []))
        add(SSHDKeyword(name: "Subsystem", kind: .subsystem, repetition: .append, standard: []))
        add(
            SSHDKeyword(
                name: "Ciphers", kind: .algorithms, standard: nil, algorithms: .cipher))
        add(SSHDKeyword(name: "Include", kind: .include, inMatch: true))
        add(SSHDKeyword(name: "Match", kind: .match, inMatch: true))
        add(SSHDKeyword(name: "Protocol", kind: .ignored))
        return SSHDDialect(
            version: SSHDVersion(10, 3), names: names, syntax: syntax,
            algorithms: [
                .cipher: SSHDDialect.Algorithms(
                    supported: ["old-cbc", "a-ctr", "b-gcm"], standard: ["b-gcm", "a-ctr"])
            ])
    }

    static func read(
        _ text: String, dialect: SSHDDialect = dialect(),
        includes: @escaping (String) -> SSHDIncludes = { _ in .files([]) }
    ) throws -> SSHDConfiguration {
        try SSHDConfigurationParser.parse(Array(text.utf8), file: "sshd_config", dialect: dialect, includes: includes)
    }
}

@Suite struct SSHDConfigurationTests {
    private func value(_ configuration: SSHDConfiguration, _ name: String, for connection: SSHDConnection? = nil)
        -> [String]?
    {
        configuration.effective(for: connection)[name]?.values
    }

    @Test func anUnreadableIncludeLeavesOnlyWhatWasSetBefore() throws {
        let read = try SSHDSample.read(
            "X11Forwarding no\nInclude /run/x\nMaxAuthTries 3\nAllowUsers a\n",
            includes: { .unknown("\($0) is made at run time") })
        #expect(value(read, "X11Forwarding") == ["no"])
        for name in ["MaxAuthTries", "PermitTTY", "AllowUsers", "Ciphers"] {
            #expect(
                read.effective()[name]
                    == .undetermined("/run/x is made at run time", read.firstUnresolved.map { [$0.location] } ?? []),
                "\(name)")
        }
        #expect(read.firstUnresolved?.location.line == 2)
    }

    @Test func anUnreadableIncludeInABlockDecidesNothingForOthers() throws {
        let read = try SSHDSample.read("Match User a\nInclude /run/x\n", includes: { .unknown($0) })
        #expect(value(read, "MaxAuthTries") == ["6"])
        #expect(read.firstUnresolved != nil)
    }

    @Test func aRefusedValueIsNotTheDefault() throws {
        let read = try SSHDSample.read(
            "MaxAuthTries many\nX11Forwarding perhaps\nX11Forwarding no\nCiphers rot13,a-ctr\n")
        #expect(read.problems.map(\.location.line) == [1, 2, 4])
        #expect(value(read, "MaxAuthTries") == nil)
        #expect(value(read, "X11Forwarding") == nil)
        // Names sshd does not know are kept, so that a rule can judge them.
        #expect(value(read, "Ciphers") == ["rot13", "a-ctr"])
    }

    @Test func aRefusedMatchLineOpensABlockForNobody() throws {
        let read = try SSHDSample.read("Match Planet mars\nX11Forwarding yes\n")
        #expect(read.problems.count == 1)
        #expect(value(read, "X11Forwarding", for: SSHDConnection(user: "a")) == ["no"])
        #expect(SSHDMatchBlocks(read).values["X11Forwarding"]?.map(\.setting.values) == [["yes"]])
    }

    @Test func algorithmListsNeedTheReleaseOnlyWhereTheyBuildOnIt() throws {
        var dialect = SSHDSample.dialect()
        dialect.algorithms = [:]
        #expect(value(try SSHDSample.read("Ciphers a-ctr,x\n", dialect: dialect), "Ciphers") == ["a-ctr", "x"])
        for text in ["", "Ciphers +a-ctr\n", "Ciphers -a-ctr\n", "Ciphers ^a-ctr\n", "Ciphers a-*\n"] {
            #expect(value(try SSHDSample.read(text, dialect: dialect), "Ciphers") == nil, "\(text)")
        }
    }

    @Test func beforeArgvSplitACommentBeginsAnywhere() throws {
        let dialect = SSHDSample.dialect {
            $0.splitsArguments = false; $0.splitsMatch = false
        }
        let read = try SSHDSample.read(
            "UsePAM no # handled\nBanner \"/a b\"#c\nAllowUsers a 'b c' # d\nX11Forwarding#yes\nProtocol 1 # x\n",
            dialect: dialect)
        #expect(value(read, "Banner") == ["/a b"])
        // Only double quotes are quotes there.
        #expect(value(read, "AllowUsers") == ["a", "'b", "c'"])
        #expect(value(read, "UsePAM") == ["no"])
        #expect(read.problems.map(\.location.line) == [4])
    }

    @Test func matchSyntaxByRelease() throws {
        let connection = SSHDConnection(user: "a")
        let text = "Match User=a\nX11Forwarding yes\n"
        for (change, holds, refused): (@Sendable (inout SSHDDialect.Syntax) -> Void, Bool, Bool) in [
            ({ $0.splitsMatch = false }, true, false), ({ $0.matchAssignment = false }, false, true),
            ({ _ in }, true, false),
        ] {
            let read = try SSHDSample.read(text, dialect: SSHDSample.dialect(change))
            #expect((value(read, "X11Forwarding", for: connection) == ["yes"]) == holds)
            #expect(read.problems.isEmpty != refused)
        }
        let invalid = try SSHDSample.read("Match invalid-user\nMaxAuthTries 1\n")
        #expect(value(invalid, "MaxAuthTries", for: SSHDConnection(user: "x", isInvalidUser: true)) == ["1"])
        #expect(value(invalid, "MaxAuthTries", for: connection) == ["6"])
        let version = try SSHDSample.read("Match version OpenSSH_10.*\nMaxAuthTries 1\n")
        #expect(value(version, "MaxAuthTries", for: connection) == ["1"])
    }

    /// OpenSSH 8.2 and 8.3 read Match blocks of files that are included globally, and never judge them.
    @Test func oldReleasesIgnoreMatchInGlobalIncludes() throws {
        let files: (String) -> SSHDIncludes = { path in
            .files([SSHDIncludedFile(path: path, bytes: Array("Match User a\nX11Forwarding yes\n".utf8))])
        }
        let old = try SSHDSample.read(
            "Include /a\n", dialect: SSHDSample.dialect { $0.matchInInclude = false }, includes: files)
        #expect(value(old, "X11Forwarding", for: SSHDConnection(user: "a")) == ["no"])
        #expect(SSHDMatchBlocks(old).values.isEmpty)
        let new = try SSHDSample.read("Include /a\n", includes: files)
        #expect(value(new, "X11Forwarding", for: SSHDConnection(user: "a")) == ["yes"])
        #expect(SSHDMatchBlocks(new).blocks.map(\.criteria) == ["User a"])
    }

    @Test func relativeIncludes() throws {
        for (isNew, expected) in [(true, "/etc/ssh/x.d/*.conf"), (false, "/etc/ssh/InClude")] {
            let read = try SSHDSample.read(
                "InClude x.d/*.conf\n", dialect: SSHDSample.dialect { $0.relativeInclude = isNew },
                includes: { .unknown($0) })
            #expect(read.firstUnresolved?.reason == expected)
        }
    }

    @Test func onlyTheFirstLineOfABlockCounts() throws {
        let read = try SSHDSample.read(
            "Match User a\nMaxAuthTries 3\nMaxAuthTries 10\nAllowUsers x\nAllowUsers y\nMatch all\nX11Forwarding yes\nMatch User b\nMaxAuthTries 9\n"
        )
        let blocks = SSHDMatchBlocks(read)
        #expect(blocks.values["MaxAuthTries"]?.map(\.setting.values) == [["3"], ["9"]])
        #expect(blocks.values["AllowUsers"]?.map(\.setting.values) == [["x"], ["y"]])
        #expect(blocks.values["X11Forwarding"] == nil, "Match all is for everyone")
        #expect(blocks.blocks.map(\.location.line) == [1, 8])
    }

    @Test func valuesOfEnvironmentVariablesAreNotShown() throws {
        let read = try SSHDSample.read("SetEnv TOKEN=canary-7f3a\n")
        #expect(read.effective()["SetEnv"]?.locations.map(\.text) == ["SetEnv (values not shown)"])
    }

    @Test func subsystemsOfOneName() throws {
        let text = "Subsystem a /x\nSubsystem a /y\nSubsystem b /z\n"
        let new = try SSHDSample.read(text)
        #expect(value(new, "Subsystem") == ["a /x", "b /z"])
        #expect(new.problems.isEmpty)
        let old = try SSHDSample.read(text, dialect: SSHDSample.dialect { $0.repeatedSubsystem = false })
        #expect(old.problems.map(\.location.line) == [2])
    }
}

@Suite struct SSHDLimitTests {
    @Test func badBytes() {
        for bytes: [UInt8] in [[0x55, 0x00], [0xff, 0xfe], [0x55, 0x73, 0xc3, 0x28]] {
            #expect(throws: ParseError.self) {
                try SSHDConfigurationParser.parse(
                    bytes, file: "f", dialect: SSHDSample.dialect(), includes: { _ in .files([]) })
            }
        }
    }

    @Test func includesThatNameEachOther() throws {
        var asked = 0
        let read = try SSHDSample.read(
            "Include /a\n",
            includes: { path in
                asked += 1
                return .files([SSHDIncludedFile(path: path, bytes: Array("Include /a\nInclude /b\n".utf8))])
            })
        #expect(!read.problems.isEmpty || read.firstUnresolved != nil)
        #expect(asked < 2000)
    }

    @Test func anIncludedFileThatIsNoTextIsUnresolved() throws {
        let read = try SSHDSample.read(
            "Include /a\nMaxAuthTries 3\n", includes: { .files([SSHDIncludedFile(path: $0, bytes: [0xff])]) })
        #expect(read.firstUnresolved?.reason.contains("/a") == true)
        #expect(read.effective()["MaxAuthTries"]?.values == nil)
    }

    @Test func tooManyLines() {
        #expect(throws: ParseError.self) {
            try SSHDSample.read(String(repeating: "\n", count: 100_001))
        }
    }

    @Test func manyListsStayQuick() throws {
        let lines = (0..<20_000).map { "AllowUsers u\($0)" }.joined(separator: "\n")
        #expect(try SSHDSample.read(lines).effective()["AllowUsers"]?.values?.count == 20_000)
        let names = (0..<100_000).map { "c\($0)" }.joined(separator: ",")
        let read = try SSHDSample.read("Ciphers " + names)
        #expect(read.effective()["Ciphers"]?.values == nil)
    }
}
