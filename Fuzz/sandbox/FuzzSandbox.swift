import FirnParsing

/// The directives of a service come out of a closure or image; whatever they hold, the sandbox must be told.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    var words = SandboxVocabulary()
    words.capabilities = ["CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_SYS_ADMIN": 21]
    words.families = ["AF_UNIX": .init(.unix, number: 1), "AF_INET": .init(.inet, number: 2)]
    words.calls = ["ptrace": 0, "open": 1, "mount": 77]
    var set = CallSet()
    set.insert(77)
    words.callSets = ["@default": CallSet(), "@mount": set]
    words.switches = ["PrivateTmp", "DynamicUser"]
    words.switchValues = ["PrivateTmp": ["disconnected"]]
    do {
        let unit = try SystemdUnit.parse(bytes, file: "x.service")
        let sandbox = ServiceSandbox(unit, vocabulary: words)
        precondition(sandbox.boundingSet & ~words.allCapabilities == 0)
        precondition(sandbox.ambientSet & ~words.allCapabilities == 0)
        precondition((0...0o7777).contains(sandbox.umask))
        precondition(sandbox.ignored.count <= bytes.count)
        _ = sandbox.runsAsRoot
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
