import FirnTestSupport
import Foundation

/// A real program that judges what we wrote, or writes what we must read.
enum Judge {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    struct Run {
        var code: Int32
        var out: String
        var err: String
    }

    /// Runs a program found on PATH with standard input.
    static func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> Run {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let (out, err, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        process.standardInput = standardInput
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
        try standardInput.fileHandleForWriting.close()
        let outData = out.fileHandleForReading.readDataToEndOfFile()
        let errData = err.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus == 127 {
            throw Missing(description: "\(program) is not installed; run make setup")
        }
        return Run(
            code: process.terminationStatus, out: String(decoding: outData, as: UTF8.self),
            err: String(decoding: errData, as: UTF8.self))
    }

    /// Runs Python of the validators' environment; the script reads its arguments from sys.argv.
    static func python(_ script: String, _ arguments: [String] = [], input: [UInt8] = []) throws -> Run {
        let python = Repository.root.appendingPathComponent(".build/validators/venv/bin/python3").path
        return try run(python, ["-c", script] + arguments, input: input)
    }

    /// A directory that is gone when the closure returns.
    static func withDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-sign-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { print("\(directory.path): \(error)") }
        }
        return try body(directory.path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
}
