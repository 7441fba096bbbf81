import FirnModel
import FirnReportCore

/// A judgement as one entry of the journal, in the native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): lines
/// `FIELD=value`. Values are made visible first, so that none has a line feed, and are cut.
public enum UpdateJournal {
    /// What this kind of entry is found by: `journalctl MESSAGE_ID=...`.
    public static let messageID = "2fe517c73855409ba65670026d5e1f3c"
    /// The most characters of a value.
    public static let valueLimit = 400

    /// The datagram; below 16 KiB whatever the judgement holds, so that no file descriptor has to be sent.
    public static func datagram(_ judgement: UpdateJudgement) -> [UInt8] {
        let subject = judgement.subject
        var served: Revision?
        if case .revision(let revision, _, _) = judgement.channel?.answer { served = revision }
        let fields: [(String, String?)] = [
            ("MESSAGE", judgement.headline),
            ("MESSAGE_ID", messageID),
            ("PRIORITY", priority(judgement.outcome)),
            ("SYSLOG_IDENTIFIER", "firn"),
            ("FIRN_OUTCOME", judgement.outcome.rawValue),
            ("FIRN_SUPPORT", judgement.support.outcome.rawValue),
            ("FIRN_CURRENCY", judgement.currency.outcome.rawValue),
            ("FIRN_TARGET", subject.target),
            ("FIRN_RELEASE", subject.release),
            ("FIRN_VERSION", subject.version),
            ("FIRN_REVISION", subject.revision?.text),
            ("FIRN_END_OF_LIFE", judgement.endOfLife),
            ("FIRN_CHANNEL", judgement.channel?.channel),
            ("FIRN_CHANNEL_REVISION", served?.text),
        ]
        var text = ""
        for case (let name, let value?) in fields where !value.isEmpty {
            text += name + "=" + VisibleText.escape(value, limit: valueLimit) + "\n"
        }
        return Array(text.utf8)
    }

    /// Warning (4) for what a person must act on or look after, notice (5) for what was left open on purpose, else
    /// information (6); syslog(3).
    private static func priority(_ outcome: Outcome) -> String {
        switch outcome {
        case .fail, .unknown: "4"
        case .error: "3"
        case .notChecked, .notApplicable: "5"
        case .pass: "6"
        }
    }
}
