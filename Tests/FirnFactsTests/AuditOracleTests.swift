import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// Our reading of rule files beside the real `auditctl -R` and this kernel: the same rules, in the same order.
///
/// Controls that last until reboot or stop the machine (`-e`, `-f`, `-r`, `-b`, `--loginuid-immutable`) are taken out
/// before the load; the parser alone checks them. Rules and status are put back at the end.
@Suite(.serialized, .enabled(if: AuditOracle.isUsable, "auditctl cannot talk to this kernel as root"))
struct AuditOracleTests {
    @Test func auditctlAndTheKernelAgree() throws {
        let oracle = try AuditOracle()
        defer { oracle.restore() }
        let cases = try AuditOracleCases.all()
        var rows: [String: (cases: Int, lines: Int, loaded: Int, refused: Int)] = [:]
        for one in cases {
            let lines = one.lines.filter { !AuditOracle.isHeldBack($0) }
            let kernel = try oracle.load(lines)
            let own = try ownReading(lines)
            #expect(own.rules == kernel, "\(one.group): \(one.lines.joined(separator: " | "))")
            if let isRefused = one.isRefused {
                #expect(isRefused == kernel.isEmpty, "the kernel on: \(one.lines)")
                #expect(isRefused == !own.refused.isEmpty, "\(one.lines): \(own.refused)")
            }
            var row = rows[one.group] ?? (0, 0, 0, 0)
            row.cases += 1
            row.lines += lines.count
            row.loaded += kernel.count
            row.refused += own.refused.count
            rows[one.group] = row
        }
        #expect(cases.filter { $0.isRefused != nil }.count >= 60)
        try record(rows, version: oracle.version)
    }

    private func ownReading(_ lines: [String]) throws -> (rules: [String], refused: [String]) {
        let names = try AuditSupport.table().names
        let text = lines.joined(separator: "\n") + "\n"
        let statements = try AuditRules.parse(Array(text.utf8), names: names)
        var load = AuditLoad(names: names, backlog: 64, enabled: 0) { path in
            FileManager.default.fileExists(atPath: path) ? .there : .missing("\(path) is not there")
        }
        _ = load.load(statements) { .init(path: "rules", line: $0.line) }
        let order: [AuditRule.List] = [.user, .task, .exit, .exclude, .filesystem, .ring]
        let sorted = order.flatMap { list in load.rules.filter { $0.rule.list == list } }
        return (sorted.map { $0.rule.text(names) }, load.refused.map { "\($0.text): \($0.reason)" })
    }

    private func record(_ rows: [String: (cases: Int, lines: Int, loaded: Int, refused: Int)], version: String) throws {
        let table = rows.keys.sorted().map { group in
            let row = rows[group] ?? (0, 0, 0, 0)
            return "| \(group) | \(row.cases) | \(row.lines) | \(row.loaded) | \(row.refused) | equal |"
        }
        let file = Repository.root.appendingPathComponent("docs/comparisons/auditctl.md")
        if ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1" {
            let text = """
                # Audit rules: Firn beside auditctl and the kernel

                Each case is a rules file. The real `auditctl -R` (\(version)) loaded it into this kernel, `auditctl -l` listed
                what the kernel then had, and the listing was compared with the rules Firn says are loaded, in their order. What
                auditctl or the kernel refuses must be refused by Firn too, and what stands behind a refused line must not be
                loaded. The controls `-e`, `-f`, `-r`, `-b` and `--loginuid-immutable` are taken out first: they last until the
                next boot, or stop the machine. Rules and status are put back afterwards.
                Written by `RECORD_COMPARISONS=1 swift test --filter AuditOracleTests`; every test run repeats the comparison.

                | group | files | lines | rules in the kernel | lines refused | result |
                |---|---|---|---|---|---|

                """
            try Data((text + table.joined(separator: "\n") + "\n").utf8).write(to: file)
        }
        let recorded = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        for row in table { #expect(recorded.contains(row), "docs/comparisons/auditctl.md lacks: \(row)") }
    }
}

/// The real auditctl.
struct AuditOracle {
    static let program = "/usr/sbin/auditctl"

    /// Whether rules can be loaded here: root, an audit netlink that answers, rules that are not locked.
    static let isUsable: Bool = {
        guard FileManager.default.isExecutableFile(atPath: program), let status = try? run(["-s"]) else { return false }
        return status.contains("enabled 0") || status.contains("enabled 1")
    }()

    let version: String
    private let rules: String
    private let status: String

    init() throws {
        version = try Self.run(["-v"]).trimmingCharacters(in: .whitespacesAndNewlines)
        rules = try Self.run(["-l"])
        status = try Self.run(["-s"])
    }

    static func isHeldBack(_ line: String) -> Bool {
        let text = line.drop { $0 == " " }
        return ["-e", "-f", "-r", "-b", "--login", "--backlog"].contains { text.hasPrefix($0) }
    }

    /// The kernel's rules after loading the lines into an empty kernel, each in our spelling.
    func load(_ lines: [String]) throws -> [String] {
        precondition(!lines.contains { Self.isHeldBack($0) })
        try Self.run(["-D"])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("firn-\(UUID().uuidString).rules")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        try Self.run(["-R", file.path])
        let names = try AuditSupport.table().names
        var result: [String] = []
        for line in try Self.run(["-l"]).split(separator: "\n") where line != "No rules" {
            // auditctl prints file types as numbers it does not read, and a permission without a path as a watch.
            var text = line.replacing("filetype=32768", with: "filetype=file")
                .replacing("filetype=8192", with: "filetype=character")
            if text.hasPrefix(" -p ") { text = "-a always,exit -F perm=" + text.dropFirst(4) }
            guard case .append(let rule)? = AuditRules.statement(String(text), line: 1, names: names)?.change else {
                result.append("cannot read: \(line)")
                continue
            }
            result.append(rule.text(names))
        }
        return result
    }

    func restore() {
        do {
            try Self.run(["-D"])
            for line in rules.split(separator: "\n") where line != "No rules" {
                try Self.run(line.split(separator: " ").map(String.init))
            }
            for line in status.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, words[1] != "2" else { continue }
                switch words[0] {
                case "enabled": try Self.run(["-e", String(words[1])])
                case "failure": try Self.run(["-f", String(words[1])])
                default: continue
                }
            }
        } catch {
            Issue.record("the audit rules of this machine could not be put back: \(error)")
        }
    }

    @discardableResult
    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
