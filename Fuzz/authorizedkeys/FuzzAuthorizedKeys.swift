import FirnParsing

/// Any bytes are a file of keys: each line counts, is refused or is a comment, and none traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let keys = try AuthorizedKeys.parse(bytes)
        for entry in keys.entries {
            precondition(entry.line >= 1 && (0...16384).contains(entry.key.bits))
            precondition(SSHPublicKey.isType(entry.key.type))
        }
        precondition(keys.entries.count + keys.refused.count <= size)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
