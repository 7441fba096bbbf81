import FirnModel

/// Decodes the `expect` language.
enum ConditionDecoder {
    /// The builtins of the engine, with the words each argument may be. FirnEvaluation answers each.
    static let builtins: [String: [String: [String]]] = [
        "ssh-algorithm": ["kind": ["cipher", "mac", "kex", "hostkey"], "worst": ["warn", "good"]],
        "date-ahead": ["days": []],
        "enforced-rule": [:],
    ]

    private static let depthLimit = 12

    /// The condition of a table, or the errors in it.
    ///
    /// Patterns of the embedded catalogue are not compiled again: that takes longer than all the rest.
    static func decode(
        _ node: DataNode, file: String, origin: DataOrigin
    ) -> (condition: Condition?, errors: [DataError]) {
        decode(node, file: file, origin: origin, depth: 0)
    }

    private static func decode(
        _ node: DataNode, file: String, origin: DataOrigin, depth: Int
    ) -> (condition: Condition?, errors: [DataError]) {
        guard depth < depthLimit else {
            return (nil, [DataError(file: file, line: node.line, message: "the condition is nested too deep")])
        }
        guard node.entries != nil else {
            return (nil, [DataError(file: file, line: node.line, message: "a condition must be a table")])
        }
        var reader = TableReader(node, file: file)
        var parts: [Condition] = []

        func nested(_ value: DataNode) -> Condition? {
            let (condition, errors) = decode(value, file: file, origin: origin, depth: depth + 1)
            reader.absorb(errors)
            return condition
        }
        func values(_ value: DataNode, _ key: String) -> [FactValue]? {
            guard let elements = value.elements else {
                reader.fail("\"\(key)\" needs a list", at: value.line)
                return nil
            }
            return elements.compactMap { element in
                let decoded = FactValueDecoder.decode(element)
                if decoded == nil { reader.fail("\"\(key)\" holds something that is no value", at: element.line) }
                return decoded
            }
        }

        if let value = reader.optional("equals") {
            scalar(value, "equals", &reader) { parts.append(.test(.equals($0))) }
        }
        if let value = reader.optional("not-equals") {
            scalar(value, "not-equals", &reader) { parts.append(.test(.notEquals($0))) }
        }
        if let value = reader.optional("at-least") {
            bound(value, "at-least", &reader) { parts.append(.test(.atLeast($0))) }
        }
        if let value = reader.optional("at-most") {
            bound(value, "at-most", &reader) { parts.append(.test(.atMost($0))) }
        }
        if let value = reader.optional("in"), let list = values(value, "in") {
            if list.isEmpty { reader.fail("\"in\" needs at least one value", at: value.line) }
            parts.append(.test(.oneOf(list)))
        }
        if let value = reader.optional("subset-of"), let list = values(value, "subset-of") {
            parts.append(.test(.subsetOf(list)))
        }
        if let value = reader.optional("superset-of"), let list = values(value, "superset-of") {
            if list.isEmpty { reader.fail("\"superset-of\" needs at least one value", at: value.line) }
            parts.append(.test(.supersetOf(list)))
        }
        if let value = reader.optional("contains") {
            scalar(value, "contains", &reader) { parts.append(.test(.contains($0))) }
        }
        if let value = reader.optional("contains-none"), let list = values(value, "contains-none") {
            if list.isEmpty { reader.fail("\"contains-none\" needs at least one value", at: value.line) }
            parts.append(.test(.containsNone(list)))
        }
        if let value = reader.optional("matches") {
            if let pattern = value.string {
                do {
                    if origin != .embedded { _ = try Regex(pattern) }
                    parts.append(.test(.matches(pattern)))
                } catch {
                    reader.fail("\"\(pattern)\" is no valid regular expression", at: value.line)
                }
            } else {
                reader.fail("\"matches\" needs a text", at: value.line)
            }
        }
        for (key, test) in [("present", Condition.Test.present), ("absent", Condition.Test.absent)] {
            if let value = reader.optional(key) {
                if value.boolean == true {
                    parts.append(.test(test))
                } else {
                    reader.fail("\"\(key)\" can only be true", at: value.line)
                }
            }
        }
        if let value = reader.optional("every"), let inner = nested(value) { parts.append(.test(.every(inner))) }
        if let value = reader.optional("none"), let inner = nested(value) { parts.append(.test(.none(inner))) }
        if let value = reader.optional("builtin"), let test = builtin(value, &reader) { parts.append(.test(test)) }
        for (key, make) in [("all", Condition.all), ("any", Condition.any)] {
            guard let value = reader.optional(key) else { continue }
            guard let elements = value.elements, !elements.isEmpty else {
                reader.fail("\"\(key)\" needs a list of conditions that is not empty", at: value.line)
                continue
            }
            parts.append(make(elements.compactMap(nested)))
        }
        if let value = reader.optional("not"), let inner = nested(value) { parts.append(.not(inner)) }
        let fact = reader.text("fact", required: false)
        reader.finish()
        if parts.isEmpty, reader.errors.isEmpty {
            reader.fail("a condition needs an operator")
        }
        guard reader.errors.isEmpty, let first = parts.first else { return (nil, reader.errors) }
        let condition = parts.count == 1 ? first : Condition.all(parts)
        return (fact.map { .of(FactKey($0), condition) } ?? condition, [])
    }

    private static func scalar(
        _ node: DataNode, _ key: String, _ reader: inout TableReader, _ use: (FactValue) -> Void
    ) {
        guard let value = FactValueDecoder.decode(node) else {
            reader.fail("\"\(key)\" needs a value", at: node.line)
            return
        }
        use(value)
    }

    private static func bound(
        _ node: DataNode, _ key: String, _ reader: inout TableReader, _ use: (FactValue) -> Void
    ) {
        switch FactValueDecoder.decode(node) {
        case .integer(let number): use(.integer(number))
        case .string(let text) where DottedVersion(text) != nil: use(.string(text))
        default: reader.fail("\"\(key)\" needs a number or a dotted version in quotes", at: node.line)
        }
    }

    private static func builtin(_ node: DataNode, _ reader: inout TableReader) -> Condition.Test? {
        guard let entries = node.entries, let name = node["name"]?.string else {
            reader.fail("\"builtin\" needs a table with a name", at: node.line)
            return nil
        }
        guard let arguments = builtins[name] else {
            reader.fail("there is no builtin named \"\(name)\"", at: node.line)
            return nil
        }
        var values: [String: FactValue] = [:]
        for entry in entries where entry.key != "name" {
            guard let words = arguments[entry.key] else {
                reader.fail("the builtin \(name) has no argument \"\(entry.key)\"", at: entry.node.line)
                return nil
            }
            // An argument without words is a number.
            if words.isEmpty, let number = entry.node.integer {
                values[entry.key] = .integer(number)
                continue
            }
            guard let word = entry.node.string, words.contains(word) else {
                reader.fail(
                    "\"\(entry.key)\" of the builtin \(name) must be "
                        + (words.isEmpty ? "a number" : "one of \(words.joined(separator: ", "))"),
                    at: entry.node.line)
                return nil
            }
            values[entry.key] = .string(word)
        }
        guard values.count == arguments.count else {
            reader.fail("the builtin \(name) needs \(arguments.keys.sorted().joined(separator: ", "))", at: node.line)
            return nil
        }
        return .builtin(name: name, argument: values)
    }
}

/// Decodes the values a fact can have.
enum FactValueDecoder {
    static func decode(_ node: DataNode) -> FactValue? {
        switch node.value {
        case .string(let text): return .string(text)
        case .integer(let number): return .integer(number)
        case .boolean(let truth): return .boolean(truth)
        case .array(let elements):
            var values: [FactValue] = []
            for element in elements {
                guard let value = decode(element) else { return nil }
                values.append(value)
            }
            return .list(values)
        case .table: return nil
        }
    }
}
