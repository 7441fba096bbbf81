public import FirnModel

/// What a control of a benchmark is on one system, in the words of a STIG checklist.
public enum ControlStatus: String, Sendable, Hashable, CaseIterable {
    /// A rule that answers it failed, or saw what the control does not want.
    case open
    /// Every rule that answers it passed on every source that looked, the rules look at all it asks for, and every
    /// kind of source it needs has answered.
    case notAFinding
    /// None of its rules applies, and the control is known not to apply then.
    case notApplicable
    /// Everything else. Nothing may be concluded.
    case notReviewed

    /// The controls of a benchmark on one system of a report, in the order of the benchmark.
    ///
    /// A waiver changes no status; it is a comment. An outcome that could not be told, a rule that the profile leaves out
    /// or that no source looked at, and a control that only the running system can answer are `notReviewed`, each
    /// with its reason.
    public static func of(_ report: Report, system: ReportSystem, benchmark: Benchmark) -> [ControlAssessment] {
        let targets = Set(system.targets)
        let wanted = Set(benchmark.controls.flatMap { $0.rules.map(\.rule) })
        var byRule: [String: [Result]] = [:]
        for result in report.results where targets.contains(result.target) && wanted.contains(result.rule) {
            byRule[result.rule, default: []].append(result)
        }
        let dropped = Dictionary(report.dropped.map { ($0.id, $0.reason) }) { first, _ in first }
        return benchmark.controls.map { ControlJudge(control: $0, byRule: byRule, dropped: dropped).assessment() }
    }
}

/// A control on one system: its status, why, and what it rests on.
public struct ControlAssessment: Sendable, Hashable {
    /// What kept a control from being reviewed by a program that tried.
    public enum Obstacle: Sendable, Hashable {
        /// A rule could not be told.
        case unknown
        /// A rule or the engine failed.
        case error
    }

    /// The control.
    public var control: Control
    /// What it is.
    public var status: ControlStatus
    /// Why, in one sentence, harmless to print.
    public var reason: String
    /// Why a rule of a control that is not reviewed gave no answer, where one did not.
    public var obstacle: Obstacle?
    /// The results it rests on: by rule in the control's order, then in the order of the report.
    public var results: [Result]

    /// Creates an assessment.
    public init(
        control: Control, status: ControlStatus, reason: String, obstacle: Obstacle? = nil, results: [Result]
    ) {
        self.control = control
        self.status = status
        self.reason = reason
        self.obstacle = obstacle
        self.results = results
    }
}

/// Judges one control by the results of one system.
private struct ControlJudge {
    let control: Control
    let byRule: [String: [Result]]
    let dropped: [String: String]

    private var results: [Result] { control.rules.flatMap { byRule[$0.rule] ?? [] } }

    /// From what speaks against the control to what speaks for it: the first that holds decides.
    func assessment() -> ControlAssessment {
        if let reason = finding() { return give(.open, reason) }
        if control.rules.isEmpty { return give(.notReviewed, "No rule of Firn answers this control.") }
        for (outcome, obstacle, words) in [
            (Outcome.error, ControlAssessment.Obstacle.error, "is in error"),
            (.unknown, .unknown, "could not be told"),
        ] {
            if let result = results.first(where: { $0.outcome == outcome }) {
                return give(.notReviewed, "\(shown(result.rule)) \(words) (\(result.source.rawValue)).", obstacle)
            }
        }
        if let reason = unanswered() { return give(.notReviewed, reason) }
        if let inapplicable = inapplicability() { return inapplicable }
        if let reason = unwanted(otherwise: .notReviewed) { return give(.notReviewed, reason) }
        if control.coverage != .full {
            return give(.notReviewed, "The rules of Firn that answer this control pass; they do not look at all of it.")
        }
        if let reason = missingSource() { return give(.notReviewed, reason) }
        return give(.notAFinding, "Every rule that answers this control passes on every source that looked.")
    }

    private func give(
        _ status: ControlStatus, _ reason: String, _ obstacle: ControlAssessment.Obstacle? = nil
    ) -> ControlAssessment {
        ControlAssessment(control: control, status: status, reason: reason, obstacle: obstacle, results: results)
    }

    private func shown(_ text: String) -> String {
        VisibleText.escape(text, limit: 120)
    }

    private func wants(_ rule: String) -> ControlRule.Wanted? {
        control.rules.first { $0.rule == rule }?.wants
    }

    /// Whether a rule asks for more than the control's check does.
    private func isBeyond(_ rule: String) -> Bool {
        control.rules.first { $0.rule == rule }?.isBeyond ?? false
    }

    /// Whether a rule failed only because its profile asks for more than the control: what was seen is wanted.
    private func isStricter(_ result: Result) -> Bool {
        guard let observed = result.observed, let wants = wants(result.rule) else { return false }
        return wants.holds(observed)
    }

    /// Why the control is open.
    private func finding() -> String? {
        if let fail = results.first(where: { $0.outcome == .fail && !isStricter($0) && !isBeyond($0.rule) }) {
            return "\(shown(fail.rule)) fails (\(fail.source.rawValue))."
        }
        return unwanted(otherwise: .open)
    }

    /// A rule that passes with something that is not wanted, where that makes the control `otherwise`.
    private func unwanted(otherwise: Control.Unmet) -> String? {
        guard control.unmet == otherwise else { return nil }
        let found = results.first { result in
            guard result.outcome == .pass, let wants = wants(result.rule), let observed = result.observed else {
                return false
            }
            return !wants.holds(observed)
        }
        return found.map {
            "\(shown($0.rule)) passes with \(shown($0.observed ?? "")); the control wants "
                + "\(wants($0.rule)?.description ?? "something else") (\($0.source.rawValue))."
        }
    }

    /// A rule that nobody answered, or that was answered with nothing that can be compared.
    private func unanswered() -> String? {
        for reference in control.rules {
            let own = byRule[reference.rule] ?? []
            if own.isEmpty {
                if let reason = dropped[reference.rule] {
                    return "The profile leaves out \(reference.rule): \(shown(reason))"
                }
                return "The profile does not ask \(reference.rule)."
            }
            if own.allSatisfy({ $0.outcome == .notChecked }) { return "No source looked at \(reference.rule)." }
            if let fail = own.first(where: { $0.outcome == .fail }) {
                if reference.isBeyond {
                    return "\(reference.rule) fails, and looks at more than the control's check does "
                        + "(\(fail.source.rawValue)): a person must judge it."
                }
                return "\(reference.rule) fails because its profile asks for more than the control does "
                    + "(\(fail.source.rawValue))."
            }
            if reference.wants != nil, own.contains(where: { $0.outcome == .pass && $0.observed == nil }) {
                return "The report does not say what \(reference.rule) saw."
            }
        }
        return nil
    }

    /// What the control is where rules do not apply; nil where all of them do.
    private func inapplicability() -> ControlAssessment? {
        let answered = results.filter { $0.outcome != .notChecked }
        guard let one = answered.first(where: { $0.outcome == .notApplicable }) else { return nil }
        let why = one.message.map { ": \(shown($0))" } ?? ""
        let reason = "\(shown(one.rule)) does not apply (\(one.source.rawValue)\(why))."
        if control.isInapplicableWithItsRules, answered.allSatisfy({ $0.outcome == .notApplicable }) {
            return give(.notApplicable, reason)
        }
        return give(.notReviewed, reason + " Whether the control applies is for a person to say.")
    }

    /// The kind of source that the control needs and that has not answered every rule.
    private func missingSource() -> String? {
        for source in control.sources {
            switch source {
            case .person: return "A person must judge it."
            case .static, .live:
                let isAnswered = control.rules.allSatisfy { reference in
                    (byRule[reference.rule] ?? []).contains {
                        // What the running system shows, its configuration holds.
                        $0.outcome == .pass && (source == .static || $0.source == .live)
                    }
                }
                if isAnswered { continue }
                return source == .live
                    ? "The configuration satisfies it; the STIG's check also reads the running system (open until live)."
                    : "The configuration and the closure were not looked at."
            }
        }
        return nil
    }
}
