public import FirnModel

/// What the parts of the question give, and the answer to the whole: does this system get updates, and has it taken them?
public struct UpdateJudgement: Sendable, Hashable {
    /// One part of it.
    public struct Part: Sendable, Hashable {
        /// What it gave.
        public var outcome: Outcome
        /// One sentence without a full stop.
        public var text: String

        /// Creates one.
        public init(_ outcome: Outcome, _ text: String) {
            self.outcome = outcome
            self.text = text
        }
    }

    /// The system.
    public var subject: UpdateSubject
    /// Whether the release still gets updates (rule `age.nixos`).
    public var support: Part
    /// The last day it does, where it is known (`2026-12-31`, `2026-12-31 or later`).
    public var endOfLife: String?
    /// Whether the revision is the newest of a channel.
    public var currency: Part
    /// The channel the judgement of the revision rests on.
    public var channel: ChannelReply?
    /// How many commits the channel is ahead, where both versions count them.
    public var commitsBehind: Int?
    /// What was asked; empty where nothing was.
    public var replies: [ChannelReply]
    /// Whether nothing was asked because nobody wanted it.
    public var isOffline: Bool
    /// The time of the judgement, in seconds since 1970.
    public var now: Int64

    /// Creates one: `support` is what the rule `age.nixos` gives, `age` what `age.nixpkgs` gives, and `replies` what the
    /// channels answered, in the order in which they were asked; nil where none was to be asked.
    public init(
        subject: UpdateSubject, support: Part, endOfLife: String?, age: Part?, replies: [ChannelReply]?, now: Int64
    ) {
        self.subject = subject
        self.support = support
        self.endOfLife = endOfLife
        self.replies = replies ?? []
        self.now = now
        isOffline = replies == nil
        currency = Part(.unknown, "")
        if let reason = subject.reason {
            currency.text = "the system's revision is not known: \(reason)"
        } else if subject.revision == nil {
            currency.text = "the system's revision is not known"
        } else if let replies {
            compare(replies, age: age)
        } else if let age, age.outcome == .fail {
            currency = Part(.fail, age.text)
        } else {
            currency = Part(.notChecked, "no channel was asked (--offline)")
        }
    }

    /// Whether asking channels can tell anything of a system.
    public static func isWorthAsking(_ subject: UpdateSubject) -> Bool { subject.revision != nil }

    /// Both parts joined: fail dominates, and what nobody looked at is not a pass. Nor is what does not apply, which is
    /// neutral among the conditions of a rule: both questions are asked of every system.
    public var outcome: Outcome {
        let joined = support.outcome.and(currency.outcome)
        return joined == .pass && support.outcome != currency.outcome ? .unknown : joined
    }

    /// Whole days since the day of the revision; nil where that is not known.
    public var ageDays: Int64? {
        guard let date = subject.date else { return nil }
        let days = now / 86_400 - date.days
        return days >= 0 ? days : nil
    }

    private mutating func compare(_ replies: [ChannelReply], age: Part?) {
        guard let own = subject.revision else { return }
        for reply in replies {
            guard case .revision(let newest, _, _) = reply.answer, own.matches(newest) else { continue }
            channel = reply
            if let age, age.outcome == .fail {
                // A channel of a supported release moves every few days. One that stands still is a stale mirror or cache.
                currency.text = "\(reply.channel) serves the system's revision and stands still; \(age.text)"
            } else {
                currency = Part(.pass, "the system has the revision that \(reply.channel) serves")
            }
            return
        }
        guard !replies.isEmpty else {
            currency.text = "no channel belongs to this release"
            return
        }
        // Only when all have answered is it known that none serves this revision.
        for reply in replies {
            guard case .unusable(let reason) = reply.answer else { continue }
            channel = reply
            currency.text = "\(reply.channel): \(reason)"
            return
        }
        let answered = replies.filter { if case .revision = $0.answer { true } else { false } }
        guard let first = answered.first, case .revision(let newest, _, _) = first.answer else {
            channel = replies.first
            currency.text = "there is no channel \(replies.map(\.channel).joined(separator: " or "))"
            return
        }
        channel = first
        if isAhead(of: answered) {
            currency.text = "the system is newer than \(first.channel), and no channel serves its revision"
            return
        }
        commitsBehind = distance(to: first)
        currency = Part(.fail, "\(first.channel) serves revision \(newest.text.prefix(12))")
    }

    /// Whether everything that can be compared is older than the system: it follows a branch that no channel shows yet, or is
    /// a build of somebody's own. That it lacks nothing is not proved.
    private func isAhead(of answered: [ChannelReply]) -> Bool {
        var isCompared = false
        for reply in answered {
            guard case .revision(_, let version, let published) = reply.answer else { continue }
            if let own = subject.parsed, let count = own.count, let other = version, other.form == own.form,
                let newest = other.count
            {
                if count < newest { return false }
                isCompared = true
            } else if let date = subject.date, let published {
                if date <= published { return false }
                isCompared = true
            }
        }
        return isCompared
    }

    private func distance(to reply: ChannelReply) -> Int? {
        guard case .revision(_, let version?, _) = reply.answer, let own = subject.parsed, version.form == own.form,
            let mine = own.count, let newest = version.count, newest > mine
        else { return nil }
        return newest - mine
    }
}
