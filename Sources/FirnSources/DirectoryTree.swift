public import FirnFacts
import Glibc

/// A root file system that is a directory of this machine. It opens nothing through a link and nothing but regular
/// files, so a device or pipe in a target can neither block nor be read.
public struct DirectoryTree: RootTree {
    /// The directory.
    public let root: String

    /// Creates a tree; `root` is a directory of this machine.
    public init(root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    private func host(_ path: String) -> String {
        path == "/" ? root : (root == "/" ? path : root + path)
    }

    private func failure(_ path: String) -> TreeError {
        let code = errno
        if code == ENOENT || code == ENOTDIR { return .notFound(path) }
        if code == ELOOP { return .wrongKind(path) }
        return .unreadable(path, reason: String(cString: strerror(code)))
    }

    /// What stands at a path; a link itself is not followed.
    public func entry(at path: String) throws(TreeError) -> TreeEntryKind {
        guard !path.utf8.contains(0) else { throw .notFound(path) }
        var status = stat()
        guard lstat(host(path), &status) == 0 else { throw failure(path) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// The text of a link.
    public func linkText(at path: String) throws(TreeError) -> String {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = readlink(host(path), &buffer, buffer.count)
        guard count >= 0 else { throw failure(path) }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The bytes of a regular file.
    public func fileBytes(at path: String, limit: Int) throws(TreeError) -> [UInt8] {
        let descriptor = open(host(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .wrongKind(path) }
        guard status.st_size <= limit else { throw .tooLarge(path, limit: limit) }
        var bytes: [UInt8] = []
        // Files of /proc report size 0, so the size is only a hint, and the limit is held while reading.
        var chunk = [UInt8](repeating: 0, count: max(4096, min(Int(status.st_size) + 1, 1 << 20)))
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw .tooLarge(path, limit: limit) }
        }
    }

    /// The names in a directory, in any order.
    public func directoryNames(at path: String) throws(TreeError) -> [String] {
        let descriptor = open(host(path), O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            throw failure(path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            guard names.count <= 200_000 else { throw .tooLarge(path, limit: 200_000) }
            errno = 0
        }
        guard errno == 0 else { throw failure(path) }
        return names
    }
}
