import FirnModel

/// SHA-256 hashes in the spellings Nix has used: `sha256:` or nothing before 64 hexadecimal or 52 base 32 digits, and
/// `sha256-` before base 64 (SRI).
enum NixHash {
    private static let base32 = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)
    private static let base64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The hash as lower-case hex, or nil when the text is none.
    static func hexadecimal(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        if text.hasPrefix("sha256-") { return decode64(bytes.dropFirst(7)).map { Hexadecimal.text($0) } }
        let digits = text.hasPrefix("sha256:") ? Array(bytes.dropFirst(7)) : bytes
        switch digits.count {
        case 64:
            let text = String(decoding: digits, as: UTF8.self)
            return Hexadecimal.isSHA256(text) ? text : nil
        case 52: return decode32(digits).map { Hexadecimal.text($0) }
        default: return nil
        }
    }

    /// Nix's base 32: the last digit is the lowest five bits of the first byte. What does not fit must be zero.
    private static func decode32(_ digits: [UInt8]) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 32)
        for (position, digit) in digits.reversed().enumerated() {
            guard let value = base32.firstIndex(of: digit) else { return nil }
            let (index, shift) = (position * 5 / 8, position * 5 % 8)
            bytes[index] |= UInt8(truncatingIfNeeded: value << shift)
            let carry = UInt8(truncatingIfNeeded: value >> (8 - shift))
            if index + 1 < 32 {
                bytes[index + 1] |= carry
            } else if carry != 0 {
                return nil
            }
        }
        return bytes
    }

    private static func decode64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        // 32 bytes are 43 digits and one `=`.
        guard text.count == 44, text.last == UInt8(ascii: "=") else { return nil }
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for digit in text.dropLast() {
            guard let value = base64.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bits == 0 && bytes.count == 32 ? bytes : nil
    }
}
