import FirnParsing

/// Feeds arbitrary bytes to the tmpfiles.d reader; a mode is never wider than twelve bits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for line in try TmpfilesLine.parse(bytes) { precondition(line.line > 0 && (line.mode ?? 0) <= 0o7777) }
    } catch {
        precondition(error.line > 0)
    }
    return 0
}
