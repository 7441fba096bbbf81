import FirnParsing

/// File system tables, options and the script of special mounts must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let table = try FSTab.parse(bytes)
        for entry in table.entries {
            precondition(entry.line >= 1)
            let options = MountOptions(entry.options ?? "")
            _ = options.isUserMountable
            precondition(options.flags.words.count <= 5)
        }
    } catch {
        precondition(error.line >= 1)
    }
    do {
        _ = try SpecialMounts.parse(bytes)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
