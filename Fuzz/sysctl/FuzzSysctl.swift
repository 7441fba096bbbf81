import FirnParsing

/// Feeds arbitrary bytes to the sysctl.d reader; what it accepts must survive both spellings of its keys.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let file = try SysctlFile.parse(bytes, limits: SysctlFile.Limits(bytes: 1 << 20, line: 4096, entries: 1000))
        for entry in file.entries {
            precondition(!entry.path.isEmpty && entry.line > 0)
            precondition(SysctlFile.path(of: entry.path) == entry.path || entry.path.utf8.contains(UInt8(ascii: ".")))
            _ = SysctlFile.key(of: entry.path)
        }
    } catch {
        precondition(error.line > 0)
    }
    return 0
}
