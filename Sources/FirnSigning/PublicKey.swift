import Crypto
import FirnModel

/// An Ed25519 public key (RFC 8032), from an OpenSSH line (RFC 8709) or a PEM file (RFC 8410).
public struct PublicKey: Sendable, Hashable {
    /// The 32 bytes of the key.
    public let bytes: [UInt8]

    /// The name of the algorithm in OpenSSH files.
    static let algorithm = "ssh-ed25519"
    /// SubjectPublicKeyInfo of Ed25519 up to the key (RFC 8410 section 4). DER has one spelling, so it can be compared.
    private static let spki: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// Takes the 32 bytes of a key. A key of small order is refused: signatures "of" it can be made by anyone.
    public init(bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == 32 else { throw KeyError("an Ed25519 public key has 32 bytes, this one \(bytes.count)") }
        guard !Self.isOfSmallOrder(bytes) else {
            throw KeyError("the public key is one of small order, for which anybody can make signatures")
        }
        do {
            _ = try Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        } catch {
            throw KeyError("this is no Ed25519 public key")
        }
        self.bytes = bytes
    }

    /// Reads a public key file: one `ssh-ed25519 AAAA... comment` line, or PEM (`BEGIN PUBLIC KEY`).
    ///
    /// - Throws: `KeyError` with a sentence that says what the file is instead.
    public init(file bytes: [UInt8]) throws(KeyError) {
        let lines = try KeyText.lines(bytes)
        if let label = PEMArmour.label(lines) {
            guard label == "PUBLIC KEY" else {
                throw KeyError(
                    label.contains("PRIVATE")
                        ? "this is a private key; give the public one (ssh-keygen -y -f KEY, or openssl pkey -in KEY -pubout)"
                        : "the key file holds a \(Self.shown(label)), not a PUBLIC KEY")
            }
            let der = try PEMArmour(lines, label: label).bytes
            guard der.count == 44, Array(der.prefix(12)) == Self.spki else {
                throw KeyError("the key file holds no Ed25519 key; other kinds are not supported")
            }
            try self.init(bytes: Array(der.dropFirst(12)))
            return
        }
        let keys = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard let line = keys.first else { throw KeyError("the key file is empty") }
        guard keys.count == 1 else { throw KeyError("the key file holds more than one line; one file holds one key") }
        try self.init(openSSH: line)
    }

    /// Reads a line as `ssh-keygen` writes it: `ssh-ed25519 AAAA...` and, if any, a comment.
    public init(openSSH line: some StringProtocol) throws(KeyError) {
        let words = line.split(maxSplits: 2, omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
        guard words.count >= 2, words[0] == Self.algorithm else {
            throw KeyError(
                words.first.map { $0.hasPrefix("ssh-") || $0.hasPrefix("ecdsa-") || $0.hasPrefix("sk-") } == true
                    ? "the key is of the kind \(Self.shown(String(words[0]))); only ssh-ed25519 is supported"
                    : "this is no public key: neither a line ssh-ed25519 AAAA... nor PEM")
        }
        guard let blob = Base64.decode(words[1]) else { throw KeyError("the public key is not valid base64") }
        try self.init(blob: blob)
    }

    /// Reads the form inside an OpenSSH line (RFC 8709 section 4).
    init(blob: [UInt8]) throws(KeyError) {
        var wire = KeyWire(blob)
        guard wire.string() == Array(Self.algorithm.utf8), let key = wire.string(), wire.isAtEnd else {
            throw KeyError("the public key is not what its kind ssh-ed25519 promises")
        }
        try self.init(bytes: key)
    }

    var blob: [UInt8] {
        KeyWire.write(Self.algorithm.utf8) + KeyWire.write(bytes)
    }

    /// The line of an OpenSSH public key file, without comment and newline.
    public var openSSH: String { Self.algorithm + " " + Base64.encode(blob) }

    /// The key as a PEM file.
    public var pem: String { PEMArmour.write(label: "PUBLIC KEY", Self.spki + bytes) }

    /// `SHA256:...` as `ssh-keygen -l` shows it.
    public var fingerprint: String {
        let text = Base64.encode(SHA256.hash(data: blob))
        return "SHA256:" + text.filter { $0 != "=" }
    }

    /// The hint an envelope carries: the fingerprint.
    public var keyID: String { fingerprint }

    /// The hint securesystemslib writes: SHA-256 over the canonical JSON of the key, lower-case hex.
    var securesystemslibKeyID: String {
        let json =
            #"{"keytype":"ed25519","keyval":{"public":""# + Hexadecimal.text(bytes) + #""},"scheme":"ed25519"}"#
        return Hexadecimal.text(SHA256.hash(data: Array(json.utf8)))
    }

    /// Whether an envelope's hint names this key, or none.
    func answers(to hint: String) -> Bool {
        hint.isEmpty || hint == keyID || hint == securesystemslibKeyID
    }

    /// Whether a signature over bytes is of this key. A signature whose second half is not below the group order is
    /// refused (RFC 8032 section 5.1.7), so one signature cannot be turned into another.
    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: bytes).isValidSignature(signature, for: message)
        } catch {
            return false
        }
    }

    private static func shown(_ text: String) -> String {
        text.utf8.count <= 40 && text.utf8.allSatisfy { (0x20...0x7e).contains($0) } ? text : "kind that is not known"
    }

    /// The encodings of the points whose order divides 8, with the sign bit cleared: y = 0, 1, -1, the two of order 8,
    /// and the spellings of 0 and 1 that are not reduced. For such a key the equation of RFC 8032 holds for signatures
    /// that no secret went into.
    private static func isOfSmallOrder(_ key: [UInt8]) -> Bool {
        var point = key
        point[31] &= 0x7f
        return smallOrder.contains(point)
    }

    private static let smallOrder: Set<[UInt8]> = {
        func constant(_ first: UInt8, _ middle: UInt8, _ last: UInt8) -> [UInt8] {
            [first] + [UInt8](repeating: middle, count: 30) + [last]
        }
        let eighth: [UInt8] = [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ]
        let otherEighth: [UInt8] = [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ]
        return [
            constant(0, 0, 0), constant(1, 0, 0), constant(0xec, 0xff, 0x7f), constant(0xed, 0xff, 0x7f),
            constant(0xee, 0xff, 0x7f), eighth, otherEighth,
        ]
    }()
}
