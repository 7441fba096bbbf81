import Glibc

/// The directory of the agent's state, held open: all its files are reached by its descriptor, so that a directory
/// renamed meanwhile takes nothing elsewhere.
struct StateDirectory: ~Copyable {
    /// The path, for messages.
    let path: String
    let descriptor: Int32

    /// Opens the directory, and makes it (0700) where there is none.
    ///
    /// - Throws: `AgentFailure` where it cannot be made or opened, belongs to another user, or others may write to it: they
    ///   could put another key and another past in place of the agent's.
    init(_ path: String) throws(AgentFailure) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw FileReplacement.failure(path) }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReplacement.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = FileReplacement.failure(path)
            close(descriptor)
            throw failure
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            close(descriptor)
            throw AgentFailure(
                status.st_uid == geteuid()
                    ? "\(path): others may write to this directory; run: chmod 700 \(path)"
                    : "\(path): this directory belongs to the user \(status.st_uid), not to \(geteuid())")
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The path of one of its files, for messages.
    func shown(_ name: String) -> String {
        path.hasSuffix("/") ? path + name : path + "/" + name
    }

    /// Replaces a file, mode 0600.
    func write(_ bytes: [UInt8], to name: String) throws(AgentFailure) {
        try FileReplacement.write(bytes, to: name, in: descriptor, shown: shown(name))
    }

    /// The bytes of a file; nil where there is none.
    ///
    /// - Throws: `AgentFailure` for anything but a regular file, one that is longer than `limit` bytes, or one that cannot
    ///   be read.
    func read(_ name: String, limit: Int, inspect: (stat) -> Void = { _ in }) throws(AgentFailure) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw FileReplacement.failure(shown(name))
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileReplacement.failure(shown(name)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw AgentFailure("\(shown(name)): this is no regular file") }
        guard status.st_size <= limit else { throw AgentFailure("\(shown(name)): longer than \(limit) bytes") }
        inspect(status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileReplacement.failure(shown(name))
            }
            if count == 0 { break }
            length += count
        }
        bytes.removeLast(bytes.count - length)
        return bytes
    }

    /// A lock of one name, held until it is closed or the process ends.
    ///
    /// - Parameter wait: How long another holder is waited for, in milliseconds.
    /// - Returns: nil when another process holds it.
    func lock(_ name: String, wait: Int = 0) throws(AgentFailure) -> FileLock? {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileReplacement.failure(shown(name)) }
        var left = wait
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR else {
                close(file)
                throw FileReplacement.failure(shown(name), code)
            }
            guard left > 0 else {
                close(file)
                return nil
            }
            usleep(20_000)
            left -= 20
        }
        return FileLock(descriptor: file)
    }
}

/// A lock that is held as long as this value lives.
struct FileLock: ~Copyable {
    fileprivate let descriptor: Int32

    deinit {
        close(descriptor)
    }
}
