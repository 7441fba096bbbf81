import FirnModel
import FirnReportCore

/// Trends as a JSON document.
enum HistoryJSON {
    static func render(_ trends: [HistoryTrend]) -> String {
        JSONWriter.document { writer in
            writer.object { writer in
                writer.member("schemaVersion", 1)
                writer.member("hosts") { writer in
                    writer.array(trends) { writer, trend in
                        writer.object { writer in
                            writer.member("host", trend.host)
                            writer.member("sources") { $0.strings(trend.sources.map(\.rawValue)) }
                            writer.member("points") { writer in
                                writer.array(trend.points) { writer, point in
                                    writer.object { writer in
                                        writer.member("collectedAt", Timestamp.text(point.collectedAt))
                                        writer.member("profile", point.profile)
                                        writer.member("fails") { writer in
                                            writer.object { writer in
                                                for severity in Severity.allCases {
                                                    writer.member(severity.rawValue, point.fails[severity] ?? 0)
                                                }
                                            }
                                        }
                                        writer.member("waived", point.waived)
                                        writer.member("untold", point.untold)
                                    }
                                }
                            }
                            writer.member("rules") { writer in
                                writer.array(trend.rules) { writer, rule in
                                    writer.object { writer in
                                        writer.member("rule", rule.id)
                                        writer.member("severity", rule.severity.rawValue)
                                        writer.member("states") { $0.strings(rule.states.map(HistoryText.word)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
