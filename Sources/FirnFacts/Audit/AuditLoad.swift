import FirnModel
import FirnParsing

/// The kernel's audit state while rules are loaded: what auditctl sends, and what the kernel takes of it.
struct AuditLoad {
    /// A rule the kernel has.
    struct Loaded: Sendable, Hashable {
        var rule: AuditRule
        var evidence: Evidence
    }

    /// A line that has no effect.
    struct Rejected: Sendable, Hashable {
        var text: String
        var reason: String
        var evidence: Evidence
        var rule: AuditRule?
    }

    /// The settings at one moment.
    struct Settings: Sendable, Hashable {
        var enabled: Int?
        var failure: Int
        var rate: UInt32
        var backlog: UInt32
        var hasLoginuidLock: Bool
        /// How many rules there were.
        var rules: Int
    }

    /// What is at a path when the rules are loaded.
    enum Presence: Sendable, Hashable {
        case there
        case missing(String)
        case unknown(String)
    }

    /// `audit_enabled`; nil where nothing has set it.
    private(set) var enabled: Int?
    private(set) var failure = 1
    private(set) var rate: UInt32 = 0
    private(set) var backlog: UInt32
    private(set) var hasLoginuidLock = false
    private(set) var rules: [Loaded] = []
    /// Lines that auditctl or the kernel refuses.
    private(set) var refused: [Rejected] = []
    /// Lines behind a refused one, which are never read.
    private(set) var unread: [Rejected] = []
    /// The first line whose fate depends on what the running system has.
    private(set) var doubt: Rejected?
    /// The settings before that line.
    private(set) var settingsAtDoubt: Settings?
    /// Where each setting was set last.
    private(set) var places: [String: Evidence] = [:]
    private(set) var goesOn = false
    /// Whether a command of the unit ended with an error.
    var hasFailed = false
    private(set) var reportsErrors = false

    private let presence: (String) -> Presence
    private let names: AuditNames

    init(names: AuditNames, backlog: UInt32, enabled: Int?, presence: @escaping (String) -> Presence) {
        self.names = names
        self.backlog = backlog
        self.enabled = enabled
        self.presence = presence
    }

    /// `auditctl -R`; false when it fails.
    mutating func load(_ statements: [AuditStatement], place: (AuditStatement) -> Evidence) -> Bool {
        goesOn = false
        reportsErrors = false
        if enabled == 2 { return true }
        var hasFailed = false
        for (index, statement) in statements.enumerated() {
            if apply(statement, place(statement)) { continue }
            hasFailed = true
            if goesOn { continue }
            for later in statements[(index + 1)...] {
                unread.append(
                    Rejected(
                        text: spoken(later), reason: "auditctl stops at line \(statement.line)", evidence: place(later))
                )
            }
            return false
        }
        return !hasFailed || !reportsErrors
    }

    /// One call of auditctl with its arguments; false when it fails.
    ///
    /// auditctl sends one control after the other: behind `-e 2` the kernel refuses the rest of the call.
    mutating func call(_ statement: AuditStatement, _ evidence: Evidence) -> Bool {
        if apply(statement, evidence) { return true }
        guard enabled == 2, let refusal = refused.popLast() else { return false }
        var place = refusal.evidence
        place.text = (place.text.map { $0 + ": " } ?? "") + "what stands behind -e 2 has no effect"
        for key in ["failure", "rate", "backlog"] where places[key] == nil { places[key] = place }
        return false
    }

    private func spoken(_ statement: AuditStatement) -> String {
        switch statement.change {
        case .append(let rule)?, .prepend(let rule)?: rule.text(names)
        default: statement.text.split(separator: " ").joined(separator: " ")
        }
    }

    private mutating func apply(_ statement: AuditStatement, _ evidence: Evidence) -> Bool {
        for control in statement.controls {
            guard apply(control, evidence) else {
                return reject(statement, "the audit system is locked until the next boot", evidence)
            }
        }
        if let reason = statement.refusal { return reject(statement, reason, evidence) }
        guard let change = statement.change else { return true }
        guard enabled != 2 else {
            return reject(statement, "the audit system is locked until the next boot", evidence)
        }
        switch change {
        case .append(let rule): return add(rule, statement, evidence, isFirst: false)
        case .prepend(let rule): return add(rule, statement, evidence, isFirst: true)
        case .delete(let rule):
            guard let index = rules.firstIndex(where: { $0.rule.isSame(as: rule) }) else {
                return reject(statement, "there is no such rule to delete", evidence)
            }
            rules.remove(at: index)
            return true
        }
    }

    private mutating func apply(_ control: AuditStatement.Control, _ evidence: Evidence) -> Bool {
        let isLocked = enabled == 2
        switch control {
        case .ignoreErrors: goesOn = true
        case .continueOnError:
            goesOn = true
            reportsErrors = true
            places["continue"] = evidence
        case .loginuidImmutable:
            hasLoginuidLock = true
            places["loginuid"] = evidence
        case .other: break
        case .enabled(let value):
            guard !isLocked else { return false }
            enabled = value
            places["enabled"] = evidence
        case .failure(let value):
            guard !isLocked else { return false }
            failure = value
            places["failure"] = evidence
        case .rate(let value):
            guard !isLocked else { return false }
            rate = value
            places["rate"] = evidence
        case .backlog(let value):
            guard !isLocked else { return false }
            backlog = value
            places["backlog"] = evidence
        case .backlogWaitTime:
            guard !isLocked else { return false }
        case .deleteAll(let key):
            guard !isLocked else { return false }
            rules.removeAll { key == nil || $0.rule.keys.contains { $0.contains(key ?? "") } }
        }
        return true
    }

    private mutating func add(
        _ rule: AuditRule, _ statement: AuditStatement, _ evidence: Evidence, isFirst: Bool
    ) -> Bool {
        // audit_compare_rule: a second rule like one that is there is refused with EEXIST.
        if rules.contains(where: { $0.rule.isSame(as: rule) }) {
            return reject(statement, "the same rule is loaded already", evidence)
        }
        for path in neededPaths(rule) {
            switch presence(path) {
            case .there: continue
            case .missing(let reason): return reject(statement, reason, evidence)
            case .unknown(let reason):
                begin(doubt: reason, rule, evidence)
            }
        }
        for field in rule.fields {
            if case .account(let name) = field.value {
                begin(doubt: "the account \(name) is looked up when the rules are loaded", rule, evidence)
            }
        }
        let loaded = Loaded(rule: rule, evidence: evidence)
        if isFirst { rules.insert(loaded, at: 0) } else { rules.append(loaded) }
        return true
    }

    /// The settings now.
    var settings: Settings {
        Settings(
            enabled: enabled, failure: failure, rate: rate, backlog: backlog, hasLoginuidLock: hasLoginuidLock,
            rules: rules.count)
    }

    private mutating func begin(doubt reason: String, _ rule: AuditRule, _ evidence: Evidence) {
        guard doubt == nil, !goesOn else { return }
        doubt = Rejected(text: rule.text(names), reason: reason, evidence: evidence, rule: rule)
        settingsAtDoubt = settings
    }

    /// Paths the kernel must find: the directory of a watched name, a watched tree itself
    /// (kernel/audit_watch.c, audit_get_nd; kernel/audit_tree.c, audit_add_tree_rule).
    private func neededPaths(_ rule: AuditRule) -> [String] {
        var result: [String] = []
        for field in rule.fields {
            guard case .text(let path) = field.value else { continue }
            switch field.name {
            case "path", "exe": result.append(AuditPath.parent(path))
            case "dir": result.append(AuditPath.normal(path))
            default: continue
            }
        }
        return result
    }

    private mutating func reject(_ statement: AuditStatement, _ reason: String, _ evidence: Evidence) -> Bool {
        var refusal = Rejected(text: spoken(statement), reason: reason, evidence: evidence)
        switch statement.change {
        case .append(let rule)?, .prepend(let rule)?: refusal.rule = rule
        default: break
        }
        refused.append(refusal)
        return false
    }
}

/// Paths in rules.
enum AuditPath {
    /// Without slashes at the end and doubled ones.
    static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").joined(separator: "/")
    }

    /// The directory a name stands in.
    static func parent(_ path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// The last component.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Whether a path is a directory or below it.
    static func isAtOrBelow(_ path: String, _ directory: String) -> Bool {
        let (path, directory) = (normal(path), normal(directory))
        return directory == "/" || path == directory || path.hasPrefix(directory + "/")
    }
}
