import FirnParsing

/// Feeds arbitrary bytes to the reader of modprobe.d; names it accepts must be stable under its own spelling.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        var last = 0
        for line in try ModprobeFile.parse(bytes, limit: 1 << 20).lines {
            precondition(line.number > last)
            last = line.number
            guard case .blacklist(let name) = line.command else { continue }
            precondition(!name.isEmpty && ModprobeFile.name(underscored: name) == name)
        }
    } catch {
        precondition(error.line > 0)
    }
    return 0
}
