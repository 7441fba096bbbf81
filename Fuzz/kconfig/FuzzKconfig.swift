import FirnParsing

/// Feeds arbitrary bytes to the reader of kernel configurations; keeping some names must not change what is accepted.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let file = try KernelConfigurationFile.parse(bytes, limit: 1 << 20)
        for (name, setting) in file.settings { precondition(name.hasPrefix("CONFIG_") && setting.line > 0) }
        let some = try KernelConfigurationFile.parse(bytes, keeping: ["CONFIG_A"], limit: 1 << 20)
        precondition(some.settings["CONFIG_A"] == file.settings["CONFIG_A"] && some.settings.count <= 1)
    } catch {
        precondition(error.line > 0)
    }
    return 0
}
