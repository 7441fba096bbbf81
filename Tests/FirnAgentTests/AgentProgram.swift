import FirnTestSupport
import Foundation
import Glibc

/// The real program, as `swift build` made it beside these tests.
struct AgentProgram {
    static let path = Repository.path(".build/debug/firn-agent")
    /// The command line, which judges what the agent signed.
    static let firn = Repository.path(".build/debug/firn")

    /// Whether it is there; where it must be, its tests fail without it.
    static var isExpected: Bool { FileManager.default.isExecutableFile(atPath: path) || Tool.isCI }

    /// Whether this is root in a place where mounts can be made apart.
    static let canMount: Bool = {
        guard geteuid() == 0 else { return false }
        do {
            return try run("/usr/bin/unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).code == 0
        } catch {
            return false
        }
    }()

    /// A root directory that collects fast: a machine with a host name and little else.
    static func root(in room: AgentRoom) throws -> String {
        let root = room.path + "/root"
        try FileManager.default.createDirectory(
            atPath: root + "/proc/sys/kernel", withIntermediateDirectories: true)
        try "sparse\n".write(toFile: root + "/proc/sys/kernel/hostname", atomically: true, encoding: .utf8)
        return root
    }

    private let process = Process()
    private let errors: URL

    /// Starts it; its standard error goes to a file.
    init(_ arguments: [String], in room: AgentRoom, environment: [String: String] = [:]) throws {
        errors = URL(fileURLWithPath: room.path + "/errors-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
    }

    var errorText: String {
        get throws { try String(contentsOf: errors, encoding: .utf8) }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for its end.
    func wait() -> (code: Int32, isSignalled: Bool) {
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
    }

    /// Waits until its standard error has these words.
    func waitFor(_ words: String, seconds: Int = 20) throws -> Bool {
        for _ in 0..<(seconds * 50) {
            if try errorText.contains(words) { return true }
            guard process.isRunning else { return try errorText.contains(words) }
            usleep(20_000)
        }
        return false
    }

    /// Runs a program to its end.
    static func run(_ path: String, _ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Both are short enough for the pipe.
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let error = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: error, as: UTF8.self)
        )
    }
}
