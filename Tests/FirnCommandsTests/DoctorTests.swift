import Foundation
import Glibc
import Synchronization
import Testing

@testable import FirnCommands

/// `firn doctor` on machines that the tests invent.
struct DoctorTests {
    /// A machine that has all.
    static func whole() -> DoctorMachine {
        machine(
            variables: ["NIXPKGS": "/nixpkgs", "LANG": "de_DE.UTF-8", "TZ": "Europe/Berlin"], missing: [:],
            texts: [
                "/nix/var/nix/db/schema": "10",
                // Bits 30 and 37: 1 << 30 | 1 << 37.
                "/proc/self/status": "Name:\tfirn\nCapEff:\t0000002040000000\nCapBnd:\t0\n",
            ])
    }

    static func machine(variables: [String: String], missing: [String: String], texts: [String: String])
        -> DoctorMachine
    {
        DoctorMachine(
            variable: { variables[$0] }, program: { "/bin/" + $0 }, denial: { path, _ in missing[path] },
            text: { texts[$0] }, historyFailure: { _ in nil }, auditFailure: { nil })
    }

    struct Row: Decodable {
        var name: String
        var state: String
        var neededBy: String
        var found: String
        var help: String?
    }

    static func run(
        _ machine: DoctorMachine, format: ListFormat = .json, isTerminal: Bool = false, columns: Int = 80,
        environment: [String: String] = [:]
    ) -> (code: Int32, text: String) {
        let text = Text()
        let console = Console(
            out: { text.append($0) }, err: { text.append($0) }, isTerminal: isTerminal, columns: columns,
            environment: environment, now: { 0 })
        let code = DoctorCommand.run(console, machine: machine, format: format)
        return (code, text.value.withLock { $0 })
    }

    private final class Text: Sendable {
        let value = Mutex("")
        func append(_ more: String) { value.withLock { $0 += more } }
    }

    static func row(_ name: String, _ machine: DoctorMachine, isTerminal: Bool = false, columns: Int = 80) throws -> Row
    {
        let run = run(machine, isTerminal: isTerminal, columns: columns)
        let rows = try JSONDecoder().decode([Row].self, from: Data(run.text.utf8))
        return try #require(rows.first { $0.name == name })
    }

    @Test func aWholeMachineLacksNothing() throws {
        let run = Self.run(Self.whole())
        let rows = try JSONDecoder().decode([Row].self, from: Data(run.text.utf8))
        #expect(run.code == 0)
        #expect(rows.filter { $0.state != "good" }.map(\.name) == [])
        #expect(
            rows.map(\.name) == [
                "firn", "catalogue", "nix-instantiate", "nixpkgs", "temporary files", "nix database",
                "history database", "curl", "terminal", "colour", "locale", "time zone", "/proc", "capabilities",
                "audit netlink", "sshd", "nft",
            ])
        #expect(Self.run(Self.whole(), format: .text).text.hasSuffix("\nfirn works\n"))
    }

    /// A machine without anything still runs Firn: only what needs a thing does not work.
    @Test func anEmptyMachineStillWorks() throws {
        let empty = DoctorMachine(
            variable: { _ in nil }, program: { _ in nil }, denial: { _, _ in "No such file or directory" },
            text: { _ in nil }, historyFailure: { _ in "Read-only file system" },
            auditFailure: { "Protocol not supported" })
        let run = Self.run(empty)
        let rows = try JSONDecoder().decode([Row].self, from: Data(run.text.utf8))
        #expect(run.code == 0)
        #expect(
            rows.filter { $0.state == "missing" }.map(\.name) == [
                "nix-instantiate", "nixpkgs", "temporary files", "nix database", "history database", "curl", "locale",
                "/proc", "capabilities", "audit netlink", "sshd", "nft",
            ])
        for row in rows where row.state == "missing" {
            #expect(row.help?.isEmpty == false, "\(row.name) does not say what to do")
            #expect(row.neededBy != "none")
        }
        #expect(Self.run(empty, format: .text).text.hasSuffix("\nfirn works; 12 things are missing\n"))
    }

    @Test func nixpkgs() throws {
        var machine = Self.whole()
        machine.denial = { path, _ in path == "/nixpkgs/default.nix" ? "Permission denied" : nil }
        #expect(try Self.row("nixpkgs", machine).found == "NIXPKGS=/nixpkgs: Permission denied")
        #expect(try Self.row("nixpkgs", machine).state == "missing")
        for (search, state) in [
            ("nixpkgs=/n:nixos-config=/c", "good"), ("nixos-config=/c", "missing"), ("", "missing"),
            ("/channels", "good"), ("/empty", "missing"),
        ] {
            let machine = Self.machine(
                variables: ["NIX_PATH": search], missing: ["/empty/nixpkgs/default.nix": "No such file or directory"],
                texts: [:])
            #expect(try Self.row("nixpkgs", machine).state == state, "\(search)")
        }
    }

    @Test func historyIsTriedInTheStateDirectory() throws {
        var machine = Self.whole()
        machine.historyFailure = { "\($0) is read-only" }
        #expect(try Self.row("history database", machine).found == "not in the working directory: . is read-only")
        machine.variable = { $0 == "STATE_DIRECTORY" ? "/var/lib/firn" : nil }
        #expect(
            try Self.row("history database", machine).found == "not in /var/lib/firn: /var/lib/firn is read-only")
    }

    @Test func nixDatabase() throws {
        let denied = Self.machine(
            variables: [:], missing: ["/nix/var/nix/db/db.sqlite": "Permission denied"], texts: [:])
        #expect(
            try Self.row("nix database", denied).found == "/nix/var/nix/db/db.sqlite: Permission denied")
        // Nix 1.x had schema 7; a later one is not known either.
        for schema in ["7", "11", ""] {
            let machine = Self.machine(variables: [:], missing: [:], texts: ["/nix/var/nix/db/schema": schema])
            #expect(try Self.row("nix database", machine).state == "missing")
        }
    }

    /// Bit 30 is CAP_AUDIT_CONTROL, bit 37 CAP_AUDIT_READ (linux/capability.h).
    @Test(arguments: [
        ("CapEff:\t000001ffffffffff", "CAP_AUDIT_CONTROL, CAP_AUDIT_READ", "good"),
        ("CapEff:\t0000002000000000", "no CAP_AUDIT_CONTROL", "missing"),
        ("CapEff:\t0000000040000000", "no CAP_AUDIT_READ", "missing"),
        ("CapEff:\t0000000000000000", "no CAP_AUDIT_CONTROL, CAP_AUDIT_READ", "missing"),
        ("CapInh:\t000001ffffffffff", "/proc/self/status names none", "missing"),
        ("CapEff:\tzz", "/proc/self/status names none", "missing"),
        ("CapEff:", "/proc/self/status names none", "missing"),
    ])
    func capabilities(_ line: String, _ found: String, _ state: String) throws {
        let machine = Self.machine(
            variables: [:], missing: [:], texts: ["/proc/self/status": "Name:\tx\n" + line + "\n"])
        let row = try Self.row("capabilities", machine)
        #expect(row.found == found)
        #expect(row.state == state)
    }

    @Test func procMustBeReadable() throws {
        let machine = Self.machine(variables: [:], missing: ["/proc/1/stat": "No such file or directory"], texts: [:])
        #expect(try Self.row("/proc", machine).found == "/proc/1/stat: No such file or directory")
    }

    @Test func sshdIsAlsoLookedForOutsideOfPATH() throws {
        var machine = Self.whole()
        machine.program = { _ in nil }
        machine.denial = { path, _ in path == "/usr/sbin/sshd" ? nil : "No such file or directory" }
        #expect(try Self.row("sshd", machine).found == "/usr/sbin/sshd")
        #expect(try Self.row("nft", machine).state == "missing")
    }

    @Test func curlIsLookedForWhereUpdatesLooks() throws {
        var machine = Self.whole()
        #expect(try Self.row("curl", machine).found == "/bin/curl")
        machine.program = { $0 == "curl" ? nil : "/bin/" + $0 }
        let row = try Self.row("curl", machine)
        #expect(row.state == "missing")
        #expect(row.neededBy == "updates (not --offline)")
    }

    @Test func terminal() throws {
        #expect(try Self.row("terminal", Self.whole(), isTerminal: true, columns: 40).state == "missing")
        #expect(try Self.row("terminal", Self.whole(), isTerminal: true, columns: 60).state == "good")
        #expect(try Self.row("terminal", Self.whole(), isTerminal: false, columns: 40).state == "good")
    }

    @Test(arguments: [("C.UTF-8", "good"), ("de_DE.utf8", "good"), ("C", "missing"), ("", "missing")])
    func locale(_ value: String, _ state: String) throws {
        var machine = Self.whole()
        machine.variable = { $0 == "LC_ALL" ? value : nil }
        #expect(try Self.row("locale", machine).state == state)
    }

    @Test func textFitsEightyColumnsAndHostileValuesAreVisible() throws {
        var machine = Self.whole()
        machine.variable = { $0 == "NIX_PATH" ? "nixpkgs=\u{1b}[31m" : nil }
        let text = Self.run(machine, format: .text).text
        #expect(!text.contains("\u{1b}"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        let ascii = Self.run(machine, format: .text, environment: ["LC_ALL": "C"]).text
        #expect(ascii.utf8.allSatisfy { $0 < 0x80 })
    }

    /// The real probes, in a place where the answer is known.
    @Test func theRealProbes() throws {
        let directory = try TemporaryDirectory()
        let machine = DoctorMachine.process
        #expect(machine.historyFailure(directory.path) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [], "nothing is left behind")
        #expect(machine.historyFailure(directory("none")) == "No such file or directory")
        #expect(machine.text(directory("none")) == nil)
        let file = try directory.write("a", "10\n")
        #expect(machine.text(file) == "10\n")
        #expect(machine.denial(directory.path, R_OK) == nil)
        #expect(machine.denial(directory("none"), R_OK) == "No such file or directory")
        #expect(machine.program("sh")?.hasSuffix("/sh") == true)
        // Whatever the kernel says here, it is a sentence and no crash.
        #expect(machine.auditFailure()?.isEmpty != true)
    }
}
