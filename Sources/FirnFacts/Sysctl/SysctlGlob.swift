/// A glob over paths below `/proc/sys`, as glob(3) with `GLOB_BRACE` matches it: `*`, `?` and sets stay inside one
/// component, a leading dot must be written, `{a,b}` are alternatives, a backslash takes the next character as it is.
struct SysctlGlob: Sendable, Hashable {
    private enum Token: Sendable, Hashable {
        case byte(UInt8)
        case any
        case many
        case set([ClosedRange<UInt8>], isNegated: Bool)
    }

    private let alternatives: [[[Token]]]

    /// The longest pattern looked at (PATH_MAX), and the most alternatives its braces may give.
    private static let longest = 4096
    private static let mostAlternatives = 256

    /// Creates a glob, or nil when it uses what is not understood here (character classes, too many alternatives).
    init?(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        guard bytes.count <= Self.longest, let expanded = Self.expanded(bytes) else { return nil }
        var alternatives: [[[Token]]] = []
        for path in expanded {
            var components: [[Token]] = []
            for component in path.split(separator: UInt8(ascii: "/")) {
                guard let tokens = Self.tokens(Array(component)) else { return nil }
                components.append(tokens)
            }
            alternatives.append(components)
        }
        self.alternatives = alternatives
    }

    /// Whether the glob names this path.
    func matches(_ path: String) -> Bool {
        let components = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
        return alternatives.contains { patterns in
            patterns.count == components.count && zip(patterns, components).allSatisfy(Self.matches)
        }
    }

    /// Expands braces from the left. Nil when there are more alternatives than anyone writes.
    private static func expanded(_ pattern: [UInt8]) -> [[UInt8]]? {
        var finished: [[UInt8]] = []
        var pending: [[UInt8]] = [pattern]
        var steps = 0
        while let current = pending.popLast() {
            steps += 1
            guard steps <= mostAlternatives, finished.count + pending.count <= mostAlternatives else { return nil }
            guard let (open, commas, close) = firstBrace(current) else {
                finished.append(current)
                continue
            }
            var start = open + 1
            for end in commas + [close] {
                pending.append(Array(current[..<open]) + Array(current[start..<end]) + Array(current[(close + 1)...]))
                start = end + 1
            }
        }
        return finished
    }

    /// The first brace group with its matching end; a `{` that is never closed, and `{}`, are plain text.
    private static func firstBrace(_ pattern: [UInt8]) -> (open: Int, commas: [Int], close: Int)? {
        guard let open = pattern.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        var depth = 0
        var commas: [Int] = []
        for index in open..<pattern.count {
            switch pattern[index] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index == open + 1 ? nil : (open, commas, index) }
            case UInt8(ascii: ",") where depth == 1: commas.append(index)
            default: break
            }
        }
        return nil
    }

    private static func tokens(_ component: [UInt8]) -> [Token]? {
        var tokens: [Token] = []
        var index = 0
        while index < component.count {
            let byte = component[index]
            index += 1
            switch byte {
            case UInt8(ascii: "*"):
                if tokens.last != .many { tokens.append(.many) }
            case UInt8(ascii: "?"): tokens.append(.any)
            case UInt8(ascii: "\\"):
                guard index < component.count else { return nil }
                tokens.append(.byte(component[index]))
                index += 1
            case UInt8(ascii: "["):
                guard let (set, next) = set(component, from: index) else { return nil }
                tokens.append(set)
                index = next
            default: tokens.append(.byte(byte))
            }
        }
        return tokens
    }

    private static func set(_ component: [UInt8], from start: Int) -> (Token, next: Int)? {
        var index = start
        var isNegated = false
        if index < component.count, component[index] == UInt8(ascii: "!") || component[index] == UInt8(ascii: "^") {
            isNegated = true
            index += 1
        }
        var ranges: [ClosedRange<UInt8>] = []
        var isFirst = true
        while index < component.count {
            let low = component[index]
            if low == UInt8(ascii: "]"), !isFirst { return (.set(ranges, isNegated: isNegated), index + 1) }
            // Classes ([:alpha:]) and escapes inside a set are legal and not worth guessing at.
            if low == UInt8(ascii: "[") || low == UInt8(ascii: "\\") { return nil }
            isFirst = false
            index += 1
            if index + 1 < component.count, component[index] == UInt8(ascii: "-"),
                component[index + 1] != UInt8(ascii: "]")
            {
                let high = component[index + 1]
                index += 2
                if low <= high { ranges.append(low...high) }
            } else {
                ranges.append(low...low)
            }
        }
        return nil
    }

    private static func matches(_ tokens: [Token], _ text: [UInt8]) -> Bool {
        // A dot at the start of a name is only matched by a dot.
        if text.first == UInt8(ascii: "."), tokens.first != .byte(UInt8(ascii: ".")) { return false }
        var position = 0
        var token = 0
        var retry: (token: Int, position: Int)?
        while position < text.count {
            if token < tokens.count, tokens[token] == .many {
                retry = (token, position)
                token += 1
            } else if token < tokens.count, single(tokens[token], text[position]) {
                token += 1
                position += 1
            } else if let last = retry {
                retry = (last.token, last.position + 1)
                token = last.token + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .many }
    }

    private static func single(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let expected): expected == byte
        case .any: true
        case .many: false
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(byte) } != isNegated
        }
    }
}
