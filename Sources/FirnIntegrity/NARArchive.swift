import FirnModel
import Glibc

/// The hash of what lies at a path in the form of a NAR, Nix's archive: contents, names, the executable bit, nothing else
/// (Eelco Dolstra, "The Purely Functional Software Deployment Model", figure 5.2; `nix-store --dump`).
///
/// Nothing is followed: every step is an `openat` with O_NOFOLLOW, so a link in the tree is hashed as the link it is.
public struct NARArchive: Sendable, Hashable {
    /// SHA-256 of the archive, lower-case hex, as `nix-hash --type sha256` writes it.
    public var hash: String
    /// The size of the archive in bytes.
    public var size: Int64
    /// How deep directories may nest.
    public static let depthLimit = 256
    /// How many names one directory may hold.
    public static let nameLimit = 1_000_000

    /// Hashes the file, link or directory at a path of this machine.
    public static func of(path: String) throws(IntegrityError) -> NARArchive {
        let parts = path.split(separator: "/")
        guard let name = parts.last, name != ".", name != ".." else {
            throw IntegrityError(path: path, reason: "this names no file")
        }
        let parent = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
        let directory = try Descriptor.open(path: parent)
        let result = try read(Array(name.utf8), in: directory.number, path: path, scanner: nil)
        return result.archive
    }

    /// Hashes an entry of an open directory and finds its references on the way.
    static func read(
        _ name: [UInt8], in directory: Int32, path: String, scanner: ReferenceScanner?
    ) throws(IntegrityError) -> (archive: NARArchive, found: Set<StoreHash>) {
        var sink = NARSink(scanner)
        sink.word("nix-archive-1")
        var place = [path]
        try node(name, in: directory, depth: 0, place: &place, into: &sink)
        let size = sink.size
        let (hash, found) = sink.finish()
        return (NARArchive(hash: Hexadecimal.text(hash), size: size), found)
    }

    private static func failure(_ place: [String], _ code: Int32) -> IntegrityError {
        IntegrityError(path: place.joined(separator: "/"), reason: String(cString: strerror(code)))
    }

    private static func node(
        _ name: [UInt8], in directory: Int32, depth: Int, place: inout [String], into sink: inout NARSink
    ) throws(IntegrityError) {
        let cName = name.map(CChar.init(bitPattern:)) + [0]
        var status = stat()
        guard fstatat(directory, cName, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw failure(place, errno) }
        sink.word("(")
        sink.word("type")
        switch status.st_mode & S_IFMT {
        case S_IFREG: try file(cName, in: directory, place: place, into: &sink)
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlinkat(directory, cName, &buffer, buffer.count)
            guard count >= 0 else { throw failure(place, errno) }
            guard count < buffer.count else {
                throw IntegrityError(path: place.joined(separator: "/"), reason: "the link is too long")
            }
            sink.word("symlink")
            sink.word("target")
            sink.string(buffer[..<count].map(UInt8.init(bitPattern:)))
        case S_IFDIR: try self.directory(cName, in: directory, depth: depth, place: &place, into: &sink)
        default:
            throw IntegrityError(
                path: place.joined(separator: "/"),
                reason: "this is neither a file nor a directory nor a link, which no store path may hold")
        }
        sink.word(")")
    }

    private static func file(
        _ name: [CChar], in directory: Int32, place: [String], into sink: inout NARSink
    ) throws(IntegrityError) {
        let descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(place, errno) }
        let opened = Descriptor(descriptor)
        var status = stat()
        guard fstat(opened.number, &status) == 0 else { throw failure(place, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw changed(place) }
        // A NAR has no such bits, and Nix takes them from all it puts into a store: who set them did so afterwards.
        guard !sink.isOfStore || status.st_mode & (S_ISUID | S_ISGID) == 0 else {
            throw IntegrityError(
                path: place.joined(separator: "/"), reason: "the file is setuid or setgid, which no store path may hold"
            )
        }
        sink.word("regular")
        if status.st_mode & S_IXUSR != 0 {
            sink.word("executable")
            sink.word("")
        }
        sink.word("contents")
        let size = Int64(status.st_size)
        sink.length(size)
        var rest = size
        while rest > 0 {
            let count = sink.fill(atMost: rest) { room in
                var count = Glibc.read(opened.number, room.baseAddress, room.count)
                while count < 0, errno == EINTR { count = Glibc.read(opened.number, room.baseAddress, room.count) }
                return count
            }
            guard count >= 0 else { throw failure(place, errno) }
            // The length is written before the contents, so a file that shrinks or grows cannot be hashed.
            guard count > 0 else { throw changed(place) }
            rest -= Int64(count)
        }
        var more: UInt8 = 0
        guard Glibc.read(opened.number, &more, 1) == 0 else { throw changed(place) }
        sink.pad(size)
    }

    private static func directory(
        _ name: [CChar], in directory: Int32, depth: Int, place: inout [String], into sink: inout NARSink
    ) throws(IntegrityError) {
        guard depth < depthLimit else {
            throw IntegrityError(
                path: place.prefix(8).joined(separator: "/") + "/...",
                reason: "directories are nested deeper than \(depthLimit) levels")
        }
        let descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(place, errno) }
        let opened = Descriptor(descriptor)
        sink.word("directory")
        for entry in try opened.names(path: place.joined(separator: "/"), limit: nameLimit) {
            sink.word("entry")
            sink.word("(")
            sink.word("name")
            sink.string(entry)
            sink.word("node")
            place.append(String(decoding: entry, as: UTF8.self))
            try node(entry, in: opened.number, depth: depth + 1, place: &place, into: &sink)
            place.removeLast()
            sink.word(")")
        }
    }

    private static func changed(_ place: [String]) -> IntegrityError {
        IntegrityError(path: place.joined(separator: "/"), reason: "the file changed while it was read")
    }
}
