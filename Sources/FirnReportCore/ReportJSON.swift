public import FirnModel

/// The report as a JSON document, described by `reports/schema/report.schema.json`.
///
/// Every key is always written, with `null` where there is nothing, in one order: identical reports give identical
/// bytes. `coverage` and `summary` are derived from the results; the reader checks that they agree.
public enum ReportJSON {
    /// Writes a report.
    ///
    /// Times outside the years 0000 to 9999 are written as the nearest that RFC 3339 can say.
    public static func encode(_ report: Report) -> String {
        JSONWriter.document { write(report, to: &$0) }
    }

    /// Writes a report as UTF-8, the bytes of ``encode(_:)``.
    public static func bytes(_ report: Report) -> [UInt8] {
        JSONWriter.bytes { write(report, to: &$0) }
    }

    private static func write(_ report: Report, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("schemaVersion", Report.schemaVersion)
            writer.member("tool") { tool(report.tool, to: &$0) }
            writer.member("targets") { $0.array(report.targets) { target($1, to: &$0) } }
            writer.member("profile") { writer in
                writer.object { writer in
                    writer.member("id", report.profile)
                    writer.member("digest", report.profileDigest)
                    writer.member("dropped") { writer in
                        writer.array(report.dropped) { writer, rule in
                            writer.object { writer in
                                writer.member("id", rule.id)
                                writer.member("reason", rule.reason)
                            }
                        }
                    }
                }
            }
            writer.member("catalogue") { $0.object { $0.member("digest", report.catalogueDigest) } }
            writer.member("collectedAt", Timestamp.text(report.collectedAt))
            writer.member("snapshots") { $0.array(report.snapshots) { snapshot($1, to: &$0) } }
            writer.member("coverage") { $0.array(SourceCoverage.of(report)) { coverage($1, to: &$0) } }
            writer.member("results") { $0.array(report.results) { result($1, to: &$0) } }
            writer.member("drift") { $0.array(report.drift) { drift($1, to: &$0) } }
            writer.member("notes") { $0.strings(report.notes) }
            writer.member("summary") { summary(ReportSummary(report), to: &$0) }
            writer.member("challenge", report.challenge)
            writer.member("verdict") { writer in
                if let verdict = report.verdict {
                    VerdictJSON.write(verdict, to: &writer)
                } else {
                    writer.null()
                }
            }
        }
    }

    /// `firn 0.1.0` becomes name and version at its last blank; without one there is no version.
    private static func tool(_ text: String, to writer: inout JSONWriter) {
        let blank = text.unicodeScalars.lastIndex(of: " ")
        writer.object { writer in
            if let blank {
                writer.member("name", String(text.unicodeScalars[..<blank]))
                writer.member(
                    "version", String(text.unicodeScalars[text.unicodeScalars.index(after: blank)...]))
            } else {
                writer.member("name", text)
                writer.member("version") { $0.null() }
            }
        }
    }

    private static func target(_ target: ReportTarget, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("kind", target.kind)
            writer.member("name", target.name)
            writer.member("size", target.size)
            writer.member("digest", target.digest)
            writer.member("source", target.source.rawValue)
            writer.member("identity") { identity(target.identity, to: &$0) }
        }
    }

    private static func identity(_ identity: Identity, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("toplevel", identity.toplevel)
            writer.member("hostName", identity.hostName)
            writer.member("release", identity.release)
            writer.member("system", identity.system)
            writer.member("closureDigest") { closureDigest(identity.closureDigest, to: &$0) }
            writer.member("bootedToplevel", identity.bootedToplevel)
            writer.member("bootId", identity.bootID)
        }
    }

    private static func closureDigest(_ digest: ClosureDigest?, to writer: inout JSONWriter) {
        guard let digest else { return writer.null() }
        writer.object { writer in
            writer.member("value", digest.value)
            writer.member("origin", digest.origin.rawValue)
        }
    }

    static func snapshot(_ snapshot: Snapshot, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("schemaVersion", Snapshot.schemaVersion)
            writer.member("source", snapshot.source.rawValue)
            writer.member("identity") { identity(snapshot.identity, to: &$0) }
            writer.member("collectedAt", Timestamp.text(snapshot.collectedAt))
            writer.member("facts") { writer in
                writer.object { writer in
                    for (key, value) in snapshot.batch.facts.sorted(by: { $0.key < $1.key }) {
                        writer.member(key.rawValue) { fact(value, to: &$0) }
                    }
                }
            }
            writer.member("families") { writer in
                writer.array(snapshot.batch.families) { writer, family in
                    writer.object { writer in
                        writer.member("prefix", family.prefix)
                        writer.member("missing") { fact(family.missing, to: &$0) }
                    }
                }
            }
            writer.member("inapplicable") { writer in
                writer.array(snapshot.batch.inapplicable) { writer, family in
                    writer.object { writer in
                        writer.member("prefix", family.prefix)
                        writer.member("reason", family.reason)
                    }
                }
            }
        }
    }

    private static func fact(_ fact: Fact, to writer: inout JSONWriter) {
        writer.object { writer in
            switch fact {
            case .known(let value, _):
                writer.member("state", "known")
                writer.member("value") { self.value(value, to: &$0) }
                writer.member("reason") { $0.null() }
            case .absent:
                writer.member("state", "absent")
                writer.member("value") { $0.null() }
                writer.member("reason") { $0.null() }
            case .unavailable(let reason, _):
                writer.member("state", "unavailable")
                writer.member("value") { $0.null() }
                writer.member("reason", reason)
            }
            writer.member("evidence") { evidence(fact.evidence, to: &$0) }
        }
    }

    private static func value(_ value: FactValue?, to writer: inout JSONWriter) {
        switch value {
        case .boolean(let truth): writer.boolean(truth)
        case .integer(let number): writer.integer(number)
        case .string(let text): writer.string(text)
        case .list(let values): writer.array(values) { self.value($1, to: &$0) }
        case nil: writer.null()
        }
    }

    private static func evidence(_ evidence: [Evidence], to writer: inout JSONWriter) {
        writer.array(evidence) { writer, place in
            writer.object { writer in
                writer.member("path", place.path)
                writer.member("line", place.line.map { Int64($0) })
                writer.member("text", place.text)
            }
        }
    }

    private static func coverage(_ coverage: SourceCoverage, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("source", coverage.source.rawValue)
            writer.member("suppliedCount", coverage.supplied.count)
            writer.member("notSuppliedCount", coverage.notSupplied.count)
            writer.member("supplied") { $0.strings(coverage.supplied) }
            writer.member("notSupplied") { $0.strings(coverage.notSupplied) }
        }
    }

    private static func result(_ result: Result, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("rule", result.rule)
            writer.member("target", result.target)
            writer.member("source", result.source.rawValue)
            writer.member("outcome", result.outcome.rawValue)
            writer.member("severity", result.severity.rawValue)
            writer.member("title", result.title)
            writer.member("observed", result.observed)
            writer.member("expected", result.expected)
            writer.member("evidence") { evidence(result.evidence, to: &$0) }
            writer.member("fix") { fix(result.fix, to: &$0) }
            writer.member("controls") { $0.strings(result.controls) }
            writer.member("waiver") { waiver(result.waiver, to: &$0) }
            writer.member("message", result.message)
        }
    }

    private static func fix(_ fix: Fix?, to writer: inout JSONWriter) {
        guard let fix else { return writer.null() }
        writer.object { writer in
            writer.member("path") { $0.strings(fix.path) }
            writer.member("value") { value(fix.value, to: &$0) }
            writer.member("merge", fix.merge?.rawValue)
            writer.member("since", fix.since)
            writer.member("until", fix.until)
            writer.member("manual", fix.manual)
        }
    }

    private static func waiver(_ waiver: Waiver?, to writer: inout JSONWriter) {
        guard let waiver else { return writer.null() }
        writer.object { writer in
            writer.member("rule", waiver.rule)
            writer.member("scope") { writer in
                writer.object { writer in
                    writer.member("hosts") { $0.strings(waiver.scope.hosts) }
                    writer.member("images") { $0.strings(waiver.scope.images) }
                    writer.member("sources") { $0.strings(waiver.scope.sources.map(\.rawValue)) }
                }
            }
            writer.member("owner", waiver.owner)
            writer.member("reason", waiver.reason)
            writer.member("ticket", waiver.ticket)
            writer.member("expires", waiver.expires)
            writer.member("maximumSeverity", waiver.maximumSeverity?.rawValue)
        }
    }

    private static func drift(_ drift: Drift, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("rule", drift.rule)
            writer.member("fact", drift.fact.rawValue)
            writer.member("severity", drift.severity.rawValue)
            writer.member("values") { writer in
                writer.array(drift.values) { writer, value in
                    writer.object { writer in
                        writer.member("source", value.source.rawValue)
                        writer.member("target", value.target)
                        writer.member("outcome", value.outcome.rawValue)
                        writer.member("observed", value.observed)
                    }
                }
            }
            writer.member("layer", drift.layer.rawValue)
            writer.member("effect", drift.effect.rawValue)
            writer.member("message", drift.message)
            writer.member("causes") { $0.strings(drift.causes) }
        }
    }

    private static func summary(_ summary: ReportSummary, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("targets") { writer in
                writer.array(summary.targets.indices) { writer, index in
                    writer.object { writer in
                        writer.member("target", index)
                        tally(summary.targets[index], to: &writer)
                    }
                }
            }
            writer.member("total") { writer in
                writer.object { tally(summary.total, to: &$0) }
            }
            writer.member("notCheckedByAnySource") { $0.strings(summary.notCheckedByAnySource) }
        }
    }

    private static func tally(_ tally: Tally, to writer: inout JSONWriter) {
        writer.member("outcomes") { writer in
            writer.object { writer in
                for outcome in Outcome.allCases { writer.member(outcome.rawValue, tally.count(outcome)) }
            }
        }
        writer.member("fails") { writer in
            writer.object { writer in
                for severity in Severity.allCases { writer.member(severity.rawValue, tally.fails[severity] ?? 0) }
            }
        }
        writer.member("waived", tally.waived)
    }
}
