import FirnReportCore
import Foundation
import Testing

/// A valid report document with one thing made wrong.
struct DocumentChange: Sendable, CustomTestStringConvertible {
    let name: String
    let old: String
    let new: String
    /// Part of the message that must come.
    let message: String

    var testDescription: String { name }

    /// The document: the first `old` becomes `new`.
    func document() -> String {
        let text = ReportJSON.encode(SampleReports.full)
        guard let range = text.range(of: old) else { return "the document does not hold \(old)" }
        return text.replacingCharacters(in: range, with: new)
    }

    /// Errors of form, which the schema finds too.
    static let ofForm: [DocumentChange] = [
        DocumentChange("no version", "\"schemaVersion\": 3,", "", "lacks the key 'schemaVersion'"),
        DocumentChange(
            "another version", "\"schemaVersion\": 3", "\"schemaVersion\": 4",
            "has the report schema version 4; this program reads version 3"),
        DocumentChange(
            "a version in words", "\"schemaVersion\": 3", "\"schemaVersion\": \"1\"", "version of an unknown form"),
        DocumentChange("an unknown key", "\"tool\": {", "\"tol\": 1, \"tool\": {", "has the unknown key 'tol'"),
        DocumentChange("an unknown key inside", "\"rule\": \"audit", "\"a\": 1, \"rule\": \"audit", "results[0] has"),
        DocumentChange("a missing key", "\"verdict\": null", "\"verdikt\": null", "unknown key 'verdikt'"),
        DocumentChange("a verdict", "\"verdict\": null", "\"verdict\": {}", "verdict lacks the key"),
        DocumentChange("an unknown outcome", "\"outcome\": \"notChecked\"", "\"outcome\": \"ok\"", "cannot be 'ok'"),
        DocumentChange("an unknown severity", "\"severity\": \"low\"", "\"severity\": \"LOW\"", "cannot be 'LOW'"),
        DocumentChange("an unknown source", "\"source\": \"declared\"", "\"source\": \"dreamt\"", "targets[0].source"),
        DocumentChange("a negative target", "\"target\": 0", "\"target\": -1", "must be a count"),
        DocumentChange("a fraction", "\"target\": 0", "\"target\": 0.5", "must be a whole number"),
        DocumentChange("a time that is none", "2026-11-21T07:13:00Z", "21.11.2026", "must be a UTC time"),
        DocumentChange(
            "an unknown fact version", "\"snapshots\": [\n    {\n      \"schemaVersion\": 1",
            "\"snapshots\": [\n    {\n      \"schemaVersion\": 7", "snapshots[0] has the fact schema version 7"),
        DocumentChange(
            "an absent fact with a value", "\"state\": \"absent\",\n          \"value\": null",
            "\"state\": \"absent\",\n          \"value\": 1", "its state does not have"),
        DocumentChange("a known fact without one", "\"value\": false", "\"value\": null", "its state does not have"),
        DocumentChange("an unknown state", "\"state\": \"absent\"", "\"state\": \"gone\"", "unknown state 'gone'"),
        DocumentChange("a value that is an object", "\"value\": false", "\"value\": {}", "must be a truth value"),
        DocumentChange("an unknown merge", "\"merge\": \"replace\"", "\"merge\": \"force\"", "cannot be 'force'"),
        DocumentChange("a number for text", "\"name\": \"firn\"", "\"name\": 1", "tool.name must be a string"),
        DocumentChange("text for an array", "\"notes\": [", "\"notes\": \"\", \"x\": [", "unknown key 'x'"),
    ]

    /// Errors of meaning, which only the reader finds.
    static let ofMeaning: [DocumentChange] = [
        DocumentChange("an unlisted target", "\"target\": 0", "\"target\": 9", "has no target 9"),
        DocumentChange("a huge target", "\"target\": 0", "\"target\": 9223372036854775807", "has no target"),
        DocumentChange("a result of another source", "\"target\": 0", "\"target\": 1", "of another source"),
        DocumentChange("a date that is none", "2026-11-21T07:13:00Z", "2026-02-30T07:13:00Z", "must be a UTC time"),
        DocumentChange("a fail called pass", "\"outcome\": \"fail\"", "\"outcome\": \"pass\"", "has a summary"),
        DocumentChange("an unknown called pass", "\"outcome\": \"unknown\"", "\"outcome\": \"pass\"", "has a summary"),
        DocumentChange("a lying count", "\"unknown\": 2", "\"unknown\": 0", "has a summary"),
        DocumentChange(
            "a lying coverage", "\"notSuppliedCount\": 2", "\"notSuppliedCount\": 0", "not those of its lists"),
        DocumentChange(
            "an uncovered rule", "\"notSupplied\": [\n        \"audit", "\"notSupplied\": [\n        \"addit",
            "has a coverage"),
        DocumentChange(
            "snapshots of others",
            "\"snapshots\": [\n    {\n      \"schemaVersion\": 1,\n      \"source\": \"declared\"",
            "\"snapshots\": [\n    {\n      \"schemaVersion\": 1,\n      \"source\": \"live\"",
            "not those of its targets"),
        DocumentChange("a key twice", "\"tool\": {", "\"tool\": 1, \"tool\": {", "stands twice"),
        DocumentChange(
            "a number over 64 bits", "9223372036854775807", "9223372036854775808", "must be a truth value"),
    ]

    init(_ name: String, _ old: String, _ new: String, _ message: String) {
        self.name = name
        self.old = old
        self.new = new
        self.message = message
    }
}
