import FirnParsing

private let scanner = SecretScanner(
    shapes: SecretShapes(
        tokens: [
            .init(kind: "GitHub token", prefix: Array("ghp_".utf8), least: 36, most: 255, extra: [], isHash: false),
            .init(kind: "hash", prefix: Array("$6$".utf8), least: 20, most: 200, extra: Set("./$".utf8), isHash: true),
        ],
        secretWords: ["password", "token"], keyWords: ["auth"], harmlessEndings: ["file"], harmlessBeginnings: ["use"],
        harmlessValues: ["none"]))

/// Feeds arbitrary bytes to the search for secrets; findings name lines that exist.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let lines = bytes.count { $0 == 0x0a } + 1
    for finding in scanner.scan(bytes) { precondition(finding.line > 0 && finding.line <= lines) }
    _ = scanner.scan(bytes, assignments: false)
    return 0
}
