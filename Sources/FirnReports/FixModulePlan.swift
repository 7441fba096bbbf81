public import FirnModel
import FirnReportCore

/// What a hardening module will define, and what it leaves to a person.
///
/// A fix is only taken from a finding: a result that failed. What no option can repair, what contradicts a fix of
/// higher severity and what names no option is listed, never claimed. A repair never weakens: what the configuration
/// declares right, or stricter than the repair, is not defined again, since another file decides there.
public struct FixModulePlan: Sendable, Hashable {
    /// One repaired rule.
    public struct Repair: Sendable, Hashable {
        /// The rule's id.
        public var rule: String
        /// Its title.
        public var title: String
        /// Its severity.
        public var severity: Severity
        /// What was observed.
        public var observed: String?
        /// What is wanted.
        public var expected: String
        /// Whether the evaluated configuration answers the rule; where not, it may declare a stricter value.
        public var isDeclared: Bool
    }

    /// One option and every finding it repairs.
    public struct Definition: Sendable, Hashable {
        /// The option path.
        public var path: [String]
        /// What each finding defines, beside `repairs`; nil where the findings before it define all of it already.
        public var values: [FactValue?]
        /// Whether it joins the configuration's own definitions instead of overriding them.
        public var adds: Bool
        /// The findings, worst first.
        public var repairs: [Repair]
    }

    /// A finding that the module does not repair.
    public struct Leftover: Sendable, Hashable {
        /// The finding.
        public var repair: Repair
        /// Why, and what to do instead.
        public var reason: String
    }

    /// The definitions, by path.
    public var definitions: [Definition]
    /// The findings left, worst first.
    public var leftovers: [Leftover]

    /// The ids of all rules the module claims to repair.
    public var claimed: Set<String> { Set(definitions.flatMap { $0.repairs.map(\.rule) }) }

    /// Plans the module for results of one system.
    ///
    /// - Parameters:
    ///   - results: the results of all sources; only fails are findings.
    ///   - stricter: the rules whose declared value is stricter than their repair, though the rule fails.
    ///   - includeWaived: whether an accepted fail is repaired too.
    ///   - severity: the lowest severity that is repaired or listed.
    public init(
        results: [Result], stricter: Set<String> = [], includeWaived: Bool = false, severity: Severity = .info
    ) {
        let declared = Dictionary(grouping: results.filter { $0.source == .declared }) { $0.rule }
        var findings: [String: Result] = [:]
        for result in results where result.outcome == .fail && result.severity >= severity {
            if result.waiver != nil, !includeWaived { continue }
            // Two layers of one system find the same rule: the one that knows the repair speaks.
            if let known = findings[result.rule], Self.isUsable(known.fix) || !Self.isUsable(result.fix) { continue }
            findings[result.rule] = result
        }
        let ordered = findings.values.sorted {
            $0.severity == $1.severity ? $0.rule < $1.rule : $0.severity > $1.severity
        }
        var definitions: [[String]: Definition] = [:]
        leftovers = []
        for result in ordered {
            let repair = Repair(
                rule: result.rule, title: result.title, severity: result.severity, observed: result.observed,
                expected: result.expected,
                isDeclared: declared[result.rule]?.contains { $0.outcome == .pass || $0.outcome == .fail } == true)
            guard let fix = result.fix, let value = fix.value, !fix.path.isEmpty else {
                leftovers.append(
                    Leftover(
                        repair: repair, reason: result.fix?.manual ?? "the catalogue knows no option that repairs it"))
                continue
            }
            let adds = fix.merge == .add
            if let reason = Self.keeps(result, fix, declared: declared, stricter: stricter, results: results) {
                leftovers.append(Leftover(repair: repair, reason: reason))
                continue
            }
            guard let enclosing = Self.overlap(fix.path, definitions) else {
                definitions[fix.path] = Definition(path: fix.path, values: [value], adds: adds, repairs: [repair])
                continue
            }
            guard enclosing == fix.path, var known = definitions[fix.path], known.adds == adds,
                case .some(let more) = Self.addition(to: known.values.compactMap { $0 }, value, adds: adds)
            else {
                let others = definitions[enclosing]?.repairs.map(\.rule).joined(separator: ", ") ?? ""
                leftovers.append(
                    Leftover(
                        repair: repair,
                        reason: "it wants \(NixPath.render(fix.path)) = \(NixLiteral.render(value)), which contradicts"
                            + " the repair of \(others)"))
                continue
            }
            known.values.append(more)
            known.repairs.append(repair)
            definitions[fix.path] = known
        }
        self.definitions = definitions.values.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    }

    /// Why the repair would lower what the configuration declares, or nil when it would not.
    private static func keeps(
        _ finding: Result, _ fix: Fix, declared: [String: [Result]], stricter: Set<String>, results: [Result]
    ) -> String? {
        let own = declared[finding.rule] ?? []
        if let place = FixOverruling.place(over: fix, in: finding.evidence) {
            let value = FixOverruling.lostValue(of: fix, in: own.flatMap(\.evidence) + finding.evidence)
            return
                "\(place) decides, later than \(NixPath.render(fix.path))\(value.map { " (\($0))" } ?? ""); that option would be"
                + " lost. Correct the line there."
        }
        let path = NixPath.render(fix.path)
        let repair = fix.value.map { NixLiteral.render($0) } ?? ""
        let culprit = results.first { $0.rule == finding.rule && $0.outcome == .fail && $0.source != .declared }
        var cause = ""
        if let culprit {
            let places = culprit.evidence.prefix(3).map { one in one.line.map { "\(one.path):\($0)" } ?? one.path }
            cause =
                " What the \(culprit.source.rawValue) system has (\(culprit.observed ?? "not known")) comes from"
                + " \(places.isEmpty ? "another file" : places.joined(separator: ", ")): correct it there."
        }
        if let pass = own.first(where: { $0.outcome == .pass }) {
            return "the configuration declares \(pass.observed ?? "what is wanted"), which passes;"
                + " \(path) = \(repair) would not help and could lower it.\(cause)"
        }
        if let strict = own.first, stricter.contains(finding.rule) {
            return "the configuration declares \(strict.observed ?? "a value"), which is stricter than"
                + " \(path) = \(repair).\(cause)"
        }
        guard fix.merge != .add else { return nil }
        // Another rule may want more of the same option, and have it.
        let other = declared.values.joined().filter { result in
            result.outcome == .pass && result.rule != finding.rule && result.fix?.path == fix.path
                && result.fix?.value != fix.value
        }.min { $0.rule < $1.rule }
        guard let other else { return nil }
        return
            "\(path) = \(repair) would undo \(other.rule), which passes with \(other.observed ?? "what is declared")."
            + cause
    }

    private static func isUsable(_ fix: Fix?) -> Bool {
        fix?.value != nil && fix?.path.isEmpty == false
    }

    /// A path that is defined already and is this one, or encloses it or is enclosed by it: Nix refuses `a = 1; a.b = 2;`.
    private static func overlap(_ path: [String], _ definitions: [[String]: Definition]) -> [String]? {
        if definitions[path] != nil { return path }
        return definitions.keys.sorted { $0.lexicographicallyPrecedes($1) }
            .first { $0.starts(with: path) || path.starts(with: $0) }
    }

    /// What a value adds to those before it: nil when it contradicts them, an inner nil when it adds nothing.
    private static func addition(to known: [FactValue], _ value: FactValue, adds: Bool) -> FactValue?? {
        if known.contains(value) { return .some(nil) }
        guard adds else { return nil }
        var seen: [FactValue] = []
        for part in known {
            switch (part, value) {
            case (.list(let elements), .list): seen += elements
            case (.string, .string): break
            default: return nil
            }
        }
        guard case .list(let elements) = value else { return .some(value) }
        let new = elements.filter { !seen.contains($0) }
        return .some(new.isEmpty ? nil : .list(new))
    }
}
