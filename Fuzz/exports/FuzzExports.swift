import FirnParsing

/// Feeds arbitrary bytes to the readers of exports(5) and of sectioned settings.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for export in try ExportsFile.parse(bytes).exports {
            precondition(export.path.hasPrefix("/") && !export.client.isEmpty && export.line > 0)
        }
    } catch {
        precondition(error.line > 0)
    }
    do {
        for setting in try SectionedText.parse(bytes).settings { precondition(setting.line > 0) }
    } catch {
        precondition(error.line > 0)
    }
    return 0
}
