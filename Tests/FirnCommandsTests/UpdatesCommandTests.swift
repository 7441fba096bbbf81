import FirnHost
import FirnTestSupport
import FirnUpdates
import Foundation
import Glibc
import Synchronization
import Testing

@testable import FirnCommands

/// `firn updates` with channels and journals that the tests invent, and with a real curl and server.
struct UpdatesCommandTests {
    static let whole = "abcdef123456abcdef123456abcdef123456abcd"
    static let other = "0123456789012345678901234567890123456789"

    /// A toplevel of a version.
    static func system(_ version: String = "26.05.1234.abcdef123456", script: String? = nil) throws
        -> TemporaryDirectory
    {
        let directory = try TemporaryDirectory()
        try directory.write("nixos-version", version)
        try directory.write("activate", "")
        try directory.write("etc/os-release", "ID=nixos\nVERSION_ID=\"26.05\"\nBUILD_ID=\"\(version)\"\n")
        if let script { try directory.write("sw/bin/nixos-version", script) }
        return directory
    }

    final class Record: Sendable {
        let asked = Mutex<[String]>([])
        let entries = Mutex<[[UInt8]]>([])
        let out = Mutex("")
        let err = Mutex("")
    }

    struct Run {
        var code: Int32
        var out: String
        var err: String
        var asked: [String]
        var entries: [String]
    }

    /// Runs it; `answers` are the answers by address, as curl writes them. What has none cannot be reached.
    static func run(
        _ arguments: [String], answers: [String: String] = [:], isTerminal: Bool = false,
        machine: UpdatesMachine? = nil
    ) throws -> Run {
        let record = Record()
        let console = Console(
            out: { text in record.out.withLock { $0 += text } }, err: { text in record.err.withLock { $0 += text } },
            isTerminal: isTerminal, columns: 100, environment: [:], now: { 1_795_478_400 })
        let stub = UpdatesMachine(
            ask: { address throws(CommandFailure) in
                record.asked.withLock { $0.append(address.description) }
                return answers[address.description].map { .bytes(Array($0.utf8)) } ?? .failed("curl: (6) no such host")
            },
            log: { entry in
                record.entries.withLock { $0.append(entry) }
                return nil
            })
        let code = try UpdatesCommand.run(arguments, console: console, machine: machine ?? stub)
        return Run(
            code: code, out: record.out.withLock { $0 }, err: record.err.withLock { $0 },
            asked: record.asked.withLock { $0 },
            entries: record.entries.withLock { $0.map { String(decoding: $0, as: UTF8.self) } })
    }

    static let channel = "https://channels.nixos.org/nixos-26.05/git-revision"
    static let small = "https://channels.nixos.org/nixos-26.05-small/git-revision"
    static let release = "https://releases.nixos.org/nixos/26.05/nixos-26.05.1240.012345678901/git-revision"

    static func redirect(_ address: String) -> String { "HTTP/2 302 \r\nlocation: \(address)\r\n\r\n" }
    static func body(_ text: String) -> String { "HTTP/2 200 \r\n\r\n\(text)" }

    @Test func behindIsAFindingWithItsDistance() throws {
        let system = try Self.system()
        let run = try Self.run(
            [system.path, "--journal"],
            answers: [
                Self.channel: Self.redirect(Self.release), Self.release: Self.body(Self.other),
                Self.small: "HTTP/2 404 \r\n\r\n",
            ])
        #expect(run.code == 1)
        #expect(run.out.hasPrefix("✗ Behind: NixOS 26.05 "))
        // The line is wrapped at the width of the terminal.
        #expect(run.out.replacing("\n", with: " ").contains("6 commits ahead"))
        #expect(run.asked == [Self.channel, Self.release, Self.small])
        #expect(run.entries.count == 1 && run.entries[0].contains("FIRN_OUTCOME=fail\n"))
        #expect(!run.out.contains("\u{1b}"))
    }

    @Test func theNewestIsUpToDateAndNothingMoreIsAsked() throws {
        let system = try Self.system()
        let run = try Self.run([system.path], answers: [Self.channel: Self.body(Self.whole)], isTerminal: true)
        #expect(run.code == 0)
        #expect(run.out.hasPrefix("\u{1b}[1;32m✓ Up to date: NixOS 26.05 "))
        #expect(run.asked == [Self.channel] && run.entries.isEmpty)
    }

    @Test(arguments: [
        "", "HTTP/2 200 \r\n\r\n", "HTTP/2 200 \r\n\r\n<html>login</html>", "HTTP/2 200 \r\n\r\nabcdef123456",
        "HTTP/2 503 \r\n\r\n\(whole)", "HTTP/2 302 \r\n\r\n\(whole)",
        "HTTP/2 302 \r\nlocation: https://evil.example/\r\n\r\n\(whole)",
        "HTTP/2 302 \r\nlocation: http://releases.nixos.org/\r\n\r\n\(whole)",
        "HTTP/2 302 \r\nlocation: \(channel)\r\n\r\n\(whole)",
        "HTTP/2 302 \r\nlocation: https://evil.example/\u{1b}[2J\r\n\r\n",
    ]) func whatIsNoRevisionIsUnknown(_ answer: String) throws {
        let system = try Self.system()
        let run = try Self.run(
            [system.path], answers: [Self.channel: answer, Self.small: Self.body(Self.other)])
        #expect(run.code == 3)
        #expect(run.out.hasPrefix("? Unknown: "))
        #expect(!run.out.contains("\u{1b}"))
    }

    @Test func unreachableIsUnknownAndOfflineAsksNothing() throws {
        let system = try Self.system()
        let unreachable = try Self.run([system.path])
        #expect(unreachable.code == 3 && unreachable.asked == [Self.channel])
        #expect(unreachable.out.contains("no such host"))
        let offline = try Self.run([system.path, "--offline"])
        #expect(offline.code == 3 && offline.asked.isEmpty)
        #expect(offline.out.hasPrefix("? Not asked: "))
    }

    @Test func theEndOfLifeIsJudgedAtItsTime() throws {
        let system = try Self.system()
        let answers = [Self.channel: Self.body(Self.whole)]
        // The last day still gets updates, the next one does not (profiles/knowledge/end-of-life.toml: 2026-12-31).
        #expect(try Self.run([system.path, "--now", "2026-12-31"], answers: answers).code == 0)
        let ended = try Self.run([system.path, "--now", "2027-01-01"], answers: answers)
        #expect(ended.code == 1)
        #expect(ended.out.hasPrefix("✗ End of life: NixOS 26.05 "))
        #expect(try Self.run([system.path, "--now", "2027-01-01", "--offline"]).code == 1)
    }

    @Test func anOldRevisionIsAFindingOffline() throws {
        let system = try Self.system("26.05.20261101.abcdef1")
        // The rule age.nixpkgs allows 90 days.
        #expect(try Self.run([system.path, "--offline", "--now", "2026-12-01"]).code == 3)
        let old = try Self.system("26.05.20260601.abcdef1")
        #expect(try Self.run([old.path, "--offline", "--now", "2026-12-01"]).code == 1)
    }

    @Test func theWholeRevisionComesFromTheScriptUnrun() throws {
        let json = "{\"nixosVersion\":\"26.05.1234.abcdef123456\",\"nixpkgsRevision\":\"\(Self.whole)\"}"
        let script = "#! /bin/sh\ntouch /tmp/firn-was-run\ncat <<EOF\n\(json)\nEOF\n"
        let system = try Self.system(script: script)
        let run = try Self.run([system.path, "--offline", "--format", "json"])
        #expect(run.out.contains("\"revision\": \"\(Self.whole)\""))
        #expect(access("/tmp/firn-was-run", F_OK) != 0)
        // One of another version, and one that contradicts it, are not believed.
        let foreign = try Self.system("26.05pre-git", script: script)
        let told = try Self.run([foreign.path, "--offline"])
        #expect(told.out.contains("of another version") && told.code == 3)
        let changed = try Self.system(script: script.replacing(Self.whole, with: Self.other))
        let contradicted = try Self.run([changed.path], answers: [Self.channel: Self.body(Self.other)])
        #expect(contradicted.code == 3 && contradicted.asked.isEmpty)
    }

    @Test func aLocalBuildIsUnknownWithoutAsking() throws {
        let system = try Self.system("26.05pre-git")
        let run = try Self.run([system.path])
        #expect(run.code == 3 && run.asked.isEmpty)
        #expect(run.out.contains("a checkout without version files names no revision"))
    }

    @Test func oneChannelCanBeNamed() throws {
        let system = try Self.system()
        let address = "https://mirror.example/nixos-26.05"
        let run = try Self.run(
            [system.path, "--channel-url", address], answers: [address + "/git-revision": Self.body(Self.whole)])
        #expect(run.code == 0 && run.asked == [address + "/git-revision"])
        for refused in [
            "http://channels.nixos.org/nixos-26.05", "file:///etc", "https://", "channels.nixos.org", "-K/etc/curlrc",
            "https://user@host/x", "https://host", "https://host/x?y",
        ] {
            let run = CommandLineRun("updates", system.path, "--channel-url=\(refused)")
            #expect(run.code == 64, "\(refused)")
        }
    }

    @Test func metricsAreWrittenBesideText() throws {
        let system = try Self.system()
        let directory = try TemporaryDirectory()
        let path = directory("firn_updates.prom")
        let run = try Self.run(
            [system.path, "--offline", "--format", "text", "--format", "openmetrics=\(path)"])
        #expect(run.out.hasPrefix("? Not asked"))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("firn_updates_currency{outcome=\"notChecked\"} 1\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["firn_updates.prom"])
        #expect(CommandLineRun("updates", system.path, "--offline", "--format", "openmetrics=/no/such/dir/x").code == 2)
        #expect(CommandLineRun("updates", system.path, "--offline", "--format", "xml").code == 64)
        #expect(CommandLineRun("updates", directory("nothing"), "--offline").code == 2)
    }

    @Test(.enabled(if: Tool("promtool").isExpected)) func promtoolAcceptsTheMetrics() throws {
        let promtool = try #require(Tool("promtool").path)
        for version in ["26.05.20261101.abcdef1", "26.05\"\\x", "26.05.1234.abcdef123456"] {
            let system = try Self.system(version)
            let run = try Self.run(
                [system.path, "--format", "openmetrics"],
                answers: [Self.channel: Self.body(Self.whole)])
            let file = try system.write("x.prom", run.out)
            let told = try Tool("sh").run(["-c", "\"$0\" check metrics < \"$1\"", promtool, file])
            #expect(told.code == 0 && told.output.isEmpty, "\(told.output)")
        }
    }

    @Test(.enabled(if: Tool("check-jsonschema").isExpected)) func jsonFollowsItsSchema() throws {
        let judge = Tool("check-jsonschema")
        let schema = Repository.path("reports/schema/updates.schema.json")
        var files: [String] = []
        let directory = try TemporaryDirectory()
        for (index, version) in ["26.05.20261101.abcdef1", "x", "26.05.1234.abcdef123456"].enumerated() {
            let system = try Self.system(version)
            let run = try Self.run(
                [system.path, "--format", "json"],
                answers: [
                    Self.channel: Self.redirect(Self.release), Self.release: Self.body(Self.other),
                    Self.small: "HTTP/2 404 \r\n\r\n",
                ])
            files.append(try directory.write("\(index).json", run.out))
        }
        let good = try judge.run(["--schemafile", schema] + files)
        #expect(good.code == 0, "\(good.output)")
        let text = try String(contentsOfFile: files[2], encoding: .utf8)
        let bad = try directory.write("bad.json", text.replacing("\"outcome\": \"fail\"", with: "\"outcome\": \"ok\""))
        #expect(try judge.run(["--schemafile", schema, bad]).code != 0)
    }

    // MARK: - The real ends

    @Test func theJournalSocketGetsOneDatagram() throws {
        let directory = try TemporaryDirectory()
        let path = directory("journal")
        // No journal is nothing wrong.
        #expect(JournalSocket.send([65], to: path) == nil)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        try #require(isBound)
        let entry = Array("MESSAGE=x\nPRIORITY=6\n".utf8)
        #expect(JournalSocket.send(entry, to: path) == nil)
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(count == entry.count && Array(buffer.prefix(max(count, 0))) == entry)
        #expect(JournalSocket.send([65], to: directory(String(repeating: "x", count: 200))) != nil)
    }

    /// A real curl against a real https server: the product knows no other scheme, so the test brings a certificate and names
    /// it as a user with a private authority does (CURL_CA_BUNDLE).
    @Test(.enabled(if: ["curl", "openssl", "python3"].allSatisfy { Tool($0).isExpected })) func curlAsksAnHTTPSServer()
        throws
    {
        let server = try HTTPSServer(revision: Self.whole)
        defer { server.stop() }
        let curl = try #require(NixProgram.path("curl"))
        let trusting = ChannelRequest(program: curl, environment: ["CURL_CA_BUNDLE=\(server.certificate)"])
        let machine = UpdatesMachine(
            ask: { address throws(CommandFailure) in try trusting.ask(address) }, log: { _ in nil })
        let system = try Self.system()
        func code(_ path: String, _ machine: UpdatesMachine = machine) throws -> (Int32, String) {
            let run = try Self.run(
                [system.path, "--channel-url", "https://localhost:\(server.port)/\(path)"], machine: machine)
            return (run.code, run.out)
        }
        #expect(try code("good").0 == 0)
        #expect(try code("moved").0 == 0)
        #expect(try code("away").0 == 3)
        #expect(try code("page").0 == 3)
        #expect(try code("missing").0 == 3)
        let large = try code("large")
        #expect(large.0 == 3, "\(large.1)")
        // A certificate that nobody vouches for.
        let strict = ChannelRequest(program: curl, environment: [])
        let refused = try code(
            "good",
            UpdatesMachine(ask: { address throws(CommandFailure) in try strict.ask(address) }, log: { _ in nil }))
        #expect(refused.0 == 3 && refused.1.contains("certificate"), "\(refused.1)")
    }
}
