import FirnHost
import FirnModel
import Glibc

/// What the agent writes into the journal; on standard error where there is none, so that nothing is silent.
struct AgentJournal {
    /// The ids of the entries (`journalctl MESSAGE_ID=...`); never reused.
    enum MessageID {
        /// A result changed.
        static let change: StaticString = "665a07607c944fc78b6c8840fd64b1c5"
        /// A run ended, and something differs from the last.
        static let run: StaticString = "3a231ff19a9642f5aabd1c1719feabb1"
        /// Something went wrong: a file that cannot be written, a damaged state, a clock that jumped.
        static let trouble: StaticString = "f7f1fd9849e2418a9167c0448379736f"
        /// The agent started, ended or read its settings again.
        static let service: StaticString = "2382f1b16cb04e5dafa4c2317ef5d6c7"
    }

    /// How many changes of one run have an entry each; the rest is counted.
    static let changeLimit = 200

    let socket: String

    /// Writes an entry.
    func write(_ entry: JournalEntry) {
        if JournalSocket.isThere(socket), JournalSocket.send(entry.datagram, to: socket) == nil { return }
        // journald reads the level in front of a line of a service (sd-daemon(3)).
        var line = Array("<\(entry.priority.rawValue)>".utf8)
        line += entry.message.utf8.map { $0 < 0x20 ? UInt8(ascii: "?") : $0 }
        line.append(0x0a)
        _ = FileReplacement.append(line, to: STDERR_FILENO)
    }

    /// Writes a plain entry.
    func write(_ message: String, _ id: StaticString, _ priority: JournalEntry.Priority) {
        write(JournalEntry(message, id: id, priority: priority, identifier: "firn-agent"))
    }

    /// Writes what changed since the run before.
    func write(_ changes: [ResultChange], sequence: Int64, profile: String) {
        for change in changes.prefix(Self.changeLimit) {
            write(Self.entry(change, sequence: sequence, profile: profile))
        }
        if changes.count > Self.changeLimit {
            write(
                "\(changes.count - Self.changeLimit) more results changed in this run; the report has them all",
                MessageID.trouble, .warning)
        }
    }

    /// The entry of a change.
    static func entry(_ change: ResultChange, sequence: Int64, profile: String) -> JournalEntry {
        let result = change.result
        var message = "\(result.rule): \(result.outcome.rawValue), was \(change.before.rawValue): \(result.title)"
        if let observed = result.observed { message += "; observed \(observed), expected \(result.expected)" }
        if let why = result.message { message += "; \(why)" }
        var entry = JournalEntry(
            message, id: MessageID.change, priority: priority(change), identifier: "firn-agent")
        entry.add("FIRN_RULE", result.rule)
        entry.add("FIRN_OUTCOME", result.outcome.rawValue)
        entry.add("FIRN_OUTCOME_BEFORE", change.before.rawValue)
        entry.add("FIRN_SEVERITY", result.severity.rawValue)
        entry.add("FIRN_OBSERVED", result.observed)
        entry.add("FIRN_EXPECTED", result.expected)
        entry.add("FIRN_EVIDENCE", result.evidence.first?.path)
        entry.add("FIRN_PROFILE", profile)
        entry.add("FIRN_RUN", String(sequence))
        return entry
    }

    private static func priority(_ change: ResultChange) -> JournalEntry.Priority {
        guard change.isWorse else { return .notice }
        guard change.result.outcome == .fail else { return .warning }
        switch change.result.severity {
        case .critical: return .critical
        case .high: return .error
        case .medium, .low: return .warning
        case .info: return .notice
        }
    }
}
