import FirnModel
import FirnReportCore
import Testing

@testable import FirnUpdates

/// The judgement, by hand.
struct JudgementTests {
    static let whole = "abcdef123456abcdef123456abcdef123456abcd"
    static let other = "0123456789012345678901234567890123456789"
    /// 2026-11-24T00:00:00Z.
    static let now: Int64 = 1_795_478_400

    static func subject(
        _ version: String?, release: String? = "26.05", named: String? = nil, problem: String? = nil,
        date: String? = nil
    ) -> UpdateSubject {
        UpdateSubject(
            target: "system", release: release, version: version, named: named, problem: problem,
            date: date.flatMap { CalendarDate($0) }, evidence: [])
    }

    static func serves(_ revision: String, _ version: String? = nil, published: String? = nil) -> ChannelReply.Answer {
        guard let revision = Revision(revision) else { return .unusable("the test is wrong") }
        return .revision(
            revision, version: version.map { SystemVersion($0, release: "26.05") },
            published: published.flatMap { CalendarDate($0) })
    }

    static func judge(
        _ subject: UpdateSubject, _ answers: [ChannelReply.Answer]?, support: Outcome = .pass,
        age: UpdateJudgement.Part? = nil
    ) -> UpdateJudgement {
        UpdateJudgement(
            subject: subject, support: .init(support, "updates until 2026-12-31"), endOfLife: "2026-12-31", age: age,
            replies: answers?.enumerated().map { index, answer in
                ChannelReply(channel: "channel\(index)", address: "https://channels.nixos.org/\(index)", answer: answer)
            }, now: now)
    }

    @Test func equalIsUpToDate() {
        let own = Self.subject("26.05.1234.abcdef123456")
        #expect(Self.judge(own, [Self.serves(Self.whole)]).exitCode == 0)
        // The small channel may be the one it follows, and one that could not be asked does not matter then.
        #expect(Self.judge(own, [Self.serves(Self.other), Self.serves(Self.whole)]).exitCode == 0)
        #expect(Self.judge(own, [.unusable("x"), Self.serves(Self.whole)]).exitCode == 0)
    }

    @Test func anotherRevisionIsBehind() {
        let own = Self.subject("26.05.1234.abcdef123456")
        let judgement = Self.judge(own, [Self.serves(Self.other, "26.05.1240.012345678901"), .noChannel])
        #expect(judgement.exitCode == 1)
        #expect(judgement.commitsBehind == 6)
        #expect(Self.judge(own, [Self.serves(Self.other)]).exitCode == 1)
    }

    @Test func whatCannotBeToldIsUnknown() {
        let own = Self.subject("26.05.1234.abcdef123456")
        #expect(Self.judge(own, [.unusable("no route")]).exitCode == 3)
        #expect(Self.judge(own, [Self.serves(Self.other), .unusable("no route")]).exitCode == 3)
        #expect(Self.judge(own, [.noChannel, .noChannel]).exitCode == 3)
        #expect(Self.judge(own, []).exitCode == 3)
        #expect(Self.judge(own, [Self.serves(Self.whole)], support: .unknown).exitCode == 3)
        for version in ["26.05pre-git", "26.05.20261101.dirty", "26.05.git.abcdef1M", "mine"] {
            let judgement = Self.judge(Self.subject(version), [Self.serves(Self.whole)])
            #expect(judgement.exitCode == 3, "\(version)")
            #expect(judgement.currency.text.hasPrefix("the system's revision is not known: "), "\(version)")
        }
        #expect(Self.judge(Self.subject(nil), []).exitCode == 3)
        #expect(Self.judge(Self.subject("26.05.1.abcdef1", release: nil), []).exitCode == 3)
    }

    @Test func newerThanTheChannelIsNotUpToDate() {
        // By the number of commits.
        let counted = Self.subject("26.05.1300.abcdef123456")
        let newest = Self.serves(Self.other, "26.05.1240.012345678901")
        #expect(Self.judge(counted, [newest]).currency.outcome == .unknown)
        // The small channel is ahead of it: behind.
        #expect(Self.judge(counted, [newest, Self.serves(Self.other, "26.05.1301.0123456")]).exitCode == 1)
        // By the day: one that is older than the revision cannot hold it. The same day may.
        let dated = Self.subject("26.05.20261101.abcdef1", date: "2026-11-01")
        #expect(Self.judge(dated, [Self.serves(Self.other, published: "2026-10-31")]).currency.outcome == .unknown)
        #expect(Self.judge(dated, [Self.serves(Self.other, published: "2026-11-01")]).exitCode == 1)
        #expect(Self.judge(dated, [Self.serves(Self.other, published: "2026-11-02")]).exitCode == 1)
    }

    @Test func theEndOfLifeIsAFindingWhateverElse() {
        let own = Self.subject("26.05.1234.abcdef123456")
        #expect(Self.judge(own, [Self.serves(Self.whole)], support: .fail).exitCode == 1)
        #expect(Self.judge(own, [.unusable("no route")], support: .fail).exitCode == 1)
        #expect(Self.judge(own, nil, support: .fail).exitCode == 1)
        #expect(Self.judge(own, nil, support: .fail).headline.hasPrefix("End of life: NixOS 26.05 "))
    }

    @Test func offlineIsNeverUpToDate() {
        let own = Self.subject("26.05.20261101.abcdef1", date: "2026-11-01")
        let judgement = Self.judge(own, nil, age: .init(.pass, "young"))
        #expect(judgement.exitCode == 3)
        #expect(judgement.currency == .init(.notChecked, "no channel was asked (--offline)"))
        #expect(judgement.ageDays == 23)
        // What is older than the rule allows is behind whatever a channel serves.
        #expect(Self.judge(own, nil, age: .init(.fail, "too old")).exitCode == 1)
    }

    /// A mirror or cache that stopped serves the system's revision for ever.
    @Test func aChannelThatStandsStillIsUnknown() {
        let own = Self.subject("26.05.20260601.abcdef1", date: "2026-06-01")
        let stale = Self.judge(own, [Self.serves(Self.whole)], age: .init(.fail, "too old"))
        #expect(stale.exitCode == 3)
        #expect(stale.headline == "Unknown: channel0 serves the system's revision and stands still; too old.")
        #expect(Self.judge(own, [Self.serves(Self.whole)], age: .init(.pass, "young")).exitCode == 0)
        // Not every version has a day.
        #expect(Self.judge(own, [Self.serves(Self.whole)], age: .init(.unknown, "no day")).exitCode == 0)
        // Another channel that has moved on makes no difference to that: what the first one serves is not known to be new.
        #expect(
            Self.judge(own, [Self.serves(Self.other), Self.serves(Self.whole)], age: .init(.fail, "old")).exitCode == 3)
    }

    @Test func theWholeRevisionIsPreferredAndHasToAgree() {
        #expect(Self.subject("26.05.1234.abcdef123456", named: Self.whole).revision?.text == Self.whole)
        let contradiction = Self.subject("26.05.1234.abcdef123456", named: Self.other)
        #expect(contradiction.revision == nil && contradiction.reason?.contains("names") == true)
        #expect(Self.subject("26.05pre-git", named: Self.whole).revision?.text == Self.whole)
        #expect(Self.subject("26.05.20261101.dirty", named: Self.whole).revision == nil)
        // nixpkgs 20.09 and older call an unknown revision master.
        #expect(Self.subject("26.05.1234.abcdef123456", named: "master").revision?.text == "abcdef123456")
        #expect(Self.subject("26.05pre-git", named: "master").revision == nil)
        // A name that is no revision was set by hand, and the version is not believed against it.
        for named in [Self.whole + "-dirty", "ours", "ABCDEF123456"] {
            let subject = Self.subject("26.05.1234.abcdef123456", named: named)
            #expect(subject.revision == nil, "\(named)")
            #expect(subject.reason == "\"\(named)\" is no revision", "\(named)")
        }
        #expect(Self.subject("26.05pre-git", problem: "unreadable").reason == "unreadable")
    }

    /// Over all combinations: only a match makes it pass, and an answer that is no revision never helps.
    @Test func onlyAMatchPasses() {
        let own = Self.subject("26.05.1234.abcdef123456")
        let answers: [ChannelReply.Answer] = [
            Self.serves(Self.other), .noChannel, .unusable("x"), Self.serves(Self.whole),
        ]
        for support in Outcome.allCases {
            for first in answers {
                for second in answers {
                    let judgement = Self.judge(own, [first, second], support: support)
                    let isMatched = first == answers[3] || second == answers[3]
                    #expect((judgement.currency.outcome == .pass) == isMatched)
                    #expect((judgement.exitCode == 0) == (isMatched && support == .pass))
                    #expect((judgement.exitCode == 1) == (judgement.outcome == .fail))
                }
            }
        }
    }

    @Test func theJournalGetsOneBoundedEntry() {
        let own = Self.subject("26.05.1234.abcdef123456")
        let behind = Self.judge(own, [Self.serves(Self.other)])
        let lines = String(decoding: UpdateJournal.datagram(behind), as: UTF8.self).split(separator: "\n")
        for line in [
            "PRIORITY=4", "FIRN_OUTCOME=fail", "FIRN_SUPPORT=pass", "FIRN_CURRENCY=fail", "FIRN_RELEASE=26.05",
            "FIRN_REVISION=abcdef123456", "FIRN_CHANNEL=channel0", "FIRN_CHANNEL_REVISION=\(Self.other)",
            "MESSAGE_ID=2fe517c73855409ba65670026d5e1f3c",
        ] {
            #expect(lines.contains(Substring(line)), "\(line)")
        }
        let hostile = Self.subject("26.05\nPRIORITY=7\n" + String(repeating: "\u{1b}[2J", count: 100_000))
        let bytes = UpdateJournal.datagram(Self.judge(hostile, nil))
        #expect(bytes.count < 16 << 10)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("\u{1b}") && !text.contains("\nPRIORITY=7"))
        #expect(text.split(separator: "\n").allSatisfy { $0.contains("=") })
        #expect(
            String(decoding: UpdateJournal.datagram(Self.judge(own, [Self.serves(Self.whole)])), as: UTF8.self)
                .contains("PRIORITY=6\n"))
    }

    @Test func metricsSayOneOutcome() {
        let text = UpdateMetrics.render(
            Self.judge(Self.subject("26.05.1234.abcdef123456"), [Self.serves(Self.whole)]), tool: "firn 1")
        #expect(text.contains("firn_updates_outcome{outcome=\"pass\"} 1\n"))
        #expect(text.contains("firn_updates_outcome{outcome=\"fail\"} 0\n"))
        // 2026-12-31T00:00:00Z.
        #expect(text.contains("firn_updates_end_of_life_timestamp_seconds 1798675200\n"))
        #expect(text.hasSuffix("# EOF\n"))
    }
}
