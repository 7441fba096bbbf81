/// An IPv4 or IPv6 address, for listening places and for the networks of Match blocks.
struct SSHDAddress: Hashable {
    /// 4 or 16 bytes, most significant first.
    var bytes: [UInt8]

    /// The number of bits.
    var width: Int { bytes.count * 8 }

    /// Reads a numeric address without brackets or zone; nil for anything else.
    init?(_ text: Substring) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard
                let bytes = Self.version6(text.split(separator: ":", omittingEmptySubsequences: false).map(String.init))
            else { return nil }
            self.bytes = bytes
        } else {
            guard let bytes = Self.version4(text) else { return nil }
            self.bytes = bytes
        }
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// RFC 4291 section 2.2: eight groups, one `::`, and possibly an IPv4 address at the end.
    private static func version6(_ parts: [String]) -> [UInt8]? {
        guard (3...10).contains(parts.count) else { return nil }
        var groups = parts[...]
        if groups.first == "" {
            guard groups.dropFirst().first == "" else { return nil }
            groups = groups.dropFirst()
        }
        if groups.last == "" {
            guard groups.dropLast().last == "" else { return nil }
            groups = groups.dropLast()
        }
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var sawGap = false
        for (index, group) in groups.enumerated() {
            if group.isEmpty {
                guard !sawGap else { return nil }
                sawGap = true
                continue
            }
            var piece: [UInt8]
            if index == groups.count - 1, group.utf8.contains(UInt8(ascii: ".")) {
                guard let four = version4(group[...]) else { return nil }
                piece = four
            } else {
                guard (1...4).contains(group.utf8.count), let value = UInt16(group, radix: 16),
                    group.utf8.first != UInt8(ascii: "+")
                else { return nil }
                piece = [UInt8(value >> 8), UInt8(value & 0xff)]
            }
            if sawGap { tail += piece } else { head += piece }
        }
        let count = head.count + tail.count
        if sawGap {
            guard count <= 14 else { return nil }
            return head + [UInt8](repeating: 0, count: 16 - count) + tail
        }
        return count == 16 ? head : nil
    }

    /// The usual text: dotted, or RFC 5952, IPv4-mapped addresses with the IPv4 form.
    var text: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
            return "::ffff:" + bytes[12...].map(String.init).joined(separator: ".")
        }
        var groups: [UInt16] = []
        for index in stride(from: 0, to: 16, by: 2) {
            groups.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
        }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        let words = groups.map { String($0, radix: 16) }
        if best.isEmpty { return words.joined(separator: ":") }
        return words[..<best.lowerBound].joined(separator: ":") + "::"
            + words[best.upperBound...].joined(separator: ":")
    }

    /// Whether the first `length` bits are those of the network.
    func isIn(_ network: SSHDAddress, length: Int) -> Bool {
        guard bytes.count == network.bytes.count, (0...width).contains(length) else { return false }
        return masked(length) == network.masked(length)
    }

    /// The bytes with all bits after the first `length` cleared.
    func masked(_ length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = min(max(length - index * 8, 0), 8)
            return bits == 8 ? byte : byte & ~(0xff >> UInt8(bits))
        }
    }
}

/// Patterns and pattern lists as in OpenSSH's match.c and addrmatch.c.
enum SSHDPattern {
    /// What a list said of a value.
    enum Verdict: Hashable {
        /// An entry with `!` matched.
        case negative
        /// No entry matched.
        case none
        /// An entry matched.
        case positive
    }

    /// Whether a pattern with `*` and `?` matches as a whole; bytes are compared.
    static func matches(_ text: some Sequence<UInt8>, _ pattern: some Sequence<UInt8>) -> Bool {
        let text = Array(text)
        let pattern = Array(pattern)
        var textIndex = 0
        var patternIndex = 0
        var star: Int?
        var resume = 0
        while textIndex < text.count {
            if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
                star = patternIndex
                resume = textIndex
                patternIndex += 1
            } else if patternIndex < pattern.count,
                pattern[patternIndex] == UInt8(ascii: "?") || pattern[patternIndex] == text[textIndex]
            {
                textIndex += 1
                patternIndex += 1
            } else if let star {
                resume += 1
                textIndex = resume
                patternIndex = star + 1
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// What a list with commas and `!` says of a text (`match_pattern_list`).
    static func list(_ text: String, _ patterns: String, lowercased: Bool = false) -> Verdict {
        var verdict = Verdict.none
        var entries = patterns.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)[...]
        if patterns.utf8.last == UInt8(ascii: ",") || patterns.isEmpty { entries = entries.dropLast() }
        for entry in entries {
            let isNegated = entry.first == UInt8(ascii: "!")
            var pattern = Array(isNegated ? entry.dropFirst() : entry)
            // The buffer of match_pattern_list holds 1023 bytes; a longer entry fails the whole list.
            if pattern.count >= 1023 { return .none }
            if lowercased { pattern = pattern.map(Self.lower) }
            guard matches(text.utf8, pattern) else { continue }
            if isNegated { return .negative }
            verdict = .positive
        }
        return verdict
    }

    static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte + 32 : byte
    }

    /// What a list of addresses, networks and wildcards says of an address (`addr_match_list`); nil when an entry is
    /// malformed: empty, or a network with bits set behind its mask. Without an address only the form is checked.
    static func addresses(_ address: String?, _ list: String) -> Verdict? {
        let candidate = address.flatMap { SSHDAddress($0[...]) }
        if address != nil, candidate == nil { return Verdict.none }
        var verdict = Verdict.none
        for entry in list.split(separator: ",", omittingEmptySubsequences: false) {
            let isNegated = entry.hasPrefix("!")
            let body = isNegated ? entry.dropFirst() : entry
            if body.isEmpty { return nil }
            let isMatch: Bool
            switch network(body) {
            case .malformed: return nil
            case .network(let network, let length): isMatch = candidate?.isIn(network, length: length) ?? false
            case .other: isMatch = address.map { matches($0.utf8, body.utf8) } ?? false
            }
            guard isMatch else { continue }
            if isNegated { return .negative }
            verdict = .positive
        }
        return verdict
    }

    private enum Network {
        case network(SSHDAddress, Int)
        case malformed
        case other
    }

    private static func network(_ text: Substring) -> Network {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var length: Int?
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= 128
            else { return .other }
            length = number
        }
        guard let first = parts.first, let address = SSHDAddress(first) else { return .other }
        let bits = length ?? address.width
        guard bits <= address.width, address.masked(bits) == address.bytes else { return .malformed }
        return .network(address, bits)
    }
}
