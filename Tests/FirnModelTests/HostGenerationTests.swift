import FirnModel
import Testing

@Suite struct HostGenerationTests {
    static let hash = String(repeating: "a", count: 32)
    static let older = "/nix/store/\(hash)-nixos-system-web-01-26.11.20261101.0123abc"
    static let newer = "/nix/store/\(hash.replacing("a", with: "b"))-nixos-system-web-01-26.11.20261120.0456def"

    static func target(
        _ source: SourceKind, _ toplevel: String?, booted: String? = nil, host: String? = "web-01"
    ) -> ReportTarget {
        ReportTarget(
            kind: "", name: source.rawValue, size: nil, source: source,
            identity: Identity(toplevel: toplevel, hostName: host, bootedToplevel: booted))
    }

    @Test func aHostThatRunsWhatItShouldIsNoFinding() {
        let targets = [Self.target(.declared, Self.newer), Self.target(.live, Self.newer, booted: Self.newer)]
        #expect(HostGeneration.of(targets).isEmpty)
    }

    @Test func bootedFromAnOlderGeneration() throws {
        let found = HostGeneration.of([
            Self.target(.built, Self.newer), Self.target(.live, Self.newer, booted: Self.older),
        ])
        #expect(found.map(\.kind) == [.bootedAnother])
        #expect(found.first?.target == 1)
        #expect(
            found.first?.message
                == "web-01 was booted from an older generation than the one that is active: "
                + "aaaaaaaa…-nixos-system-web-01-26.11.20261101.0123abc instead of "
                + "bbbbbbbb…-nixos-system-web-01-26.11.20261120.0456def. Kernel, initrd and kernel command line are "
                + "those of the booted one until it is restarted")
    }

    @Test func runsAnotherThanTheOneThatWasDeclared() {
        let older = HostGeneration.of([
            Self.target(.declared, Self.newer), Self.target(.live, Self.older, booted: Self.older),
        ])
        #expect(older.map(\.kind) == [.runsAnother])
        #expect(older.first?.message.hasPrefix("web-01 runs an older generation than the one that was given") == true)
        let newer = HostGeneration.of([
            Self.target(.declared, Self.older), Self.target(.live, Self.newer, booted: Self.older),
        ])
        #expect(newer.map(\.kind) == [.runsAnother, .bootedAnother])
        #expect(newer.first?.message.contains("a newer generation") == true)
        #expect(newer.first?.message.hasSuffix("although it was booted from that one") == true)
    }

    /// Two reports of two hosts, or of hosts nobody knows, are no finding.
    @Test(arguments: ["db", nil] as [String?])
    func anotherHostIsNoFinding(host: String?) {
        #expect(
            HostGeneration.of([Self.target(.declared, Self.newer), Self.target(.live, Self.older, host: host)]).isEmpty)
    }

    @Test func anotherLinuxHasNoGeneration() {
        #expect(HostGeneration.of([Self.target(.live, nil)]).isEmpty)
    }

    @Test func withoutVersionsItIsAnother() {
        let found = HostGeneration.of([Self.target(.live, "/nix/store/x", booted: "/nix/store/y")])
        #expect(found.first?.message.hasPrefix("web-01 was booted from another generation") == true)
    }
}
