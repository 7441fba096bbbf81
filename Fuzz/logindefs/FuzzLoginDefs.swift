import FirnParsing

/// login.defs is read or refused with a line, and its numbers never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for (name, setting) in try LoginDefs.parse(bytes).settings {
            precondition(!name.isEmpty && setting.line >= 1)
            _ = LoginDefs.number(setting.value)
        }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
