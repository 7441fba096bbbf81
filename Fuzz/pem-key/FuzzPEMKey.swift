import FirnSigning

/// A key file in PEM form: refused with a sentence or read, and what was read is written back as the same key.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let key = try PublicKey(file: bytes)
        let again = try PublicKey(file: Array(key.pem.utf8))
        precondition(again == key)
    } catch {}
    do {
        let key = try PrivateKey(file: bytes)
        let again = try PrivateKey(file: Array(key.pem.utf8))
        precondition(again.publicKey == key.publicKey)
    } catch {}
    return 0
}
