public import FirnModel

/// What a store path's name says: package, version and output.
public struct CycloneDXName: Sendable, Hashable {
    /// The outputs nixpkgs' packages are split into.
    private static let outputs: Set<String> = [
        "bin", "dev", "lib", "man", "doc", "devdoc", "info", "debug", "static", "dist", "data", "getent", "terminfo",
        "locale", "modules", "nixos", "xwayland", "su", "login", "mount", "swap",
    ]

    /// The package's name.
    public var name: String
    /// Its version, or nil where the name has none.
    public var version: String?
    /// The output, where it is not the only or the main one.
    public var output: String?

    /// Takes the name of a store path apart.
    ///
    /// Name and version are split as Nix's `parseDrvName` does it: at the first dash that no letter follows. The output is
    /// what the path's name has beyond its derivation's, where the derivation is known, else the last word when nixpkgs
    /// calls an output so.
    public init(_ info: StorePathInfo) {
        var text = Self.withoutHash(info.path)
        var output: String?
        if let deriver = info.deriver {
            var own = Self.withoutHash(deriver)
            if own.hasSuffix(".drv") { own.removeLast(4) }
            if text.hasPrefix(own + "-") {
                output = String(text.dropFirst(own.count + 1))
                text = own
            }
        } else if let dash = text.lastIndex(of: "-"), Self.outputs.contains(String(text[text.index(after: dash)...])),
            Self.split(String(text[..<dash])).version != nil
        {
            output = String(text[text.index(after: dash)...])
            text = String(text[..<dash])
        }
        (name, version) = Self.split(text)
        self.output = output
    }

    /// The name after the store directory and the hash.
    private static func withoutHash(_ path: String) -> String {
        let base = path.split(separator: "/").last.map(String.init) ?? path
        guard base.utf8.count > 33, base.utf8.dropFirst(32).first == UInt8(ascii: "-") else { return base }
        return String(decoding: base.utf8.dropFirst(33), as: UTF8.self)
    }

    /// Nix's `DrvName`: the version begins after the first dash that is not followed by a letter.
    static func split(_ text: String) -> (name: String, version: String?) {
        let bytes = Array(text.utf8)
        for index in bytes.indices.dropLast() where bytes[index] == UInt8(ascii: "-") {
            let next = bytes[index + 1]
            let isLetter = (0x41...0x5a).contains(next) || (0x61...0x7a).contains(next)
            if !isLetter {
                return (
                    String(decoding: bytes[..<index], as: UTF8.self),
                    String(decoding: bytes[(index + 1)...], as: UTF8.self)
                )
            }
        }
        return (text, nil)
    }
}
