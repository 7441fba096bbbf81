import FirnModel
import FirnReportCore
import Foundation
import Testing

@testable import FirnReports

/// Every format says the same numbers, and they are those counted by hand.
struct CountsTests {
    /// What a source's results count as; `fails` and `waived` split the outcome `fail`.
    struct Counts: Equatable {
        var outcomes: [String: Int] = [:]
        var fails: [String: Int] = [:]
        var waived = 0

        mutating func add(_ outcome: String, severity: String?, isWaived: Bool, _ count: Int = 1) {
            if count == 0 { return }
            outcomes[outcome, default: 0] += count
            guard outcome == "fail" else { return }
            if isWaived { waived += count } else if let severity { fails[severity, default: 0] += count }
        }
    }

    typealias BySource = [String: Counts]

    /// Counted by reading `SampleReports`.
    static let truth: [(name: String, counts: BySource)] = [
        (
            "full",
            [
                "declared": Counts(
                    outcomes: ["pass": 2, "fail": 4, "notApplicable": 1, "notChecked": 2, "unknown": 2],
                    fails: ["info": 1, "high": 1, "critical": 1], waived: 1),
                "built": Counts(
                    outcomes: ["pass": 1, "fail": 4, "notApplicable": 1, "notChecked": 1, "unknown": 3, "error": 1],
                    fails: ["medium": 1, "high": 1, "critical": 1], waived: 1),
            ]
        ),
        ("single", ["built": Counts(outcomes: ["pass": 1, "notApplicable": 1])]),
        ("hosts", ["declared": Counts(outcomes: ["pass": 1, "fail": 1], fails: ["high": 1])]),
        ("empty", [:]),
        (
            "release",
            [
                "declared": Counts(
                    outcomes: ["pass": 2, "fail": 2, "notApplicable": 1, "notChecked": 1], fails: ["high": 1], waived: 1
                ),
                "built": Counts(
                    outcomes: ["pass": 3, "fail": 3, "unknown": 1], fails: ["critical": 2, "low": 1]),
                "live": Counts(
                    outcomes: ["pass": 1, "fail": 2, "error": 1, "notChecked": 2, "unknown": 2], fails: ["info": 1],
                    waived: 1),
            ]
        ),
    ]

    /// A reader of each format that says all numbers; text says no severities a source and is read below.
    static let readers: [(format: ReportFormat, read: @Sendable (String) throws -> BySource)] = [
        (.json, json), (.sarif, sarif), (.junit, junit), (.csv, csv), (.openmetrics, metrics), (.markdown, markdown),
        (.oscal, oscal),
    ]

    @Test(arguments: truth.map(\.name), readers.map(\.format.name))
    func countsAreThoseCountedByHand(_ name: String, _ format: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }?.report)
        let truth = try #require(Self.truth.first { $0.name == name }?.counts)
        let reader = try #require(Self.readers.first { $0.format.name == format })
        let text = String(decoding: reader.format.render(report, RenderOptions(verbosity: .all)), as: UTF8.self)
        #expect(try reader.read(text) == truth)
    }

    @Test(arguments: truth.map(\.name))
    func textSaysTheSame(_ name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }?.report)
        let truth = try #require(Self.truth.first { $0.name == name }?.counts)
        let lines = TextReporter.render(report, options: RenderOptions(width: 140)).split(separator: "\n")
        let outcomes = ["pass", "fail", "waived", "unknown", "error", "notApplicable", "notChecked"]
        var read: BySource = [:]
        let head = lines.firstIndex { $0.contains("pass  fail  waived") }
        for line in head.map({ lines[($0 + 1)...] }) ?? [] {
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 8, let source = SourceKind(rawValue: words[words.count - 8]) else { break }
            for (outcome, word) in zip(outcomes, words.suffix(7)) {
                let count = try word == "-" ? 0 : #require(Int(word))
                read[source.rawValue, default: Counts()].add(
                    outcome == "waived" ? "fail" : outcome, severity: nil, isWaived: outcome == "waived", count)
            }
        }
        var expected = truth
        for source in expected.keys { expected[source]?.fails = [:] }
        #expect(read == expected)
    }

    /// XCCDF's severities end at high: what is critical is high there.
    @Test(arguments: truth.map(\.name))
    func xccdfSaysTheSame(_ name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }?.report)
        var truth = try #require(Self.truth.first { $0.name == name }?.counts)
        for source in truth.keys {
            guard let critical = truth[source]?.fails.removeValue(forKey: "critical") else { continue }
            truth[source]?.fails["high", default: 0] += critical
        }
        let text = String(decoding: ReportFormat.xccdf.render(report, RenderOptions()), as: UTF8.self)
        var read: BySource = [:]
        for target in text.components(separatedBy: "<TestResult ").dropFirst() {
            let marker = #"<fact name="urn:firn:fact:source" type="string">"#
            guard let range = target.range(of: marker) else { continue }
            let source = String(target[range.upperBound...].prefix { $0 != "<" })
            for result in target.components(separatedBy: "<rule-result ").dropFirst() {
                func text(after marker: String, until end: Character) throws -> String {
                    let range = try #require(result.range(of: marker))
                    return String(result[range.upperBound...].prefix { $0 != end })
                }
                let word = try text(after: "<result>", until: "<")
                let outcomes = ["notapplicable": "notApplicable", "notchecked": "notChecked"]
                read[source, default: Counts()].add(
                    outcomes[word] ?? word, severity: try text(after: "severity=\"", until: "\""),
                    isWaived: result.contains(">Waived until "))
            }
        }
        #expect(read == truth)
    }

    /// The cards of the page, which count all sources together.
    @Test(arguments: truth.map(\.name))
    func htmlSaysTheSame(_ name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }?.report)
        let truth = try #require(Self.truth.first { $0.name == name }?.counts).values
        let text = String(decoding: ReportFormat.html.render(report, RenderOptions()), as: UTF8.self)
        let cards = text.components(separatedBy: "data-count=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        let waived = truth.reduce(0) { $0 + $1.waived }
        func total(_ outcome: String) -> Int { truth.reduce(0) { $0 + ($1.outcomes[outcome] ?? 0) } }
        let expected =
            [total("fail") - waived, waived]
            + ["unknown", "error", "pass", "notApplicable", "notChecked"].map(total)
        #expect(cards.compactMap { Int($0) } == expected)
    }

    // MARK: Readers

    @Sendable private static func objects(_ text: String, _ path: String...) throws -> [[String: Any]] {
        var node: Any? = try JSONSerialization.jsonObject(with: Data(text.utf8))
        for key in path {
            node = key == "0" ? (node as? [Any])?.first : (node as? [String: Any])?[key]
        }
        return try #require(node as? [[String: Any]])
    }

    @Sendable private static func json(_ text: String) throws -> BySource {
        var read: BySource = [:]
        for result in try objects(text, "results") {
            read[try #require(result["source"] as? String), default: Counts()].add(
                try #require(result["outcome"] as? String), severity: result["severity"] as? String,
                isWaived: result["waiver"] is [String: Any])
        }
        return read
    }

    @Sendable private static func sarif(_ text: String) throws -> BySource {
        var read: BySource = [:]
        for result in try objects(text, "runs", "0", "results") {
            let properties = try #require(result["properties"] as? [String: Any])
            if properties["drift"] != nil { continue }
            read[try #require(properties["source"] as? String), default: Counts()].add(
                try #require(properties["outcome"] as? String), severity: properties["severity"] as? String,
                isWaived: result["suppressions"] != nil)
        }
        // An error is no result but a notification: `ssh.X on built/host: reason`.
        let invocation = try #require(try objects(text, "runs", "0", "invocations").first)
        for notification in try #require(invocation["toolExecutionNotifications"] as? [[String: Any]]) {
            let message = try #require((notification["message"] as? [String: Any])?["text"] as? String)
            let source = SourceKind.allCases.first { message.contains(" on \($0.rawValue)/") }
            read[try #require(source?.rawValue), default: Counts()].add("error", severity: nil, isWaived: false)
        }
        return read
    }

    @Sendable private static func junit(_ text: String) throws -> BySource {
        var read: BySource = [:]
        for suite in text.components(separatedBy: "<testsuite ").dropFirst() {
            guard let range = suite.range(of: #"<property name="source" value=""#) else { continue }
            let source = String(suite[range.upperBound...].prefix { $0 != "\"" })
            for test in suite.components(separatedBy: "<testcase ").dropFirst() {
                func attribute(_ element: String, _ name: String) -> String? {
                    guard let start = test.range(of: "<\(element) ") else { return nil }
                    guard let value = test[start.upperBound...].range(of: "\(name)=\"") else { return nil }
                    return String(test[value.upperBound...].prefix { $0 != "\"" })
                }
                let skipped = attribute("skipped", "message")
                let outcome: String
                if let skipped {
                    outcome =
                        skipped.hasPrefix("does not apply")
                        ? "notApplicable" : skipped.hasPrefix("not checked") ? "notChecked" : "fail"
                } else {
                    outcome = attribute("failure", "type").map { _ in "fail" } ?? attribute("error", "type") ?? "pass"
                }
                read[source, default: Counts()].add(
                    outcome, severity: attribute("failure", "type"), isWaived: skipped?.contains("waived by") == true)
            }
        }
        return read
    }

    @Sendable private static func csv(_ text: String) throws -> BySource {
        var read: BySource = [:]
        func column(_ name: String) throws -> Int { try #require(CSVReporter.columns.firstIndex(of: name)) }
        let (source, outcome) = (try column("source"), try column("outcome"))
        let (severity, waived) = (try column("severity"), try column("waived"))
        for line in text.components(separatedBy: "\r\n").dropFirst() where !line.isEmpty {
            // No cell of the samples holds `","`.
            let cells = line.dropFirst().dropLast().components(separatedBy: "\",\"")
            read[cells[source], default: Counts()].add(
                cells[outcome], severity: cells[severity], isWaived: cells[waived] == "yes")
        }
        return read
    }

    @Sendable private static func metrics(_ text: String) throws -> BySource {
        var read: BySource = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("firn_") {
            func label(_ name: String) -> String? {
                guard let range = line.range(of: "\(name)=\"") else { return nil }
                return String(line[range.upperBound...].prefix { $0 != "\"" })
            }
            let count = try #require(line.split(separator: " ").last.flatMap { Int($0) })
            guard let source = label("source"), count > 0 else { continue }
            switch line.prefix(while: { $0 != "{" }) {
            case "firn_results":
                read[source, default: Counts()].outcomes[try #require(label("outcome")), default: 0] += count
            case "firn_findings":
                read[source, default: Counts()].fails[try #require(label("severity")), default: 0] += count
            case "firn_waived": read[source, default: Counts()].waived += count
            default: break
            }
        }
        return read
    }

    /// An observation is a result; a risk of it that is an approved deviation is its waiver.
    @Sendable private static func oscal(_ text: String) throws -> BySource {
        var read: BySource = [:]
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let body = try #require(document?["assessment-results"] as? [String: Any])
        for system in try #require(body["results"] as? [[String: Any]]) {
            var waived: Set<String> = []
            for risk in system["risks"] as? [[String: Any]] ?? []
            where risk["status"] as? String == "deviation-approved" {
                for related in try #require(risk["related-observations"] as? [[String: Any]]) {
                    waived.insert(try #require(related["observation-uuid"] as? String))
                }
            }
            for observation in system["observations"] as? [[String: Any]] ?? [] {
                let properties = observation["props"] as? [[String: Any]] ?? []
                func property(_ name: String) throws -> String {
                    try #require(properties.first { $0["name"] as? String == name }?["value"] as? String)
                }
                // A system without results says so in an observation of its own.
                guard properties.contains(where: { $0["name"] as? String == "outcome" }) else { continue }
                read[try property("source"), default: Counts()].add(
                    try property("outcome"), severity: try property("severity"),
                    isWaived: waived.contains(try #require(observation["uuid"] as? String)))
            }
        }
        return read
    }

    @Sendable private static func markdown(_ text: String) throws -> BySource {
        var read: BySource = [:]
        var columns: [String] = []
        for line in text.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if columns.isEmpty {
                columns = cells
                continue
            }
            guard let source = SourceKind(rawValue: cells[1])?.rawValue else { continue }
            for (name, cell) in zip(columns, cells).dropFirst(3) {
                let count = try #require(Int(cell))
                let words = ["not applicable": "notApplicable", "not checked": "notChecked", "waived": "fail"]
                let isSeverity = Severity(rawValue: name) != nil
                read[source, default: Counts()].add(
                    isSeverity ? "fail" : words[name] ?? name, severity: isSeverity ? name : nil,
                    isWaived: name == "waived", count)
            }
        }
        return read
    }
}
