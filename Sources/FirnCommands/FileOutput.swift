import Glibc

/// Writes files so that a reader sees the old content or the new, never half of it.
enum FileOutput {
    /// Writes all of a text to a descriptor, and says what went wrong (`errno`), 0 for nothing. A reader that closed
    /// its end is no error of ours.
    @discardableResult
    static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno == EPIPE ? 0 : errno
                }
                offset += count
            }
            return 0
        }
    }

    /// Writes a file beside its name, flushes it and renames it into place. A device or pipe is written to as it is
    /// (`/dev/stdout`): root could otherwise replace it. A link is followed, so that what it names is replaced, not it.
    static func writeAtomically(_ text: String, to path: String) throws(CommandFailure) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR {
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure(path) }
            let code = writeAll(text, to: descriptor)
            close(descriptor)
            guard code == 0 else { throw CommandFailure("\(path): \(String(cString: strerror(code)))") }
            return
        }
        guard isThere, let resolved = realpath(path, nil) else { return try replace(path, with: text) }
        defer { free(resolved) }
        try replace(String(cString: resolved), with: text)
    }

    private static func replace(_ path: String, with text: String) throws(CommandFailure) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        var template = Array((directory + ".firn-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure(path) }
        let temporary = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        var bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeMutableBytes { raw in
                write(descriptor, raw.baseAddress?.advanced(by: offset), raw.count - offset)
            }
            if count < 0 {
                if errno == EINTR { continue }
                let error = failure(path)
                close(descriptor)
                unlink(temporary)
                throw error
            }
            offset += count
        }
        // mkstemp made it private; a report is as public as any file the user writes.
        let mask = umask(0)
        umask(mask)
        let isWhole = fchmod(descriptor, 0o666 & ~mask) == 0 && fsync(descriptor) == 0
        let wholeError = failure(path)
        close(descriptor)
        guard isWhole else {
            unlink(temporary)
            throw wholeError
        }
        guard rename(temporary, path) == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("\(path): \(String(cString: strerror(errno)))")
    }
}
