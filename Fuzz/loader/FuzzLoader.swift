import FirnParsing

/// Texts of boot loaders and of their installers must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let text = try LoaderText.parse(bytes)
        _ = text.toplevel
        precondition(text.fields.allSatisfy { !$0.key.isEmpty && $0.line >= 1 })
        let grub = try GrubConfiguration.parse(bytes)
        precondition(grub.entries.allSatisfy { $0.line >= 1 })
        _ = try SystemdBootBuilder.parse(bytes)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
