import Glibc

/// An open file that is closed when it goes.
struct Descriptor: ~Copyable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Opens a directory the user named; links in this path are followed.
    static func open(path: String) throws(IntegrityError) -> Descriptor {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw IntegrityError(path: path, reason: String(cString: strerror(errno))) }
        return Descriptor(number)
    }

    /// Opens a directory inside this one, never through a link.
    func directory(_ name: String, path: String) throws(IntegrityError) -> Descriptor {
        let inner = openat(number, name, O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)
        guard inner >= 0 else { throw IntegrityError(path: path, reason: String(cString: strerror(errno))) }
        return Descriptor(inner)
    }

    /// The names in this directory in the order of their bytes, without `.` and `..`.
    borrowing func names(path: String, limit: Int) throws(IntegrityError) -> [[UInt8]] {
        // The stream closes its descriptor; ours stays, for `openat`.
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else {
            let reason = String(cString: strerror(errno))
            if copy >= 0 { close(copy) }
            throw IntegrityError(path: path, reason: reason)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] { names.append(name) }
            guard names.count <= limit else {
                throw IntegrityError(path: path, reason: "the directory holds more than \(limit) names")
            }
            errno = 0
        }
        guard errno == 0 else { throw IntegrityError(path: path, reason: String(cString: strerror(errno))) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
