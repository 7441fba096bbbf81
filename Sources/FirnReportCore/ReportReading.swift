public import FirnModel
public import FirnParsing

extension ReportJSON {
    /// The deepest nesting a report is read with; values of facts are the only part without a fixed depth.
    public static let depthLimit = 64
    /// The largest report that is read, in bytes.
    public static let sizeLimit = 64 << 20

    /// Reads a report.
    ///
    /// Reports are untrusted input. Refused are an unknown `schemaVersion`, a missing key, an unknown key (a misspelt
    /// one would otherwise be a silent gap), a result of a target that is not listed or is of another source, and a
    /// `coverage` or `summary` that the results do not bear out.
    public static func decode(_ bytes: [UInt8]) throws(ParseError) -> Report {
        let root = try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: depthLimit, bytes: sizeLimit))
        // The version comes first: the keys of another version are not unknown keys of this one.
        try checkVersion(root, at: "", Report.schemaVersion, what: "report")
        let reader = try ObjectReader(
            root, at: "",
            keys: [
                "schemaVersion", "tool", "targets", "profile", "catalogue", "collectedAt", "snapshots", "coverage",
                "results", "drift", "notes", "summary", "challenge", "verdict",
            ])
        let profile = try ObjectReader(try reader.node("profile"), at: "profile", keys: ["id", "digest", "dropped"])
        let catalogue = try ObjectReader(try reader.node("catalogue"), at: "catalogue", keys: ["digest"])
        let report = Report(
            tool: try tool(try reader.node("tool")),
            targets: try list(reader, "targets", target),
            profile: try profile.string("id"),
            profileDigest: try profile.string("digest"),
            dropped: try list(profile, "dropped", droppedRule),
            catalogueDigest: try catalogue.string("digest"),
            collectedAt: try reader.time("collectedAt"),
            snapshots: try list(reader, "snapshots", snapshot),
            results: try list(reader, "results", result),
            drift: try list(reader, "drift", drift),
            notes: try reader.strings("notes"),
            challenge: try reader.optionalString("challenge"),
            verdict: try reader.node("verdict").isNull
                ? nil : try VerdictJSON.read(try reader.node("verdict"), reader.path(of: "verdict")))
        try checkTargets(report, reader)
        guard try list(reader, "coverage", coverage) == SourceCoverage.of(report) else {
            throw reader.error("has a coverage that its results do not bear out")
        }
        guard try summary(try reader.node("summary")) == ReportSummary(report) else {
            throw reader.error("has a summary that its results do not bear out")
        }
        return report
    }

    private static func checkVersion(
        _ node: JSONNode, at path: String, _ known: Int, what: String
    ) throws(ParseError) {
        guard node.object != nil else { throw ObjectReader.error(node.line, path, "must be an object") }
        guard let version = node["schemaVersion"] else {
            throw ObjectReader.error(node.line, path, "lacks the key 'schemaVersion'")
        }
        guard version.integer == Int64(known) else {
            let shown =
                if let number = version.integer { String(number) } else { "of an unknown form" }
            throw ObjectReader.error(
                version.line, path, "has the \(what) schema version \(shown); this program reads version \(known)")
        }
    }

    private static func checkTargets(_ report: Report, _ reader: ObjectReader) throws(ParseError) {
        for (index, result) in report.results.enumerated() {
            guard report.targets.indices.contains(result.target) else {
                throw reader.error("has no target \(result.target), which results[\(index)] names")
            }
            guard report.targets[result.target].source == result.source else {
                throw reader.error("has results[\(index)] of another source than its target")
            }
        }
        for drift in report.drift {
            for value in drift.values where !report.targets.indices.contains(value.target) {
                throw reader.error("has no target \(value.target), which a drift names")
            }
        }
        for reason in report.verdict?.reasons ?? [] {
            guard let target = reason.target else { continue }
            guard report.targets.indices.contains(target) else {
                throw reader.error("has no target \(target), which a reason of its verdict names")
            }
        }
        guard report.snapshots.isEmpty || report.snapshots.map(\.source) == report.targets.map(\.source) else {
            throw reader.error("has snapshots that are not those of its targets")
        }
    }

    private static func list<Element>(
        _ reader: ObjectReader, _ key: String, _ read: (JSONNode, String) throws(ParseError) -> Element
    ) throws(ParseError) -> [Element] {
        var result: [Element] = []
        let path = reader.path(of: key)
        for (index, node) in try reader.elements(key).enumerated() {
            result.append(try read(node, "\(path)[\(index)]"))
        }
        return result
    }

    private static func tool(_ node: JSONNode) throws(ParseError) -> String {
        let reader = try ObjectReader(node, at: "tool", keys: ["name", "version"])
        let name = try reader.string("name")
        guard let version = try reader.optionalString("version") else { return name }
        return name + " " + version
    }

    private static func droppedRule(_ node: JSONNode, _ path: String) throws(ParseError) -> DroppedRule {
        let reader = try ObjectReader(node, at: path, keys: ["id", "reason"])
        return DroppedRule(id: try reader.string("id"), reason: try reader.string("reason"))
    }

    private static func target(_ node: JSONNode, _ path: String) throws(ParseError) -> ReportTarget {
        let reader = try ObjectReader(node, at: path, keys: ["kind", "name", "size", "digest", "source", "identity"])
        return ReportTarget(
            kind: try reader.string("kind"), name: try reader.string("name"),
            size: try reader.optionalInteger("size"), source: try reader.word("source", SourceKind.self),
            digest: try reader.optionalString("digest"),
            identity: try identity(try reader.node("identity"), reader.path(of: "identity")))
    }

    private static func identity(_ node: JSONNode, _ path: String) throws(ParseError) -> Identity {
        let reader = try ObjectReader(
            node, at: path,
            keys: ["toplevel", "hostName", "release", "system", "closureDigest", "bootedToplevel", "bootId"])
        return Identity(
            toplevel: try reader.optionalString("toplevel"), hostName: try reader.optionalString("hostName"),
            release: try reader.optionalString("release"), system: try reader.optionalString("system"),
            closureDigest: try closureDigest(try reader.node("closureDigest"), reader.path(of: "closureDigest")),
            bootedToplevel: try reader.optionalString("bootedToplevel"), bootID: try reader.optionalString("bootId"))
    }

    private static func closureDigest(_ node: JSONNode, _ path: String) throws(ParseError) -> ClosureDigest? {
        if node.isNull { return nil }
        let reader = try ObjectReader(node, at: path, keys: ["value", "origin"])
        return ClosureDigest(
            value: try reader.string("value"), origin: try reader.word("origin", ClosureDigest.Origin.self))
    }

    static func snapshot(_ node: JSONNode, _ path: String) throws(ParseError) -> Snapshot {
        try checkVersion(node, at: path, Snapshot.schemaVersion, what: "fact")
        let reader = try ObjectReader(
            node, at: path,
            keys: ["schemaVersion", "source", "identity", "collectedAt", "facts", "families", "inapplicable"])
        let facts = try reader.node("facts")
        guard let members = facts.object?.members else {
            throw ObjectReader.error(facts.line, reader.path(of: "facts"), "must be an object")
        }
        var batch = FactBatch()
        for member in members {
            let place = reader.path(of: "facts") + "['" + ObjectReader.shown(member.key) + "']"
            batch.facts[FactKey(member.key)] = try fact(member.node, place)
        }
        batch.families = try list(reader, "families", family)
        batch.inapplicable = try list(reader, "inapplicable", inapplicable)
        return Snapshot(
            source: try reader.word("source", SourceKind.self),
            identity: try identity(try reader.node("identity"), reader.path(of: "identity")),
            collectedAt: try reader.time("collectedAt"), batch: batch)
    }

    private static func family(_ node: JSONNode, _ path: String) throws(ParseError) -> FactFamily {
        let reader = try ObjectReader(node, at: path, keys: ["prefix", "missing"])
        return FactFamily(
            prefix: try reader.string("prefix"),
            missing: try fact(try reader.node("missing"), reader.path(of: "missing")))
    }

    private static func inapplicable(_ node: JSONNode, _ path: String) throws(ParseError) -> InapplicableFamily {
        let reader = try ObjectReader(node, at: path, keys: ["prefix", "reason"])
        return InapplicableFamily(prefix: try reader.string("prefix"), reason: try reader.string("reason"))
    }

    private static func fact(_ node: JSONNode, _ path: String) throws(ParseError) -> Fact {
        let reader = try ObjectReader(node, at: path, keys: ["state", "value", "reason", "evidence"])
        let evidence = try list(reader, "evidence", evidence)
        let value = try reader.node("value")
        let reason = try reader.optionalString("reason")
        switch (try reader.string("state"), value.isNull, reason) {
        case ("known", false, nil): return .known(try self.value(value, reader.path(of: "value")), evidence)
        case ("absent", true, nil): return .absent(evidence)
        case ("unavailable", true, let reason?): return .unavailable(reason: reason, evidence)
        case ("known", _, _), ("absent", _, _), ("unavailable", _, _):
            throw reader.error("has a value or reason that its state does not have")
        case (let state, _, _):
            throw reader.error("has the unknown state '\(ObjectReader.shown(state))'")
        }
    }

    private static func value(_ node: JSONNode, _ path: String) throws(ParseError) -> FactValue {
        switch node.value {
        case .boolean(let truth): return .boolean(truth)
        case .integer(let number): return .integer(number)
        case .string(let text): return .string(text)
        case .array(let nodes):
            var values: [FactValue] = []
            for element in nodes { values.append(try value(element, path)) }
            return .list(values)
        case .null, .double, .object:
            throw ObjectReader.error(
                node.line, path, "must be a truth value, a whole number, a string or an array of these")
        }
    }

    private static func evidence(_ node: JSONNode, _ path: String) throws(ParseError) -> Evidence {
        let reader = try ObjectReader(node, at: path, keys: ["path", "line", "text"])
        let line = try reader.node("line").isNull ? nil : try reader.count("line")
        return Evidence(path: try reader.string("path"), line: line, text: try reader.optionalString("text"))
    }

    private static func result(_ node: JSONNode, _ path: String) throws(ParseError) -> Result {
        let reader = try ObjectReader(
            node, at: path,
            keys: [
                "rule", "target", "source", "outcome", "severity", "title", "observed", "expected", "evidence", "fix",
                "controls", "waiver", "message",
            ])
        return Result(
            rule: try reader.string("rule"), title: try reader.string("title"), target: try reader.count("target"),
            source: try reader.word("source", SourceKind.self), outcome: try reader.word("outcome", Outcome.self),
            severity: try reader.word("severity", Severity.self), observed: try reader.optionalString("observed"),
            expected: try reader.string("expected"), evidence: try list(reader, "evidence", evidence),
            fix: try fix(try reader.node("fix"), reader.path(of: "fix")), controls: try reader.strings("controls"),
            waiver: try waiver(try reader.node("waiver"), reader.path(of: "waiver")),
            message: try reader.optionalString("message"))
    }

    private static func fix(_ node: JSONNode, _ path: String) throws(ParseError) -> Fix? {
        if node.isNull { return nil }
        let reader = try ObjectReader(node, at: path, keys: ["path", "value", "merge", "since", "until", "manual"])
        let value = try reader.node("value")
        return Fix(
            path: try reader.strings("path"),
            value: value.isNull ? nil : try self.value(value, reader.path(of: "value")),
            merge: try reader.node("merge").isNull ? nil : try reader.word("merge", Fix.Merge.self),
            since: try reader.optionalString("since"), until: try reader.optionalString("until"),
            manual: try reader.optionalString("manual"))
    }

    private static func waiver(_ node: JSONNode, _ path: String) throws(ParseError) -> Waiver? {
        if node.isNull { return nil }
        let reader = try ObjectReader(
            node, at: path,
            keys: ["rule", "scope", "owner", "reason", "ticket", "expires", "maximumSeverity"])
        let isAny = try reader.node("maximumSeverity").isNull
        return Waiver(
            rule: try reader.string("rule"),
            scope: try waiverScope(try reader.node("scope"), reader.path(of: "scope")),
            owner: try reader.string("owner"), reason: try reader.string("reason"),
            ticket: try reader.optionalString("ticket"), expires: try reader.string("expires"),
            maximumSeverity: isAny ? nil : try reader.word("maximumSeverity", Severity.self))
    }

    private static func waiverScope(_ node: JSONNode, _ path: String) throws(ParseError) -> WaiverScope {
        let reader = try ObjectReader(node, at: path, keys: ["hosts", "images", "sources"])
        var sources: [SourceKind] = []
        for text in try reader.strings("sources") {
            guard let source = SourceKind(rawValue: text) else {
                throw reader.error("has the unknown source '\(ObjectReader.shown(text))'")
            }
            sources.append(source)
        }
        return WaiverScope(
            hosts: try reader.strings("hosts"), images: try reader.strings("images"), sources: sources)
    }

    private static func drift(_ node: JSONNode, _ path: String) throws(ParseError) -> Drift {
        let reader = try ObjectReader(
            node, at: path,
            keys: ["rule", "fact", "severity", "values", "layer", "effect", "message", "causes"])
        return Drift(
            rule: try reader.string("rule"), fact: FactKey(try reader.string("fact")),
            severity: try reader.word("severity", Severity.self), values: try list(reader, "values", layerValue),
            layer: try reader.word("layer", SourceKind.self), effect: try reader.word("effect", Drift.Effect.self),
            message: try reader.string("message"), causes: try reader.strings("causes"))
    }

    private static func layerValue(_ node: JSONNode, _ path: String) throws(ParseError) -> Drift.LayerValue {
        let reader = try ObjectReader(node, at: path, keys: ["source", "target", "outcome", "observed"])
        return Drift.LayerValue(
            source: try reader.word("source", SourceKind.self), target: try reader.count("target"),
            outcome: try reader.word("outcome", Outcome.self), observed: try reader.optionalString("observed"))
    }

    private static func coverage(_ node: JSONNode, _ path: String) throws(ParseError) -> SourceCoverage {
        let reader = try ObjectReader(
            node, at: path, keys: ["source", "suppliedCount", "notSuppliedCount", "supplied", "notSupplied"])
        let coverage = SourceCoverage(
            source: try reader.word("source", SourceKind.self), supplied: try reader.strings("supplied"),
            notSupplied: try reader.strings("notSupplied"))
        guard try reader.count("suppliedCount") == coverage.supplied.count,
            try reader.count("notSuppliedCount") == coverage.notSupplied.count
        else { throw reader.error("has counts that are not those of its lists") }
        return coverage
    }

    private static func summary(_ node: JSONNode) throws(ParseError) -> ReportSummary {
        let reader = try ObjectReader(node, at: "summary", keys: ["targets", "total", "notCheckedByAnySource"])
        var targets: [Tally] = []
        for (index, element) in try reader.elements("targets").enumerated() {
            let path = "summary.targets[\(index)]"
            let target = try ObjectReader(element, at: path, keys: ["target", "outcomes", "fails", "waived"])
            guard try target.count("target") == index else { throw target.error("is out of order") }
            targets.append(try tally(target))
        }
        let total = try ObjectReader(
            try reader.node("total"), at: "summary.total", keys: ["outcomes", "fails", "waived"])
        return ReportSummary(
            targets: targets, total: try tally(total),
            notCheckedByAnySource: try reader.strings("notCheckedByAnySource"))
    }

    private static func tally(_ reader: ObjectReader) throws(ParseError) -> Tally {
        let outcomes = try ObjectReader(
            try reader.node("outcomes"), at: reader.path(of: "outcomes"), keys: Outcome.allCases.map(\.rawValue))
        let fails = try ObjectReader(
            try reader.node("fails"), at: reader.path(of: "fails"), keys: Severity.allCases.map(\.rawValue))
        var tally = Tally(outcomes: [:], fails: [:], waived: try reader.count("waived"))
        for outcome in Outcome.allCases { tally.outcomes[outcome] = try outcomes.count(outcome.rawValue) }
        for severity in Severity.allCases { tally.fails[severity] = try fails.count(severity.rawValue) }
        return tally
    }
}
