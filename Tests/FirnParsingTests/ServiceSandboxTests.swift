import FirnParsing
import Testing

/// The rules of values that the comparison with systemd-analyze shows as well; here each by itself, without the tool.
@Suite struct ServiceSandboxTests {
    private var words: SandboxVocabulary {
        var words = SandboxVocabulary()
        words.capabilities = ["CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_SYS_ADMIN": 21]
        words.families = ["AF_UNIX": .init(.unix, number: 1), "AF_INET": .init(.inet, number: 2)]
        words.calls = ["open": 0, "ptrace": 1, "mount": 2]
        var set = CallSet()
        set.insert(2)
        words.callSets = ["@default": CallSet(), "@mount": set]
        words.switches = ["PrivateTmp", "DynamicUser", "NoNewPrivileges"]
        return words
    }

    private func read(_ lines: String...) throws -> ServiceSandbox {
        let text = "[Service]\n" + lines.joined(separator: "\n") + "\n"
        return ServiceSandbox(try SystemdUnit.parse(Array(text.utf8), file: "x.service"), vocabulary: words)
    }

    @Test func capabilityListsReplaceThenMerge() throws {
        #expect(try read("AmbientCapabilities=CAP_KILL").ambientSet == 1 << 5)
        #expect(try read("AmbientCapabilities=CAP_KILL", "AmbientCapabilities=CAP_CHOWN").ambientSet == 1 << 5 | 1)
        #expect(try read("AmbientCapabilities=CAP_KILL", "AmbientCapabilities=").ambientSet == 0)
        #expect(try read("CapabilityBoundingSet=~CAP_SYS_ADMIN").boundingSet == 1 << 5 | 1)
        #expect(try read("CapabilityBoundingSet=").boundingSet == 0)
        #expect(try read("CapabilityBoundingSet=CAP_KILL", "CapabilityBoundingSet=~CAP_KILL").boundingSet == 0)
    }

    @Test func aValueThatIsNoneIsIgnoredAndNamed() throws {
        let sandbox = try read("ProtectSystem=strict", "ProtectSystem=srict", "NoNewPrivileges=ture")
        #expect(sandbox.protectSystem == .strict)
        #expect(!sandbox.isOn("NoNewPrivileges"))
        #expect(sandbox.ignored.map(\.assignment.value) == ["srict", "ture"])
    }

    @Test func whoIsRoot() throws {
        #expect(try read().runsAsRoot)
        #expect(try read("User=root").runsAsRoot)
        #expect(try read("User=web", "User=").runsAsRoot)
        #expect(try read("DynamicUser=yes", "User=root").runsAsRoot)
        #expect(try !read("User=web").runsAsRoot)
        #expect(try !read("DynamicUser=on").runsAsRoot)
    }

    @Test func filtersOfSystemCalls() throws {
        let allowed = try #require(try read("SystemCallFilter=@mount open", "SystemCallFilter=~open").callFilter)
        #expect(allowed.isAllowList && allowed.listed.contains(2) && !allowed.listed.contains(0))
        let denied = try #require(try read("SystemCallFilter=~ptrace:EPERM mount").callFilter)
        #expect(!denied.isAllowList && denied.listed.contains(1) && denied.listed.contains(2))
        #expect(try read("SystemCallFilter=@mount", "SystemCallFilter=").callFilter == nil)
    }

    @Test func addressFamiliesAndNamespaces() throws {
        #expect(try read("RestrictAddressFamilies=none").families?.isAllowList == true)
        #expect(
            try read("RestrictAddressFamilies=none", "RestrictAddressFamilies=~AF_UNIX").families?.isAllowList == false)
        #expect(try read("RestrictNamespaces=yes").namespaces == [])
        #expect(try read("RestrictNamespaces=~user").namespaces?.contains("user") == false)
        #expect(try read("RestrictNamespaces=nonsense").namespaces == nil)
    }

    @Test func whatSystemdDoesNotForgiveRefusesTheUnitOrEndsTheDropIn() throws {
        #expect(try read("RootDirectory=relative").isRefused)
        var unit = try SystemdUnit.parse(Array("[Service]\nUMask=0077\n".utf8), file: "x.service")
        unit.merge(try SystemdUnit.parse(Array("[Service]\nDynamicUser=maybe\nUMask=0\n".utf8), file: "a.conf"))
        unit.merge(try SystemdUnit.parse(Array("[Service]\nUser=web\n".utf8), file: "b.conf"))
        let sandbox = ServiceSandbox(unit, vocabulary: words)
        #expect(!sandbox.isRefused && sandbox.umask == 0o077 && sandbox.user == "web")
    }

    @Test func wordsAreUnquoted() {
        #expect(ServiceSandbox.words(#"a "b c" 'd' e\ f"#) == ["a", "b c", "d", "e f"])
    }
}
