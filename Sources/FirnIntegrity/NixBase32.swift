/// The base 32 of Nix: its own alphabet (no e, o, t, u), the bytes read from the last to the first, and the first digit
/// the highest. (Nix manual, "Store path specification"; `nix-hash --to-base32`.)
public enum NixBase32 {
    static let alphabet = Array("0123456789abcdfghijklmnpqrsvwxyz".utf8)

    /// The value of each digit by its character; 255 where it is none.
    static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (index, character) in alphabet.enumerated() { values[Int(character)] = UInt8(index) }
        return values
    }()

    /// The text of bytes; 52 digits for a SHA-256.
    public static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count * 8 + 4) / 5
        var text: [UInt8] = []
        for digit in stride(from: count - 1, through: 0, by: -1) {
            let (index, shift) = (digit * 5 / 8, digit * 5 % 8)
            var value = Int(bytes[index]) >> shift
            if index + 1 < bytes.count { value |= Int(bytes[index + 1]) << (8 - shift) }
            text.append(alphabet[value & 31])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
