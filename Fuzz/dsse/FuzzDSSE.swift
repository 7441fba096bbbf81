import FirnSigning

/// An envelope comes from whoever hands it in: reading must refuse or read, what was read has one spelling, and nothing
/// verifies by a key that signed nothing. What its payload says must be refused or read, too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    _ = DSSEEnvelope.isEnvelope(bytes)
    do {
        let envelope = try DSSEEnvelope.decode(bytes)
        let again = try DSSEEnvelope.decode(Array(envelope.encode().utf8))
        precondition(again == envelope)
        do {
            let key = try PublicKey(bytes: [0xd7] + [UInt8](repeating: 0x5a, count: 31))
            _ = try envelope.verify(expecting: .report, accepted: [key])
            preconditionFailure("verified by a key that signed nothing")
        } catch {}
        _ = try ReleaseStatement.decode(envelope.payload)
    } catch {}
    do { _ = try ReleaseStatement.decode(bytes) } catch {}
    do {
        let statement = try BundleStatement.decode(bytes)
        let again = try BundleStatement.decode(Array(statement.encode().utf8))
        precondition(again == statement)
    } catch {}
    return 0
}
