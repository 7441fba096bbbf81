import FirnParsing

/// Rulesets of nftables must be read or refused with a line, never trap; a ruleset that includes itself must end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let ruleset = try NFTRuleset.parse(bytes, file: "fuzz") { (name: String) throws(ParseError) -> [UInt8]? in
            name == "self" ? bytes : nil
        }
        for problem in ruleset.problems { precondition(problem.line >= 1) }
        for rule in ruleset.tables.flatMap(\.chains).flatMap(\.rules) { precondition(rule.line >= 1) }
        _ = try NFTRuleset.parseTable(bytes, family: "inet", name: "fuzz", file: "fuzz")
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
