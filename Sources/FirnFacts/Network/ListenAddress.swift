import FirnParsing

/// Whether an address a service listens on can be reached from another machine.
enum ListenAddress {
    /// True beyond loopback, false for loopback and sockets of the file system, nil where a variable hides it.
    static func isPublic(_ text: some StringProtocol) -> Bool? {
        var value = Substring(text.trimmed.lowercased())
        // Redis: an address that need not be there.
        if value.hasPrefix("-") { value = value.dropFirst() }
        if value.isEmpty { return false }
        if value.contains("$") || value.contains("%") && !value.hasPrefix("fe80") { return nil }
        for prefix in ["unix:", "fd:", "npipe:", "vsock:", "/", "@", "unix//"] where value.hasPrefix(prefix) {
            return false
        }
        if let range = value.firstRange(of: "://") { value = value[range.upperBound...] }
        if value.hasPrefix("/") { return false }
        value = value.prefix { $0 != "/" }
        var host = value
        if value.hasPrefix("[") {
            host = value.dropFirst().prefix { $0 != "]" }
        } else if value.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1 {
            host = value.prefix { $0 != ":" }
        }
        if host.isEmpty { return true }
        // A bare number is a port on every address.
        if host.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        if host == "localhost" || host == "::1" || host == "localhost6" || host.hasPrefix("localhost.") { return false }
        if isLoopbackV4(host) { return false }
        if host.hasPrefix("::ffff:"), isLoopbackV4(host.dropFirst(7)) { return false }
        if host == "lo" || host == "_local_" || host == "none" { return false }
        return true
    }

    private static func isLoopbackV4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
