import FirnModel
import FirnTestSupport
import Foundation
import Glibc

@testable import FirnAgent

/// A directory for one test, the journal's socket in it, and reports made by hand.
final class AgentRoom {
    let path: String
    private let journal: Int32

    init() throws {
        var template = Array((NSTemporaryDirectory() + "firn-agent-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        journal = try Self.listen(path + "/journal")
    }

    deinit {
        close(journal)
        // A test may have made a directory nobody may write to.
        chmod(path + "/state", 0o700)
        try? FileManager.default.removeItem(atPath: path)
    }

    var state: String { path + "/state" }
    var metrics: String { path + "/metrics/firn.prom" }

    func file(_ name: String) -> String { state + "/" + name }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    func mode(_ path: String) throws -> mode_t {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return status.st_mode & 0o7777
    }

    /// A datagram socket that listens at a path.
    static func listen(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isBound else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return descriptor
    }

    /// The datagrams that came, each as text.
    static func received(_ descriptor: Int32, patience milliseconds: Int32 = 0) -> [String] {
        var result: [String] = []
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, milliseconds) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return result }
            result.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }

    /// The entries of the journal that came, each as its fields.
    func entries() -> [[String: String]] {
        Self.received(journal).map { entry in
            var fields: [String: String] = [:]
            for line in entry.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
            }
            return fields
        }
    }

    /// A report with these outcomes by rule.
    static func report(_ outcomes: [String: Outcome], profile: String = "p1", now: Int64 = 1_800_000_000) -> Report {
        Report(
            tool: "firn-agent 0",
            targets: [
                ReportTarget(kind: "live-host", name: "live", size: nil, source: .live, identity: Identity())
            ], profile: "standard", profileDigest: profile, dropped: [], catalogueDigest: "c", collectedAt: now,
            snapshots: [],
            results: outcomes.sorted { $0.key < $1.key }.map { rule, outcome in
                Result(
                    rule: rule, title: "Title of \(rule)", target: 0, source: .live, outcome: outcome, severity: .high,
                    observed: "0", expected: "at least 1", evidence: [Evidence(path: "/proc/sys/\(rule)")])
            }, drift: [], notes: [])
    }
}
