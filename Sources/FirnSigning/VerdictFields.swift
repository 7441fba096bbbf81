import FirnModel
import FirnParsing
import FirnReportCore

/// The extension field `firn` of a statement: the verdict's document, and what a reader wants without opening it.
enum VerdictFields {
    static func write(_ statement: ReleaseStatement, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("schemaVersion", ReleaseStatement.schemaVersion)
            writer.member("tool", statement.tool)
            writer.member("verdictDigest", statement.verdictDigest)
            writer.member("validUntil", Timestamp.text(statement.verdict.validUntil))
            writer.member("openUntilLive", statement.verdict.open.count)
            writer.member("verdict") { VerdictJSON.write(statement.verdict, to: &$0) }
        }
    }

    /// The two fields that repeat the verdict are compared by the caller, who rebuilds the statement.
    static func read(_ node: JSONNode?, form: ReleaseStatement.Form) throws(ParseError) -> ReleaseStatement {
        guard let version = node?["schemaVersion"]?.integer, version == Int64(ReleaseStatement.schemaVersion) else {
            throw ParseError(
                .malformed, line: node?.line ?? 1,
                "the statement's predicate.firn is missing or of another version than \(ReleaseStatement.schemaVersion)"
            )
        }
        let fields = try StatementReader(
            node, at: "predicate.firn",
            keys: ["schemaVersion", "tool", "verdictDigest", "validUntil", "openUntilLive", "verdict"])
        guard let verdict = fields.node["verdict"] else { throw fields.error("verdict", "there") }
        return ReleaseStatement(
            form: form, tool: try fields.string("tool"),
            verdict: try VerdictJSON.read(verdict, "predicate.firn.verdict"),
            verdictDigest: try fields.digest("verdictDigest"))
    }
}
