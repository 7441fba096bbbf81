public import FirnModel
public import FirnParsing

/// What reading one option as a type gave.
public enum OptionReading<Value: Sendable>: Sendable {
    /// The value; where it stands.
    case value(Value, Evidence)
    /// The option is `null`; where it stands.
    case null(Evidence)
    /// The export has no such option: this release does not have it, or the exporter left it out.
    case missing(Evidence)
    /// It could not be evaluated, or has another type, and why.
    case unavailable(String, Evidence)

    /// Where it stands, or would stand.
    public var evidence: Evidence {
        switch self {
        case .value(_, let evidence), .null(let evidence), .missing(let evidence), .unavailable(_, let evidence):
            evidence
        }
    }

    /// The value, when there is one.
    public var value: Value? {
        if case .value(let value, _) = self { value } else { nil }
    }

    /// The value as a fact. `null` and a missing option become what the caller knows they mean: a missing option is
    /// usually `unavailable`, since its absence from an export proves nothing.
    public func fact(
        null: @autoclosure () -> Fact, missing: @autoclosure () -> Fact, _ known: (Value) -> FactValue
    ) -> Fact {
        switch self {
        case .value(let value, let evidence): .known(known(value), [evidence])
        case .null: null()
        case .missing: missing()
        case .unavailable(let reason, let evidence): .unavailable(reason: reason, [evidence])
        }
    }
}

extension OptionTree {
    /// Reads an option; `convert` gives nil for a value of another type than expected.
    public func reading<Value: Sendable>(
        _ path: [String], _ convert: (JSONNode) -> Value?
    ) -> OptionReading<Value> {
        switch lookup(path) {
        case .missing: return .missing(evidence(path))
        case .unavailable(let reason): return .unavailable(reason, evidence(path))
        case .value(let node):
            if node.isNull { return .null(evidence(path)) }
            guard let value = convert(node) else {
                return .unavailable("\(Self.spelled(path)) has another type than expected", evidence(path))
            }
            return .value(value, evidence(path))
        }
    }

    /// Reads a boolean option.
    public func readBoolean(_ path: [String]) -> OptionReading<Bool> { reading(path, \.boolean) }

    /// Reads a whole number.
    public func readInteger(_ path: [String]) -> OptionReading<Int64> { reading(path, \.integer) }

    /// What the exporter writes in place of a text that no fact is known to read; lines about secrets may follow it.
    static let hidden = "<not-shown>"

    /// Reads a text. One that the export does not show is unavailable.
    public func readString(_ path: [String]) -> OptionReading<String> {
        let reading = reading(path, \.string)
        guard case .value(let text, let evidence) = reading, text.hasPrefix(Self.hidden) else { return reading }
        return .unavailable("the export does not show \(Self.spelled(path))", evidence)
    }

    /// Reads a list of texts.
    public func readStrings(_ path: [String]) -> OptionReading<[String]> {
        reading(path) { node in
            guard let elements = node.array else { return nil }
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? texts : nil
        }
    }

    /// Reads an attribute set: its members in the order of the document.
    public func readMembers(_ path: [String]) -> OptionReading<[JSONObject.Member]> {
        reading(path) { $0.object?.members }
    }
}
