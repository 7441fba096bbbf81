import FirnParsing

/// Sudoers and the text of capabilities must be read or refused with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
    do {
        let file = try SudoersFile.parse(bytes)
        precondition(file.entries.allSatisfy { (1...lines).contains($0.line) })
        precondition(file.problems.allSatisfy { (1...lines).contains($0.line) })
    } catch {
        precondition(error.line >= 1)
    }
    do {
        let capabilities = try CapabilityText.parse(String(decoding: bytes, as: UTF8.self))
        precondition(Set(capabilities.granted).isDisjoint(with: capabilities.inheritable))
    } catch {
        precondition(error.line == 1)
    }
    return 0
}
