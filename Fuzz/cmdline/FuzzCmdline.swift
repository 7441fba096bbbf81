import FirnParsing

/// Any bytes are split into words that lie inside the line, or refused with an error.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let line = try KernelCommandLine.parse(bytes)
        for argument in line.parameters + line.initArguments + line.words + line.userspaceArguments {
            precondition(argument.bytes.upperBound <= bytes.count && !argument.bytes.isEmpty)
        }
    } catch {
        return 0
    }
    return 0
}
