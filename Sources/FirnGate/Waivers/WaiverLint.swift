public import FirnModel

/// What is wrong with waivers, asked before the gate asks.
public struct WaiverLint: Sendable {
    /// What is known of the rules.
    public struct Rules: Sendable {
        /// The lowest and the highest severity of each rule over the levels, by id.
        public var severities: [String: ClosedRange<Severity>]
        /// Why ids are no longer used.
        public var retired: [String: String]
        /// The id that is nearest to a word that is none.
        public var suggestion: @Sendable (String) -> String?

        /// Creates them.
        public init(
            severities: [String: ClosedRange<Severity>], retired: [String: String],
            suggestion: @escaping @Sendable (String) -> String? = { _ in nil }
        ) {
            self.severities = severities
            self.retired = retired
            self.suggestion = suggestion
        }
    }

    /// The rules.
    public var rules: Rules
    /// The time of the question, in seconds since 1970.
    public var now: Int64
    /// From how many days before its last day a waiver is said to expire soon.
    public var within: Int64

    /// Creates a linter.
    public init(rules: Rules, now: Int64, within: Int64 = 30) {
        self.rules = rules
        self.now = now
        self.within = within
    }

    /// Findings on waivers, ordered by file and line.
    ///
    /// - Parameters:
    ///   - set: The waivers that could be read.
    ///   - errors: What is wrong with those that could not.
    ///   - reports: Reports of the systems the waivers are for. Without any, nothing is said of use.
    public func findings(set: WaiverSet, errors: [DataError], reports: [Report]) -> [WaiverFinding] {
        var result = errors.map {
            WaiverFinding(
                kind: .invalid, isError: true, file: $0.file, line: $0.line, rule: nil, message: $0.message)
        }
        let matches = reports.map { WaiverMatch($0) }
        let systems = Self.systems(reports)
        for located in set.waivers {
            var found = own(located)
            if !found.contains(where: \.isError) {
                let covered = zip(reports, matches).flatMap { report, match in
                    report.results.filter { match.covers(located.waiver, $0) }
                }
                found += severity(located, covered)
                found += breadth(located, systems)
                if !reports.isEmpty { found += use(located, covered) }
            }
            result += found
        }
        result += duplicates(set, known: result)
        return result.sorted { left, right in
            if left.file != right.file { return left.file < right.file }
            if left.line != right.line { return left.line < right.line }
            if left.isError != right.isError { return left.isError }
            return left.kind.rawValue < right.kind.rawValue
        }
    }

    private func finding(
        _ kind: WaiverFinding.Kind, _ located: LocatedWaiver, isError: Bool = true, _ message: String
    ) -> WaiverFinding {
        WaiverFinding(
            kind: kind, isError: isError, file: located.file, line: located.line, rule: located.waiver.rule,
            message: message)
    }

    // MARK: - The waiver itself

    private func own(_ located: LocatedWaiver) -> [WaiverFinding] {
        let waiver = located.waiver
        if rules.severities[waiver.rule] == nil {
            if let reason = rules.retired[waiver.rule] {
                return [finding(.unknownRule, located, "the rule was retired: \(reason)")]
            }
            let family = waiver.rule.hasSuffix(".*") ? String(waiver.rule.dropLast(2)) : waiver.rule
            let isFamily = rules.severities.keys.contains { $0.hasPrefix(family + ".") }
            if isFamily || waiver.rule.contains(where: { "*?[".contains($0) }) {
                return [
                    finding(
                        .tooBroad, located,
                        "a waiver is for one rule; a family or pattern accepts what nobody has looked at")
                ]
            }
            let hint = rules.suggestion(waiver.rule).map { "; do you mean \($0)?" } ?? ""
            return [finding(.unknownRule, located, "no rule of the catalogue has that id\(hint)")]
        }
        guard let left = WaiverTerm.daysLeft(waiver, now: now), let last = CalendarDate(waiver.expires) else {
            return [finding(.invalid, located, "\"\(waiver.expires)\" is no date")]
        }
        if left < 0 {
            return [
                finding(
                    .expired, located,
                    "its last day was \(waiver.expires), \(Self.days(-left)) ago: decide again, or take it away")
            ]
        }
        guard let latest = WaiverTerm.latestDay(now: now), last <= latest else {
            let limit = WaiverTerm.latestDay(now: now).map { "; today the latest is \($0)" } ?? ""
            return [finding(.tooLong, located, "it holds until \(waiver.expires), more than a year ahead\(limit)")]
        }
        guard left <= within else { return [] }
        let when = left == 0 ? "today is its last day" : "it holds \(Self.days(left)) more, until \(waiver.expires)"
        return [finding(.expiringSoon, located, isError: false, when)]
    }

    private func severity(_ located: LocatedWaiver, _ covered: [Result]) -> [WaiverFinding] {
        let waiver = located.waiver
        guard let range = rules.severities[waiver.rule] else { return [] }
        let failing = covered.filter { $0.outcome == .fail }.map(\.severity).max()
        if let maximum = waiver.maximumSeverity {
            // In the reports a failure is too severe, or no profile has the rule as mild as that.
            if let failing, failing > maximum {
                return [
                    finding(.tooSevere, located, "a failure is \(failing.rawValue); it accepts \(maximum.rawValue)")
                ]
            }
            if range.lowerBound > maximum {
                return [
                    finding(
                        .tooSevere, located,
                        "the rule is \(range.lowerBound.rawValue); it accepts \(maximum.rawValue), so nothing")
                ]
            }
        } else if max(failing ?? .info, range.upperBound) == .critical {
            return [
                finding(
                    .tooBroad, located, isError: false,
                    "it accepts a critical failure without saying so; write max-severity = \"critical\"")
            ]
        }
        return []
    }

    private func breadth(_ located: LocatedWaiver, _ systems: Int) -> [WaiverFinding] {
        let waiver = located.waiver
        guard waiver.scope.hosts.isEmpty, waiver.scope.images.isEmpty else { return [] }
        if systems > 1 {
            return [
                finding(
                    .tooBroad, located, isError: false,
                    "it is for all \(systems) systems of the reports; name hosts or images in its scope")
            ]
        }
        let accepted = min(waiver.maximumSeverity ?? .critical, rules.severities[waiver.rule]?.upperBound ?? .info)
        guard accepted >= .high else { return [] }
        return [
            finding(
                .tooBroad, located, isError: false,
                "it accepts a \(accepted.rawValue) failure on every system; name hosts or images in its scope")
        ]
    }

    // MARK: - Against reports

    private func use(_ located: LocatedWaiver, _ covered: [Result]) -> [WaiverFinding] {
        let outcomes = Set(covered.map(\.outcome))
        if outcomes.contains(.fail) || outcomes.contains(.unknown) || outcomes.contains(.error) { return [] }
        if outcomes.contains(.pass) {
            return [
                finding(
                    .alreadyFixed, located, isError: false, "the rule passes everywhere in its scope: take it away")
            ]
        }
        let why =
            covered.isEmpty
            ? "no report has a result of its rule in its scope"
            : "its rule does not apply, or was not checked, anywhere in its scope"
        return [finding(.unused, located, isError: false, why)]
    }

    /// How many systems the reports show, by host name, else by the target's name.
    private static func systems(_ reports: [Report]) -> Int {
        var names: Set<String> = []
        for report in reports {
            for target in report.targets {
                let toplevel = target.identity.toplevel
                let sibling = report.targets.first {
                    toplevel != nil && $0.identity.toplevel == toplevel && $0.identity.hostName != nil
                }
                names.insert(target.identity.hostName ?? sibling?.identity.hostName ?? toplevel ?? target.name)
            }
        }
        return names.count
    }

    // MARK: - Against each other

    private func duplicates(_ set: WaiverSet, known: [WaiverFinding]) -> [WaiverFinding] {
        var result: [WaiverFinding] = []
        // One that is wrong by itself is said to be that, and the other is then its renewal.
        let wrong = Set(known.filter(\.isError).map { "\($0.file):\($0.line)" })
        let usable = set.waivers.filter { !wrong.contains($0.place) }
        for (index, later) in usable.enumerated() {
            let first = usable[..<index].first { earlier in
                earlier.waiver.rule == later.waiver.rule && Self.overlap(earlier.waiver.scope, later.waiver.scope)
            }
            guard let first else { continue }
            result.append(
                finding(.duplicate, later, "\(first.place) is for the same rule and systems, and is asked first"))
        }
        return result
    }

    private static func overlap(_ left: WaiverScope, _ right: WaiverScope) -> Bool {
        func meets(_ left: [String], _ right: [String], _ isSame: (String, String) -> Bool) -> Bool {
            left.isEmpty || right.isEmpty || left.contains { one in right.contains { isSame(one, $0) } }
        }
        return meets(left.hosts, right.hosts) { $0 == $1 }
            && meets(left.images, right.images) { WaiverMatch.names($0, $1) || WaiverMatch.names($1, $0) }
            && meets(left.sources.map(\.rawValue), right.sources.map(\.rawValue)) { $0 == $1 }
    }

    private static func days(_ count: Int64) -> String {
        count == 1 ? "1 day" : "\(count) days"
    }
}
