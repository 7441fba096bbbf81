import FirnParsing

/// `limits.conf` comes out of a closure or image.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for entry in try LimitsFile.parse(bytes).entries {
            precondition(entry.line >= 1 && !entry.domain.isEmpty && !entry.type.isEmpty)
        }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
