import FirnTestSupport
import Foundation

/// Nix as the tests use it. Evaluation of NixOS needs a nixpkgs tree, which CI has not: NIXPKGS names one (NixOS 26.11),
/// NIXPKGS_20_09 another. Without them the tests parse, and evaluate what needs no nixpkgs.
enum Nix {
    static let nixpkgs = ProcessInfo.processInfo.environment["NIXPKGS"]
    static let nixpkgs2009 = ProcessInfo.processInfo.environment["NIXPKGS_20_09"]
    static let hasInstantiate = path(of: "nix-instantiate") != nil

    /// Where a program lies in PATH.
    static func path(of program: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    struct Answer {
        var code: Int32
        var output: Data
        var errors: String
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs a program of PATH in the root of the checkout, or in a directory.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil
    ) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = directory ?? Repository.root
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files, since a full pipe would stop a program whose other pipe is being read.
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("nix-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let files = ["out", "err"].map { scratch.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        let handles = try files.map { try FileHandle(forWritingTo: $0) }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        process.waitUntilExit()
        for handle in handles { try handle.close() }
        return Answer(
            code: process.terminationStatus, output: try Data(contentsOf: files[0]),
            errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
    }

    /// The value of an expression as JSON. What it names is relative to the root of the checkout.
    static func evaluate(_ expression: String, arguments: [String] = []) throws -> Answer {
        try run(
            "nix-instantiate", ["--eval", "--strict", "--json", "--readonly-mode", "--expr", expression] + arguments)
    }
}
