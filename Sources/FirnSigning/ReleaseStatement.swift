public import FirnModel
public import FirnParsing
import FirnReportCore

/// What is signed for a release: the gate's verdict on a system, as an in-toto Statement v1.
///
/// Two predicates carry it. `test-result` says which rules passed; `verification_summary` (SLSA VSA) says that a verifier
/// judged an artifact by a policy. Both hold the whole verdict in the extension field `firn`, and everything else in the
/// statement follows from it: a reader rebuilds the statement from that field and refuses one that differs.
public struct ReleaseStatement: Sendable, Hashable {
    /// The version of the extension field.
    public static let schemaVersion = 1
    /// The type of an in-toto statement.
    public static let type = "https://in-toto.io/Statement/v1"
    /// The largest statement that is read, in bytes.
    public static let sizeLimit = 32 << 20

    /// The predicate.
    public enum Form: String, Sendable, Hashable, CaseIterable {
        /// in-toto's test result v0.1.
        case testResult = "https://in-toto.io/attestation/test-result/v0.1"
        /// SLSA's verification summary v1.
        case verificationSummary = "https://slsa.dev/verification_summary/v1"
    }

    /// Rules by what became of them, as `rule (source)`; nil where no report was at hand.
    public struct Tests: Sendable, Hashable {
        /// What passed.
        public var passed: [String]
        /// What fails and is waived.
        public var warned: [String]
        /// What fails, and what could not be told.
        public var failed: [String]

        /// Creates lists.
        public init(passed: [String], warned: [String], failed: [String]) {
            self.passed = passed
            self.warned = warned
            self.failed = failed
        }

        /// The lists of reports: every result that was judged, ordered.
        public static func of(_ reports: [Report]) -> Tests {
            var lists = Tests(passed: [], warned: [], failed: [])
            for report in reports {
                for result in report.results {
                    let name = "\(result.rule) (\(result.source.rawValue))"
                    switch result.outcome {
                    case .pass: lists.passed.append(name)
                    case .fail where result.waiver != nil: lists.warned.append(name)
                    case .fail, .unknown, .error: lists.failed.append(name)
                    case .notApplicable, .notChecked: break
                    }
                }
            }
            func ordered(_ names: [String]) -> [String] { Array(Set(names)).sorted() }
            // A rule that passed on one host and failed on another has not passed.
            let failed = Set(lists.failed)
            let warned = Set(lists.warned).subtracting(failed)
            lists.passed = ordered(lists.passed.filter { !failed.contains($0) && !warned.contains($0) })
            lists.warned = warned.sorted()
            lists.failed = failed.sorted()
            return lists
        }
    }

    /// The predicate.
    public var form: Form
    /// The tool's name and version.
    public var tool: String
    /// The verdict.
    public var verdict: Verdict
    /// SHA-256 of the verdict's document, lower-case hex.
    public var verdictDigest: String
    /// The rules by outcome; only in a test result.
    public var tests: Tests?

    /// Creates a statement.
    public init(form: Form, tool: String, verdict: Verdict, verdictDigest: String, tests: Tests? = nil) {
        self.form = form
        self.tool = tool
        self.verdict = verdict
        self.verdictDigest = verdictDigest
        self.tests = form == .testResult ? tests : nil
    }

    /// What the statement is about: the artifact, the toplevel with its closure, the closure; where there is none of
    /// these, the reports.
    public var subjects: [ResourceDescriptor] {
        var result: [ResourceDescriptor] = []
        if let artifact = verdict.artifact, let digest = artifact.digest {
            result.append(ResourceDescriptor(name: artifact.name, [.init(.sha256, digest)]))
        }
        if let toplevel = verdict.toplevel {
            var digests: [ResourceDescriptor.Digest] = []
            if let closure = verdict.closureDigest { digests.append(.init(.nixClosureSha256, closure.value)) }
            if let hash = Self.storePathHash(toplevel) { digests.append(.init(.nixStorePathHash, hash)) }
            if !digests.isEmpty { result.append(ResourceDescriptor(name: toplevel, digests)) }
        }
        return result.isEmpty ? reportSubjects : result
    }

    private var reportSubjects: [ResourceDescriptor] {
        verdict.inputs.map { ResourceDescriptor(name: $0.name, [.init(.sha256, $0.digest)]) }
    }

    /// Whether the subjects are the reports, since the verdict names neither an artifact nor a toplevel.
    public var isAboutReports: Bool {
        verdict.artifact == nil && verdict.toplevel == nil && subjects == reportSubjects
    }

    /// Whether a text is written as the digest of a policy or profile is: 64 lower-case hexadecimal digits.
    public static func isDigest(_ text: String) -> Bool { Hexadecimal.isSHA256(text) }

    /// What the verdict rests on beside the reports.
    private var configuration: [ResourceDescriptor] {
        var result = [
            ResourceDescriptor(name: "profile " + verdict.profile, [.init(.sha256, verdict.profileDigest)]),
            ResourceDescriptor(name: "catalogue", [.init(.sha256, verdict.catalogueDigest)]),
            ResourceDescriptor(name: "policy " + verdict.policy, [.init(.sha256, verdict.policyDigest)]),
        ]
        if let digest = verdict.waiversDigest {
            result.append(ResourceDescriptor(name: "waivers", [.init(.sha256, digest)]))
        }
        if let digest = verdict.baselineDigest {
            result.append(ResourceDescriptor(name: "baseline", [.init(.sha256, digest)]))
        }
        return result
    }

    /// The 32 characters after the last `/` of a store path.
    static func storePathHash(_ path: String) -> String? {
        let name = path.split(separator: "/").last ?? ""
        let bytes = Array(name.utf8)
        guard bytes.count > 33, bytes[32] == UInt8(ascii: "-"),
            bytes[..<32].allSatisfy({ Array("0123456789abcdfghijklmnpqrsvwxyz".utf8).contains($0) })
        else { return nil }
        return String(decoding: bytes[..<32], as: UTF8.self)
    }

    /// PASSED says that nothing is left to know; with warnings or rules that only a running system can answer it is
    /// WARNED.
    private var result: String {
        switch verdict.decision {
        case .blocked: "FAILED"
        case .pass: verdict.warnings.isEmpty && verdict.open.isEmpty ? "PASSED" : "WARNED"
        }
    }

    /// Levels of our own name only: Firn looks at what was built, not at how, so no SLSA level is claimed.
    private var levels: [String] {
        guard verdict.decision == .pass else { return ["FAILED"] }
        func level(_ kind: String, _ name: String) -> String {
            let word = name.uppercased().unicodeScalars.map { scalar in
                ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
            }
            return "FIRN_\(kind)_" + String(word)
        }
        return [
            "SLSA_BUILD_LEVEL_UNEVALUATED", level("POLICY", verdict.policy), level("PROFILE", verdict.profile),
        ]
    }

    /// The statement as JSON with a final newline; the same statement gives the same bytes.
    public func encode() -> String {
        JSONWriter.document { writer in
            writer.object { writer in
                writer.member("_type", Self.type)
                writer.member("subject") { $0.array(subjects) { $1.write(to: &$0) } }
                writer.member("predicateType", form.rawValue)
                writer.member("predicate") { writer in
                    writer.object { writer in
                        switch form {
                        case .testResult: writeTestResult(to: &writer)
                        case .verificationSummary: writeSummary(to: &writer)
                        }
                        writer.member("firn") { VerdictFields.write(self, to: &$0) }
                    }
                }
            }
        }
    }

    private func writeTestResult(to writer: inout JSONWriter) {
        writer.member("result", result)
        writer.member("configuration") { $0.array(configuration) { $1.write(to: &$0) } }
        if let tests {
            writer.member("passedTests") { $0.strings(tests.passed) }
            writer.member("warnedTests") { $0.strings(tests.warned) }
            writer.member("failedTests") { $0.strings(tests.failed) }
        }
    }

    private func writeSummary(to writer: inout JSONWriter) {
        func uri(_ kind: String, _ name: String) -> String { "urn:firn:\(kind):" + Self.percentEncoded(name) }
        func reference(_ uri: String, _ digest: String, _ writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("uri", uri)
                writer.member("digest") { $0.object { $0.member("sha256", digest) } }
            }
        }
        writer.member("verifier") { writer in
            writer.object { writer in
                writer.member("id", "urn:firn:gate")
                writer.member("version") { $0.object { $0.member("firn", tool) } }
            }
        }
        writer.member("timeVerified", Timestamp.text(verdict.judgedAt))
        writer.member("resourceUri", uri("system", verdict.toplevel ?? verdict.artifact?.name ?? "unknown"))
        writer.member("policy") { reference(uri("policy", verdict.policy), verdict.policyDigest, &$0) }
        writer.member("inputAttestations") { writer in
            writer.array(verdict.inputs) { reference(uri("report", $1.name), $1.digest, &$0) }
        }
        writer.member("verificationResult", verdict.decision == .pass ? "PASSED" : "FAILED")
        writer.member("verifiedLevels") { $0.strings(levels) }
        writer.member("slsaVersion", "1.0")
    }

    /// RFC 3986: all but the unreserved characters and `/`.
    private static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + Hexadecimal.text([byte]).uppercased()
            }
        }
        return result
    }

    /// Reads a statement that was signed.
    ///
    /// Refused are another type of statement or predicate, unknown and missing keys, digests that are cut or written
    /// differently, and a statement whose subjects, result or lists do not follow from its verdict.
    public static func decode(_ bytes: [UInt8]) throws(ParseError) -> ReleaseStatement {
        let root = try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: 16, bytes: sizeLimit))
        guard root["_type"]?.string == type else {
            throw ParseError(.malformed, line: root.line, "this is no in-toto statement v1")
        }
        guard let predicateType = root["predicateType"]?.string, let form = Form(rawValue: predicateType) else {
            let shown = VisibleText.escape(root["predicateType"]?.string ?? "", limit: 120)
            throw ParseError(
                .malformed, line: root.line,
                "the statement's predicate is of the type '\(shown)', which is no test result and no verification summary"
            )
        }
        guard let subjects = root["subject"]?.array, !subjects.isEmpty else {
            throw ParseError(.malformed, line: root.line, "the statement has no subject")
        }
        guard let predicate = root["predicate"], predicate.object != nil else {
            throw ParseError(.malformed, line: root.line, "the statement has no predicate")
        }
        var statement = try VerdictFields.read(predicate["firn"], form: form)
        if form == .testResult, predicate["passedTests"] != nil {
            let lists = try StatementReader(
                predicate, at: "predicate",
                keys: ["result", "configuration", "passedTests", "warnedTests", "failedTests", "firn"])
            statement.tests = Tests(
                passed: try lists.strings("passedTests"), warned: try lists.strings("warnedTests"),
                failed: try lists.strings("failedTests"))
        }
        guard !statement.subjects.isEmpty else {
            throw ParseError(.malformed, line: root.line, "the statement's verdict is about nothing")
        }
        let rebuilt = try JSONParser.parse(Array(statement.encode().utf8))
        guard root.isSame(as: rebuilt) else {
            throw ParseError(
                .malformed, line: root.line,
                "the statement's subjects, result or lists are not those its verdict gives")
        }
        return statement
    }
}
