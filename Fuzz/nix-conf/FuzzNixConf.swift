import FirnParsing

/// nix.conf must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for statement in try NixConf.parse(bytes).statements {
            if case .setting(let name, let value, let line) = statement {
                precondition(!name.isEmpty && line >= 1)
                _ = NixConf.boolean(value)
            }
        }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
