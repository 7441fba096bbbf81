import FirnReportCore

/// A saved report comes from whoever hands it in: reading must refuse or read, never trap, and what was read is written
/// back as it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let report = try ReportJSON.decode(bytes)
        let text = ReportJSON.encode(report)
        let again = try ReportJSON.decode(Array(text.utf8))
        precondition(again == report)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
