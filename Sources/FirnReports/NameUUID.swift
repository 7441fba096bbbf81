import FirnModel

/// UUIDs made from names (RFC 9562, version 5): the same name gives the same UUID, so that a document has the same bytes
/// wherever and whenever it is rendered.
enum NameUUID {
    /// The namespace of all names here: a random UUID, fixed for good.
    private static let namespace: [UInt8] = [
        0x2f, 0x5b, 0x8c, 0x31, 0x6d, 0x0e, 0x4b, 0x7a, 0x9c, 0x44, 0x1a, 0xd2, 0x73, 0xe8, 0x05, 0xbf,
    ]

    /// The UUID of a name that is made of parts. Each part is written with its length, so that no two lists of parts
    /// are one name.
    static func of(_ parts: String...) -> String {
        var name = namespace
        for part in parts {
            name += Array("\(part.utf8.count):".utf8)
            name += Array(part.utf8)
        }
        var bytes = Array(sha1(name).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += Hexadecimal.text([byte])
        }
        return text
    }

    /// SHA-1 (FIPS 180-4). RFC 9562 names it; nothing here trusts it.
    static func sha1(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(message.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) { padded.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        var hash: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
        var words = [UInt32](repeating: 0, count: 80)
        for block in stride(from: 0, to: padded.count, by: 64) {
            for index in 0..<16 {
                words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(padded[block + index * 4 + $1]) }
            }
            for index in 16..<80 {
                words[index] = rotate(
                    words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
            }
            var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
            for index in 0..<80 {
                let (function, constant): (UInt32, UInt32) =
                    switch index {
                    case 0..<20: (b & c | ~b & d, 0x5a82_7999)
                    case 20..<40: (b ^ c ^ d, 0x6ed9_eba1)
                    case 40..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
                    default: (b ^ c ^ d, 0xca62_c1d6)
                    }
                let next = rotate(a, 5) &+ function &+ e &+ constant &+ words[index]
                (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
            }
            for (index, word) in [a, b, c, d, e].enumerated() { hash[index] &+= word }
        }
        return hash.flatMap { word in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }
}
