import Crypto

/// An Ed25519 private key (RFC 8032) from an OpenSSH or PEM file that is not encrypted.
public struct PrivateKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Its public half.
    public let publicKey: PublicKey
    private let key: Curve25519.Signing.PrivateKey

    /// PrivateKeyInfo of Ed25519 up to the seed (RFC 8410 section 7), versions 1 and 2 (with the public key behind it).
    private static let pkcs8: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let pkcs8WithPublicKey: [UInt8] = [
        0x30, 0x51, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    /// Takes the 32 bytes RFC 8032 calls the private key.
    public init(seed: [UInt8]) throws(KeyError) {
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw KeyError("an Ed25519 private key has 32 bytes")
        }
        publicKey = try PublicKey(bytes: Array(key.publicKey.rawRepresentation))
    }

    /// Makes a new key from the random bytes of the kernel (getrandom(2)).
    public static func generate() throws(KeyError) -> PrivateKey {
        try PrivateKey(seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    /// Reads a key file: `BEGIN OPENSSH PRIVATE KEY` or PKCS#8 (`BEGIN PRIVATE KEY`).
    ///
    /// - Throws: `KeyError`; for an encrypted key its sentence names the command that decrypts it.
    public init(file bytes: [UInt8]) throws(KeyError) {
        let lines = try KeyText.lines(bytes)
        guard let label = PEMArmour.label(lines) else {
            throw KeyError(
                lines.first?.hasPrefix("ssh-") == true
                    ? "this is a public key; signing takes the private one"
                    : "this is no private key: neither OPENSSH PRIVATE KEY nor PKCS#8 PEM")
        }
        switch label {
        case "OPENSSH PRIVATE KEY": try self.init(openSSH: try PEMArmour(lines, label: label).bytes)
        case "PRIVATE KEY": try self.init(der: try PEMArmour(lines, label: label).bytes)
        case "ENCRYPTED PRIVATE KEY":
            throw KeyError(
                "the private key is encrypted; decrypt a copy with: openssl pkey -in KEY -out DECRYPTED")
        case "PUBLIC KEY": throw KeyError("this is a public key; signing takes the private one")
        default:
            throw KeyError("the key file is of a kind that is not supported; Ed25519 in OpenSSH or PKCS#8 form is")
        }
    }

    private init(der: [UInt8]) throws(KeyError) {
        if der.count == 48, Array(der.prefix(16)) == Self.pkcs8 {
            try self.init(seed: Array(der.dropFirst(16)))
            return
        }
        // OneAsymmetricKey: the public key follows as [1] BIT STRING.
        guard der.count == 83, Array(der.prefix(16)) == Self.pkcs8WithPublicKey,
            Array(der[48..<51]) == [0x81, 0x21, 0x00]
        else { throw KeyError("the key file holds no Ed25519 key; other kinds are not supported") }
        try self.init(seed: Array(der[16..<48]))
        guard publicKey.bytes == Array(der[51...]) else {
            throw KeyError("the public key in the private key file is not that of the private key")
        }
    }

    /// PROTOCOL.key of OpenSSH.
    private init(openSSH bytes: [UInt8]) throws(KeyError) {
        let broken = KeyError("the OpenSSH private key is damaged")
        let magic = Array("openssh-key-v1\0".utf8)
        guard bytes.starts(with: magic) else { throw broken }
        var wire = KeyWire(bytes.dropFirst(magic.count))
        guard let cipher = wire.string(), let derivation = wire.string(), let options = wire.string(),
            let count = wire.number()
        else { throw broken }
        let none = Array("none".utf8)
        guard cipher == none, derivation == none, options.isEmpty else {
            throw KeyError(
                "the private key is encrypted; decrypt a copy with: cp KEY COPY && ssh-keygen -p -N '' -f COPY")
        }
        guard count == 1, let blob = wire.string(), let secret = wire.string(), wire.isAtEnd else { throw broken }
        var inner = KeyWire(secret)
        guard let check = inner.number(), check == inner.number(), let kind = inner.string() else { throw broken }
        guard kind == Array(PublicKey.algorithm.utf8) else {
            throw KeyError("the private key is of another kind than ssh-ed25519, the only one supported")
        }
        guard let public_ = inner.string(), let pair = inner.string(), pair.count == 64, inner.string() != nil
        else { throw broken }
        // Padding counts up from 1 to the block size 8 of no cipher.
        let padding = inner.remainder
        guard padding.count < 8, padding.enumerated().allSatisfy({ Int($1) == $0 + 1 }), secret.count % 8 == 0 else {
            throw broken
        }
        try self.init(seed: Array(pair.prefix(32)))
        guard publicKey.bytes == public_, publicKey.bytes == Array(pair.suffix(32)), publicKey.blob == blob else {
            throw KeyError("the public key in the private key file is not that of the private key")
        }
    }

    /// The signature over bytes, 64 bytes.
    ///
    /// - Throws: `KeyError` when the library cannot sign.
    public func signature(of message: [UInt8]) throws(KeyError) -> [UInt8] {
        do {
            return Array(try key.signature(for: message))
        } catch {
            throw KeyError("the signature could not be made")
        }
    }

    /// The key as a PKCS#8 PEM file, not encrypted.
    public var pem: String {
        PEMArmour.write(label: "PRIVATE KEY", Self.pkcs8 + Array(key.rawRepresentation))
    }

    /// Names the key by its fingerprint; the secret stays out of logs and test output.
    public var description: String { "private key of \(publicKey.fingerprint)" }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// Shows nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey.fingerprint]) }
}
