import FirnParsing

/// Zones and configuration of firewalld must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let root = try FirewalldElement.parse(bytes)
        precondition(!root.name.isEmpty && root.line >= 1)
    } catch {
        precondition(error.line >= 1)
    }
    do {
        _ = try FirewalldConf.parse(bytes)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
