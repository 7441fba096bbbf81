import FirnModel
import FirnParsing

/// Why something about a service cannot be told.
struct ServiceDoubt: Error, Sendable, Hashable {
    var reason: String
    var evidence: [Evidence]

    init(_ reason: String, _ evidence: [Evidence] = []) {
        self.reason = reason
        self.evidence = evidence
    }

    /// The doubt as a fact.
    var fact: Fact { .unavailable(reason: reason, evidence) }
}

/// A text and the place it came from.
struct PlacedText: Sendable, Hashable {
    var text: String
    var evidence: Evidence
}

/// What one source knows of the units of a system; the same questions for options and for a closure.
protocol ServiceSource {
    /// The names of all units that are there and are started at boot, directly or by a socket.
    func started() throws(ServiceDoubt) -> Set<String>
    /// Where a unit is seen.
    func place(_ unit: String) -> Evidence
    /// The command lines of a service and the scripts they name.
    func commands(_ unit: String) throws(ServiceDoubt) -> [PlacedText]
    /// The value of a variable in a service's environment.
    func variable(_ name: String, _ unit: String) throws(ServiceDoubt) -> PlacedText?
    /// The addresses of a socket unit.
    func streams(_ socket: String) throws(ServiceDoubt) -> [PlacedText]
    /// The names of the services that a super-server starts on a connection.
    func superServed() throws(ServiceDoubt) -> [PlacedText]
    /// The values that a recipe's file or options give.
    func configured(_ recipe: ServiceTable.Recipe, _ unit: String) throws(ServiceDoubt) -> [PlacedText]
}

extension ServiceSource {
    /// Whether a service shows that it asks its clients for a credential, and where.
    func proof(_ service: ServiceTable.Service, _ unit: String) throws(ServiceDoubt) -> PlacedText? {
        for proof in service.proofs {
            var texts: [PlacedText] = []
            if !proof.flags.isEmpty {
                for command in try commands(unit) {
                    texts += CommandWords.values(proof.flags, in: command.text).map {
                        PlacedText(text: $0, evidence: command.evidence)
                    }
                }
            }
            for name in proof.variables {
                if let text = try variable(name, unit) { texts.append(text) }
            }
            if let text = texts.last(where: { proof.values.isEmpty || proof.values.contains($0.text.lowercased()) }) {
                return text
            }
        }
        return nil
    }

    /// The started units that a service's patterns name.
    func started(_ service: ServiceTable.Service) throws(ServiceDoubt) -> [String] {
        let all = try started()
        var found: [String] = []
        for pattern in service.units {
            if pattern.contains("*") {
                let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
                found += all.filter { $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1]) }.sorted()
            } else if all.contains(pattern) {
                found.append(pattern)
            }
        }
        return found
    }
}

/// Words of a command line: blanks, line ends and a trailing `\` separate them, quotes round one are removed.
enum CommandWords {
    static func split(_ text: String) -> [Substring] {
        text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }).filter { $0 != "\\" }
            .map { word in
                for quote in ["\"", "'"] where word.utf8.count > 1 && word.hasPrefix(quote) && word.hasSuffix(quote) {
                    return word.dropFirst().dropLast()
                }
                return word
            }
    }

    /// The values of `--flag value`, `--flag=value` and, for flags of one letter, `-fvalue`.
    static func values(_ flags: [String], in text: String) -> [String] {
        let words = split(text)
        var values: [String] = []
        for (index, word) in words.enumerated() {
            for flag in flags {
                if word == flag {
                    if index + 1 < words.count { values.append(String(words[index + 1])) }
                } else if word.hasPrefix(flag + "=") {
                    values.append(String(word.dropFirst(flag.count + 1)))
                } else if flag.utf8.count == 2, word.hasPrefix(flag), !word.hasPrefix("--") {
                    values.append(String(word.dropFirst(2)))
                }
            }
        }
        return values
    }

    /// The store paths in a text whose file name ends in a suffix.
    static func storePaths(in text: String, ending suffix: String) -> [String] {
        var paths: [String] = []
        let bytes = Array(text.utf8)
        let marker = Array("/nix/store/".utf8)
        var index = 0
        while index + marker.count <= bytes.count {
            guard bytes[index] == marker[0], bytes[index..<index + marker.count].elementsEqual(marker) else {
                index += 1
                continue
            }
            var end = index + marker.count
            while end < bytes.count, isPathByte(bytes[end]) { end += 1 }
            let path = String(decoding: bytes[index..<end], as: UTF8.self)
            if path.hasSuffix(suffix) { paths.append(path) }
            index = end
        }
        return paths
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"),
            UInt8(ascii: "?"), UInt8(ascii: "="), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}
