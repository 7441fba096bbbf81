import FirnParsing

/// Service files and settings come out of a closure or image.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for hasServices in [false, true] {
            let file = try PamFile.parse(bytes, hasServices: hasServices)
            for line in file.lines {
                precondition(line.number >= 1)
                if line.type == nil || line.target == nil { precondition(line.problem != nil) }
            }
        }
        _ = try PamSettings.parse(bytes)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
