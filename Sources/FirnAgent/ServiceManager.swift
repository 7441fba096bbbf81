import Glibc

/// What the service manager is told (sd_notify(3)), and how often it wants to hear of us.
struct ServiceManager: Sendable {
    /// The socket; nil where nobody listens.
    private let address: String?
    /// How often a sign of life is sent, in nanoseconds; nil where none is wanted.
    let watchdog: Int64?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init(environment: (String) -> String?, process: Int32 = getpid()) {
        address = environment("NOTIFY_SOCKET")
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(process) } ?? true
        let limit = environment("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        // Half of the limit, as sd_watchdog_enabled(3) advises; a limit beyond a day asks for nothing.
        watchdog = isOurs && limit > 0 && limit <= 86_400_000_000 ? limit * 500 : nil
    }

    /// Sends lines such as `READY=1`. That nobody listens any more is nothing the agent could help.
    func notify(_ text: String) {
        guard let path = address, path.hasPrefix("/") || path.hasPrefix("@") else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // An abstract socket's name begins with a NUL.
        if path.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout.size(ofValue: address.sun_family) + bytes.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(text.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                message.withUnsafeBytes { buffer in
                    sendto(
                        descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                        generic, length)
                }
            }
        }
    }
}
