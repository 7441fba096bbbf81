import FirnFacts
import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

@Suite struct SystemFactsTests {
    @Test(arguments: [
        (
            "/nix/store/g8wbz9n8gl2v4vvl1lygf032b2b4z9q9-nixos-system-gatehouse-26.11pre-git", "gatehouse",
            "26.11pre-git"
        ),
        ("/nix/store/x-nixos-system-swiss-cheese-20.09pre-git", "swiss-cheese", "20.09pre-git"),
        ("/nix/store/x-nixos-system-web-2-24.05.20240601.abcdef0", "web-2", "24.05.20240601.abcdef0"),
    ])
    func aToplevelNamesHostAndVersion(path: String, host: String, version: String) {
        let parts = SystemFacts.nameParts(toplevel: path)
        #expect(parts?.host == host)
        #expect(parts?.version == version)
    }

    @Test(arguments: ["/nix/store/x-hello-2.12", "/", "", "/nix/store/x-nixos-system-"])
    func otherPathsNameNone(path: String) {
        #expect(SystemFacts.nameParts(toplevel: path) == nil)
    }

    @Test(arguments: [
        ("26.11pre-git", "26.11"), ("24.05.20240601.abcdef0", "24.05"), ("20.09", "20.09"),
    ])
    func aVersionNamesItsRelease(version: String, release: String) {
        #expect(SystemFacts.release(ofVersion: version) == release)
    }

    @Test(arguments: [
        ("linux-6.18.37", "6.18.37"), ("linux-hardened-6.12.15", "6.12.15"), ("linux-rt-5.4.53-rt33", "5.4.53"),
    ])
    func aKernelNamesItsVersion(name: String, version: String) {
        #expect(SystemFacts.kernelVersion(ofName: name) == version)
    }

    private func declared(_ json: String, unavailable: [String: String] = [:]) throws -> FactBatch {
        let options = OptionTree(
            name: "t", values: try JSONParser.parse(Array(json.utf8)), unavailable: unavailable)
        return SystemFacts.declared(options, toplevel: nil, release: nil, system: nil).batch
    }

    @Test func aRoleThatCouldNotBeEvaluatedIsUnavailable() throws {
        let batch = try declared(
            #"{"virtualisation": {"podman": {"enable": false}}}"#,
            unavailable: ["virtualisation.docker.enable": "infinite recursion"])
        guard case .unavailable(let reason, _) = batch.facts["role.container-host"] else {
            Issue.record("the role is \(String(describing: batch.facts["role.container-host"]))")
            return
        }
        #expect(reason == "infinite recursion")
    }

    @Test func aPlatformThatIsNotNamedIsNotSupplied() throws {
        #expect(try declared("{}").facts["system.architecture"] == nil)
        let named = try declared(#"{"nixpkgs": {"hostPlatform": {"system": "aarch64-linux"}}}"#)
        #expect(named.facts["system.architecture"]?.value == .string("aarch64"))
    }

    @Test func aContainerHasNoKernelOfItsOwn() throws {
        let batch = try declared(#"{"boot": {"isContainer": true}}"#)
        #expect(batch.facts["system.has-own-kernel"]?.value == .boolean(false))
        #expect(try declared("{}").facts["system.has-own-kernel"]?.value == nil)
    }

    /// The label may be anything; os-release names the release the modules were of.
    @Test(
        arguments: [
            ("rescue-26.11pre-git", "VERSION_ID=\"26.11\"", "26.11"), ("2.0-mine", "VERSION_ID=\"25.05\"", "25.05"),
            ("26.05.1.abc", "ID=nixos", "26.05"), ("mine", "ID=nixos", nil),
        ] as [(String, String, String?)])
    func theReleaseIsThatOfOSRelease(label: String, line: String, release: String?) {
        let tree = MemoryTree(["/t/nixos-version": label, "/etc/os-release": line + "\n"])
        let findings = SystemFacts.built(SystemView(tree: tree, toplevel: "/t", etcRoot: "/etc"))
        #expect(findings.context.release == release)
        #expect(findings.identity.release == release)
        #expect(findings.batch.facts["system.release"]?.value == release.map { .string($0) })
    }
}
