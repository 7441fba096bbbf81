/// The public part of an SSH key as sshd accepts it (RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.certkeys and
/// PROTOCOL.u2f of OpenSSH): its type and size. The key itself is not kept.
public struct SSHPublicKey: Sendable, Hashable {
    /// The name at the start of the line: `ssh-ed25519`, `ssh-rsa-cert-v01@openssh.com`.
    public var type: String
    /// The size in bits, as `ssh-keygen -l` shows it.
    public var bits: Int

    /// Creates a key.
    public init(type: String, bits: Int) {
        self.type = type
        self.bits = bits
    }

    /// Whether the name is a type that sshd knows.
    public static func isType(_ name: some StringProtocol) -> Bool {
        families[String(name)] != nil
    }

    private enum Family: Sendable {
        case rsa
        case dsa
        case ecdsa(curve: String, bits: Int)
        case ed25519
        case securityKey(isECDSA: Bool)
    }

    private static let families: [String: (family: Family, isCertificate: Bool)] = {
        var result: [String: (Family, Bool)] = [:]
        let plain: [(String, Family)] = [
            ("ssh-rsa", .rsa), ("ssh-dss", .dsa), ("ssh-ed25519", .ed25519),
            ("ecdsa-sha2-nistp256", .ecdsa(curve: "nistp256", bits: 256)),
            ("ecdsa-sha2-nistp384", .ecdsa(curve: "nistp384", bits: 384)),
            ("ecdsa-sha2-nistp521", .ecdsa(curve: "nistp521", bits: 521)),
        ]
        for (name, family) in plain {
            result[name] = (family, false)
            result[name + "-cert-v01@openssh.com"] = (family, true)
        }
        for (name, isECDSA) in [("sk-ssh-ed25519", false), ("sk-ecdsa-sha2-nistp256", true)] {
            result[name + "@openssh.com"] = (.securityKey(isECDSA: isECDSA), false)
            result[name + "-cert-v01@openssh.com"] = (.securityKey(isECDSA: isECDSA), true)
        }
        return result
    }()

    /// Reads a type and its blob in base64; nil where sshd would refuse it.
    public static func parse(type: some StringProtocol, base64: some StringProtocol) -> SSHPublicKey? {
        let name = String(type)
        guard let (family, isCertificate) = families[name], let blob = base64Decoded(base64) else { return nil }
        var reader = WireReader(blob)
        guard reader.text() == name, !isCertificate || reader.string() != nil,
            let bits = bits(family, &reader)
        else { return nil }
        if isCertificate {
            // serial, type, key id, principals, valid after, before, critical options, extensions, reserved, CA, signature
            guard reader.skip(8), let kind = reader.number(), (1...2).contains(kind), reader.string() != nil,
                reader.string() != nil, reader.skip(16)
            else { return nil }
            for _ in 0..<5 where reader.string() == nil { return nil }
        }
        guard reader.isAtEnd else { return nil }
        return SSHPublicKey(type: name, bits: bits)
    }

    private static func bits(_ family: Family, _ reader: inout WireReader) -> Int? {
        switch family {
        case .rsa:
            guard reader.integerBits() != nil, let bits = reader.integerBits(), bits >= 1024 else { return nil }
            return bits
        case .dsa:
            guard let bits = reader.integerBits(), reader.integerBits() != nil, reader.integerBits() != nil,
                reader.integerBits() != nil
            else { return nil }
            return bits
        case .ecdsa(let curve, let bits):
            return isPoint(&reader, curve: curve, bits: bits) ? bits : nil
        case .ed25519:
            return reader.string()?.count == 32 ? 256 : nil
        case .securityKey(let isECDSA):
            let isKey = isECDSA ? isPoint(&reader, curve: "nistp256", bits: 256) : reader.string()?.count == 32
            return isKey && reader.text() != nil ? 256 : nil
        }
    }

    /// An uncompressed point; that it lies on the curve is not checked.
    private static func isPoint(_ reader: inout WireReader, curve: String, bits: Int) -> Bool {
        guard reader.text() == curve, let point = reader.string() else { return false }
        return point.first == 4 && point.count == 1 + 2 * ((bits + 7) / 8)
    }

    /// RFC 4648 with padding, as b64_pton(3) takes it: no stray bits, nothing after the padding. At most 16 KiB.
    static func base64Decoded(_ text: some StringProtocol) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 16384, bytes.count % 4 == 0 else { return nil }
        var padding = 0
        while padding < 2, bytes[bytes.count - 1 - padding] == UInt8(ascii: "=") { padding += 1 }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 4 * 3)
        var value: UInt32 = 0
        var count = 0
        for byte in bytes.dropLast(padding) {
            guard let digit = digit(byte) else { return nil }
            value = value << 6 | digit
            count += 1
            if count % 4 == 0 {
                result.append(UInt8(truncatingIfNeeded: value >> 16))
                result.append(UInt8(truncatingIfNeeded: value >> 8))
                result.append(UInt8(truncatingIfNeeded: value))
                value = 0
            }
        }
        switch padding {
        case 2:
            guard value & 0xf == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: value >> 4))
        case 1:
            guard value & 0x3 == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: value >> 10))
            result.append(UInt8(truncatingIfNeeded: value >> 2))
        default: break
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

/// The data types of the SSH protocol (RFC 4251 section 5).
struct WireReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() -> Int? {
        guard bytes.count - position >= 4 else { return nil }
        var value = 0
        for byte in bytes[position..<position + 4] { value = value << 8 | Int(byte) }
        position += 4
        return value
    }

    mutating func skip(_ count: Int) -> Bool {
        guard bytes.count - position >= count else { return false }
        position += count
        return true
    }

    mutating func string() -> ArraySlice<UInt8>? {
        guard let length = number(), length <= bytes.count - position else { return nil }
        defer { position += length }
        return bytes[position..<position + length]
    }

    /// A string that holds no NUL.
    mutating func text() -> String? {
        guard let slice = string(), !slice.contains(0) else { return nil }
        return String(decoding: slice, as: UTF8.self)
    }

    /// The size of a positive mpint of at most 16384 bits.
    mutating func integerBits() -> Int? {
        guard let slice = string() else { return nil }
        if let first = slice.first, first & 0x80 != 0 { return nil }
        let digits = slice.drop { $0 == 0 }
        guard digits.count <= 2048, slice.count <= 2049 else { return nil }
        guard let first = digits.first else { return 0 }
        return digits.count * 8 - first.leadingZeroBitCount
    }
}
