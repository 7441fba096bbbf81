public import FirnModel

/// The registration of a closure as text: `registration` of nixpkgs' `closureInfo`, `nix-path-registration` of images, and
/// what `nix-store --dump-db` prints.
///
/// For each store path: path, NAR hash, NAR size, deriver or an empty line, the number of references, and each of them,
/// every one on a line.
public struct NixRegistration: Sendable, Hashable {
    /// The largest text that is read, in bytes.
    public static let sizeLimit = 256 << 20
    /// The most references a path may have.
    public static let referenceLimit = 1_000_000

    /// The paths by name.
    public private(set) var paths: [String: StorePathInfo] = [:]
    private let file: String

    /// Reads a text.
    ///
    /// - Throws: `NixDatabaseError` with the line of the first thing that is not as Nix writes it.
    public init(_ bytes: [UInt8], file: String) throws(NixDatabaseError) {
        self.file = file
        guard bytes.count <= Self.sizeLimit else {
            throw NixDatabaseError(path: file, reason: "a registration is at most \(Self.sizeLimit >> 20) MiB")
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var index = 0
        func fail(_ reason: String) -> NixDatabaseError {
            NixDatabaseError(path: file, reason: "line \(index + 1): \(reason)")
        }
        func line() throws(NixDatabaseError) -> String {
            guard index < lines.count else { throw fail("the text ends too early") }
            guard let text = String(validating: lines[index], as: UTF8.self) else { throw fail("this is no text") }
            return text
        }
        while index < lines.count {
            let path = try line()
            guard path.hasPrefix("/") else { throw fail("this is no store path") }
            index += 1
            guard let hash = NixHash.hexadecimal(try line()) else { throw fail("this is no SHA-256 of a NAR") }
            index += 1
            guard let size = Int64(try line()), size >= 0 else { throw fail("this is no size") }
            index += 1
            let deriver = try line()
            index += 1
            guard let count = Int(try line()), (0...Self.referenceLimit).contains(count) else {
                throw fail("this is no number of references")
            }
            index += 1
            var references: [String] = []
            for _ in 0..<count {
                let reference = try line()
                guard reference.hasPrefix("/") else { throw fail("this is no store path") }
                references.append(reference)
                index += 1
            }
            references.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let info = StorePathInfo(
                path: path, narHash: hash, narSize: size, references: references,
                deriver: deriver.isEmpty ? nil : deriver)
            guard paths.updateValue(info, forKey: path) == nil else { throw fail("the path stands twice") }
        }
        guard !paths.isEmpty else { throw NixDatabaseError(path: file, reason: "it registers no store path") }
    }

    /// The closure of a path, ordered by path.
    ///
    /// - Throws: `NixDatabaseError` when the path or one it refers to is not registered.
    public func closure(of toplevel: String) throws(NixDatabaseError) -> [StorePathInfo] {
        try RegisteredClosure.of(toplevel, file: file) { path throws(NixDatabaseError) in paths[path] }
    }
}
