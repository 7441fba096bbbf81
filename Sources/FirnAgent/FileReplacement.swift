import Glibc

/// Writes files of a directory so that a reader, or a machine that loses power, sees the old content or the new.
enum FileReplacement {
    /// Writes a file beside its name, flushes it, renames it into place and flushes the directory.
    ///
    /// The name it is written under is fixed, so that what a killed process left behind is replaced by the next one;
    /// two writers of one name need a lock.
    ///
    /// - Parameters:
    ///   - directory: A descriptor of the directory.
    ///   - mode: The permissions, whatever the umask.
    /// - Throws: `AgentFailure`; the old content is still there.
    static func write(
        _ bytes: [UInt8], to name: String, in directory: Int32, shown: String, mode: mode_t = 0o600
    ) throws(AgentFailure) {
        let temporary = "." + name + ".new"
        unlinkat(directory, temporary, 0)
        let descriptor = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(shown) }
        var code = fchmod(descriptor, mode) == 0 ? 0 : errno
        if code == 0 { code = append(bytes, to: descriptor) }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, renameat(directory, temporary, directory, name) != 0 { code = errno }
        guard code == 0 else {
            unlinkat(directory, temporary, 0)
            throw failure(shown, code)
        }
        guard fsync(directory) == 0 else { throw failure(shown) }
    }

    /// Writes all bytes; `errno` of what went wrong, else 0.
    static func append(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                offset += count
            }
            return 0
        }
    }

    static func failure(_ shown: String, _ code: Int32 = errno) -> AgentFailure {
        AgentFailure("\(shown): \(String(cString: strerror(code)))")
    }
}
