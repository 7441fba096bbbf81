import FirnModel
import FirnParsing

/// The tables of iptables and ip6tables while a script changes them, as the kernel would keep them from boot on.
struct IPTablesState: Sendable {
    struct Rule: Sendable, Hashable {
        var rule: IPTablesRule
        var evidence: Evidence
    }

    struct Chain: Sendable, Hashable {
        var rules: [Rule] = []
        /// Only built-in chains have one.
        var policy: String?
        var policyEvidence: Evidence?
    }

    typealias Table = [String: Chain]

    /// Tables of IPv4.
    var v4 = Self.fresh
    /// Tables of IPv6.
    var v6 = Self.fresh
    /// What was not understood.
    var problems: [FilterRuleset.Problem] = []
    /// The families that the script's helper speaks to; a machine without IPv6 has a helper without ip6tables.
    var families: PacketFamilies = .both

    private static let builtins: [String: [String]] = [
        "filter": ["INPUT", "FORWARD", "OUTPUT"],
        "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
        "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"], "raw": ["PREROUTING", "OUTPUT"],
        "security": ["INPUT", "FORWARD", "OUTPUT"],
    ]

    static var fresh: [String: Table] {
        builtins.mapValues { names in
            Dictionary(uniqueKeysWithValues: names.map { ($0, Chain(rules: [], policy: "ACCEPT")) })
        }
    }

    /// Runs one command on one family. False when iptables would fail, so that nothing changes; throws when that cannot
    /// be told.
    mutating func run(_ command: IPTablesCommand, isV6: Bool, evidence: Evidence) throws(ParseError) -> Bool {
        if isV6 {
            return try Self.run(command, on: &v6, evidence: evidence)
        }
        return try Self.run(command, on: &v4, evidence: evidence)
    }

    private static func run(
        _ command: IPTablesCommand, on tables: inout [String: Table], evidence: Evidence
    ) throws(ParseError) -> Bool {
        guard var table = tables[command.table] else {
            throw ParseError(.malformed, line: evidence.line ?? 0, "the table \(command.table) is not known")
        }
        let done = change(&table, command, evidence)
        if done { tables[command.table] = table }
        return done
    }

    private static func targetExists(_ rule: IPTablesRule, in table: Table) -> Bool {
        guard let target = rule.target, !FirewallIPTables.targets.contains(target) else { return true }
        // Names in capitals may be extensions of the kernel; anything else must be a chain.
        return table[target] != nil || target == target.uppercased()
    }

    private static func change(_ table: inout Table, _ command: IPTablesCommand, _ evidence: Evidence) -> Bool {
        guard let name = command.chain else {
            switch command.action {
            case .flush:
                for name in table.keys { table[name]?.rules = [] }
                return true
            case .remove:
                let used = usedTargets(table)
                for (name, chain) in table where chain.policy == nil {
                    guard chain.rules.isEmpty, !used.contains(name) else { return false }
                }
                table = table.filter { $0.value.policy != nil }
                return true
            default: return true
            }
        }
        if case .create = command.action {
            guard table[name] == nil else { return false }
            table[name] = Chain()
            return true
        }
        guard var chain = table[name] else { return false }
        switch command.action {
        case .append(let rule):
            guard targetExists(rule, in: table) else { return false }
            chain.rules.append(Rule(rule: rule, evidence: evidence))
        case .insert(let rule, let position):
            guard targetExists(rule, in: table), position <= chain.rules.count + 1 else { return false }
            chain.rules.insert(Rule(rule: rule, evidence: evidence), at: position - 1)
        case .replace(let rule, let position):
            guard targetExists(rule, in: table), position <= chain.rules.count else { return false }
            chain.rules[position - 1] = Rule(rule: rule, evidence: evidence)
        case .delete(let rule):
            guard let position = chain.rules.firstIndex(where: { $0.rule.isSame(as: rule) }) else { return false }
            chain.rules.remove(at: position)
        case .deleteAt(let position):
            guard position <= chain.rules.count else { return false }
            chain.rules.remove(at: position - 1)
        case .check(let rule):
            return chain.rules.contains { $0.rule.isSame(as: rule) }
        case .remove:
            guard chain.policy == nil, chain.rules.isEmpty, !usedTargets(table).contains(name) else { return false }
            table[name] = nil
            return true
        case .flush: chain.rules = []
        case .policy(let policy):
            guard chain.policy != nil else { return false }
            chain.policy = policy
            chain.policyEvidence = evidence
        case .create, .look: return true
        }
        table[name] = chain
        return true
    }

    private static func usedTargets(_ table: Table) -> Set<String> {
        Set(table.values.flatMap { $0.rules.compactMap(\.rule.target) })
    }
}

/// Runs the shell of a firewall script on a state, following only what it knows.
///
/// A command that is not known may have changed the rules, and so may everything after it: the script is followed up to
/// there, and the rest is a problem that names the line.
struct FirewallScript {
    private(set) var state = IPTablesState()
    private let file: String
    private var functions: [String: [ShellNode]] = [:]
    private var variables: [String: String] = [:]
    private var steps = 0
    private var stopsAtFailure = false
    private var firstLine = 0
    private var definesHelper = false

    private enum Ended: Error {
        case problem(String, line: Int, text: String)
    }

    /// `file` is what evidence calls the script.
    init(file: String, state: IPTablesState = IPTablesState()) {
        self.file = file
        self.state = state
    }

    /// Runs a whole script; false when it could not be followed to its end.
    ///
    /// - Parameters:
    ///   - line: Where the text stands in its file, for text that is a part of one.
    ///   - stopsAtFailure: Whether a failing command ends the script; nil leaves it to the interpreter line.
    mutating func run(_ bytes: [UInt8], line: Int = 0, stopsAtFailure: Bool? = nil) -> Bool {
        let script: ShellScript
        do {
            script = try ShellScript.parse(bytes)
        } catch {
            report("\(file): \(error)", line: error.line, text: nil)
            return false
        }
        firstLine = line
        self.stopsAtFailure = stopsAtFailure ?? script.stopsAtFailure
        do {
            for node in script.nodes {
                try execute(node)
            }
        } catch {
            if case .problem(let reason, let line, let text) = error { report(reason, line: line, text: text) }
            return false
        }
        if let stop = script.stop {
            report(stop.reason, line: stop.line, text: stop.text)
            return false
        }
        return true
    }

    /// Runs a call of `iptables` (v4), `ip6tables` (v6) or both, as the module's own lines do.
    mutating func call(_ arguments: [String], families: PacketFamilies, evidence: Evidence) {
        do {
            let command = try IPTablesCommand.parse(arguments, line: evidence.line ?? 0)
            for family in [PacketFamilies.v4, .v6] where families.contains(family) {
                _ = try state.run(command, isV6: family == .v6, evidence: evidence)
            }
        } catch {
            state.problems.append(FilterRuleset.Problem(reason: error.message, evidence: evidence))
        }
    }

    private mutating func report(_ reason: String, line: Int, text: String?) {
        let place = firstLine > 0 ? firstLine : line
        state.problems.append(
            FilterRuleset.Problem(
                reason: reason, evidence: Evidence(path: file, line: place, text: text.map(CommandText.shell))))
    }

    /// Runs a statement whose failure counts.
    private mutating func execute(_ node: ShellNode) throws(Ended) {
        let succeeded = try status(node)
        guard !succeeded, stopsAtFailure else { return }
        // A failure on the left of `&&` does not end the script.
        if case .and = node { return }
        throw .problem("a command that fails and ends the script", line: node.line, text: Self.text(node))
    }

    private static func text(_ node: ShellNode) -> String {
        switch node {
        case .command(_, _, let text), .assignment(_, _, _, let text): text
        case .function(let name, _, _): name + "()"
        case .loop(let name, _, _, _): "for " + name
        case .and(let left, _), .or(let left, _): text(left)
        }
    }

    private mutating func status(_ node: ShellNode) throws(Ended) -> Bool {
        steps += 1
        guard steps < 100_000 else { throw .problem("a script that goes on too long", line: node.line, text: "") }
        switch node {
        case .assignment(let name, let word, let line, let text):
            variables[name] = try expanded(word, [], line: line, text: text).joined(separator: " ")
            return true
        case .function(let name, let body, _):
            functions[name] = body
            return true
        case .and(let left, let right):
            return try tested(left) ? try status(right) : false
        case .or(let left, let right):
            return try tested(left) ? true : try status(right)
        case .loop(let name, let words, let body, let line):
            let before = variables[name]
            defer { variables[name] = before }
            var values: [String] = []
            for word in words { values += try expanded(word, [], line: line, text: "for " + name) }
            var last = true
            for value in values {
                variables[name] = value
                for inner in body { last = try statement(inner) }
            }
            return last
        case .command(let words, let line, let text):
            return try command(words, [], line: line, text: text, depth: 0)
        }
    }

    /// A statement inside of a block: ends the script when it fails and failures count.
    private mutating func statement(_ node: ShellNode) throws(Ended) -> Bool {
        let succeeded = try status(node)
        if !succeeded, stopsAtFailure {
            if case .and = node { return false }
            throw .problem("a command that fails and ends the script", line: node.line, text: Self.text(node))
        }
        return succeeded
    }

    /// What is left of `&&` and `||` is a question: its failure does not end the script.
    private mutating func tested(_ node: ShellNode) throws(Ended) -> Bool {
        let before = stopsAtFailure
        stopsAtFailure = false
        defer { stopsAtFailure = before }
        return try status(node)
    }

    private func expanded(
        _ word: ShellWord, _ arguments: [String], line: Int, text: String
    ) throws(Ended) -> [String] {
        if word.parts == [.arguments] { return arguments }
        var result = ""
        for part in word.parts {
            switch part {
            case .literal(let piece): result += piece
            case .arguments: throw .problem("an expansion that is not followed", line: line, text: text)
            case .variable(let name, let isQuoted):
                guard let value = variables[name] else {
                    throw .problem("the variable \(name), which the script does not set", line: line, text: text)
                }
                let splits = value.isEmpty || value.contains { " \t\n*?[".contains($0) }
                guard isQuoted || !splits else {
                    throw .problem("the value of \(name), which the shell would split", line: line, text: text)
                }
                result += value
            }
        }
        return result.isEmpty && !word.isQuoted ? [] : [result]
    }

    /// Commands that change neither rules nor what the script does.
    private static let harmless: Set<String> = [
        "true", ":", "echo", "printf", "sleep", "modprobe", "sysctl", "logger",
    ]

    private mutating func command(
        _ words: [ShellWord], _ outer: [String], line: Int, text: String, depth: Int
    ) throws(Ended) -> Bool {
        steps += 1
        guard steps < 100_000, depth < 8 else {
            throw .problem("functions that call each other too deep", line: line, text: text)
        }
        var arguments: [String] = []
        for word in words { arguments += try expanded(word, outer, line: line, text: text) }
        guard let first = arguments.first else { return true }
        let name = first.split(separator: "/").last.map(String.init) ?? first
        if let body = functions[first] {
            var last = true
            for node in body {
                guard case .command(let inner, _, _) = node else {
                    throw .problem("the function \(first), which is not followed", line: line, text: text)
                }
                // The evidence is the call: that is where the user finds the rule.
                last = try command(inner, Array(arguments.dropFirst()), line: line, text: text, depth: depth + 1)
                if !last, stopsAtFailure {
                    throw .problem("a command that fails and ends the script", line: line, text: text)
                }
            }
            if first == "ip46tables" { noteHelper(body) }
            return last
        }
        switch name {
        case "iptables", "iptables-nft", "iptables-legacy", "ip6tables", "ip6tables-nft", "ip6tables-legacy":
            let place = firstLine > 0 ? firstLine : line
            do {
                let command = try IPTablesCommand.parse(Array(arguments.dropFirst()), line: line)
                return try state.run(
                    command, isV6: name.hasPrefix("ip6"), evidence: Evidence(path: file, line: place, text: text))
            } catch {
                throw .problem(error.message, line: line, text: text)
            }
        case "set":
            for option in arguments.dropFirst() {
                if option == "-e" {
                    stopsAtFailure = true
                } else if option == "+e" {
                    stopsAtFailure = false
                } else {
                    throw .problem("set \(option) of the shell", line: line, text: text)
                }
            }
            return true
        case "false": return false
        case _ where Self.harmless.contains(name): return true
        default: throw .problem("the command \(name), which may change the rules", line: line, text: text)
        }
    }

    private mutating func noteHelper(_ body: [ShellNode]) {
        guard !definesHelper else { return }
        definesHelper = true
        var families: PacketFamilies = []
        for case .command(let words, _, _) in body {
            guard let program = words.first?.literal?.split(separator: "/").last else { continue }
            families.formUnion(program.hasPrefix("ip6") ? .v6 : .v4)
        }
        // The module writes a helper that speaks to IPv4 alone when `networking.enableIPv6` is off.
        state.families = families.isEmpty ? .both : families
    }
}
