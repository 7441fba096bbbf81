import FirnModel
import FirnReportCore

/// A judgement as JSON (`reports/schema/updates.schema.json`).
public enum UpdateJSON {
    /// Renders it. `tool` is the name and version of what made it.
    public static func render(_ judgement: UpdateJudgement, tool: String) -> String {
        let subject = judgement.subject
        return JSONWriter.document { writer in
            writer.object { writer in
                writer.member("schemaVersion", 1)
                writer.member("tool", tool)
                writer.member("judgedAt", Timestamp.text(judgement.now))
                writer.member("target", subject.target)
                writer.member("outcome", judgement.outcome.rawValue)
                writer.member("headline", judgement.headline)
                writer.member("offline", judgement.isOffline)
                writer.member("system") { writer in
                    writer.object { writer in
                        writer.member("release", subject.release)
                        writer.member("version", subject.version)
                        writer.member("form", subject.parsed?.form.rawValue)
                        writer.member("revision", subject.revision?.text)
                        writer.member("reason", subject.reason)
                        writer.member("date", subject.date?.description)
                        writer.member("ageDays", judgement.ageDays)
                        writer.member("evidence") { writer in
                            writer.array(subject.evidence) { writer, evidence in
                                writer.object { writer in
                                    writer.member("path", evidence.path)
                                    writer.member("line", evidence.line.map(Int64.init))
                                    writer.member("text", evidence.text)
                                }
                            }
                        }
                    }
                }
                writer.member("support") { writer in
                    writer.object { writer in
                        writer.member("outcome", judgement.support.outcome.rawValue)
                        writer.member("text", judgement.support.text)
                        writer.member("endOfLife", judgement.endOfLife)
                    }
                }
                writer.member("currency") { writer in
                    writer.object { writer in
                        writer.member("outcome", judgement.currency.outcome.rawValue)
                        writer.member("text", judgement.currency.text)
                        writer.member("channel", judgement.channel?.channel)
                        writer.member("commitsBehind", judgement.commitsBehind.map(Int64.init))
                    }
                }
                writer.member("asked") { writer in
                    writer.array(judgement.replies) { writer, reply in reply.write(&writer) }
                }
            }
        }
    }
}

extension ChannelReply {
    fileprivate func write(_ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("channel", channel)
            writer.member("address", address)
            switch answer {
            case .revision(let revision, let version, let published):
                writer.member("answer", "revision")
                writer.member("revision", revision.text)
                writer.member("commits", (version?.count).map(Int64.init))
                writer.member("published", published?.description)
                writer.member("reason", nil as String?)
            case .noChannel, .unusable:
                writer.member("answer", answer == .noChannel ? "no-channel" : "unusable")
                writer.member("revision", nil as String?)
                writer.member("commits", nil as Int64?)
                writer.member("published", nil as String?)
                if case .unusable(let reason) = answer {
                    writer.member("reason", reason)
                } else {
                    writer.member("reason", nil as String?)
                }
            }
        }
    }
}
