public import Foundation

/// A program of somebody else that judges what we write. `make setup` puts the Python ones into `.build/validators`; others
/// are looked up in PATH. Where `CI` is set a missing one fails its test, elsewhere the test is skipped.
public struct Tool: Sendable {
    /// What it is called in a directory of programs.
    public let name: String
    /// Where it lies; nil where it is not installed.
    public let path: String?

    /// A program that a test needs and that is not there.
    public struct Missing: Error, CustomStringConvertible {
        /// The program.
        public var name: String
        /// What to do about it.
        public var description: String { "\(name) is not installed; see make setup" }
    }

    /// Looks the program up.
    public init(_ name: String) {
        self.name = name
        let directories =
            [Repository.path(".build/validators/venv/bin")]
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        path = directories.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether tests are to fail for what is missing.
    public static let isCI = ProcessInfo.processInfo.environment["CI"] != nil

    /// Whether a test that needs this should run.
    public var isExpected: Bool { path != nil || Self.isCI }

    /// Runs it and gives its exit code and all it wrote, both streams as one.
    @discardableResult
    public func run(_ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:]) throws
        -> (code: Int32, output: String)
    {
        guard let path else { throw Missing(name: name) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = directory }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
