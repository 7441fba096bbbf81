import Crypto
public import FirnModel

extension ClosureDigest {
    /// The digest of a closure.
    ///
    /// It is SHA-256 over one line for each store path, sorted by bytes: the path, a space, `sha256:` with the NAR hash in
    /// Nix's base 32, a newline. That is what `nix-store --query --hash` prints, so anyone with Nix can recompute it
    /// (docs/signatures.md has the command).
    ///
    /// - Throws: `IntegrityError` for an empty closure, a path without hash, a path that stands twice, and a path that is
    ///   none of a store (a newline in one could forge a line).
    public static func of(_ paths: [StorePathInfo], origin: Origin) throws(IntegrityError) -> ClosureDigest {
        guard !paths.isEmpty else { throw IntegrityError(path: "the closure", reason: "it holds no store path") }
        var lines: [[UInt8]] = []
        for info in paths {
            let bytes = Array(info.path.utf8)
            guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), StoreName(Array(bytes[(slash + 1)...])) != nil,
                !bytes.contains(UInt8(ascii: "\n")), !bytes.contains(UInt8(ascii: " "))
            else { throw IntegrityError(path: info.path, reason: "this is no store path") }
            guard let text = info.narHash, let hash = Hexadecimal.bytes(text), hash.count == 32 else {
                throw IntegrityError(path: info.path, reason: "its NAR hash is not known")
            }
            lines.append(bytes + Array(" sha256:\(NixBase32.encode(hash))\n".utf8))
        }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        var hash = SHA256()
        for (index, line) in lines.enumerated() {
            func path(_ line: [UInt8]) -> ArraySlice<UInt8> { line.prefix { $0 != UInt8(ascii: " ") } }
            if index > 0, path(lines[index - 1]) == path(line) {
                throw IntegrityError(
                    path: String(decoding: path(line), as: UTF8.self), reason: "it stands twice in the closure")
            }
            hash.update(data: line)
        }
        return ClosureDigest(value: Hexadecimal.text(hash.finalize()), origin: origin)
    }

    /// The digest of a closure whose every file was read, as `StoreClosure.walk` reads them.
    public static func of(_ paths: [StorePathInfo]) throws(IntegrityError) -> ClosureDigest {
        try of(paths, origin: .recomputed)
    }
}
