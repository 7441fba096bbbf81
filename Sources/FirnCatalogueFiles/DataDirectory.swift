import FirnCatalogue
import FirnModel
import Glibc

/// Reads the TOML files of a profiles directory.
enum DataDirectory {
    /// The trees by path below the directory, as `rules/ssh.toml`; the shown name has the prefix `profiles/`.
    static func read(_ directory: String, below folders: [String]) throws(CatalogueError) -> [String: DataNode] {
        var result: [String: DataNode] = [:]
        var errors: [DataError] = []
        for folder in folders {
            let path = folder.isEmpty ? directory : directory + "/" + folder
            guard let names = names(path) else {
                let reason = errno
                // A folder may be missing; one that cannot be read would silently be rules that nobody checks.
                if !folder.isEmpty, reason == ENOENT { continue }
                errors.append(DataError(file: path, line: 0, message: String(cString: strerror(reason))))
                continue
            }
            for name in names where name.hasSuffix(".toml") && !name.hasPrefix(".") {
                let key = folder.isEmpty ? name : folder + "/" + name
                do {
                    result[key] = try file(path + "/" + name, shown: "profiles/" + key)
                } catch {
                    errors.append(error)
                }
            }
        }
        guard errors.isEmpty else { throw CatalogueError(errors) }
        return result
    }

    /// One file.
    static func file(_ path: String, shown: String) throws(DataError) -> DataNode {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw DataError(file: shown, line: 0, message: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DataError(file: shown, line: 0, message: "this is no regular file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= TOMLDocument.maximumSize {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw DataError(file: shown, line: 0, message: String(cString: strerror(errno)))
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DataError(file: shown, line: 0, message: "the file is not valid UTF-8")
        }
        return try TOMLDocument.parse(text, file: shown)
    }

    /// The names in a directory, sorted; nil when it cannot be read (errno says why).
    static func names(_ path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { return nil }
        return names.sorted()
    }
}
