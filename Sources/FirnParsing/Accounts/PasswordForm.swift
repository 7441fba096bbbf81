/// What kind of thing stands in a password field, never what it is (crypt(5), shadow(5)).
public struct PasswordForm: Sendable, Hashable {
    /// The kinds that crypt(5) and shadow(5) name.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Nothing: whoever names the account is in.
        case empty
        /// `!`, `*`, or anything behind such a mark: no password fits.
        case locked
        /// `$y$`
        case yescrypt
        /// `$gy$`
        case gostYescrypt = "gost-yescrypt"
        /// `$7$`
        case scrypt
        /// `$2a$`, `$2b$`, `$2x$`, `$2y$`
        case bcrypt
        /// `$6$`
        case sha512
        /// `$5$`
        case sha256
        /// `$sha1$`
        case sha1
        /// `$md5$`, `$md5,`
        case sunMD5 = "sunmd5"
        /// `$1$`
        case md5
        /// `_`
        case bsdi
        /// Thirteen characters without a mark.
        case des
        /// Several of them in a row.
        case bigcrypt
        /// `$3$`
        case nt
        /// No hash and no lock: no password fits, and it may be one in clear text.
        case unusable
    }

    /// The kind.
    public var kind: Kind
    /// The rounds of sha1, sha256 and sha512, the cost of bcrypt, or the count of yescrypt and scrypt (`memoryCount`); nil
    /// where the method has no such number.
    public var cost: Int64?

    /// Creates a form.
    public init(_ kind: Kind, cost: Int64? = nil) {
        self.kind = kind
        self.cost = cost
    }

    /// Whether some password fits.
    public var isHash: Bool {
        switch kind {
        case .empty, .locked, .unusable: false
        default: true
        }
    }

    /// The form of a field. The field's text is not kept.
    public static func classify(_ field: some StringProtocol) -> PasswordForm {
        let bytes = Array(field.utf8)
        guard let first = bytes.first else { return PasswordForm(.empty) }
        if first == UInt8(ascii: "!") || first == UInt8(ascii: "*") { return PasswordForm(.locked) }
        // passwd(5): the password is in shadow. In shadow itself no password hashes to it.
        if bytes == [UInt8(ascii: "x")] { return PasswordForm(.locked) }
        guard bytes.count <= 512 else { return PasswordForm(.unusable) }
        if first == UInt8(ascii: "$") { return marked(bytes) }
        if first == UInt8(ascii: "_") {
            return bytes.count == 20 && bytes.dropFirst().allSatisfy(isCrypt64)
                ? PasswordForm(.bsdi) : PasswordForm(.unusable)
        }
        guard bytes.allSatisfy(isCrypt64) else { return PasswordForm(.unusable) }
        if bytes.count == 13 { return PasswordForm(.des) }
        if bytes.count > 13, bytes.count <= 178, (bytes.count - 2) % 11 == 0 { return PasswordForm(.bigcrypt) }
        return PasswordForm(.unusable)
    }

    /// The 64 characters of crypt(5): `./0-9A-Za-z`.
    private static func isCrypt64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ".")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func marked(_ bytes: [UInt8]) -> PasswordForm {
        let unusable = PasswordForm(.unusable)
        // "$id$..." gives an empty first piece.
        let pieces = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false).dropFirst()
        guard let identifier = pieces.first, let digest = pieces.last, pieces.count >= 3 || isBcrypt(identifier) else {
            return unusable
        }
        func isDigest(_ length: Int) -> Bool { digest.count == length && digest.allSatisfy(isCrypt64) }
        let rest = pieces.dropFirst()
        switch String(decoding: identifier, as: UTF8.self) {
        case "y", "gy":
            guard rest.count == 3, let parameters = rest.first, !parameters.isEmpty,
                parameters.allSatisfy(isCrypt64), rest.dropFirst().first?.allSatisfy(isCrypt64) == true, isDigest(43)
            else { return unusable }
            return PasswordForm(identifier.count == 1 ? .yescrypt : .gostYescrypt, cost: yescryptCount(parameters))
        case "7":
            guard rest.count == 2, let parameters = rest.first, parameters.count >= 11, isDigest(43) else {
                return unusable
            }
            return PasswordForm(.scrypt, cost: scryptCount(parameters))
        case "2a", "2b", "2x", "2y":
            guard rest.count == 2, let number = rest.first, number.count == 2,
                let cost = Int64(String(decoding: number, as: UTF8.self)), (4...31).contains(cost), isDigest(53)
            else { return unusable }
            return PasswordForm(.bcrypt, cost: cost)
        case "6": return sha(.sha512, rest, isDigest(86))
        case "5": return sha(.sha256, rest, isDigest(43))
        case "sha1":
            guard rest.count == 3, let number = rest.first, let cost = Int64(String(decoding: number, as: UTF8.self)),
                cost > 0, isDigest(28)
            else { return unusable }
            return PasswordForm(.sha1, cost: cost)
        case "1":
            guard rest.count == 2, let salt = rest.first, salt.count <= 8, isDigest(22) else { return unusable }
            return PasswordForm(.md5)
        case "3":
            guard rest.count == 2, rest.first?.isEmpty == true, digest.count == 32,
                digest.allSatisfy({ isHexadecimal($0) })
            else { return unusable }
            return PasswordForm(.nt)
        case let name where name == "md5" || name.hasPrefix("md5,"):
            return isDigest(22) ? PasswordForm(.sunMD5) : unusable
        default: return unusable
        }
    }

    /// The count that crypt_gensalt(3) takes for this much memory: 5 is 16 MiB, each step doubles it. Other numbers are
    /// rounded down.
    private static func memoryCount(logarithm: Int64, blocks: Int64) -> Int64? {
        // The memory is 128 * blocks * 2^logarithm bytes.
        guard (1...62).contains(logarithm), (1...1 << 30).contains(blocks) else { return nil }
        return logarithm + Int64(Int64.bitWidth - 1 - blocks.leadingZeroBitCount) - 12
    }

    /// The place of a character among the 64 of crypt(5).
    private static func digit(_ byte: UInt8) -> Int64? {
        switch byte {
        case UInt8(ascii: ".")...UInt8(ascii: "9"): Int64(byte) - 0x2e
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int64(byte) - 0x41 + 12
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int64(byte) - 0x61 + 38
        default: nil
        }
    }

    /// yescrypt writes its flavour, the logarithm and the blocks as numbers of one or more digits.
    private static func yescryptCount(_ parameters: ArraySlice<UInt8>) -> Int64? {
        var rest = parameters
        guard number(&rest, from: 0) != nil, let logarithm = number(&rest, from: 1),
            let blocks = number(&rest, from: 1)
        else { return nil }
        return memoryCount(logarithm: logarithm, blocks: blocks)
    }

    /// A number of yescrypt: the first digit says how many follow.
    private static func number(_ rest: inout ArraySlice<UInt8>, from least: Int64) -> Int64? {
        guard let first = rest.popFirst().flatMap(digit) else { return nil }
        var (start, end, bits, result): (Int64, Int64, Int64, Int64) = (0, 47, 0, least)
        while first > end {
            result += (end + 1 - start) << bits
            (start, end) = (end + 1, end + 1 + (62 - end) / 2)
            bits += 6
            guard bits <= 30 else { return nil }
        }
        result += (first - start) << bits
        while bits > 0 {
            guard let next = rest.popFirst().flatMap(digit) else { return nil }
            bits -= 6
            result += next << bits
        }
        return result
    }

    /// scrypt writes the logarithm as one digit and the blocks as five, the lowest first.
    private static func scryptCount(_ parameters: ArraySlice<UInt8>) -> Int64? {
        guard let logarithm = parameters.first.flatMap(digit) else { return nil }
        var blocks: Int64 = 0
        for (place, byte) in parameters.dropFirst().prefix(5).enumerated() {
            guard let digit = digit(byte) else { return nil }
            blocks += digit << (6 * Int64(place))
        }
        return memoryCount(logarithm: logarithm, blocks: blocks)
    }

    private static func isBcrypt(_ identifier: ArraySlice<UInt8>) -> Bool {
        identifier.count == 2 && identifier.first == UInt8(ascii: "2")
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// `[rounds=N$]salt$digest`; without a number it is 5000 rounds.
    private static func sha(_ kind: Kind, _ rest: ArraySlice<ArraySlice<UInt8>>, _ isDigest: Bool) -> PasswordForm {
        guard isDigest else { return PasswordForm(.unusable) }
        let marker = Array("rounds=".utf8)
        var salts = rest.dropLast()
        var rounds: Int64 = 5000
        if let first = salts.first, first.starts(with: marker), salts.count == 2 {
            guard let number = Int64(String(decoding: first.dropFirst(marker.count), as: UTF8.self)) else {
                return PasswordForm(.unusable)
            }
            rounds = number
            salts = salts.dropFirst()
        }
        guard salts.count == 1, let salt = salts.first, salt.count <= 16 else { return PasswordForm(.unusable) }
        return PasswordForm(kind, cost: rounds)
    }
}
