import FirnParsing
import FirnSigning
import Testing

@Suite struct EnvelopeTests {
    static let payload = Array(#"{"a": "hello world"}"#.utf8)

    func key(_ seed: UInt8) throws -> PrivateKey {
        try PrivateKey(seed: [UInt8](repeating: seed, count: 32))
    }

    func signed(_ keys: UInt8...) throws -> DSSEEnvelope {
        var envelope = DSSEEnvelope(Self.payload, type: .report)
        for seed in keys { try envelope.sign(with: try key(seed)) }
        return envelope
    }

    /// The example of DSSE's protocol.md.
    @Test func preAuthenticationEncoding() {
        let envelope = DSSEEnvelope(
            Array("hello world".utf8), type: DSSEEnvelope.PayloadType(rawValue: "http://example.com/HelloWorld"))
        #expect(
            String(decoding: envelope.preAuthenticationEncoding, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }

    @Test func whatWasSignedVerifies() throws {
        let bytes = Array(try signed(1).encode().utf8)
        let document = try DSSEEnvelope.verify(
            bytes, expecting: .report, accepted: [key(2).publicKey, key(1).publicKey])
        #expect(document.payload == Self.payload)
        #expect(document.signers == [try key(1).publicKey])
        #expect(DSSEEnvelope.isEnvelope(bytes))
        #expect(!DSSEEnvelope.isEnvelope(Self.payload))
    }

    @Test func twoKeysMaySign() throws {
        let bytes = Array(try signed(1, 2).encode().utf8)
        let accepted = [try key(2).publicKey, try key(1).publicKey]
        #expect(try DSSEEnvelope.verify(bytes, expecting: .report, accepted: accepted).signers == accepted.reversed())
    }

    @Test func securesystemslibReadsOursAndWeReadItsOwn() throws {
        try Judge.withDirectory { directory in
            let privateKey = try key(7)
            try Judge.write(Array(privateKey.pem.utf8), directory + "/key.pem")
            try Judge.write(Array(privateKey.publicKey.pem.utf8), directory + "/public.pem")
            let check = """
                import sys, json
                from securesystemslib.dsse import Envelope
                from securesystemslib.signer import SSlibKey
                from cryptography.hazmat.primitives.serialization import load_pem_public_key
                key = SSlibKey.from_crypto(load_pem_public_key(open(sys.argv[1], "rb").read()), keyid=sys.argv[2])
                envelope = Envelope.from_dict(json.load(sys.stdin))
                print(sorted(envelope.verify([key], 1)), envelope.payload.decode())
                """
            var envelope = DSSEEnvelope(Self.payload, type: .report)
            try envelope.sign(with: privateKey)
            let arguments = [directory + "/public.pem", privateKey.publicKey.keyID]
            let good = try Judge.python(check, arguments, input: Array(envelope.encode().utf8))
            #expect(good.code == 0, "\(good.err)")
            #expect(good.out.contains(privateKey.publicKey.keyID) && good.out.contains("hello world"))
            envelope.payload[0] ^= 1
            let bad = try Judge.python(check, arguments, input: Array(envelope.encode().utf8))
            #expect(bad.code != 0, "the judge refuses nothing")

            let make = """
                import sys, json
                from securesystemslib.dsse import Envelope
                from securesystemslib.signer import CryptoSigner
                from cryptography.hazmat.primitives.serialization import load_pem_private_key
                signer = CryptoSigner(load_pem_private_key(open(sys.argv[1], "rb").read(), None))
                envelope = Envelope(sys.argv[2].encode(), "application/vnd.firn.report+json", {})
                envelope.sign(signer)
                sys.stdout.write(json.dumps(envelope.to_dict()))
                """
            let text = String(decoding: Self.payload, as: UTF8.self)
            let made = try Judge.python(make, [directory + "/key.pem", text])
            #expect(made.code == 0, "\(made.err)")
            let document = try DSSEEnvelope.verify(
                Array(made.out.utf8), expecting: .report, accepted: [privateKey.publicKey])
            #expect(document.payload == Self.payload)
            #expect(DSSEEnvelope.isEnvelope(Array(made.out.utf8)))
        }
    }

    @Test func everyChangedByteIsFound() throws {
        for original in [try signed(1), try signed(1, 2)].map({ Array($0.encode().utf8) }) {
            let accepted = [try key(1).publicKey, try key(2).publicKey]
            #expect(throws: Never.self) { try DSSEEnvelope.verify(original, expecting: .report, accepted: accepted) }
            for index in original.indices {
                for mask: UInt8 in [0x01, 0x02, 0x08, 0x20, 0x2a, 0x80, 0xff] {
                    var changed = original
                    changed[index] ^= mask
                    #expect(throws: SignatureError.self, "byte \(index), mask \(mask)") {
                        try DSSEEnvelope.verify(changed, expecting: .report, accepted: accepted)
                    }
                }
            }
            for length in original.indices {
                #expect(throws: SignatureError.self, "first \(length) bytes") {
                    try DSSEEnvelope.verify(Array(original.prefix(length)), expecting: .report, accepted: accepted)
                }
            }
        }
    }

    @Test func otherErrorsAreToldApart() throws {
        let accepted = [try key(1).publicKey]
        func error(_ envelope: DSSEEnvelope, _ keys: [PublicKey]? = nil) -> SignatureError? {
            #expect(throws: SignatureError.self) {
                try envelope.verify(expecting: .report, accepted: keys ?? accepted)
            }
        }
        #expect(error(DSSEEnvelope(Self.payload, type: .report)) == .noSignature)
        #expect(error(try signed(1), []) == .noAcceptedKey)
        #expect(error(try signed(3)) == .unknownKey(hint: try key(3).publicKey.keyID))
        var damaged = try signed(1)
        damaged.signatures[0].bytes[40] ^= 1
        #expect(error(damaged) == .badSignature(keyID: accepted[0].keyID))
        var empty = try signed(1)
        empty.signatures[0].bytes = []
        #expect(error(empty) == .badSignature(keyID: accepted[0].keyID))
        var lying = try signed(1)
        lying.signatures[0].keyID = try key(3).publicKey.keyID
        #expect(error(lying) == .wrongKeyID(hint: try key(3).publicKey.keyID, keyID: accepted[0].keyID))
        #expect(error(try signed(1, 1)) == .repeatedKey(keyID: accepted[0].keyID))
        #expect(error(try signed(1, 3)) == .unknownKey(hint: try key(3).publicKey.keyID))
        var statement = try signed(1)
        statement.payloadType = .statement
        #expect(
            error(statement)
                == .unexpectedPayloadType(found: DSSEEnvelope.PayloadType.statement.rawValue, expected: .report))
    }

    /// RFC 8032 section 5.1.7: S must be below the order L. S + L satisfies the same equation.
    @Test func aSignatureThatIsNotReducedIsRefused() throws {
        var envelope = try signed(1)
        let order: [UInt8] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ]
        var carry = 0
        for index in 0..<32 {
            let sum = Int(envelope.signatures[0].bytes[32 + index]) + Int(order[index]) + carry
            envelope.signatures[0].bytes[32 + index] = UInt8(sum & 0xff)
            carry = sum >> 8
        }
        #expect(carry == 0)
        #expect(throws: SignatureError.badSignature(keyID: try key(1).publicKey.keyID)) {
            try envelope.verify(expecting: .report, accepted: [key(1).publicKey])
        }
    }

    @Test(arguments: [
        (#"{}"#, "'payloadType' must be"),
        (#"[]"#, "must be objects"),
        (#"{"payload":"","payloadType":"t","signatures":{}}"#, "'signatures' must be an array"),
        (#"{"payload":"e30","payloadType":"t","signatures":[]}"#, "payload is not valid base64"),
        (#"{"payload":"e3 0=","payloadType":"t","signatures":[]}"#, "payload is not valid base64"),
        (#"{"payload":"e31=","payloadType":"t","signatures":[]}"#, "payload is not valid base64"),
        (#"{"payload":"-_8=","payloadType":"t","signatures":[]}"#, "payload is not valid base64"),
        (#"{"payload":"e30=","payloadType":"t","signatures":[],"extra":1}"#, "unknown key 'extra'"),
        (#"{"payload":"e30=","payload":"e30=","payloadType":"t","signatures":[]}"#, "twice"),
        (#"{"payload":"e30=","payloadType":"t","signatures":[{"sig":1}]}"#, "'sig' must be text"),
        (#"{"payload":"e30=","payloadType":"t","signatures":[{"sig":"AA==","keyid":1}]}"#, "'keyid' must be"),
        (#"{"payload":"e30=","payloadType":"\u0074","signatures":[]}"#, "escapes or blanks"),
        (#"{"payload":"e30=", "payloadType":"t","signatures":[]}"#, "escapes or blanks"),
        (#"{"payload":"e30=","payloadType":"t","signatures":[]} x"#, "after the end"),
    ])
    func malformedEnvelopesAreRefused(text: String, reason: String) {
        let error = #expect(throws: ParseError.self) { try DSSEEnvelope.decode(Array(text.utf8)) }
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    }
}
