import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// The parser beside `sshd -T`, keyword by keyword.
@Suite(.enabled(if: SSHOracle.isNeeded), .serialized)
struct SSHOracleTests {
    @Test func sshdIsInstalled() throws {
        try #require(SSHOracle.isInstalled, "openssh-server is missing")
        #expect(try SSHOracle.release() != nil)
    }

    struct Comparison {
        var name: String
        var compared: Int
        var differences: [String]
        var isRefused: Bool
    }

    private static func compare(
        _ test: SSHOracleCase, directory: URL, dialect: SSHDDialect
    ) throws -> Comparison {
        let place = directory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        func filled(_ text: String) -> String {
            text.replacingOccurrences(of: "@DIR@", with: place.path)
                .replacingOccurrences(of: "@KEY@", with: directory.path + "/key")
        }
        for (name, text) in test.files {
            let url = place.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(filled(text).utf8).write(to: url)
        }
        var text = filled(test.config)
        // A key of our own in place of the machine's; the first line, so that it stands outside of Match blocks.
        if !text.lowercased().contains("hostkey ") { text = "HostKey \(directory.path)/key\n" + text }
        let file = place.appendingPathComponent("main.conf")
        try Data(text.utf8).write(to: file)
        var arguments = ["-T", "-f", file.path]
        if let specification = test.specification { arguments += ["-C", specification] }
        let run = try SSHOracle.run(SSHOracle.program, arguments)
        let configuration = try SSHDConfigurationParser.parse(
            Array(text.utf8), file: file.path, dialect: dialect, includes: SSHOracle.includes)
        let refusals = configuration.refusals()
        if run.status != 0 {
            let isOurs = !refusals.isEmpty
            return Comparison(
                name: test.name, compared: 1,
                differences: isOurs ? [] : ["sshd refuses it and we do not: \(run.error.suffix(300))"], isRefused: true)
        }
        var (compared, differences) = SSHOracle.compare(
            configuration, connection: test.connection, with: run.output)
        if !refusals.isEmpty { differences.append("sshd takes it and we refuse it: \(refusals)") }
        compared += 1
        return Comparison(name: test.name, compared: compared, differences: differences, isRefused: false)
    }

    private static func compareAll(_ cases: [SSHOracleCase]) throws -> [Comparison] {
        let directory = try SSHOracle.directory()
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record("cannot clean up: \(error)") }
        }
        let dialect = try SSHOracle.dialect()
        return try cases.map { test in
            let comparison = try compare(test, directory: directory, dialect: dialect)
            #expect(comparison.differences.isEmpty, "\(test.name): \(comparison.differences)")
            #expect(
                comparison.isRefused == test.isRefused,
                "\(test.name): sshd \(comparison.isRefused ? "refuses" : "takes") it")
            return comparison
        }
    }

    @Test func configurations() throws {
        let done = try Self.compareAll(SSHOracleCase.accepted)
        #expect(done.count >= 45)
        try Self.record("configurations", done)
    }

    @Test func refusals() throws {
        try Self.record("refusals", try Self.compareAll(SSHOracleCase.refusals))
    }

    @Test func connections() throws {
        let done = try Self.compareAll(SSHOracleCase.matches)
        #expect(done.count >= 12)
        try Self.record("connections", done)
    }

    /// The sshd_config of every fixture, as this sshd reads it: keywords and algorithms it does not know are left out.
    @Test func fixtures() throws {
        let dialect = try SSHOracle.dialect()
        var cases: [SSHOracleCase] = []
        for fixture in SSHSupport.fixtures {
            let bytes = try SSHSupport.view(fixture).readEtc("ssh/sshd_config")
            cases.append(SSHOracleCase(fixture, Self.adapted(String(decoding: bytes, as: UTF8.self), dialect)))
        }
        #expect(cases.count == 21)
        try Self.record("fixtures", try Self.compareAll(cases))
    }

    /// Host keys become the test's own, paths in the store lose their version, and unknown algorithms are dropped.
    private static func adapted(_ text: String, _ dialect: SSHDDialect) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first else { return "" }
            if first == "HostKey" { return "HostKey @KEY@" }
            guard let keyword = dialect.names[first.lowercased()]?.keyword else { return nil }
            guard let algorithmClass = keyword.algorithms, words.count == 2,
                let known = dialect.algorithms[algorithmClass]?.supported
            else { return line.hasPrefix(" ") ? "  " + words.joined(separator: " ") : words.joined(separator: " ") }
            let mark = words[1].prefix { "+-^".contains($0) }
            let names = words[1].dropFirst(mark.count).split(separator: ",").map(String.init).filter(known.contains)
            return names.isEmpty ? nil : "\(first) \(mark)\(names.joined(separator: ","))"
        }
        return lines.joined(separator: "\n")
    }

    // MARK: The table in docs/

    private static let document = "docs/comparisons/sshd.md"

    /// With RECORD_COMPARISONS=1 the section is written anew; else its counts must be those of today.
    private static func record(_ section: String, _ comparisons: [Comparison]) throws {
        let release = try SSHOracle.release().map(\.description) ?? "?"
        var lines = ["## \(section)", "", "| configuration | sshd | compared | differences |", "|---|---|---|---|"]
        for comparison in comparisons {
            lines.append(
                "| \(comparison.name) | \(comparison.isRefused ? "refuses" : "accepts") | \(comparison.compared) "
                    + "| \(comparison.differences.count) |")
        }
        let total = comparisons.reduce(0) { $0 + $1.compared }
        lines.append(
            "| **\(comparisons.count)** | \(release) | **\(total)** | **\(comparisons.reduce(0) { $0 + $1.differences.count })** |"
        )
        let text = lines.joined(separator: "\n") + "\n"
        let url = Repository.root.appendingPathComponent(document)
        let old = FileManager.default.contents(atPath: url.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let (before, present, after) = parts(old, section)
        if ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1" {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            let head = before.isEmpty ? header + "\n" : before
            try Data((head + text + (after.isEmpty ? "" : "\n" + after)).utf8).write(to: url)
        } else if old.contains("| \(release) |") {
            #expect(
                present.trimmingCharacters(in: .whitespacesAndNewlines)
                    == text.trimmingCharacters(in: .whitespacesAndNewlines),
                "\(document) is stale: run with RECORD_COMPARISONS=1")
        } else {
            // Another sshd compares other keywords; the document speaks of the one it names.
            #expect(!old.isEmpty, "\(document) is missing: run with RECORD_COMPARISONS=1")
        }
    }

    private static func parts(_ text: String, _ section: String) -> (String, String, String) {
        guard let start = text.range(of: "## \(section)\n") else { return (text.isEmpty ? "" : text + "\n", "", "") }
        let rest = text[start.upperBound...]
        guard let next = rest.range(of: "\n## ") else {
            return (String(text[..<start.lowerBound]), String(text[start.lowerBound...]), "")
        }
        let split = text.index(after: next.lowerBound)
        return (String(text[..<start.lowerBound]), String(text[start.lowerBound..<split]), String(text[split...]))
    }

    private static let header = """
        # The sshd_config parser beside sshd

        Each configuration is read by `sshd -T` (with `-C` where a connection is given) and by the parser with the tables of that
        release, and every keyword that has a value in the tables is compared with what sshd prints. A configuration that sshd
        refuses counts as one comparison: the parser must refuse it too. Recorded by the tests with `RECORD_COMPARISONS=1`, and
        checked by them for staleness.

        The sshd is Debian's 9.2p1. It differs from the release by patches, which the comparison allows for: the key exchange
        `sntrup761x25519-sha512` is known and offered first, `IPQoS` is `lowdelay throughput`, and it prints three keywords of the GSSAPI
        key exchange patch. Not compared: defaults that are compiled in (`PidFile`, `XAuthLocation` where they are not set) and
        `KerberosGetAFSToken`, which it was built without. 9.2 prints `prohibit-password` as `without-password` and `QUIET` as `SILENT`.
        The fixtures' own files are adapted: host keys are the test's, keywords and algorithms that 9.2 does not know are left out.

        """
}
