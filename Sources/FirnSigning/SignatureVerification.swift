public import FirnParsing
import FirnReportCore

/// Why a signed document is not accepted.
public enum SignatureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The document is no envelope that can be read.
    case unreadable(ParseError)
    /// The payload is of another kind than is expected here.
    case unexpectedPayloadType(found: String, expected: DSSEEnvelope.PayloadType)
    /// There is no signature.
    case noSignature
    /// No key was given that could be accepted.
    case noAcceptedKey
    /// A signature is of no accepted key; the hint it carries, if any.
    case unknownKey(hint: String)
    /// A signature names an accepted key, by fingerprint, and is not of it: signature or document were changed.
    case badSignature(keyID: String)
    /// A signature is of an accepted key but names another.
    case wrongKeyID(hint: String, keyID: String)
    /// One key signed twice.
    case repeatedKey(keyID: String)

    /// The sentence a person reads, without a full stop.
    public var description: String {
        func shown(_ text: String) -> String { VisibleText.escape(text, limit: 80) }
        return switch self {
        case .unreadable(let error): "this is no signed document: \(error.description)"
        case .unexpectedPayloadType(let found, let expected):
            "the signed document is of the type '\(shown(found))', expected is \(expected.rawValue)"
        case .noSignature: "the document carries no signature"
        case .noAcceptedKey: "no key was given whose signature would be accepted"
        case .unknownKey(let hint):
            hint.isEmpty
                ? "the signature is of none of the accepted keys"
                : "the signature is of none of the accepted keys; it names the key '\(shown(hint))'"
        case .badSignature(let keyID):
            "the signature that names the key \(shown(keyID)) is not valid: the document or the signature was changed"
        case .wrongKeyID(let hint, let keyID):
            "the signature is of the key \(shown(keyID)) but names '\(shown(hint))'"
        case .repeatedKey(let keyID): "the key \(shown(keyID)) signed the document twice"
        }
    }
}

/// A document whose signatures hold.
public struct VerifiedDocument: Sendable, Hashable {
    /// What the payload is.
    public var payloadType: DSSEEnvelope.PayloadType
    /// The signed bytes: only these may be read, never the file again.
    public var payload: [UInt8]
    /// The keys that signed it, at least one, in the order of the envelope.
    public var signers: [PublicKey]

    fileprivate init(payloadType: DSSEEnvelope.PayloadType, payload: [UInt8], signers: [PublicKey]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signers = signers
    }
}

extension DSSEEnvelope {
    /// Checks every signature of this envelope.
    ///
    /// DSSE would be content with one valid signature among others. Here all must be of accepted keys, and the key each
    /// names must be the one it is of: a second signature that does not hold is a sign of tampering, not noise.
    ///
    /// - Throws: `SignatureError` with the first thing that is wrong.
    public func verify(expecting type: PayloadType, accepted: [PublicKey]) throws(SignatureError) -> VerifiedDocument {
        guard payloadType == type else {
            throw .unexpectedPayloadType(found: payloadType.rawValue, expected: type)
        }
        guard !signatures.isEmpty else { throw .noSignature }
        guard !accepted.isEmpty else { throw .noAcceptedKey }
        let message = preAuthenticationEncoding
        var signers: [PublicKey] = []
        for signature in signatures {
            // The hint is not trusted: every accepted key is tried.
            guard let signer = accepted.first(where: { $0.isSignature(signature.bytes, of: message) }) else {
                let named = accepted.first { !signature.keyID.isEmpty && $0.answers(to: signature.keyID) }
                if let named { throw .badSignature(keyID: named.keyID) }
                throw .unknownKey(hint: signature.keyID)
            }
            guard signer.answers(to: signature.keyID) else {
                throw .wrongKeyID(hint: signature.keyID, keyID: signer.keyID)
            }
            guard !signers.contains(signer) else { throw .repeatedKey(keyID: signer.keyID) }
            signers.append(signer)
        }
        return VerifiedDocument(payloadType: payloadType, payload: payload, signers: signers)
    }

    /// Reads an envelope and checks every signature.
    public static func verify(
        _ bytes: [UInt8], expecting type: PayloadType, accepted: [PublicKey]
    ) throws(SignatureError) -> VerifiedDocument {
        let envelope: DSSEEnvelope
        do {
            envelope = try decode(bytes)
        } catch {
            throw .unreadable(error)
        }
        return try envelope.verify(expecting: type, accepted: accepted)
    }
}
