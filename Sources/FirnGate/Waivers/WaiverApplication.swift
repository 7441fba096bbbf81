public import FirnModel

/// Why a waiver of a set accepts nothing, or not all it was written for.
public struct WaiverProblem: Sendable, Hashable {
    /// What is wrong.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Its last day has passed.
        case expired
        /// Its last day is more than a year ahead, or no date.
        case tooLong
        /// No rule of the catalogue has that id.
        case unknownRule
        /// A failure is more severe than it accepts.
        case tooSevere
    }

    /// What is wrong.
    public var kind: Kind
    /// The waiver.
    public var waiver: LocatedWaiver
    /// The failing results it would have accepted, as indices into the report's results; empty where there are none.
    public var results: [Int]
    /// The sentence a person reads, with the place of the waiver. Its words are those of a file: escape it.
    public var message: String

    /// Creates a problem.
    public init(kind: Kind, waiver: LocatedWaiver, results: [Int], message: String) {
        self.kind = kind
        self.waiver = waiver
        self.results = results
        self.message = message
    }
}

/// What applying waivers to a report gave.
public struct WaiverApplication: Sendable, Hashable {
    /// The report; its accepted results carry their waivers and are still `fail`.
    public var report: Report
    /// What is wrong with waivers, in their order: each blocks at the gate.
    public var problems: [WaiverProblem]
    /// The waivers that accept a result, in their order.
    public var used: [LocatedWaiver]

    /// Creates one.
    public init(report: Report, problems: [WaiverProblem], used: [LocatedWaiver]) {
        self.report = report
        self.problems = problems
        self.used = used
    }

    /// The last second at which every used waiver holds, since 1970; nil when none is used.
    public var validUntil: Int64? {
        used.compactMap { WaiverTerm.lastSecond($0.waiver) }.min()
    }
}

extension WaiverSet {
    /// Sets the waivers on the failing results they accept.
    ///
    /// Waivers the report brought along are taken away first: whoever wrote the report does not decide what is
    /// accepted. Only a `fail` is ever accepted: nothing can be said of what could not be told. Of two waivers for one
    /// result the first that holds is used.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - now: The time of the decision, in seconds since 1970.
    ///   - knownRules: The ids of the catalogue's rules. A waiver for another one is a mistake that would be found only
    ///     when somebody wonders why nothing was accepted.
    public func apply(to report: Report, now: Int64, knownRules: Set<String>) -> WaiverApplication {
        var report = report
        for index in report.results.indices { report.results[index].waiver = nil }
        let match = WaiverMatch(report)
        var byRule: [String: [Int]] = [:]
        for (index, result) in report.results.enumerated() where result.outcome == .fail {
            byRule[result.rule, default: []].append(index)
        }
        let latest = WaiverTerm.latestDay(now: now)
        var application = WaiverApplication(report: report, problems: [], used: [])
        for located in waivers {
            let waiver = located.waiver
            let covered = (byRule[waiver.rule] ?? []).filter { match.covers(waiver, report.results[$0]) }
            func problem(_ kind: WaiverProblem.Kind, _ results: [Int], _ sentence: String) {
                application.problems.append(
                    WaiverProblem(
                        kind: kind, waiver: located, results: results,
                        message: "\(located.place): the waiver for \(waiver.rule) \(sentence)"))
            }
            guard knownRules.contains(waiver.rule) else {
                problem(.unknownRule, covered, "names no rule of the catalogue")
                continue
            }
            guard let lastDay = CalendarDate(waiver.expires), let lastSecond = WaiverTerm.lastSecond(waiver) else {
                problem(.tooLong, covered, "has no date: \(waiver.expires)")
                continue
            }
            guard now <= lastSecond else {
                problem(.expired, covered, "expired: \(waiver.expires) was its last day")
                continue
            }
            guard let latest, lastDay <= latest else {
                let limit = latest.map { "; at this time the latest is \($0)" } ?? ""
                problem(.tooLong, covered, "holds until \(waiver.expires), more than a year ahead\(limit)")
                continue
            }
            let accepted = covered.filter { report.results[$0].severity <= (waiver.maximumSeverity ?? .critical) }
            if accepted.count < covered.count, let maximum = waiver.maximumSeverity {
                let severe = covered.filter { !accepted.contains($0) }
                let worst = severe.map { report.results[$0].severity }.max() ?? .critical
                problem(
                    .tooSevere, severe, "accepts at most \(maximum.rawValue), and the failure is \(worst.rawValue)")
            }
            var isUsed = false
            for index in accepted where application.report.results[index].waiver == nil {
                application.report.results[index].waiver = waiver
                isUsed = true
            }
            if isUsed { application.used.append(located) }
        }
        return application
    }
}
