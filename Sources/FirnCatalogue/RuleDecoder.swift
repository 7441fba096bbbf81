import FirnModel

/// Decodes the `[[rule]]` entries of a file. The grammar is in CONTRIBUTING.md, "Anatomy of a rule".
enum RuleDecoder {
    /// The rules of `profiles/rules/<family>.toml` and everything wrong with them.
    ///
    /// The embedded rules are only decoded: all checks were made when they were compiled.
    static func decode(file: String, root: DataNode, origin: DataOrigin) -> (rules: [Rule], errors: [DataError]) {
        var reader = TableReader(root, file: file)
        var rules: [Rule] = []
        if let entries = reader.required("rule") {
            for node in entries.elements ?? [] {
                let (rule, errors) = decode(node, file: file, origin: origin)
                reader.absorb(errors)
                if let rule { rules.append(rule) }
            }
            if entries.elements?.isEmpty != false { reader.fail("\"rule\" must be an array of tables") }
        }
        reader.finish()
        return (rules, reader.errors)
    }

    private static func decode(
        _ node: DataNode, file: String, origin: DataOrigin
    ) -> (rule: Rule?, errors: [DataError]) {
        var reader = TableReader(node, file: file)
        let id = reader.text("id")
        let title = reader.text("title")
        let severity: Severity? = reader.word("severity")
        let fact = reader.text("fact")
        let rationale = reader.text("rationale")
        let sideEffects = reader.text("side-effects")
        let references = reader.strings("references") ?? []
        let expect = reader.required("expect").flatMap { condition($0, origin, &reader) }
        let appliesWhen = reader.optional("applies-when").flatMap { condition($0, origin, &reader) }
        let fixes = fixes(origin, &reader)
        let levels = levels(origin, &reader)
        let examples = examples(&reader)
        reader.finish()

        if origin != .embedded {
            if let id { checkID(id, file: file, &reader) }
            checkFixes(fixes, levels: levels, &reader)
            checkOutcomes(examples, &reader)
        }
        guard let id, let title, let severity, let fact, let rationale, let sideEffects, let expect else {
            return (nil, reader.errors)
        }
        let rule = Rule(
            id: id, title: title, severity: severity, fact: FactKey(fact), expect: expect, appliesWhen: appliesWhen,
            fixes: fixes, levels: levels, rationale: rationale, sideEffects: sideEffects, references: references,
            examples: examples, file: file, line: node.line)
        if origin != .embedded {
            // A condition that could not be decoded may read what an example names.
            if reader.errors.isEmpty { checkFacts(rule, &reader) }
            checkTightening(rule, origin, &reader)
        }
        return (rule, reader.errors)
    }

    private static func condition(
        _ node: DataNode, _ origin: DataOrigin, _ reader: inout TableReader
    ) -> Condition? {
        let (condition, errors) = ConditionDecoder.decode(node, file: reader.file, origin: origin)
        reader.absorb(errors)
        return condition
    }

    private static func checkID(_ id: String, file: String, _ reader: inout TableReader) {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        let stem = file.split(separator: "/").last.map { $0.dropLast(".toml".count) } ?? ""
        guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }) else {
            reader.fail("the id \"\(id)\" must be a family, a dot and a name", at: reader.node["id"]?.line)
            return
        }
        guard parts[0] == stem else {
            reader.fail(
                "the id \"\(id)\" must start with \"\(stem).\", the family of its file", at: reader.node["id"]?.line)
            return
        }
        let isSane = id.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "._-/@+*".utf8.contains(byte)
        }
        if !isSane { reader.fail("the id \"\(id)\" has a character that no id may have", at: reader.node["id"]?.line) }
    }

    // MARK: - Fixes

    private static func fixes(_ origin: DataOrigin, _ reader: inout TableReader) -> [Fix] {
        guard let node = reader.optional("fix") else { return [] }
        if node.elements?.isEmpty == true { reader.fail("\"fix\" is an empty list", at: node.line) }
        return (node.elements ?? [node]).compactMap { element in
            var own = TableReader(element, file: reader.file)
            defer { reader.absorb(own.errors) }
            var fix = Fix()
            fix.path = own.strings("path") ?? []
            if let value = own.optional("value") {
                fix.value = FactValueDecoder.decode(value)
                if fix.value == nil { own.fail("\"value\" is no value", at: value.line) }
            }
            let merge = own.text("merge", required: false)
            fix.since = own.text("since", required: false)
            fix.until = own.text("until", required: false)
            fix.when = own.optional("when").flatMap { condition($0, origin, &own) }
            fix.manual = own.text("manual", required: false)
            own.finish()
            if let merge {
                fix.merge = Fix.Merge(rawValue: merge)
                if fix.merge == nil { own.fail("\"merge\" must be replace or add", at: element["merge"]?.line) }
            }
            if case .list = fix.value, fix.merge == nil { own.fail("a list value needs \"merge\"") }
            for release in [fix.since, fix.until].compactMap(\.self) where DottedVersion(release) == nil {
                own.fail("\"\(release)\" is no NixOS release")
            }
            if fix.manual == nil, fix.path.isEmpty || fix.value == nil {
                own.fail("a fix needs \"path\" and \"value\", or \"manual\"")
            }
            return fix
        }
    }

    // MARK: - Levels

    private static func levels(_ origin: DataOrigin, _ reader: inout TableReader) -> [Level: LevelOverride] {
        guard let node = reader.optional("level") else { return [:] }
        var result: [Level: LevelOverride] = [:]
        for entry in node.entries ?? [] {
            guard let level = Level(rawValue: entry.key) else {
                reader.fail("\"\(entry.key)\" is no level: minimal, standard, strict", at: entry.node.line)
                continue
            }
            var own = TableReader(entry.node, file: reader.file)
            var change = LevelOverride()
            change.expect = own.optional("expect").flatMap { condition($0, origin, &own) }
            change.severity = own.word("severity", required: false)
            if let value = own.optional("fix-value") {
                change.fixValue = FactValueDecoder.decode(value)
                if change.fixValue == nil { own.fail("\"fix-value\" is no value", at: value.line) }
            }
            own.finish()
            if change == LevelOverride(), own.errors.isEmpty { own.fail("the level \(entry.key) changes nothing") }
            reader.absorb(own.errors)
            result[level] = change
        }
        if node.entries == nil { reader.fail("\"level\" must be a table", at: node.line) }
        return result
    }

    // MARK: - Examples

    private static func examples(_ reader: inout TableReader) -> [RuleExample] {
        guard let node = reader.required("example") else { return [] }
        guard let elements = node.elements else {
            reader.fail("\"example\" must be an array of tables", at: node.line)
            return []
        }
        return elements.compactMap { element in
            var own = TableReader(element, file: reader.file)
            defer { reader.absorb(own.errors) }
            let outcome: Outcome? = own.word("outcome")
            let level: Level? = own.word("level", required: false)
            var facts: [FactKey: Fact] = [:]
            if let table = own.required("facts") {
                for entry in table.entries ?? [] {
                    if let fact = fact(entry.node, &own) { facts[FactKey(entry.key)] = fact }
                }
                if table.entries == nil { own.fail("\"facts\" must be a table", at: table.line) }
            }
            own.finish()
            guard let outcome else { return nil }
            return RuleExample(facts: facts, outcome: outcome, level: level)
        }
    }

    private static func fact(_ node: DataNode, _ reader: inout TableReader) -> Fact? {
        if let value = FactValueDecoder.decode(node) { return .known(value, []) }
        switch (node["state"]?.string, node["reason"]?.string, node.entries?.count) {
        case ("absent", nil, 1): return .absent([])
        case ("unavailable", let reason?, 2): return .unavailable(reason: reason, [])
        default:
            reader.fail(
                "a fact is a value, { state = \"absent\" } or { state = \"unavailable\", reason = \"...\" }",
                at: node.line)
            return nil
        }
    }

    // MARK: - Checks of a whole rule

    private static func checkFixes(_ fixes: [Fix], levels: [Level: LevelOverride], _ reader: inout TableReader) {
        for level in Level.allCases {
            guard let value = levels[level]?.fixValue else { continue }
            let line = reader.node["level"]?[level.rawValue]?["fix-value"]?.line
            let changed = fixes.filter { $0.value != nil }
            if changed.isEmpty { reader.fail("\"fix-value\" changes no fix: none has a value", at: line) }
            if case .list = value, changed.contains(where: { $0.merge == nil }) {
                reader.fail("a list value needs \"merge\" in the fix", at: line)
            }
        }
    }

    private static func checkOutcomes(_ examples: [RuleExample], _ reader: inout TableReader) {
        // One that could not be decoded may be the one that seems to be missing.
        guard let node = reader.node["example"], node.elements?.count == examples.count else { return }
        for outcome in [Outcome.pass, .fail, .unknown] where !examples.contains(where: { $0.outcome == outcome }) {
            reader.fail("there is no example of \(outcome.rawValue)", at: node.line)
        }
    }

    private static func checkFacts(_ rule: Rule, _ reader: inout TableReader) {
        var read = rule.expect.facts(subject: rule.fact)
        read.insert(rule.fact)
        read.formUnion(rule.appliesWhen?.facts(subject: rule.fact) ?? [])
        for change in rule.levels.values {
            read.formUnion(change.expect?.facts(subject: rule.fact) ?? [])
        }
        // A rule that judges other rules reads what they read.
        if rule.expect.judgesRules { return }
        for example in reader.node["example"]?.elements ?? [] {
            for entry in example["facts"]?.entries ?? [] where !read.contains(FactKey(entry.key)) {
                reader.fail(
                    "an example of \(rule.id) names the fact \(entry.key), which the rule never reads",
                    at: entry.node.line)
            }
        }
    }

    /// A level may tighten, never loosen.
    ///
    /// Where operators do not compare, the examples must prove it: `Catalogue.tighteningsToProve` lists those of our
    /// own rules, and a test evaluates them. Nobody runs a user's examples, so there it is an error.
    private static func checkTightening(_ rule: Rule, _ origin: DataOrigin, _ reader: inout TableReader) {
        var expect = rule.expect
        var severity = rule.severity
        for level in Level.allCases {
            guard let change = rule.levels[level], let node = reader.node["level"]?[level.rawValue] else { continue }
            if let tighter = change.expect {
                switch Tightening.isNotLooser(tighter, than: expect) {
                case true?: break
                case false?:
                    reader.fail(
                        "\(rule.id) loosens its expectation at \(level.rawValue)", at: node["expect"]?.line)
                case nil where origin == .user:
                    reader.fail(
                        "the expectation of \(rule.id) at \(level.rawValue) cannot be compared with the one before, "
                            + "so it cannot be shown to be tighter", at: node["expect"]?.line)
                case nil: break
                }
                expect = tighter
            }
            if let higher = change.severity {
                if higher < severity {
                    reader.fail("\(rule.id) lowers its severity at \(level.rawValue)", at: node["severity"]?.line)
                }
                severity = higher
            }
        }
    }
}

extension Condition {
    /// Whether it asks for the outcome of other rules, which are named by a fact.
    fileprivate var judgesRules: Bool {
        switch self {
        case .test(.builtin(let name, _)): name == "enforced-rule"
        case .test(.every(let inner)), .test(.none(let inner)): inner.judgesRules
        case .test: false
        case .of(_, let inner), .not(let inner): inner.judgesRules
        case .all(let parts), .any(let parts): parts.contains { $0.judgesRules }
        }
    }
}
