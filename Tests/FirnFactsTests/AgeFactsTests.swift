import FirnFacts
import FirnModel
import FirnTestSupport
import Testing

@Suite struct AgeFactsTests {
    private func built(release: String?, kernel: String?, files: [String: String] = [:]) throws -> Snapshot {
        try KernelSupport.built(
            files, context: SystemContext(release: release, kernelVersion: kernel, hasOwnKernel: true))
    }

    @Test(arguments: [
        ("20.09", "2021-06-30"), ("25.05", "2025-12-31"), ("26.05", "2026-12-31"), ("26.11", "2027-06-30"),
    ])
    func aReleaseEnds(release: String, date: String) throws {
        let snapshot = try built(release: release, kernel: "6.18.37")
        #expect(snapshot.known("age.nixos.end-of-life") == .string(date))
        #expect(snapshot.shown("age.nixos.end-of-life").contains(date))
    }

    /// The label in nixos-version may be anything; os-release knows the release.
    @Test func aTaggedSpecialisationHasARelease() throws {
        let osRelease = "ID=nixos\nBUILD_ID=\"26.05.20260701.abcdef\"\nVERSION_ID=\"26.05\"\n"
        let snapshot = try built(
            release: nil, kernel: "6.18.37",
            files: ["/toplevel/nixos-version": "rescue-1.2", "/etc/os-release": osRelease])
        #expect(snapshot.known("age.nixos.end-of-life") == .string("2026-12-31"))
        #expect(snapshot.known("age.nixpkgs.date") == .string("2026-07-01"))
        #expect(snapshot.shown("age.nixos.end-of-life").contains("/etc/os-release:3 VERSION_ID"))
        let old = try built(
            release: nil, kernel: "5.4.53", files: ["/etc/os-release": "ID=nixos\nVERSION_ID=\"20.09pre-git\"\n"])
        #expect(old.known("age.nixos.end-of-life") == .string("2021-06-30"))
        #expect(old.isAbsent("age.nixpkgs.date"))
    }

    @Test(arguments: [("31.05", "newer"), ("12.04", "not in the table"), (nil, "not known")] as [(String?, String)])
    func aReleaseTheTableDoesNotKnowIsNotJudged(release: String?, word: String) throws {
        #expect(try built(release: release, kernel: "6.18.37").reason("age.nixos.end-of-life")?.contains(word) == true)
    }

    @Test(arguments: [
        ("5.4.53", "2025-12-03"), ("6.12.17", "2028-12-31"), ("6.18.37", "2028-12-31"), ("6.17", "2025-12-18"),
        ("6.1.0-rt5", "2027-12-31"), ("6.10-rc3", "2024-10-10"),
    ])
    func aBranchOfTheKernelEnds(version: String, date: String) throws {
        #expect(try built(release: "26.05", kernel: version).known("age.kernel.end-of-life") == .string(date))
    }

    /// A branch that came out after the table cannot have ended yet, one from before its first line surely has.
    @Test(arguments: [
        ("9.9.1", "2026-12-20 or later"), ("7.3-rc4", "2026-12-20 or later"), ("3.10.1", "2026-08-22 or earlier"),
        ("5.6.19", "2020-06-17"), ("4.20.1", "2019-03-19"), ("6.19.14", "2026-04-22"), ("7.2.3", "2026-10-18 or later"),
    ])
    func aBranchTheTableDoesNotListIsKnownOnOneSide(version: String, date: String) throws {
        #expect(try built(release: "26.05", kernel: version).known("age.kernel.end-of-life") == .string(date))
    }

    @Test func aKernelWithoutABranchIsNotJudged() throws {
        let snapshot = try built(release: "26.05", kernel: "6")
        #expect(snapshot.reason("age.kernel.end-of-life")?.contains("no branch") == true)
        #expect(snapshot.reason("age.kernel.released") != nil)
    }

    @Test(
        arguments: [
            // Between 6.12.12 of 2025-02-01 and 6.12.18 of 2025-03-07.
            ("6.12.17", "2025-03-07"), ("6.12.18", "2025-03-07"), ("6.12", "2024-11-17"), ("6.18.45", "2026-08-19"),
            ("6.18.60", "2026-08-19 or later"), ("6.18.37-hardened1", "2026-07-04"), ("7.4.1", "2026-08-16 or later"),
            ("5.4.53", nil), ("6.17.3", nil), ("3.10.1", nil),
        ] as [(String, String?)])
    func aPatchReleaseHasADayOfItsOwn(version: String, date: String?) throws {
        let snapshot = try built(release: "26.05", kernel: version)
        #expect(snapshot.known("age.kernel.released") == date.map { .string($0) })
        #expect((date == nil) == snapshot.isAbsent("age.kernel.released"))
    }

    /// A release is named by the month it comes out in, so one newer than the table cannot end within half a year of it.
    @Test(arguments: [
        ("27.05", "2027-11-01 or later"), ("27.11", "2028-05-01 or later"), ("28.11", "2029-05-01 or later"),
    ])
    func aReleaseNewerThanTheTable(release: String, date: String) throws {
        #expect(try built(release: release, kernel: "6.18.37").known("age.nixos.end-of-life") == .string(date))
    }

    /// A pre-release of a channel is over when its release is out; `pre-git` is any checkout.
    @Test(arguments: [
        ("26.11pre812345.abcdef", "2026-12-31"), ("26.11pre-git", "2027-06-30"), ("26.11.1234.abcdef", "2027-06-30"),
        ("rescue-26.11pre812345.abcdef", "2026-12-31"), ("27.05pre1.abcdef", "2027-11-01 or later"),
    ])
    func aPreReleaseEndsEarlier(version: String, date: String) throws {
        let release = version.contains("27.05") ? "27.05" : "26.11"
        let osRelease = "BUILD_ID=\"\(version)\"\nVERSION_ID=\"\(release)\"\n"
        let snapshot = try built(release: nil, kernel: "6.18.37", files: ["/etc/os-release": osRelease])
        #expect(snapshot.known("age.nixos.end-of-life") == .string(date))
    }

    @Test func aContainersKernelIsNobodysBusiness() throws {
        let snapshot = try KernelSupport.built([:], context: SystemContext(release: "26.05", hasOwnKernel: false))
        #expect(snapshot.isAbsent("age.kernel.end-of-life"))
    }

    @Test(arguments: [
        ("/nix/store/00000000000000000000000000000000-openssh-9.9p2/bin/sshd -D", FactValue.string("2025-02-18")),
        ("/nix/store/00000000000000000000000000000000-openssh-9.9p1/bin/sshd -D", .string("2024-09-19")),
        ("/nix/store/00000000000000000000000000000000-openssh-7.4p1/bin/sshd -D", .string("2016-12-19")),
        ("/nix/store/00000000000000000000000000000000-openssh-5.3p1/bin/sshd -D", .string("2018-10-18 or earlier")),
        ("/nix/store/00000000000000000000000000000000-openssh-99.1p1/bin/sshd -D", .string("2026-08-11 or later")),
        ("-/nix/store/00000000000000000000000000000000-openssh_gssapi-10.0p2/bin/sshd -i", .string("2025-04-09")),
    ])
    func theServersReleaseIsThatOfItsProgram(command: String, date: FactValue) throws {
        let unit = "[Service]\nExecStart=\(command)\n"
        let snapshot = try built(
            release: "26.05", kernel: "6.18.37", files: ["/etc/systemd/system/sshd.service": unit])
        #expect(snapshot.known("age.openssh.released") == date)
        let declared = try KernelSupport.declared(
            """
            { "services": { "openssh": { "enable": true } },
              "systemd": { "services": { "sshd": { "serviceConfig": { "ExecStart": "\(command)" } } } } }
            """)
        #expect(declared.known("age.openssh.released") == date)
    }

    @Test func aServerThatCannotBeNamedIsNotJudged() throws {
        let files = ["/etc/systemd/system/sshd.service": "[Service]\nExecStart=/opt/ssh/sshd\n"]
        #expect(try built(release: "26.05", kernel: "6.18.37", files: files).reason("age.openssh.released") != nil)
        #expect(try built(release: "26.05", kernel: "6.18.37").isAbsent("age.openssh.released"))
        #expect(
            try KernelSupport.declared(#"{ "services": { "openssh": { "enable": false } } }"#)
                .isAbsent("age.openssh.released"))
        #expect(
            try KernelSupport.declared(#"{ "services": { "openssh": { "enable": true } } }"#)
                .reason("age.openssh.released") != nil)
    }

    @Test(
        arguments: [
            ("26.05.20260701.abcdef", FactValue.string("2026-07-01")), ("26.11pre-git", nil),
            ("26.11pre812345.abcdef", nil),
            ("26.05.1234.abcdef12", nil), ("26.05.20261399.abcdef", nil),
        ] as [(String, FactValue?)])
    func theRevisionHasADateWhereTheVersionNamesIt(version: String, date: FactValue?) throws {
        let snapshot = try built(release: "26.05", kernel: "6.18.37", files: ["/toplevel/nixos-version": version])
        #expect(snapshot.known("age.nixpkgs.date") == date)
        #expect((date == nil) == snapshot.isAbsent("age.nixpkgs.date"))
    }

    @Test func whatIsPermittedIsListed() throws {
        let snapshot = try KernelSupport.declared(
            #"{ "nixpkgs": { "config": { "permittedInsecurePackages": ["openssl-1.1.1w"], "allowBroken": true } } }"#)
        #expect(snapshot.known("age.permitted-insecure") == .strings(["openssl-1.1.1w"]))
        #expect(snapshot.known("age.allow-broken") == .boolean(true))
        #expect(snapshot.known("age.insecure-predicate") == .boolean(false))
        let none = try KernelSupport.declared(#"{ "nixpkgs": { "config": {} } }"#)
        #expect(none.known("age.permitted-insecure") == .strings([]))
    }

    @Test func whatTheOptionsDoNotShowIsNotClaimed() throws {
        for key in ["age.permitted-insecure", "age.insecure-predicate", "age.allow-broken"] {
            #expect(try KernelSupport.declared("{}").reason(key) != nil)
        }
        let given = try KernelSupport.declared(
            #"{ "nixpkgs": { "config": {} } }"#, unavailable: ["nixpkgs.pkgs": "is a package set"])
        #expect(given.reason("age.permitted-insecure") != nil)
        let function = try KernelSupport.declared(
            #"{ "nixpkgs": { "config": {} } }"#,
            unavailable: ["nixpkgs.config.allowInsecurePredicate": "is a function"])
        #expect(function.known("age.insecure-predicate") == .boolean(true))
        let broken = try KernelSupport.declared("{}", unavailable: ["nixpkgs.config": "cannot be evaluated"])
        for key in ["age.permitted-insecure", "age.insecure-predicate", "age.allow-broken"] {
            #expect(broken.reason(key) != nil)
        }
        // What was built does not show it.
        #expect(try KernelSupport.built([:]).fact("age.permitted-insecure") == nil)
    }

    @Test(arguments: [("26.11", true), ("26.05", false), ("18.03", false)])
    func aStateVersionAheadOfTheReleaseIsNoticed(state: String, isAhead: Bool) throws {
        let snapshot = try KernelSupport.declared(#"{ "system": { "stateVersion": "\#(state)" } }"#)
        #expect(snapshot.known("age.state-version-ahead") == .boolean(isAhead))
    }
}
