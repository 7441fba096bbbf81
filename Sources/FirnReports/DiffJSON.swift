import FirnModel
import FirnReportCore

/// A diff as a JSON document, described by `reports/schema/diff.schema.json`. Every key is always written.
enum DiffJSON {
    static func render(_ diff: ReportDiff) -> String {
        JSONWriter.document { writer in
            writer.object { writer in
                writer.member("schemaVersion", ReportDiff.schemaVersion)
                writer.member("hasWorse", diff.hasWorse)
                writer.member("old") { head(diff.old, &$0) }
                writer.member("new") { head(diff.new, &$0) }
                writer.member("notes") { $0.strings(diff.notes) }
                writer.member("targets") { writer in
                    writer.array(diff.pairs) { writer, pair in
                        writer.object { writer in
                            writer.member("name", pair.name)
                            writer.member("source", pair.source.rawValue)
                            writer.member("old", pair.old.map { Int64($0) })
                            writer.member("new", pair.new.map { Int64($0) })
                        }
                    }
                }
                writer.member("matrix") { writer in
                    writer.object { writer in
                        for old in Outcome.allCases {
                            writer.member(old.rawValue) { writer in
                                writer.object { writer in
                                    for new in Outcome.allCases {
                                        writer.member(new.rawValue, diff.matrix[old]?[new] ?? 0)
                                    }
                                }
                            }
                        }
                    }
                }
                writer.member("results") { $0.array(diff.results) { change($1, &$0) } }
                writer.member("values") { $0.array(diff.values) { change($1, &$0) } }
                writer.member("severities") { $0.array(diff.severities) { change($1, &$0) } }
                writer.member("waivers") { $0.array(diff.waivers) { change($1, &$0) } }
                writer.member("drift") { writer in
                    writer.array(diff.drift) { writer, change in
                        writer.object { writer in
                            writer.member("direction", change.direction.rawValue)
                            writer.member("rule", (change.new ?? change.old)?.rule)
                            writer.member("fact", (change.new ?? change.old)?.fact.rawValue)
                            writer.member("old", change.old?.message)
                            writer.member("new", change.new?.message)
                        }
                    }
                }
                writer.member("options") { writer in
                    writer.array(diff.options) { writer, change in
                        writer.object { writer in
                            writer.member("target", change.pair)
                            writer.member("path", change.path)
                            writer.member("old") { $0.strings(change.old) }
                            writer.member("new") { $0.strings(change.new) }
                        }
                    }
                }
                writer.member("facts") { writer in
                    writer.array(diff.facts) { writer, change in
                        writer.object { writer in
                            writer.member("target", change.pair)
                            writer.member("key", change.key.rawValue)
                            writer.member("old") { fact(change.old, &$0) }
                            writer.member("new") { fact(change.new, &$0) }
                            writer.member("removed") { values(change.elements?.removed, &$0) }
                            writer.member("added") { values(change.elements?.added, &$0) }
                        }
                    }
                }
            }
        }
    }

    private static func head(_ head: ReportDiff.Head, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tool", head.tool)
            writer.member("profile", head.profile)
            writer.member("profileDigest", head.profileDigest)
            writer.member("catalogueDigest", head.catalogueDigest)
            writer.member("collectedAt", Timestamp.text(head.collectedAt))
        }
    }

    private static func change(_ change: ReportDiff.ResultChange, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("target", change.pair)
            writer.member("rule", change.rule)
            writer.member("title", change.either?.title)
            writer.member("direction", change.direction.rawValue)
            writer.member("old") { side(change.old, &$0) }
            writer.member("new") { side(change.new, &$0) }
        }
    }

    private static func side(_ result: Result?, _ writer: inout JSONWriter) {
        guard let result else { return writer.null() }
        writer.object { writer in
            writer.member("outcome", result.outcome.rawValue)
            writer.member("severity", result.severity.rawValue)
            writer.member("observed", result.observed)
            writer.member("message", result.message)
            writer.member("waiver") { writer in
                guard let waiver = result.waiver else { return writer.null() }
                writer.object { writer in
                    writer.member("owner", waiver.owner)
                    writer.member("reason", waiver.reason)
                    writer.member("ticket", waiver.ticket)
                    writer.member("expires", waiver.expires)
                }
            }
        }
    }

    private static func fact(_ fact: Fact?, _ writer: inout JSONWriter) {
        guard let fact else { return writer.null() }
        writer.object { writer in
            switch fact {
            case .known: writer.member("state", "known")
            case .absent: writer.member("state", "absent")
            case .unavailable: writer.member("state", "unavailable")
            }
            writer.member("value") { value(fact.value, &$0) }
            if case .unavailable(let reason, _) = fact {
                writer.member("reason", reason)
            } else {
                writer.member("reason") { $0.null() }
            }
        }
    }

    private static func values(_ list: [FactValue]?, _ writer: inout JSONWriter) {
        guard let list else { return writer.null() }
        writer.array(list) { value($1, &$0) }
    }

    private static func value(_ value: FactValue?, _ writer: inout JSONWriter) {
        switch value {
        case .boolean(let truth): writer.boolean(truth)
        case .integer(let number): writer.integer(number)
        case .string(let text): writer.string(text)
        case .list(let list): values(list, &writer)
        case nil: writer.null()
        }
    }
}
