public import FirnModel

/// What changed between two reports.
///
/// Nothing is judged anew: both reports stand as they were written. "Could not tell" is no improvement on a failure, and
/// a rule that is no longer asked is no pass.
public struct ReportDiff: Sendable, Hashable {
    /// The version of the diff document.
    public static let schemaVersion = 1

    /// Which way a change goes.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
        /// Somebody should look.
        case worse
        /// Something was repaired or is now known to be right.
        case better
        /// Neither.
        case other
    }

    /// A target of either report, with its counterpart where it has one.
    public struct Pair: Sendable, Hashable {
        /// The index in the old report.
        public var old: Int?
        /// The index in the new report.
        public var new: Int?
        /// The layer.
        public var source: SourceKind
        /// What a person calls it: the host name, else the target's name; the new one where they differ.
        public var name: String
    }

    /// A rule whose result is another one; nil on the side that has none.
    public struct ResultChange: Sendable, Hashable {
        /// The index of the target's pair.
        public var pair: Int
        /// The rule's id.
        public var rule: String
        /// The old result.
        public var old: Result?
        /// The new result.
        public var new: Result?
        /// Which way it goes.
        public var direction: Direction

        /// The result that is there, the new one first.
        public var either: Result? { new ?? old }
    }

    /// A fact that is another one; nil where a source does not supply it.
    public struct FactChange: Sendable, Hashable {
        /// The index of the target's pair.
        public var pair: Int
        /// The key.
        public var key: FactKey
        /// The old fact, without its evidence.
        public var old: Fact?
        /// The new fact, without its evidence.
        public var new: Fact?
        /// The elements a list lost and won; nil where one of the two is no list.
        public var elements: ListChange?
    }

    /// What a list lost and won. Both are empty when only the order changed.
    public struct ListChange: Sendable, Hashable {
        /// Elements only the old list has, in its order.
        public var removed: [FactValue]
        /// Elements only the new list has, in its order.
        public var added: [FactValue]
    }

    /// An option of a declared configuration of which the evidence says something else.
    public struct OptionChange: Sendable, Hashable {
        /// The index of the target's pair.
        public var pair: Int
        /// The option, as `services.openssh.settings.PermitRootLogin`.
        public var path: String
        /// What only the old report says of it, sorted.
        public var old: [String]
        /// What only the new report says of it, sorted.
        public var new: [String]
    }

    /// A drift that came, went or changed.
    public struct DriftChange: Sendable, Hashable {
        /// The old one.
        public var old: Drift?
        /// The new one.
        public var new: Drift?
        /// Which way it goes.
        public var direction: Direction { new == nil ? .better : old == nil ? .worse : .other }
    }

    /// The old report's head.
    public var old: Head
    /// The new report's head.
    public var new: Head
    /// The targets, in the order of the new report, then those that are gone.
    public var pairs: [Pair] = []
    /// How often each outcome became each other: `matrix[old][new]`, of the rules both reports asked of a target.
    public var matrix: [Outcome: [Outcome: Int]] = [:]
    /// Results with another outcome, or on one side only, of targets both reports have, the most severe first.
    public var results: [ResultChange] = []
    /// Failures that are still failures, with another value.
    public var values: [ResultChange] = []
    /// Rules of another severity.
    public var severities: [ResultChange] = []
    /// Failures whose waiver came, went or changed.
    public var waivers: [ResultChange] = []
    /// Facts.
    public var facts: [FactChange] = []
    /// Options.
    public var options: [OptionChange] = []
    /// Drift.
    public var drift: [DriftChange] = []
    /// What a person must know to read the rest.
    public var notes: [String] = []

    /// What a report says of itself.
    public struct Head: Sendable, Hashable {
        /// The tool.
        public var tool: String
        /// The profile's id.
        public var profile: String
        /// The profile's digest.
        public var profileDigest: String
        /// The catalogue's digest.
        public var catalogueDigest: String
        /// When the facts were collected.
        public var collectedAt: Int64

        init(_ report: Report) {
            tool = report.tool
            profile = report.profile
            profileDigest = report.profileDigest
            catalogueDigest = report.catalogueDigest
            collectedAt = report.collectedAt
        }
    }

    /// The results that go a way.
    public func results(_ direction: Direction) -> [ResultChange] { results.filter { $0.direction == direction } }

    /// Whether anything got worse: a result, a waiver that no longer accepts a failure, a failure that is more severe, a
    /// new drift, a target that is gone or that came with something to act on.
    public private(set) var hasWorse = false

    /// Whether nothing changed at all.
    public var isEmpty: Bool {
        results.isEmpty && values.isEmpty && severities.isEmpty && waivers.isEmpty && facts.isEmpty && options.isEmpty
            && drift.isEmpty && pairs.allSatisfy { $0.old != nil && $0.new != nil }
    }

    /// Which way an outcome went. A result that is not there is as one that nobody checked.
    public static func direction(_ old: Outcome, _ new: Outcome) -> Direction {
        switch (old, new) {
        case (let old, let new) where old == new: .other
        case (_, .error): .worse
        case (.fail, .pass), (.fail, .notApplicable): .better
        case (_, .fail): old == .error ? .other : .worse
        case (.pass, .notChecked), (.pass, .unknown), (.notApplicable, .unknown), (.notChecked, .unknown): .worse
        case (.notChecked, .pass), (.unknown, .pass), (.unknown, .notApplicable): .better
        case (.error, .pass), (.error, .notApplicable): .better
        // A failure that cannot be told any more is not repaired.
        default: .other
        }
    }

    // MARK: - Making one

    /// Compares two reports. Targets are matched by layer and host name, then by layer and name; where each report has
    /// just one left of a layer, these two are.
    public init(old: Report, new: Report) {
        self.old = Head(old)
        self.new = Head(new)
        let pairs = ReportDiffPairs.find(old, new)
        self.pairs = pairs
        var isWorse = false
        for outcome in Outcome.allCases {
            matrix[outcome] = Dictionary(uniqueKeysWithValues: Outcome.allCases.map { ($0, 0) })
        }
        let oldResults = Self.byTarget(old)
        let newResults = Self.byTarget(new)
        for (index, pair) in pairs.enumerated() {
            guard let oldTarget = pair.old, let newTarget = pair.new else {
                let gone = pair.old.map { oldResults[$0] ?? [:] } ?? [:]
                let came = pair.new.map { newResults[$0] ?? [:] } ?? [:]
                isWorse =
                    isWorse || gone.values.contains { Self.direction($0.outcome, .notChecked) == .worse }
                    || came.values.contains { Self.isWorse(nil, $0) }
                continue
            }
            let before = oldResults[oldTarget] ?? [:]
            let after = newResults[newTarget] ?? [:]
            for key in Set(before.keys).union(after.keys).sorted() {
                compare(before[key], after[key], key.rule, pair: index)
            }
            compareFacts(old, oldTarget, new, newTarget, pair: index)
        }
        compareDrift(old.drift, new.drift)
        results.sort(by: Self.isBefore)
        describe(old, new)
        hasWorse =
            isWorse || results.contains { $0.direction == .worse } || waivers.contains { $0.direction == .worse }
            || severities.contains { $0.direction == .worse } || drift.contains { $0.direction == .worse }
    }

    /// Names a result of a target; a report may, against all sense, hold two of one rule.
    private struct Key: Hashable, Comparable {
        var rule: String
        var number: Int

        static func < (left: Key, right: Key) -> Bool {
            left.rule == right.rule ? left.number < right.number : left.rule < right.rule
        }
    }

    private static func byTarget(_ report: Report) -> [Int: [Key: Result]] {
        var result: [Int: [Key: Result]] = [:]
        for one in report.results {
            var key = Key(rule: one.rule, number: 0)
            while result[one.target]?[key] != nil { key.number += 1 }
            result[one.target, default: [:]][key] = one
        }
        return result
    }

    private static func isWorse(_ old: Result?, _ new: Result?) -> Bool {
        if direction(old?.outcome ?? .notChecked, new?.outcome ?? .notChecked) != .worse { return false }
        // A new failure that somebody has accepted already is nothing to act on.
        return !(new?.outcome == .fail && new?.waiver != nil)
    }

    private mutating func compare(_ old: Result?, _ new: Result?, _ rule: String, pair: Int) {
        func change(_ direction: Direction) -> ResultChange {
            ResultChange(pair: pair, rule: rule, old: old, new: new, direction: direction)
        }
        guard let old, let new else {
            let direction = Self.direction(old?.outcome ?? .notChecked, new?.outcome ?? .notChecked)
            let isAccepted = direction == .worse && !Self.isWorse(old, new)
            return results.append(change(isAccepted ? .other : direction))
        }
        matrix[old.outcome]?[new.outcome, default: 0] += 1
        if old.outcome != new.outcome {
            let direction = Self.direction(old.outcome, new.outcome)
            results.append(change(direction == .worse && !Self.isWorse(old, new) ? .other : direction))
        } else if new.outcome == .fail, old.observed != new.observed {
            values.append(change(.other))
        }
        if old.severity != new.severity {
            let isWorse = new.outcome == .fail && new.waiver == nil && new.severity > old.severity
            severities.append(change(isWorse ? .worse : .other))
        }
        if old.waiver != new.waiver {
            let isLost = new.outcome == .fail && old.outcome == .fail && new.waiver == nil
            waivers.append(change(isLost ? .worse : .other))
        }
    }

    /// The most severe first, then by rule and target.
    private static func isBefore(_ left: ResultChange, _ right: ResultChange) -> Bool {
        let (first, second) = (left.either?.severity ?? .info, right.either?.severity ?? .info)
        if first != second { return first > second }
        return left.rule == right.rule ? left.pair < right.pair : left.rule < right.rule
    }

    // MARK: - Facts

    private mutating func compareFacts(_ old: Report, _ oldTarget: Int, _ new: Report, _ newTarget: Int, pair: Int) {
        guard old.snapshots.indices.contains(oldTarget), new.snapshots.indices.contains(newTarget) else { return }
        let before = old.snapshots[oldTarget]
        let after = new.snapshots[newTarget]
        for key in Set(before.batch.facts.keys).union(after.batch.facts.keys).sorted() {
            let first = before.fact(key).map(Self.bare)
            let second = after.fact(key).map(Self.bare)
            guard first != second else { continue }
            var elements: ListChange?
            if case .list(let one)? = first?.value, case .list(let other)? = second?.value {
                elements = ListChange(removed: Self.minus(one, other), added: Self.minus(other, one))
            }
            facts.append(FactChange(pair: pair, key: key, old: first, new: second, elements: elements))
        }
        guard pairs[pair].source == .declared else { return }
        let told = Self.told(before, old, oldTarget)
        let tells = Self.told(after, new, newTarget)
        for path in Set(told.keys).union(tells.keys).sorted() {
            let (first, second) = (told[path] ?? [], tells[path] ?? [])
            guard first != second else { continue }
            options.append(
                OptionChange(
                    pair: pair, path: path, old: first.subtracting(second).sorted(),
                    new: second.subtracting(first).sorted()))
        }
    }

    private static func bare(_ fact: Fact) -> Fact {
        switch fact {
        case .known(let value, _): .known(value, [])
        case .absent: .absent([])
        case .unavailable(let reason, _): .unavailable(reason: reason, [])
        }
    }

    /// The elements of one list that another has not, each as often as it is missing.
    private static func minus(_ list: [FactValue], _ other: [FactValue]) -> [FactValue] {
        var counts: [FactValue: Int] = [:]
        for element in other { counts[element, default: 0] += 1 }
        return list.filter { element in
            guard let count = counts[element], count > 0 else { return true }
            counts[element] = count - 1
            return false
        }
    }

    /// What the evidence of a target says of each option.
    private static func told(_ snapshot: Snapshot, _ report: Report, _ target: Int) -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        func note(_ evidence: [Evidence]) {
            for place in evidence where isOption(place.path) {
                if let text = place.text, !text.isEmpty { result[place.path, default: []].insert(text) }
            }
        }
        for fact in snapshot.batch.facts.values { note(fact.evidence) }
        for one in report.results where one.target == target { note(one.evidence) }
        return result
    }

    /// Whether a path of evidence names an option: words with dots between them, no file and no sentence.
    static func isOption(_ path: String) -> Bool {
        guard let first = path.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        var isQuoted = false
        var hasDot = false
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "."): hasDot = true
            case UInt8(ascii: " ") where !isQuoted: return false
            default: continue
            }
        }
        return hasDot
    }

    // MARK: - Drift and notes

    private mutating func compareDrift(_ old: [Drift], _ new: [Drift]) {
        struct Name: Hashable, Comparable {
            var rule: String
            var fact: FactKey
            var number: Int
            static func < (left: Name, right: Name) -> Bool {
                if left.rule != right.rule { return left.rule < right.rule }
                return left.fact == right.fact ? left.number < right.number : left.fact < right.fact
            }
        }
        func named(_ drift: [Drift]) -> [Name: Drift] {
            var result: [Name: Drift] = [:]
            for one in drift {
                var name = Name(rule: one.rule, fact: one.fact, number: 0)
                while result[name] != nil { name.number += 1 }
                result[name] = one
            }
            return result
        }
        let (before, after) = (named(old), named(new))
        for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
            drift.append(DriftChange(old: before[name], new: after[name]))
        }
    }

    private mutating func describe(_ old: Report, _ new: Report) {
        if old.profileDigest != new.profileDigest {
            notes.append(
                old.profile == new.profile
                    ? "The profile \(old.profile) changed between the reports: its digests differ."
                    : "The reports were made with different profiles, \(old.profile) and \(new.profile).")
        }
        if old.catalogueDigest != new.catalogueDigest {
            notes.append("The reports were made with different catalogues: their digests differ.")
        }
        if new.collectedAt < old.collectedAt { notes.append("The new report is older than the old one.") }
        for pair in pairs {
            guard let oldTarget = pair.old, let newTarget = pair.new else { continue }
            let (before, after) = (old.targets[oldTarget], new.targets[newTarget])
            let (first, second) = (ReportDiffPairs.name(before), ReportDiffPairs.name(after))
            if first != second {
                notes.append(
                    "\(first) is compared with \(second): each is the only \(pair.source.rawValue) target left.")
            }
        }
        if old.snapshots.isEmpty != new.snapshots.isEmpty || (old.snapshots.isEmpty && !old.targets.isEmpty) {
            notes.append("Facts and options are not compared: a report does not hold its facts.")
        }
    }
}
