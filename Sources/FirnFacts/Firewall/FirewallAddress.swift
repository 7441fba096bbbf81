/// A block of IPv4 or IPv6 addresses.
struct AddressBlock: Sendable, Hashable {
    var isV6: Bool
    /// The network in network order; IPv4 stands in the upper 32 bits of `high`.
    var high: UInt64
    var low: UInt64
    var prefix: Int

    /// Reads `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/255.0.0.0`, `fe80::/64`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let address = parts.first, parts.count <= 2 else { return nil }
        if let number = Self.v4(address) {
            isV6 = false
            high = UInt64(number) << 32
            low = 0
            prefix = 32
        } else if let pair = Self.v6(address) {
            isV6 = true
            (high, low) = pair
            prefix = 128
        } else {
            return nil
        }
        if parts.count == 2 {
            if let length = Int(parts[1]), length >= 0, length <= prefix {
                prefix = length
            } else if !isV6, let mask = Self.v4(parts[1]) {
                let ones = mask.leadingZeroBitCount == 0 ? (~mask).leadingZeroBitCount : 0
                guard mask == (ones == 0 ? 0 : UInt32.max << UInt32(32 - ones)) else { return nil }
                prefix = ones
            } else {
                return nil
            }
        }
        high &= Self.mask(prefix)
        low &= Self.mask(prefix - 64)
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits <= 0 ? 0 : (bits >= 64 ? .max : UInt64.max << UInt64(64 - bits))
    }

    private static func v4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard part.utf8.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part)
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    private static func v6(_ text: String) -> (UInt64, UInt64)? {
        guard text.contains(":"), text.utf8.count <= 45 else { return nil }
        var text = text
        // An IPv4 address may stand at the end.
        if let colon = text.lastIndex(of: ":"), let number = v4(String(text[text.index(after: colon)...])) {
            text = String(text[...colon]) + String(number >> 16, radix: 16) + ":" + String(number & 0xffff, radix: 16)
        }
        func groups(_ half: Substring) -> [UInt64]? {
            if half.isEmpty { return [] }
            var result: [UInt64] = []
            for part in half.split(separator: ":", omittingEmptySubsequences: false) {
                guard !part.isEmpty, part.utf8.count <= 4, let group = UInt64(part, radix: 16) else { return nil }
                result.append(group)
            }
            return result
        }
        var all: [UInt64]
        if let gap = text.range(ofDoubleColon: ()) {
            guard let left = groups(text[..<gap.lowerBound]), let right = groups(text[gap.upperBound...]),
                left.count + right.count <= 7
            else { return nil }
            all = left + Array(repeating: 0, count: 8 - left.count - right.count) + right
        } else {
            guard let whole = groups(text[...]), whole.count == 8 else { return nil }
            all = whole
        }
        return (
            all[..<4].reduce(0) { $0 << 16 | $1 }, all[4...].reduce(0) { $0 << 16 | $1 }
        )
    }

    /// Whether every address of the other block is in this one.
    func contains(_ other: AddressBlock) -> Bool {
        isV6 == other.isV6 && prefix <= other.prefix && other.high & Self.mask(prefix) == high
            && other.low & Self.mask(prefix - 64) == low
    }

    /// Whether some address of the block is between the two that `10.0.0.1-10.0.0.9` names; nil when the text is no range.
    func touches(range text: String) -> Bool? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).compactMap { AddressBlock(String($0)) }
        guard ends.count == 2, text.contains("-") else { return nil }
        guard ends.allSatisfy({ $0.isV6 == isV6 }) else { return false }
        let last = (high | ~Self.mask(prefix), low | ~Self.mask(prefix - 64))
        return (high, low) <= (ends[1].high, ends[1].low) && last >= (ends[0].high, ends[0].low)
    }

    /// Blocks that no packet to the machine's own routable addresses can carry as its destination: link-local,
    /// multicast, broadcast and loopback (RFC 6890, RFC 4291).
    private static let linkOnly: [AddressBlock] = [
        "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "fe80::/10", "ff00::/8", "::1/128",
    ].compactMap { AddressBlock($0) }

    private static let loopback: [AddressBlock] = ["127.0.0.0/8", "::1/128"].compactMap { AddressBlock($0) }

    /// Whether it reaches no further than the link.
    var isLinkOnly: Bool { Self.linkOnly.contains { $0.contains(self) } }
    /// Whether it is of the machine itself.
    var isLoopback: Bool { Self.loopback.contains { $0.contains(self) } }
    /// Whether it is every address of its family.
    var isEverything: Bool { prefix == 0 }
    /// Whether it is so large a part of its family that a rule for it is no rule for known senders: half of the Internet,
    /// or `2000::/3`, which is all of the unicast addresses of IPv6 in use (RFC 4291, section 2.4).
    var isWide: Bool { prefix <= 3 }

    /// Whether `a-b` spans at least as much as a block that is wide.
    static func isWideRange(_ text: String) -> Bool {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { AddressBlock(String($0)) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first.isV6 == last.isV6 else { return false }
        let (span, isBackwards) = last.high.subtractingReportingOverflow(first.high)
        return !isBackwards && span >= (UInt64.max >> 3) - (UInt64(1) << 32)
    }

    /// The family of the ends of `a-b`; nil for anything else.
    static func isV6Range(_ text: String) -> Bool? {
        text.split(separator: "-").first.flatMap { AddressBlock(String($0)) }?.isV6
    }
}

extension String {
    /// Where the only `::` stands.
    fileprivate func range(ofDoubleColon: Void) -> Range<Index>? {
        var position = startIndex
        while position < endIndex {
            let next = index(after: position)
            if self[position] == ":", next < endIndex, self[next] == ":" { return position..<index(after: next) }
            position = next
        }
        return nil
    }
}
