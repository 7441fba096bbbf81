import FirnParsing

/// doas.conf must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for rule in try DoasConfiguration.parse(bytes) {
            precondition(rule.line >= 1 && !(rule.noPassword && rule.persists))
        }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
