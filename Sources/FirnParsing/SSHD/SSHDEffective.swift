/// What is in force for one keyword.
public enum SSHDAnswer: Sendable, Hashable {
    /// The values and the lines that set them; no line where sshd's own default is in force.
    case values([String], [SSHDLocation])
    /// It cannot be told, and why.
    case undetermined(String, [SSHDLocation])

    /// The values where they can be told.
    public var values: [String]? {
        if case .values(let values, _) = self { values } else { nil }
    }

    /// The lines that decide.
    public var locations: [SSHDLocation] {
        switch self {
        case .values(_, let locations), .undetermined(_, let locations): locations
        }
    }
}

extension SSHDConfiguration {
    /// What is in force for a connection, by keyword: what sshd reads at its start, defaults, and over that the Match
    /// blocks whose criteria hold, the first value of all of them first. Without a connection: what holds for everyone,
    /// with the blocks `Match all`. A keyword without default that nothing sets is left out.
    public func effective(for connection: SSHDConnection? = nil) -> [String: SSHDAnswer] {
        let keywords = dialect.keywords
        var start = SSHDPass(dialect: dialect, connection: nil)
        start.run(statements)
        var answers: [String: SSHDAnswer] = [:]
        for (name, keyword) in keywords {
            if let answer = start.answers[name] {
                answers[name] = answer
            } else if let reason = start.unresolved {
                answers[name] = .undetermined(reason.text, [reason.location])
            } else if let standard = keyword.standard {
                answers[name] = .values(standard, [])
            } else if keyword.kind == .algorithms {
                answers[name] = .values([], [])
            }
        }
        applyKeyboardInteractive(&answers)
        var match = SSHDPass(dialect: dialect, connection: connection ?? SSHDConnection())
        match.run(statements)
        for (name, answer) in match.answers {
            guard let keyword = keywords[name], keyword.inMatch, keyword.isCopied else { continue }
            if keyword.kind == .subsystem {
                answers[name] = Self.mergedSubsystems(answers[name], answer)
            } else if keyword.kind == .rekey {
                answers[name] = Self.mergedRekey(answers[name], answer)
            } else {
                answers[name] = answer
            }
        }
        for (name, answer) in answers {
            if let keyword = keywords[name] { answers[name] = finished(keyword, answer) }
        }
        return answers
    }

    /// Before 8.7 keyboard-interactive logins were on when either of two keywords said so.
    private func applyKeyboardInteractive(_ answers: inout [String: SSHDAnswer]) {
        guard let challenge = answers["ChallengeResponseAuthentication"] else { return }
        if challenge.values != ["no"] { answers["KbdInteractiveAuthentication"] = challenge }
    }

    private static func mergedSubsystems(_ first: SSHDAnswer?, _ second: SSHDAnswer) -> SSHDAnswer {
        guard case .values(let old, let oldPlaces)? = first, case .values(let new, let places) = second else {
            return second
        }
        func name(_ subsystem: String) -> Substring { subsystem.prefix { $0 != " " } }
        var merged = old
        for subsystem in new {
            if let index = merged.firstIndex(where: { name($0) == name(subsystem) }) {
                merged[index] = subsystem
            } else {
                merged.append(subsystem)
            }
        }
        return .values(merged, oldPlaces + places)
    }

    private static func mergedRekey(_ first: SSHDAnswer?, _ second: SSHDAnswer) -> SSHDAnswer {
        guard case .values(let old, _)? = first, case .values(let new, let places) = second, old.count == 2,
            new.count == 2
        else { return second }
        return .values([new[0], new[1] == "-" ? old[1] : new[1]], places)
    }

    /// Turns what the lines say into what is in force: algorithm lists resolved, penalties by their own rules, `none` as
    /// the empty list where sshd takes it so.
    private func finished(_ keyword: SSHDKeyword, _ answer: SSHDAnswer) -> SSHDAnswer {
        guard case .values(let values, let places) = answer else { return answer }
        switch keyword.kind {
        case .algorithms:
            guard let algorithmClass = keyword.algorithms,
                let resolved = SSHDAlgorithmList.resolve(values.first, algorithmClass, dialect)
            else {
                let release = dialect.version.map { "OpenSSH \($0)" } ?? "an unknown release of OpenSSH"
                return .undetermined("the default algorithms of \(release) are not known", places)
            }
            return .values(resolved, places)
        case .rekey: return .values(values.map { $0 == "-" ? "0" : $0 }, places)
        case .secondsOrNone: return .values(values.map { $0 == "0" ? "none" : $0 }, places)
        case .penalties: return .values([Self.penalties(values)], places)
        default: return answer
        }
    }

    /// `no`, `yes`, or the penalties that differ from the defaults: of each the first value counts, and any of them turns
    /// penalties on.
    private static func penalties(_ values: [String]) -> String {
        var seen: Set<Substring> = []
        var kept: [String] = []
        var isOn = true
        var isDecided = false
        for value in values {
            if value.lowercased() == "no" || value.lowercased() == "yes" {
                if !isDecided { isOn = value.lowercased() == "yes" }
                isDecided = true
            } else if seen.insert(value.prefix { $0 != ":" }).inserted {
                kept.append(value)
                isOn = true
                isDecided = true
            }
        }
        if !isOn { return "no" }
        return kept.isEmpty ? "yes" : kept.joined(separator: " ")
    }
}

/// One of the two times sshd goes through its configuration: at its start, without a connection, and for a connection,
/// when only Match blocks count.
struct SSHDPass {
    private let dialect: SSHDDialect
    private let connection: SSHDConnection?
    private(set) var answers: [String: SSHDAnswer] = [:]
    /// The first Include outside of Match blocks that could not be followed.
    private(set) var unresolved: (text: String, location: SSHDLocation)?
    private var subsystems: Set<Substring> = []

    init(dialect: SSHDDialect, connection: SSHDConnection?) {
        self.dialect = dialect
        self.connection = connection
    }

    private enum Mode {
        /// Match lines are judged.
        case judged
        /// An included file inside a block that does not hold: no Match line holds.
        case never
        /// In the second pass, the global part: only Match lines count.
        case matchOnly
    }

    mutating func run(_ statements: [SSHDStatement]) {
        var active = connection == nil
        run(statements, mode: connection == nil ? .judged : .matchOnly, active: &active)
    }

    private mutating func run(_ statements: [SSHDStatement], mode: Mode, active: inout Bool) {
        var mode = mode
        for statement in statements {
            switch statement {
            case .setting(let setting):
                if active { apply(setting) }
            case .match(let match, _):
                if mode == .never {
                    active = false
                } else if let connection {
                    active = match.holds(connection, version: dialect.version)
                } else {
                    active = match.isAll
                }
                if mode == .matchOnly { mode = .judged }
            case .included(let inner):
                let before = active
                var innerMode: Mode = active ? .judged : .never
                if mode == .matchOnly, dialect.syntax.matchInInclude { innerMode = .matchOnly }
                run(inner, mode: innerMode, active: &active)
                active = before
            case .unresolved(let reason, let location):
                if active, unresolved == nil {
                    unresolved = (reason, location)
                    // What may occur again in the file is no longer certain; what is set already is.
                    for (name, keyword) in dialect.keywords where keyword.repetition != .first {
                        answers[name] = .undetermined(reason, [location])
                    }
                }
            }
        }
    }

    private enum State {
        case unset
        case undetermined
        case set
    }

    /// Without the values, so that the array in the dictionary stays the only one and can grow in place.
    private func state(of name: String) -> State {
        switch answers[name] {
        case nil: .unset
        case .undetermined: .undetermined
        case .values: .set
        }
    }

    private mutating func apply(_ setting: SSHDSetting) {
        let keyword = setting.keyword
        if let other = keyword.yieldsTo, answers[other] != nil { return }
        let state = state(of: keyword.name)
        if state == .undetermined, keyword.repetition != .last { return }
        if let refusal = setting.refusal, keyword.kind != .algorithms {
            if state == .unset || keyword.repetition != .first {
                answers[keyword.name] = .undetermined("sshd refuses the line: \(refusal)", [setting.location])
            }
            return
        }
        if state == .unset, let unresolved, keyword.repetition == .first {
            answers[keyword.name] = .undetermined(unresolved.text, [unresolved.location])
            return
        }
        switch keyword.repetition {
        case .last:
            answers[keyword.name] = .values(setting.values, [setting.location])
        case .append:
            append(setting)
        case .first where state == .unset:
            answers[keyword.name] = .values(setting.values, [setting.location])
        case .first:
            if let existing = answers[keyword.name] { revise(existing, with: setting) }
        }
    }

    private mutating func append(_ setting: SSHDSetting) {
        var added = setting.values
        if setting.keyword.kind == .subsystem {
            added.removeAll { !subsystems.insert($0.prefix { $0 != " " }).inserted }
        }
        guard !added.isEmpty else { return }
        guard
            case .values(var values, var places) = answers.removeValue(forKey: setting.keyword.name) ?? .values([], [])
        else { return }
        values += added
        places.append(setting.location)
        answers[setting.keyword.name] = .values(values, places)
    }

    /// The two exceptions to "the first line counts": the interval of RekeyLimit has a first value of its own, and
    /// `UnusedConnectionTimeout none` always counts.
    private mutating func revise(_ existing: SSHDAnswer, with setting: SSHDSetting) {
        guard case .values(var values, let places) = existing else { return }
        if setting.keyword.kind == .rekey, values.count == 2, values[1] == "-", setting.values.count == 2 {
            values[1] = setting.values[1]
            answers[setting.keyword.name] = .values(values, places + [setting.location])
        } else if setting.keyword.kind == .secondsOrNone, setting.values == ["none"] {
            answers[setting.keyword.name] = .values(["none"], [setting.location])
        }
    }
}
