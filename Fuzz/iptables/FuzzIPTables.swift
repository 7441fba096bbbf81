import FirnParsing

/// Firewall scripts and their calls of iptables must be followed or given up with a line, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        let script = try ShellScript.parse(bytes)
        if let stop = script.stop { precondition(stop.line >= 1) }
        for node in script.nodes {
            precondition(node.line >= 1)
            guard case .command(let words, let line, _) = node else { continue }
            do {
                let command = try IPTablesCommand.parse(words.dropFirst().compactMap(\.literal), line: line)
                if case .append(let rule) = command.action { precondition(rule.isSame(as: rule)) }
            } catch {
                precondition(error.line == line)
            }
        }
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
