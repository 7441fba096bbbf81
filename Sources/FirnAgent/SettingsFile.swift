import Glibc

/// The file with settings, as the administrator wrote it.
enum SettingsFile {
    /// Its bytes; links are followed, since on NixOS it is one.
    static func read(_ path: String) throws(AgentFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw FileReplacement.failure(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileReplacement.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw AgentFailure("\(path): this is no regular file") }
        var bytes = [UInt8](repeating: 0, count: AgentSettings.sizeLimit + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileReplacement.failure(path) }
            if count == 0 { break }
            length += count
        }
        return Array(bytes[..<length])
    }
}
