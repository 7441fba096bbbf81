import FirnParsing

/// Option JSON must be refused or read, never trap: it comes from whoever asks for an audit.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        _ = try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: 64))
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
