import Foundation
import Testing

/// A Nix store of its own in a temporary directory, made by the real `nix-store`.
struct NixStore {
    let root: String

    /// Makes an empty one for the time of the closure.
    static func with<Value>(_ body: (NixStore) throws -> Value) throws -> Value {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-store-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer {
            // Nix takes the write permission of what it adds.
            _ = try? run("chmod", ["-R", "u+w", root.path])
            do { try FileManager.default.removeItem(at: root) } catch { print("\(root.path): \(error)") }
        }
        return try body(NixStore(root: root.path))
    }

    @discardableResult
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments) ended with \(process.terminationStatus)")
        return String(decoding: output, as: UTF8.self)
    }

    /// A shell command with the store's root in ROOT.
    func shell(_ command: String) throws -> String {
        try Self.run("bash", ["-c", "set -euo pipefail; ROOT='\(root)'; " + command])
    }

    /// Evaluates Nix that gives a store path with `builtins.toFile`.
    func text(_ expression: String) throws -> String {
        let printed = try Self.run(
            "nix-instantiate", ["--store", root, "--eval", "--read-write-mode", "-E", expression])
        return printed.trimmingCharacters(in: CharacterSet(charactersIn: "\"\n"))
    }

    /// Adds a file or directory.
    func add(_ path: String) throws -> String {
        try Self.run("nix-store", ["--store", root, "--add", path]).trimmingCharacters(in: .newlines)
    }

    /// `nix-store -qR`, ordered.
    func closure(_ path: String) throws -> [String] {
        try Self.run("nix-store", ["--store", root, "-qR", path]).split(separator: "\n").map(String.init).sorted()
    }

    /// Where a store path really lies.
    func real(_ path: String) -> String { root + path }
}
