import FirnParsing

/// Unit files come out of a closure or image.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let unit = try SystemdUnit.parse(bytes, file: "x.service")
        _ = unit.commands("ExecStart")
        _ = unit.values("Unit", "After")
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
