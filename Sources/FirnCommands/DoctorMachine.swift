import FirnHistory
import Glibc

/// What `firn doctor` asks the machine. Tests give it another machine.
struct DoctorMachine: Sendable {
    /// The value of an environment variable.
    var variable: @Sendable (String) -> String?
    /// Where a program is.
    var program: @Sendable (String) -> String?
    /// Why a path may not be used so (`R_OK`, `W_OK`, `X_OK`); nil when it may.
    var denial: @Sendable (_ path: String, _ mode: Int32) -> String?
    /// The beginning of a small text file; nil when it cannot be read.
    var text: @Sendable (_ path: String) -> String?
    /// Why no history can be made in a directory; nil when it can.
    var historyFailure: @Sendable (_ directory: String) -> String?
    /// Why the audit system of the kernel does not answer; nil when it does.
    var auditFailure: @Sendable () -> String?

    /// This machine.
    static var process: DoctorMachine {
        DoctorMachine(
            variable: { name in getenv(name).map { String(cString: $0) } },
            program: { NixProgram.path($0) },
            denial: { path, mode in access(path, mode) == 0 ? nil : String(cString: strerror(errno)) },
            text: readText, historyFailure: makeHistory, auditFailure: askAudit)
    }

    private static func readText(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Makes a history in a directory of its own and takes it away again.
    private static func makeHistory(_ directory: String) -> String? {
        var template = Array((directory + "/.firn-doctor-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { return String(cString: strerror(errno)) }
        let place = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for suffix in ["", "-journal", "-wal", "-shm"] { unlink(place + "/history.db" + suffix) }
            rmdir(place)
        }
        do {
            _ = try HistoryDatabase(path: place + "/history.db", isWritable: true, patience: 1)
            return nil
        } catch {
            return error.description
        }
    }

    /// Sends AUDIT_GET (linux/audit.h) over netlink and waits a second for the answer (netlink(7), NLMSG_ERROR).
    private static func askAudit() -> String? {
        let netlinkAudit: Int32 = 9
        let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), netlinkAudit)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // nlmsghdr: length, type AUDIT_GET and flags NLM_F_REQUEST | NLM_F_ACK, sequence, port.
        let request: [UInt32] = [16, 1000 | 5 << 16, 1, 0].map { $0 }
        guard request.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, 0) }) == 16 else {
            return String(cString: strerror(errno))
        }
        var answer = [UInt32](repeating: 0, count: 256)
        let count = answer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 20 else { return count < 0 ? String(cString: strerror(errno)) : "a short answer" }
        let nlmsgError: UInt32 = 2
        guard answer[1] & 0xffff == nlmsgError else { return nil }
        let code = Int32(bitPattern: answer[4])
        return code == 0 ? nil : String(cString: strerror(-max(code, -4095)))
    }
}
