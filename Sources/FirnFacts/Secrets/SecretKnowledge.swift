import FirnModel
import FirnParsing

/// `profiles/knowledge/secrets.toml`: what secrets look like, and which files have a mode to keep.
struct SecretKnowledge: Sendable {
    var scanner: SecretScanner
    var largest: Int
    /// Store objects without a version in their name that hold contents of packages.
    var packages: Set<String>
    /// Files and the widest mode they may have.
    var protected: [(path: String, mode: Int)]

    private static let file = "profiles/knowledge/secrets.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["secrets"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        var tokens: [SecretShapes.Token] = []
        for node in table["token"]?.elements ?? [] {
            guard let kind = node["kind"]?.string, let prefix = node["prefix"]?.string, !prefix.isEmpty,
                let least = node["least"]?.integer, let most = node["most"]?.integer, least > 0, most >= least,
                most <= 8192
            else {
                throw DataError(file: Self.file, line: node.line, message: "a token needs kind, prefix, least and most")
            }
            tokens.append(
                SecretShapes.Token(
                    kind: kind, prefix: Array(prefix.utf8), least: Int(least), most: Int(most),
                    extra: Set((node["extra"]?.string ?? "").utf8), isHash: node["hash"]?.boolean ?? false))
        }
        func words(_ key: String) throws(DataError) -> [String] {
            guard let words = table["names"]?[key]?.strings, !words.isEmpty else {
                throw DataError(file: Self.file, line: 0, message: "names.\(key) is missing")
            }
            return words
        }
        scanner = SecretScanner(
            shapes: SecretShapes(
                tokens: tokens, secretWords: try words("secret"), keyWords: try words("key"),
                harmlessEndings: try words("harmless-endings"), harmlessBeginnings: try words("harmless-beginnings"),
                harmlessValues: try words("harmless-values"), harmlessPrefixes: try words("harmless-prefixes"),
                leadingNames: try words("leading"), strictWords: try words("strict")))
        guard let largest = table["scan"]?["largest"]?.integer, largest > 0, !tokens.isEmpty else {
            throw DataError(file: Self.file, line: 0, message: "tokens or scan.largest are missing")
        }
        self.largest = Int(largest)
        packages = Set(table["scan"]?["packages"]?.strings ?? [])
        protected = []
        for node in table["protected"]?.elements ?? [] {
            guard let path = node["path"]?.string, let text = node["mode"]?.string, let mode = Int(text, radix: 8)
            else {
                throw DataError(file: Self.file, line: node.line, message: "a protected file needs path and mode")
            }
            protected.append((path, mode))
        }
    }
}

/// Collects what was found under names that both sources spell alike. A list that could not be looked at whole is
/// unavailable, unless something was found anyway.
struct SecretList {
    private var names: Set<String> = []
    private var evidence: [Evidence] = []
    var doubt: ServiceDoubt?

    init() {}

    mutating func add(_ name: String, _ place: Evidence) {
        if names.insert(name).inserted || evidence.count < 100 { evidence.append(place) }
    }

    /// Adds a variable of a unit when its name or its value says that it is a secret; the value is never shown.
    mutating func add(
        variable: String, value: String, unit: String, _ place: Evidence, scanner: SecretScanner
    ) {
        let text: String
        if scanner.isSecret(name: variable, value: value) {
            text = "\(variable)=(value not shown)"
        } else if let finding = scanner.scan(Array(value.utf8)).first {
            text = "\(variable): \(finding.note)"
        } else {
            return
        }
        add("\(unit) \(variable)", Evidence(path: place.path, line: place.line, text: text))
    }

    mutating func doubt(_ reason: String, _ place: Evidence) {
        if doubt == nil { doubt = ServiceDoubt(reason, [place]) }
    }

    var fact: Fact {
        if names.isEmpty, let doubt { return doubt.fact }
        return .known(.strings(names.sorted()), evidence)
    }
}

extension SecretFinding {
    /// What lists call it: the name it is given to, or its kind.
    var label: String { name.map(Self.visible) ?? kind }

    /// What evidence says: never the value.
    var note: String {
        if let name { return "\(Self.visible(name)): \(kind), \(length), value not shown" }
        return "\(kind), \(length), value not shown"
    }

    /// A name of letters, digits and few marks, bounded.
    private static func visible(_ name: String) -> String { String(name.prefix(64)) }
}
