/// An https address, strictly: what is unusual in one is refused rather than understood.
public struct HTTPSAddress: Sendable, Hashable, CustomStringConvertible {
    /// The host in lower case.
    public let host: String
    /// The port; 443 where none is given.
    public let port: Int
    /// The path, with its first slash.
    public let path: String

    /// The longest address that is read, in bytes.
    public static let limit = 2048

    /// Reads one; nil for another scheme, user names, literal IPv6 addresses, queries, fragments and anything that is not
    /// visible ASCII.
    public init?(_ text: String) {
        let scheme = "https://"
        guard text.utf8.count <= Self.limit, text.hasPrefix(scheme),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            !text.contains(where: { "\"<>\\^`{|}?#@[]".contains($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].split(separator: ":", omittingEmptySubsequences: false)
        guard let name = authority.first?.lowercased(), authority.count <= 2, !name.isEmpty, !name.hasPrefix("-"),
            name.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: ".")
            })
        else { return nil }
        var port = 443
        if authority.count == 2 {
            guard authority[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(authority[1]),
                (1...65535).contains(number)
            else { return nil }
            port = number
        }
        host = name
        self.port = port
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
    }

    /// Where a `Location` leads: another address, or a path of the same host. Nil where that may not be followed: only
    /// hosts of nixos.org, and the host that was asked, speak for a channel.
    public func redirect(to location: String, origin: HTTPSAddress) -> HTTPSAddress? {
        let isPath = location.hasPrefix("/") && !location.hasPrefix("//")
        guard let next = HTTPSAddress(isPath ? authority + location : location) else { return nil }
        if next.host == origin.host, next.port == origin.port { return next }
        guard next.port == 443, next.host == "nixos.org" || next.host.hasSuffix(".nixos.org") else { return nil }
        return next
    }

    private var authority: String { "https://" + host + (port == 443 ? "" : ":\(port)") }

    /// The address as text.
    public var description: String { authority + path }
}
