import FirnModel

/// One entry of `knowledge/drift-causes.toml`.
struct DriftCause: Sendable {
    /// What must hold of a fact of a layer.
    struct Condition: Sendable {
        /// Which of the two layers is asked.
        enum Place: String, Sendable, CaseIterable { case before, after }

        var fact: FactKey
        var place: Place
        /// Words of which the value, or an element of it, must hold one; case does not matter.
        var contains: [String]
        /// Values of which it must be one.
        var equals: [String]
        /// Whether it must be there and not empty (true), or looked for and not there (false).
        var isSet: Bool?
    }

    private let prefixes: [String]
    private let except: [String]
    private let layer: SourceKind
    private let from: Set<SourceKind>
    private let effects: Set<Drift.Effect>
    /// Whether the layer that differs has looked and found nothing.
    private let isAbsent: Bool?
    /// Whether the host was booted from another system than the one that is active.
    private let isBootedOther: Bool?
    /// Places below which evidence of the layer that differs must lie.
    private let evidence: [String]
    private let conditions: [Condition]
    /// Whether it is offered only where no entry before it fits.
    let isFallback: Bool
    private let sentence: String

    private static let keys: Set<String> = [
        "facts", "except", "layer", "from", "effect", "absent", "booted-other", "evidence", "when", "otherwise", "text",
    ]

    init(_ row: DataNode, file: String) throws(DataError) {
        try Self.allow(Self.keys, row, file)
        prefixes = try Self.texts(row, "facts", file)
        except = try Self.texts(row, "except", file)
        guard !prefixes.isEmpty else {
            throw DataError(file: file, line: row.line, message: "facts must name a prefix; \"\" is every fact")
        }
        let layer = try Self.word(row, "layer", SourceKind.self, file)
        self.layer = layer
        from = Set(try Self.words(row, "from", SourceKind.self, file))
        if let later = from.first(where: { $0 >= layer }) {
            throw DataError(
                file: file, line: row["from"]?.line ?? row.line,
                message: "from names \(later.rawValue), which is no layer before \(layer.rawValue)")
        }
        effects = Set(try Self.words(row, "effect", Drift.Effect.self, file))
        isAbsent = try Self.truth(row, "absent", file)
        isBootedOther = try Self.truth(row, "booted-other", file)
        evidence = try Self.texts(row, "evidence", file)
        isFallback = try Self.truth(row, "otherwise", file) ?? false
        var conditions: [Condition] = []
        if let list = row["when"] {
            guard let elements = list.elements else {
                throw DataError(file: file, line: list.line, message: "when must be an array of tables")
            }
            for element in elements { conditions.append(try Self.condition(element, file)) }
        }
        self.conditions = conditions
        guard let text = row["text"]?.string, !text.isEmpty else {
            throw DataError(file: file, line: row.line, message: "text is missing")
        }
        sentence = text
        for piece in text.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            let word = piece.prefix { $0 != "}" }
            guard word == "name" || word == "found" else {
                throw DataError(
                    file: file, line: row["text"]?.line ?? row.line, message: "text holds the unknown word {\(word)}")
            }
        }
    }

    /// The sentence where the entry fits; nil where it does not.
    func text(
        _ fact: FactKey, effect: Drift.Effect, from before: DriftCauses.Side, to after: DriftCauses.Side
    ) -> String? {
        let name = fact.rawValue
        guard after.source == layer, from.isEmpty || from.contains(before.source),
            effects.isEmpty || effects.contains(effect), prefixes.contains(where: name.hasPrefix),
            !except.contains(where: name.hasPrefix)
        else { return nil }
        if let isAbsent {
            // A layer that could not look has found nothing out.
            guard let seen = after.snapshot?.fact(fact) else { return nil }
            switch seen {
            case .absent: if !isAbsent { return nil }
            case .known: if isAbsent { return nil }
            case .unavailable: return nil
            }
        }
        if let isBootedOther {
            guard let identity = after.snapshot?.identity, let booted = identity.bootedToplevel,
                let current = identity.toplevel, (booted != current) == isBootedOther
            else { return nil }
        }
        if !evidence.isEmpty {
            let places = after.snapshot?.fact(fact)?.evidence.map(\.path) ?? []
            guard places.contains(where: { path in evidence.contains(where: path.hasPrefix) }) else { return nil }
        }
        var found: [String] = []
        for condition in conditions {
            let side = condition.place == .after ? after : before
            guard let matched = condition.matched(side.snapshot?.fact(condition.fact)) else { return nil }
            found += matched
        }
        return fill(fact, found)
    }

    private func fill(_ fact: FactKey, _ found: [String]) -> String {
        var text = ""
        for (index, piece) in sentence.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
            if index == 0 {
                text += piece
                continue
            }
            let word = piece.prefix { $0 != "}" }
            if word == "name" {
                text += fact.rawValue.dropFirst(fact.family.count + 1)
            } else {
                // A host may have hundreds; the report's facts hold them all.
                text += found.prefix(3).joined(separator: ", ") + (found.count > 3 ? ", …" : "")
            }
            text += piece.dropFirst(word.count + 1)
        }
        return text
    }

    // MARK: - Reading

    private static func condition(_ node: DataNode, _ file: String) throws(DataError) -> Condition {
        try allow(["fact", "at", "contains", "equals", "set"], node, file)
        guard let fact = node["fact"]?.string, !fact.isEmpty else {
            throw DataError(file: file, line: node.line, message: "fact is missing")
        }
        let condition = Condition(
            fact: FactKey(fact),
            place: node["at"] == nil ? .after : try word(node, "at", Condition.Place.self, file),
            contains: try texts(node, "contains", file).map { $0.lowercased() },
            equals: try texts(node, "equals", file), isSet: try truth(node, "set", file))
        guard !condition.contains.isEmpty || !condition.equals.isEmpty || condition.isSet != nil else {
            throw DataError(file: file, line: node.line, message: "contains, equals or set is missing")
        }
        return condition
    }

    private static func allow(_ keys: Set<String>, _ node: DataNode, _ file: String) throws(DataError) {
        guard let entries = node.entries else {
            throw DataError(file: file, line: node.line, message: "this must be a table")
        }
        for entry in entries where !keys.contains(entry.key) {
            throw DataError(file: file, line: entry.node.line, message: "unknown key \"\(entry.key)\"")
        }
    }

    private static func texts(_ node: DataNode, _ key: String, _ file: String) throws(DataError) -> [String] {
        guard let value = node[key] else { return [] }
        guard let texts = value.strings else {
            throw DataError(file: file, line: value.line, message: "\(key) must be an array of texts")
        }
        return texts
    }

    private static func truth(_ node: DataNode, _ key: String, _ file: String) throws(DataError) -> Bool? {
        guard let value = node[key] else { return nil }
        guard let truth = value.boolean else {
            throw DataError(file: file, line: value.line, message: "\(key) must be true or false")
        }
        return truth
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ node: DataNode, _ key: String, _ type: Word.Type, _ file: String
    ) throws(DataError) -> Word where Word.RawValue == String {
        guard let text = node[key]?.string, let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw DataError(file: file, line: node[key]?.line ?? node.line, message: "\(key) is one of \(known)")
        }
        return word
    }

    private static func words<Word: RawRepresentable & CaseIterable>(
        _ node: DataNode, _ key: String, _ type: Word.Type, _ file: String
    ) throws(DataError) -> [Word] where Word.RawValue == String {
        var words: [Word] = []
        for text in try texts(node, key, file) {
            guard let word = Word(rawValue: text) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw DataError(file: file, line: node[key]?.line ?? node.line, message: "\(key) is of \(known)")
            }
            words.append(word)
        }
        return words
    }
}

extension DriftCause.Condition {
    /// What of a fact fulfils it; nil where it is not fulfilled, or could not be told.
    fileprivate func matched(_ fact: Fact?) -> [String]? {
        switch fact {
        case .unavailable, nil: return nil
        case .absent: return isSet == false && contains.isEmpty && equals.isEmpty ? [] : nil
        case .known(let value, _):
            var elements = [value.description]
            if case .list(let list) = value { elements = list.map(\.description) }
            if let isSet, isSet == elements.isEmpty { return nil }
            if !contains.isEmpty {
                elements = elements.filter { element in
                    let element = element.lowercased()
                    return contains.contains { element.contains($0) }
                }
            }
            if !equals.isEmpty { elements = elements.filter(equals.contains) }
            if isSet == false { return [] }
            return elements.isEmpty ? nil : elements
        }
    }
}
