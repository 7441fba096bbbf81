import Glibc

/// The socket on which journald takes entries (systemd-journald.service(8)).
public enum JournalSocket {
    /// Where journald listens.
    public static let path = "/run/systemd/journal/socket"

    /// Whether a socket lies there: without one, entries go nowhere.
    public static func isThere(_ path: String) -> Bool {
        access(path, W_OK) == 0
    }

    /// Sends one entry; what went wrong, or nil. That there is no journal is nothing wrong.
    ///
    /// - Parameters:
    ///   - entry: Lines `FIELD=value` (systemd.io/JOURNAL_NATIVE_PROTOCOL), below the size of a datagram.
    ///   - path: The socket.
    public static func send(_ entry: [UInt8], to path: String) -> String? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return "\(path): the path is too long" }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        // A journal that stands still must not hold the check.
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                entry.withUnsafeBytes { buffer in
                    sendto(
                        descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL), generic,
                        socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        if sent == entry.count { return nil }
        let code = errno
        return sent < 0 && code == ENOENT ? nil : String(cString: strerror(code))
    }
}
