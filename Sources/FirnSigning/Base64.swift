/// Base64 of RFC 4648 section 4 with padding, in exactly one spelling for each byte string.
///
/// DSSE allows the URL-safe alphabet beside this one. It is refused here: with one spelling only, no byte of a signed
/// document can be changed without the change being seen. securesystemslib, cosign and in-toto write this one.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.underestimatedCount + 2) / 3 * 4)
        var value: UInt32 = 0
        var count = 0
        for byte in bytes {
            value = value << 8 | UInt32(byte)
            count += 1
            guard count == 3 else { continue }
            for shift in [18, 12, 6, 0] { result.append(alphabet[Int(value >> UInt32(shift) & 63)]) }
            value = 0
            count = 0
        }
        if count == 1 {
            result += [alphabet[Int(value >> 2 & 63)], alphabet[Int(value << 4 & 63)]]
            result += [UInt8(ascii: "="), UInt8(ascii: "=")]
        } else if count == 2 {
            result += [alphabet[Int(value >> 10 & 63)], alphabet[Int(value >> 4 & 63)], alphabet[Int(value << 2 & 63)]]
            result.append(UInt8(ascii: "="))
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes of a text; nil where it is not the one spelling of some bytes: another alphabet, blanks, missing or
    /// superfluous padding, stray bits. The empty text is no bytes.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(utf8: text.utf8)
    }

    static func decode(utf8 text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var value: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = digit(byte) else { return nil }
            value = value << 6 | digit
            digits += 1
            guard digits == 4 else { continue }
            result.append(UInt8(truncatingIfNeeded: value >> 16))
            result.append(UInt8(truncatingIfNeeded: value >> 8))
            result.append(UInt8(truncatingIfNeeded: value))
            value = 0
            digits = 0
        }
        switch (digits, padding) {
        case (0, 0): break
        case (2, 2):
            guard value & 0xf == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: value >> 4))
        case (3, 1):
            guard value & 0x3 == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: value >> 10))
            result.append(UInt8(truncatingIfNeeded: value >> 2))
        default: return nil
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
