public import FirnModel
public import FirnParsing

/// The verdict as a JSON document, described by `reports/schema/verdict.schema.json`; it stands alone, and as the
/// `verdict` of a report.
///
/// Every key is always written, with `null` where there is nothing, in one order: equal verdicts give equal bytes.
public enum VerdictJSON {
    /// The largest verdict that is read, in bytes.
    public static let sizeLimit = 16 << 20

    /// Writes a verdict as a document.
    public static func encode(_ verdict: Verdict) -> String {
        JSONWriter.document { write(verdict, to: &$0) }
    }

    /// Writes a verdict as one value.
    package static func write(_ verdict: Verdict, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("schemaVersion", Verdict.schemaVersion)
            writer.member("decision", verdict.decision.rawValue)
            writer.member("policy") { named(verdict.policy, verdict.policyDigest, to: &$0) }
            writer.member("profile") { named(verdict.profile, verdict.profileDigest, to: &$0) }
            writer.member("catalogue") { $0.object { $0.member("digest", verdict.catalogueDigest) } }
            writer.member("judgedAt", Timestamp.text(verdict.judgedAt))
            writer.member("validUntil", Timestamp.text(verdict.validUntil))
            writer.member("toplevel", verdict.toplevel)
            writer.member("closureDigest") { writer in
                guard let digest = verdict.closureDigest else { return writer.null() }
                writer.object { writer in
                    writer.member("value", digest.value)
                    writer.member("origin", digest.origin.rawValue)
                }
            }
            writer.member("reasons") { writer in
                writer.array(verdict.reasons) { writer, reason in
                    writer.object { writer in
                        writer.member("kind", reason.kind.rawValue)
                        writer.member("rule", reason.rule)
                        writer.member("target", reason.target.map { Int64($0) })
                        writer.member("message", reason.message)
                    }
                }
            }
            writer.member("warnings") { $0.strings(verdict.warnings) }
            writer.member("open") { $0.strings(verdict.open) }
            writer.member("inputs") { writer in
                writer.array(verdict.inputs) { writer, input in
                    writer.object { writer in
                        writer.member("name", input.name)
                        writer.member("digest", input.digest)
                        writer.member("signer", input.signer)
                    }
                }
            }
            writer.member("artifact") { writer in
                guard let artifact = verdict.artifact else { return writer.null() }
                writer.object { writer in
                    writer.member("name", artifact.name)
                    writer.member("kind", artifact.kind)
                    writer.member("digest", artifact.digest)
                    writer.member("size", artifact.size)
                    writer.member("limit", artifact.limit)
                    writer.member("isVerified", artifact.isVerified)
                }
            }
            writer.member("waiversDigest", verdict.waiversDigest)
            writer.member("baselineDigest", verdict.baselineDigest)
        }
    }

    private static func named(_ id: String, _ digest: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("digest", digest)
        }
    }

    /// Reads a verdict document.
    ///
    /// A verdict is untrusted input until its signature is checked. Refused are an unknown `schemaVersion`, missing and
    /// unknown keys, digests that are none, a pass with reasons, and a block without.
    public static func decode(_ bytes: [UInt8]) throws(ParseError) -> Verdict {
        try read(try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: 8, bytes: sizeLimit)), "verdict")
    }

    /// Reads a verdict from one value.
    package static func read(_ node: JSONNode, _ path: String) throws(ParseError) -> Verdict {
        if node.object != nil, let version = node["schemaVersion"], version.integer != Int64(Verdict.schemaVersion) {
            let shown = version.integer.map(String.init) ?? "of an unknown form"
            throw ObjectReader.error(
                version.line, path,
                "has the verdict schema version \(shown); this program reads version \(Verdict.schemaVersion)")
        }
        let reader = try ObjectReader(
            node, at: path,
            keys: [
                "schemaVersion", "decision", "policy", "profile", "catalogue", "judgedAt", "validUntil", "toplevel",
                "closureDigest", "reasons", "warnings", "open", "inputs", "artifact", "waiversDigest", "baselineDigest",
            ])
        guard try reader.integer("schemaVersion") == Int64(Verdict.schemaVersion) else {
            throw reader.error("has an unknown schema version")
        }
        let policy = try ObjectReader(
            try reader.node("policy"), at: reader.path(of: "policy"), keys: ["id", "digest"])
        let profile = try ObjectReader(
            try reader.node("profile"), at: reader.path(of: "profile"), keys: ["id", "digest"])
        let catalogue = try ObjectReader(
            try reader.node("catalogue"), at: reader.path(of: "catalogue"), keys: ["digest"])
        let verdict = Verdict(
            decision: try reader.word("decision", Verdict.Decision.self), policy: try policy.string("id"),
            policyDigest: try policy.digest("digest"), reasons: try reasons(reader),
            warnings: try reader.strings("warnings"), open: try reader.strings("open"),
            judgedAt: try reader.time("judgedAt"), validUntil: try reader.time("validUntil"),
            inputs: try inputs(reader),
            artifact: try artifact(try reader.node("artifact"), reader.path(of: "artifact")),
            toplevel: try reader.optionalString("toplevel"),
            closureDigest: try closureDigest(try reader.node("closureDigest"), reader.path(of: "closureDigest")),
            waiversDigest: try reader.optionalDigest("waiversDigest"),
            baselineDigest: try reader.optionalDigest("baselineDigest"),
            profile: try profile.string("id"), profileDigest: try profile.digest("digest"),
            catalogueDigest: try catalogue.digest("digest"))
        guard (verdict.decision == .pass) == verdict.reasons.isEmpty else {
            throw reader.error(
                verdict.decision == .pass ? "is a pass with reasons against it" : "blocks without a reason")
        }
        guard verdict.decision == .blocked || !verdict.inputs.isEmpty else {
            throw reader.error("is a pass that rests on no report")
        }
        return verdict
    }

    private static func reasons(_ reader: ObjectReader) throws(ParseError) -> [Verdict.Reason] {
        var result: [Verdict.Reason] = []
        for (index, node) in try reader.elements("reasons").enumerated() {
            let own = try ObjectReader(
                node, at: reader.path(of: "reasons") + "[\(index)]", keys: ["kind", "rule", "target", "message"])
            let target = try own.node("target").isNull ? nil : try own.count("target")
            result.append(
                Verdict.Reason(
                    kind: try own.word("kind", Verdict.ReasonKind.self), rule: try own.optionalString("rule"),
                    target: target, message: try own.string("message")))
        }
        return result
    }

    private static func inputs(_ reader: ObjectReader) throws(ParseError) -> [Verdict.Input] {
        var result: [Verdict.Input] = []
        for (index, node) in try reader.elements("inputs").enumerated() {
            let own = try ObjectReader(
                node, at: reader.path(of: "inputs") + "[\(index)]", keys: ["name", "digest", "signer"])
            result.append(
                Verdict.Input(
                    name: try own.string("name"), digest: try own.digest("digest"),
                    signer: try own.optionalString("signer")))
        }
        return result
    }

    private static func artifact(_ node: JSONNode, _ path: String) throws(ParseError) -> Verdict.Artifact? {
        if node.isNull { return nil }
        let reader = try ObjectReader(
            node, at: path, keys: ["name", "kind", "digest", "size", "limit", "isVerified"])
        guard let isVerified = try reader.node("isVerified").boolean else {
            throw reader.error("has the key 'isVerified', which must be true or false")
        }
        let limit = try reader.node("limit").isNull ? nil : try reader.count("limit")
        return Verdict.Artifact(
            name: try reader.string("name"),
            kind: try reader.word("kind", GatePolicy.ArtifactKind.self).rawValue,
            digest: try reader.optionalDigest("digest"), size: Int64(try reader.count("size")),
            limit: limit.map { Int64($0) }, isVerified: isVerified)
    }

    private static func closureDigest(_ node: JSONNode, _ path: String) throws(ParseError) -> ClosureDigest? {
        if node.isNull { return nil }
        let reader = try ObjectReader(node, at: path, keys: ["value", "origin"])
        return ClosureDigest(
            value: try reader.digest("value"), origin: try reader.word("origin", ClosureDigest.Origin.self))
    }
}

extension ObjectReader {
    /// A SHA-256 as 64 lower-case hex digits.
    func digest(_ key: String) throws(ParseError) -> String {
        let text = try string(key)
        let isHex = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard text.utf8.count == 64, isHex else {
            throw Self.error(try node(key).line, path(of: key), "must be 64 lower-case hex digits")
        }
        return text
    }

    func optionalDigest(_ key: String) throws(ParseError) -> String? {
        try node(key).isNull ? nil : try digest(key)
    }
}
