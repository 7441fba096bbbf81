import FirnParsing

/// Feeds arbitrary bytes to the nginx reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for directive in try NginxDirective.parse(bytes, file: "nginx.conf") { precondition(directive.line > 0) }
    } catch {
        precondition(error.line > 0)
    }
    return 0
}
