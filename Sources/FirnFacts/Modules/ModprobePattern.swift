/// fnmatch(3) without flags, as kmod uses it on the names of `install` and `alias`.
enum ModprobePattern {
    /// Whether a text matches a pattern.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.utf8)
        let text = Array(text.utf8)
        var (p, t) = (0, 0)
        // Where the last star stands and what it has taken: only the last one ever needs another try.
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p + 1, t)
                p += 1
                continue
            }
            if p < pattern.count, let next = step(pattern, p, text[t]) {
                p = next
                t += 1
                continue
            }
            guard let last = star else { return false }
            star = (last.pattern, last.text + 1)
            p = last.pattern
            t = last.text + 1
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.count
    }

    /// The position after one pattern element that takes the byte; nil when it does not.
    private static func step(_ pattern: [UInt8], _ position: Int, _ byte: UInt8) -> Int? {
        switch pattern[position] {
        case UInt8(ascii: "?"): return position + 1
        case UInt8(ascii: "\\") where position + 1 < pattern.count:
            return pattern[position + 1] == byte ? position + 2 : nil
        case UInt8(ascii: "["):
            guard let set = set(pattern, position, byte) else {
                return byte == UInt8(ascii: "[") ? position + 1 : nil
            }
            return set.holds ? set.end : nil
        default: return pattern[position] == byte ? position + 1 : nil
        }
    }

    private static func set(_ pattern: [UInt8], _ start: Int, _ byte: UInt8) -> (holds: Bool, end: Int)? {
        var position = start + 1
        var isNegated = false
        if position < pattern.count, pattern[position] == UInt8(ascii: "!") || pattern[position] == UInt8(ascii: "^") {
            isNegated = true
            position += 1
        }
        var holds = false
        var isFirst = true
        while position < pattern.count {
            if pattern[position] == UInt8(ascii: "]"), !isFirst { return (holds != isNegated, position + 1) }
            isFirst = false
            let low = pattern[position]
            if position + 2 < pattern.count, pattern[position + 1] == UInt8(ascii: "-"),
                pattern[position + 2] != UInt8(ascii: "]")
            {
                if low <= byte, byte <= pattern[position + 2] { holds = true }
                position += 3
            } else {
                if low == byte { holds = true }
                position += 1
            }
        }
        return nil
    }
}
