import FirnParsing

/// Rules of polkit must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let script = try PolkitScript.parse(bytes)
        precondition(script.rules.allSatisfy { $0.line >= 1 && $0.parameters.count <= 2 })
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
