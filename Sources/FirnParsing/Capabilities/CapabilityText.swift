/// The text form of file capabilities (cap_from_text(3)): clauses such as `cap_net_raw,cap_net_admin+ep`.
public struct CapabilityText: Sendable, Hashable {
    /// Names of capabilities that the file makes effective or permitted, sorted; `all` is every capability.
    public var granted: [String]
    /// Names of capabilities that are only inheritable, sorted.
    public var inheritable: [String]

    private static let limit = 4096

    /// Reads the text; throws when it is none.
    public static func parse(_ text: String) throws(ParseError) -> CapabilityText {
        guard text.utf8.count <= limit else { throw ParseError(.limit, line: 1, "capabilities of more than 4 KiB") }
        // Flags per capability; "all" holds what was said of every capability that has no entry of its own.
        var flags: [String: Set<Character>] = [:]
        var everyone: Set<Character> = []
        for clause in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }) {
            let names = clause.prefix { $0 != "=" && $0 != "+" && $0 != "-" }
            var actions = clause[names.endIndex...]
            guard !actions.isEmpty else { throw wrong("capabilities without '+', '-' or '='") }
            var list: [String] = []
            for name in names.split(separator: ",", omittingEmptySubsequences: false) {
                let lowered = name.lowercased()
                guard lowered == "all" || lowered.isEmpty && names.isEmpty || isName(lowered) else {
                    throw wrong("a name that is no capability")
                }
                list.append(lowered.isEmpty ? "all" : lowered)
            }
            if list.isEmpty { list = ["all"] }
            while let operation = actions.first {
                actions = actions.dropFirst()
                let set = Set(actions.prefix { "eip".contains($0) })
                actions = actions.drop { "eip".contains($0) }
                if let next = actions.first, !"+-=".contains(next) { throw wrong("a flag that is none of e, i and p") }
                guard operation == "=" || !set.isEmpty else { throw wrong("'+' or '-' without flags") }
                func changed(_ old: Set<Character>) -> Set<Character> {
                    switch operation {
                    case "=": set
                    case "+": old.union(set)
                    default: old.subtracting(set)
                    }
                }
                for name in list {
                    if name == "all" {
                        everyone = changed(everyone)
                        for (key, old) in flags { flags[key] = changed(old) }
                    } else {
                        flags[name] = changed(flags[name] ?? everyone)
                    }
                }
            }
        }
        func names(_ accepts: (Set<Character>) -> Bool) -> [String] {
            (accepts(everyone) ? ["all"] : []) + flags.filter { accepts($0.value) }.keys.sorted()
        }
        return CapabilityText(
            granted: names { $0.contains("p") || $0.contains("e") },
            inheritable: names { $0 == ["i"] })
    }

    private static func wrong(_ message: String) -> ParseError { ParseError(.malformed, line: 1, message) }

    private static func isName(_ name: String) -> Bool {
        if let number = Int(name) { return (0..<64).contains(number) }
        return name.hasPrefix("cap_") && name.utf8.count > 4
            && name.utf8.dropFirst(4).allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
            }
    }
}
