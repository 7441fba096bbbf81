import FirnModel

/// `profiles/knowledge/tls.toml`: protocols in their order, and words of OpenSSL's cipher lists that are weak.
struct TlsKnowledge: Sendable {
    /// Spellings of protocols, in lower case, and their rank; ranks below `least` are weak.
    var ranks: [String: Int64] = [:]
    var least: Int64
    /// Parts of suite names that are weak, in upper case.
    var weakParts: [String]
    /// Whole words that bring weak suites.
    var weakWords: Set<String>
    /// The release of HAProxy from which on its default is sound.
    var haproxySince: String
    /// Whole words known to bring none.
    var soundWords: Set<String>

    private static let file = "profiles/knowledge/tls.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        guard let table = knowledge.tables["tls"], let least = table["least-rank"]?.integer,
            let parts = table["ciphers"]?["weak-parts"]?.strings, let weak = table["ciphers"]?["weak-words"]?.strings,
            let sound = table["ciphers"]?["sound-words"]?.strings,
            let haproxySince = table["haproxy"]?["sound-since"]?.string
        else { throw DataError(file: Self.file, line: 0, message: "least-rank, ciphers or haproxy are missing") }
        for entry in table["rank"]?.entries ?? [] {
            guard let rank = entry.node.integer else {
                throw DataError(file: Self.file, line: entry.node.line, message: "a rank is a number")
            }
            ranks[entry.key] = rank
        }
        self.least = least
        self.haproxySince = haproxySince
        weakParts = parts
        weakWords = Set(weak)
        soundWords = Set(sound)
    }

    /// The protocols of a list that are weak; nil where a word is not known.
    func weakProtocols(_ words: [String]) -> [String]? {
        var weak: [String] = []
        for word in words {
            guard let rank = ranks[word.lowercased()] else { return nil }
            if rank < least { weak.append(word) }
        }
        return weak
    }

    /// The words of an OpenSSL cipher list (ciphers(1)) that bring weak suites. `!word` and `-word` take suites out, and
    /// a weak group that is taken out in the same list is none. Nil where a word is not known.
    func weakCiphers(_ text: String) -> [String]? {
        var weak: [String] = []
        var removed: Set<String> = []
        let words = text.split(whereSeparator: { $0 == ":" || $0 == "," || $0 == " " || $0 == ";" }).map(String.init)
        for word in words where word.hasPrefix("!") { removed.insert(word.dropFirst().uppercased()) }
        for word in words {
            if word.hasPrefix("!") || word.hasPrefix("-") || word.hasPrefix("@") { continue }
            let name = (word.hasPrefix("+") ? String(word.dropFirst()) : word).uppercased()
            if word.hasPrefix("+") { continue }
            if soundWords.contains(name) { continue }
            if weakWords.contains(name) {
                weak.append(word)
                continue
            }
            let parts = name.split(whereSeparator: { $0 == "-" || $0 == "_" || $0 == "+" }).map(String.init)
            let bad = parts.filter { weakParts.contains($0) && !removed.contains($0) }
            if !bad.isEmpty {
                weak.append(word)
            } else if parts.count < 3, !name.hasPrefix("TLS_") {
                return nil
            }
        }
        return weak
    }
}
