public import FirnParsing
import FirnReportCore

/// A signed document: DSSE v1 (github.com/secure-systems-lab/dsse, envelope.md and protocol.md).
public struct DSSEEnvelope: Sendable, Hashable {
    /// What the payload is.
    public struct PayloadType: RawRepresentable, Sendable, Hashable {
        /// The media type.
        public var rawValue: String

        /// Creates a type.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A report of Firn.
        public static let report = PayloadType(rawValue: "application/vnd.firn.report+json")
        /// An in-toto statement.
        public static let statement = PayloadType(rawValue: "application/vnd.in-toto+json")
    }

    /// One signature.
    public struct Signature: Sendable, Hashable {
        /// Which key it says it is of: a hint, never trusted.
        public var keyID: String
        /// The bytes of the signature.
        public var bytes: [UInt8]

        /// Creates a signature.
        public init(keyID: String, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// The largest envelope that is read, in bytes: base64 of the largest report, and a little.
    public static let sizeLimit = (ReportJSON.sizeLimit + 2) / 3 * 4 + 65_536
    /// The most signatures one envelope may hold.
    public static let signatureLimit = 16

    /// What the payload is.
    public var payloadType: PayloadType
    /// The bytes that were signed.
    public var payload: [UInt8]
    /// The signatures.
    public var signatures: [Signature]

    /// Creates an envelope without signature.
    public init(_ payload: [UInt8], type: PayloadType, signatures: [Signature] = []) {
        self.payload = payload
        self.payloadType = type
        self.signatures = signatures
    }

    /// What is signed: the pre-authentication encoding `DSSEv1 LEN(type) type LEN(payload) payload`.
    public var preAuthenticationEncoding: [UInt8] {
        let type = Array(payloadType.rawValue.utf8)
        return Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
    }

    /// Adds a signature of a key.
    public mutating func sign(with key: PrivateKey) throws(KeyError) {
        signatures.append(
            Signature(keyID: key.publicKey.keyID, bytes: try key.signature(of: preAuthenticationEncoding)))
    }

    /// The envelope as JSON with a final newline; the same envelope gives the same bytes.
    public func encode() -> String {
        JSONWriter.document { write(to: &$0) }
    }

    /// The envelope as UTF-8, the bytes of ``encode()``.
    public func bytes() -> [UInt8] {
        JSONWriter.bytes { write(to: &$0) }
    }

    private func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("payloadType", payloadType.rawValue)
            writer.member("payload", Base64.encode(payload))
            writer.member("signatures") { writer in
                writer.array(signatures) { writer, signature in
                    writer.object { writer in
                        writer.member("keyid", signature.keyID)
                        writer.member("sig", Base64.encode(signature.bytes))
                    }
                }
            }
        }
    }

    /// Whether bytes look like an envelope rather than another JSON document: the outermost object has a payload type.
    public static func isEnvelope(_ bytes: [UInt8]) -> Bool {
        let head = bytes.prefix(4096)
        let key = Array("\"payloadType\"".utf8)
        guard head.count >= key.count, head.first(where: { !isBlank($0) }) == UInt8(ascii: "{") else { return false }
        // An envelope of other tools may have its payload first, however long.
        let tail = bytes.suffix(16_384)
        return contains(head, key) || (bytes.count > head.count && contains(tail, key) && contains(head, payloadKey))
    }

    private static let payloadKey = Array("\"payload\"".utf8)

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ text: [UInt8]) -> Bool {
        guard bytes.count >= text.count else { return false }
        return (bytes.startIndex...(bytes.endIndex - text.count)).contains { bytes[$0...].starts(with: text) }
    }

    /// Reads an envelope; it proves nothing yet.
    ///
    /// The reader is stricter than DSSE asks: unknown and double keys, base64 in any but its one spelling, escapes, and
    /// blanks that neither Firn nor a plain JSON writer puts there are refused, so that every byte of the file is bound.
    public static func decode(_ bytes: [UInt8]) throws(ParseError) -> DSSEEnvelope {
        let root = try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: 4, bytes: sizeLimit))
        try check(root, keys: ["payload", "payloadType", "signatures"])
        guard let type = root["payloadType"]?.string else { throw missing("payloadType", "text", root) }
        guard let text = root["payload"]?.string else { throw missing("payload", "text", root) }
        guard let payload = Base64.decode(text) else {
            throw ParseError(
                .malformed, line: root.line, "the envelope's payload is not valid base64 (RFC 4648, padded)")
        }
        guard let nodes = root["signatures"]?.array else { throw missing("signatures", "an array", root) }
        guard nodes.count <= signatureLimit else {
            throw ParseError(.limit, line: root.line, "the envelope has more than \(signatureLimit) signatures")
        }
        var signatures: [Signature] = []
        for node in nodes {
            try check(node, keys: ["keyid", "sig"])
            guard let text = node["sig"]?.string else { throw missing("sig", "text", node) }
            guard let bytes = Base64.decode(text) else {
                throw ParseError(.malformed, line: node.line, "a signature is not valid base64 (RFC 4648, padded)")
            }
            let hint = node["keyid"]
            guard let keyID = hint == nil ? "" : hint?.string, keyID.utf8.count <= 1024 else {
                throw missing("keyid", "short text", node)
            }
            signatures.append(Signature(keyID: keyID, bytes: bytes))
        }
        let envelope = DSSEEnvelope(payload, type: PayloadType(rawValue: type), signatures: signatures)
        guard isPlain(bytes) || Array(envelope.encode().utf8) == bytes else {
            throw ParseError(
                .malformed, line: 1,
                "the envelope has escapes or blanks that neither firn nor a plain JSON writer puts there")
        }
        return envelope
    }

    /// One line without escapes, in which a single space stands after all, or after none, of the commas and colons.
    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        var isInString = false
        var separators = 0
        var blanks = 0
        var previous = UInt8(ascii: "{")
        for byte in bytes {
            if isInString {
                if byte == UInt8(ascii: "\\") { return false }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: ","), UInt8(ascii: ":"): separators += 1
                case UInt8(ascii: " "):
                    guard previous == UInt8(ascii: ",") || previous == UInt8(ascii: ":") else { return false }
                    blanks += 1
                case 0x09, 0x0a, 0x0d: return false
                default: break
                }
            }
            previous = byte
        }
        return blanks == 0 || blanks == separators
    }

    private static func check(_ node: JSONNode, keys: [String]) throws(ParseError) {
        guard let object = node.object else {
            throw ParseError(.malformed, line: node.line, "an envelope and its signatures must be objects")
        }
        for member in object.members where !keys.contains(member.key) {
            throw ParseError(
                .malformed, line: member.node.line,
                "the envelope has the unknown key '\(VisibleText.escape(member.key, limit: 80))'")
        }
    }

    private static func missing(_ key: String, _ what: String, _ node: JSONNode) -> ParseError {
        ParseError(.malformed, line: node.line, "the envelope's '\(key)' must be \(what)")
    }
}
