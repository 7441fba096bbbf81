import FirnParsing

/// auditd.conf must be read up to the line auditd stops at, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let conf = try AuditdConf.parse(bytes)
        for setting in conf.settings {
            precondition(setting.line >= 1 && !setting.key.isEmpty && !setting.value.isEmpty)
            precondition(conf[setting.key] != nil)
        }
        if let fault = conf.fault { precondition(fault.line >= 1) }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
