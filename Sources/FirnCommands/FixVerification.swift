import FirnCatalogue
import FirnEvaluation
import FirnFacts
import FirnModel
import FirnParsing
import FirnReportCore
import FirnReports
import FirnSources
import Glibc

/// Proves a hardening module: the configuration is evaluated without and with it, and both are judged.
struct FixVerification {
    /// What became of one rule.
    enum Change: String, CaseIterable {
        case fixed, noLongerApplies = "no longer applies", stillFailing = "still failing"
        case newlyFailing = "newly failing", changesPass = "changes a pass", notTold = "not told"
        case nowAsked = "now asked", didNotFail = "did not fail"
    }

    /// One line of the table.
    struct Row {
        var rule: String
        var severity: Severity
        var change: Change
        var before: Result?
        var after: Result?
        var isClaimed: Bool
    }

    /// The table.
    struct Outcome {
        var rows: [Row]
        var leftovers: Int
        var before: Int
        var after: Int
        /// The assertions of NixOS that fail with the module alone: it would not build.
        var refusals: [String] = []

        /// Every claimed repair holds and nothing became worse.
        var isWhole: Bool {
            refusals.isEmpty
                && rows.allSatisfy { row in
                    switch row.change {
                    // A rule that a repair made applicable asks for more; nothing became worse.
                    case .fixed, .noLongerApplies, .didNotFail, .nowAsked: true
                    case .stillFailing, .notTold: !row.isClaimed
                    case .newlyFailing, .changesPass: false
                    }
                }
        }

        func render(width: Int) -> String {
            var columns = Columns()
            for change in Change.allCases {
                for row in rows where row.change == change {
                    guard row.isClaimed || change != .stillFailing else { continue }
                    columns.add(
                        "\(Self.symbol(change)) \(change.rawValue)", row.severity.rawValue,
                        VisibleText.escape(row.rule),
                        "\(Self.shown(row.before)) -> \(Self.shown(row.after))")
                }
            }
            var text = columns.render(width: width)
            let counts = Change.allCases.compactMap { change -> String? in
                let count = rows.count { $0.change == change && ($0.isClaimed || change != .stillFailing) }
                return count == 0 ? nil : "\(count) \(change.rawValue)"
            }
            text += "\nrepairs: \(counts.isEmpty ? "none" : counts.joined(separator: ", "))\n"
            let asked = rows.count { $0.change == .nowAsked }
            text += "findings: \(before) before, \(after) after"
            if asked > 0 { text += ", \(asked) of them now asked (a repair made the rule apply; check and fix again)" }
            text += "; \(leftovers) were never claimed\n"
            for refusal in refusals {
                text += "✗ with the module NixOS refuses to build: \(VisibleText.escape(refusal, limit: 400))\n"
            }
            return text
        }

        private static func symbol(_ change: Change) -> String {
            switch change {
            case .fixed: "✓"
            case .didNotFail, .noLongerApplies: "-"
            case .nowAsked: "+"
            case .notTold: "?"
            case .stillFailing, .newlyFailing, .changesPass: "✗"
            }
        }

        private static func shown(_ result: Result?) -> String {
            guard let result else { return "not judged" }
            let observed = result.observed.map { " (" + VisibleText.escape($0, limit: 60) + ")" } ?? ""
            let reason =
                result.outcome == .unknown || result.outcome == .error
                ? result.message.map { ": " + VisibleText.escape($0, limit: 100) } ?? "" : ""
            return result.outcome.rawValue + observed + reason
        }
    }

    let catalogue: Catalogue
    let profile: ResolvedProfile
    let nixpkgs: String?
    let system: String?
    let timeout: Int

    func run(configuration: String, module: String, plan: FixModulePlan, now: Int64) throws -> Outcome {
        guard let resolved = realpath(configuration, nil) else {
            throw CommandFailure("\(configuration): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        let nix = try NixEvaluation(nixpkgs: nixpkgs, system: system, timeout: timeout)
        let plain = try nix.options(of: path, module: nil)
        let before = try judge(plain, name: "\(configuration) without the module", now)
        let repaired = try nix.options(of: path, module: module)
        let after = try judge(repaired, name: "\(configuration) with the module", now)
        var outcome = Self.compare(before: before, after: after, plan: plan)
        let known = try Self.refusals(plain, name: configuration)
        outcome.refusals = try Self.refusals(repaired, name: configuration).filter { !known.contains($0) }
        return outcome
    }

    /// The failed assertions that the exporter lists.
    static func refusals(_ json: [UInt8], name: String) throws(CommandFailure) -> [String] {
        do {
            return try JSONParser.parse(json)["refusals"]?.array?.compactMap(\.string) ?? []
        } catch {
            throw CommandFailure("\(name):\(error.line): \(error.message)")
        }
    }

    private func judge(_ json: [UInt8], name: String, _ now: Int64) throws -> [Result] {
        do {
            let source = try EvaluatedConfiguration(json: json, name: name, knowledge: catalogue.knowledge)
            let snapshot = try source.collect(now: now)
            let time = max(now, Evaluator.earliestTime(catalogue.knowledge))
            let evaluator = try Evaluator(
                knowledge: catalogue.knowledge, now: time, rules: catalogue.orderedRules)
            return profile.rules.map { evaluator.evaluate($0, on: snapshot, target: 0) }
        } catch let error as SourceError {
            throw CommandFailure(error.description)
        } catch let error as DataError {
            throw CommandFailure(error.description)
        }
    }

    /// What became of each rule that is claimed, or that fails before or after.
    static func compare(before: [Result], after: [Result], plan: FixModulePlan) -> Outcome {
        let old = Dictionary(before.map { ($0.rule, $0) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(after.map { ($0.rule, $0) }, uniquingKeysWith: { first, _ in first })
        let severities = Dictionary(
            plan.definitions.flatMap(\.repairs).map { ($0.rule, $0.severity) }, uniquingKeysWith: { first, _ in first })
        var rows: [Row] = []
        for rule in Set(old.keys).union(new.keys).union(severities.keys) {
            let (was, now) = (old[rule], new[rule])
            let isClaimed = severities[rule] != nil
            let change: Change
            switch (was?.outcome, now?.outcome) {
            case (.fail, .pass): change = .fixed
            case (.fail, .notApplicable): change = .noLongerApplies
            case (.fail, .fail): change = .stillFailing
            case (.notApplicable, .fail) where !isClaimed: change = .nowAsked
            case (_, .fail): change = .newlyFailing
            case (.fail, _): change = .notTold
            case (.pass, .pass) where isClaimed && was?.observed != now?.observed:
                // The report's finding is of another layer; the module may lower what was declared.
                change = .changesPass
            case (.pass, .pass), (.notApplicable, .notApplicable), (.pass, .notApplicable), (.notApplicable, .pass):
                guard isClaimed else { continue }
                change = .didNotFail
            case (.pass, _):
                // What passed and can no longer be told has not stayed as it was.
                change = isClaimed ? .notTold : .newlyFailing
            case (.notApplicable, .unknown), (.notApplicable, .error):
                change = .notTold
            default:
                guard isClaimed else { continue }
                change = .notTold
            }
            rows.append(
                Row(
                    rule: rule, severity: severities[rule] ?? now?.severity ?? was?.severity ?? .info, change: change,
                    before: was, after: now, isClaimed: isClaimed))
        }
        rows.sort { $0.severity == $1.severity ? $0.rule < $1.rule : $0.severity > $1.severity }
        return Outcome(
            rows: rows, leftovers: plan.leftovers.count, before: before.count { $0.outcome == .fail },
            after: after.count { $0.outcome == .fail })
    }
}
