import Glibc

/// Writes files so that a reader sees the old content or the new, never half of it.
enum FileOutput {
    /// Writes all of a text to a descriptor. A reader that closed its end is no error of ours.
    static func writeAll(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count < 0 {
                    if errno == EINTR { continue }
                    return
                }
                offset += count
            }
        }
    }

    /// Writes a file beside its name, flushes it and renames it into place.
    static func writeAtomically(_ text: String, to path: String) throws(CommandFailure) {
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
