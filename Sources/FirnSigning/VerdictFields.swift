import FirnModel
import FirnParsing
import FirnReportCore

/// The extension field `firn` of a statement: the verdict and what it rests on.
enum VerdictFields {
    private static let keys = [
        "schemaVersion", "tool", "verdict", "decision", "policy", "profile", "catalogue", "waivers", "baseline",
        "judgedAt", "validUntil", "openUntilLive", "reasons", "warnings", "inputs", "artifact", "toplevel", "closure",
    ]

    static func write(_ statement: ReleaseStatement, to writer: inout JSONWriter) {
        let verdict = statement.verdict
        writer.object { writer in
            writer.member("schemaVersion", ReleaseStatement.schemaVersion)
            writer.member("tool", statement.tool)
            writer.member("verdict", statement.verdictDigest)
            writer.member("decision", verdict.decision.rawValue)
            writer.member("policy") { named(verdict.policy, verdict.policyDigest, to: &$0) }
            writer.member("profile") { named(verdict.profile, verdict.profileDigest, to: &$0) }
            writer.member("catalogue", verdict.catalogueDigest)
            writer.member("waivers", verdict.waiversDigest)
            writer.member("baseline", verdict.baselineDigest)
            writer.member("judgedAt", Timestamp.text(verdict.judgedAt))
            writer.member("validUntil", Timestamp.text(verdict.validUntil))
            writer.member("openUntilLive") { writer in
                writer.object { writer in
                    writer.member("count", verdict.open.count)
                    writer.member("rules") { $0.strings(verdict.open) }
                }
            }
            writer.member("reasons") { writer in
                writer.array(verdict.reasons) { writer, reason in
                    writer.object { writer in
                        writer.member("kind", reason.kind.rawValue)
                        writer.member("rule", reason.rule)
                        writer.member("target", reason.target.map(Int64.init))
                        writer.member("message", reason.message)
                    }
                }
            }
            writer.member("warnings") { $0.strings(verdict.warnings) }
            writer.member("inputs") { writer in
                writer.array(verdict.inputs) { writer, input in
                    writer.object { writer in
                        writer.member("name", input.name)
                        writer.member("digest", input.digest)
                        writer.member("signer", input.signer)
                    }
                }
            }
            writer.member("artifact") { artifact(verdict.artifact, to: &$0) }
            writer.member("toplevel", verdict.toplevel)
            writer.member("closure") { writer in
                guard let closure = verdict.closureDigest else { return writer.null() }
                writer.object { writer in
                    writer.member("digest", closure.value)
                    writer.member("origin", closure.origin.rawValue)
                }
            }
        }
    }

    private static func named(_ id: String, _ digest: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("digest", digest)
        }
    }

    private static func artifact(_ artifact: Verdict.Artifact?, to writer: inout JSONWriter) {
        guard let artifact else { return writer.null() }
        writer.object { writer in
            writer.member("name", artifact.name)
            writer.member("kind", artifact.kind)
            writer.member("digest", artifact.digest)
            writer.member("size", artifact.size)
            writer.member("limit", artifact.limit)
            writer.member("isVerified", artifact.isVerified)
        }
    }

    static func read(_ node: JSONNode?, form: ReleaseStatement.Form) throws(ParseError) -> ReleaseStatement {
        guard let version = node?["schemaVersion"]?.integer, version == Int64(ReleaseStatement.schemaVersion) else {
            throw ParseError(
                .malformed, line: node?.line ?? 1,
                "the statement's predicate.firn is missing or of another version than \(ReleaseStatement.schemaVersion)"
            )
        }
        let fields = try StatementReader(node, at: "predicate.firn", keys: keys)
        let policy = try StatementReader(fields.node["policy"], at: "predicate.firn.policy", keys: ["id", "digest"])
        let profile = try StatementReader(fields.node["profile"], at: "predicate.firn.profile", keys: ["id", "digest"])
        let open = try StatementReader(
            fields.node["openUntilLive"], at: "predicate.firn.openUntilLive", keys: ["count", "rules"])
        let rules = try open.strings("rules")
        guard try open.integer("count") == Int64(rules.count) else {
            throw open.error("count", "the number of its rules")
        }
        var reasons: [Verdict.Reason] = []
        for node in try fields.elements("reasons") {
            let reason = try StatementReader(
                node, at: "predicate.firn.reasons", keys: ["kind", "rule", "target", "message"])
            reasons.append(
                Verdict.Reason(
                    kind: try reason.word("kind", Verdict.ReasonKind.self), rule: try reason.optionalString("rule"),
                    target: try reason.optionalInteger("target").map { Int(truncatingIfNeeded: $0) },
                    message: try reason.string("message")))
        }
        var inputs: [Verdict.Input] = []
        for node in try fields.elements("inputs") {
            let input = try StatementReader(node, at: "predicate.firn.inputs", keys: ["name", "digest", "signer"])
            inputs.append(
                Verdict.Input(
                    name: try input.string("name"), digest: try input.digest("digest"),
                    signer: try input.optionalString("signer")))
        }
        let verdict = Verdict(
            decision: try fields.word("decision", Verdict.Decision.self), policy: try policy.string("id"),
            policyDigest: try policy.digest("digest"), reasons: reasons, warnings: try fields.strings("warnings"),
            open: rules, judgedAt: try fields.time("judgedAt"), validUntil: try fields.time("validUntil"),
            inputs: inputs, artifact: try artifact(fields.node["artifact"]),
            toplevel: try fields.optionalString("toplevel"), closureDigest: try closure(fields.node["closure"]),
            waiversDigest: try fields.optionalDigest("waivers"), baselineDigest: try fields.optionalDigest("baseline"),
            profile: try profile.string("id"), profileDigest: try profile.digest("digest"),
            catalogueDigest: try fields.digest("catalogue"))
        guard (verdict.decision == .blocked) == !verdict.reasons.isEmpty else {
            throw fields.error("decision", "blocked with reasons, or pass without")
        }
        return ReleaseStatement(
            form: form, tool: try fields.string("tool"), verdict: verdict, verdictDigest: try fields.digest("verdict"))
    }

    private static func artifact(_ node: JSONNode?) throws(ParseError) -> Verdict.Artifact? {
        if node?.isNull == true { return nil }
        let fields = try StatementReader(
            node, at: "predicate.firn.artifact", keys: ["name", "kind", "digest", "size", "limit", "isVerified"])
        return Verdict.Artifact(
            name: try fields.string("name"), kind: try fields.string("kind"),
            digest: try fields.optionalDigest("digest"), size: try fields.integer("size"),
            limit: try fields.optionalInteger("limit"), isVerified: try fields.boolean("isVerified"))
    }

    private static func closure(_ node: JSONNode?) throws(ParseError) -> ClosureDigest? {
        if node?.isNull == true { return nil }
        let fields = try StatementReader(node, at: "predicate.firn.closure", keys: ["digest", "origin"])
        return ClosureDigest(
            value: try fields.digest("digest"), origin: try fields.word("origin", ClosureDigest.Origin.self))
    }
}
