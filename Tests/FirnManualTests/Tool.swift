import FirnTestSupport
import Foundation
import Testing

/// A program of somebody else that judges pages, scripts and recipes. Where `CI` is set a missing one fails its test,
/// elsewhere the test is skipped.
struct Tool: Sendable {
    let name: String
    let path: String?

    init(_ name: String) {
        self.name = name
        let directories =
            [Repository.root.appendingPathComponent(".build/validators/venv/bin").path]
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        path = directories.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether a test that needs this should run.
    var isExpected: Bool { path != nil || ProcessInfo.processInfo.environment["CI"] != nil }

    /// Runs it and gives its exit code and all it wrote.
    @discardableResult
    func run(_ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:]) throws
        -> (code: Int32, output: String)
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(path, "\(name) is not installed; see make setup"))
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

    static let mandoc = Tool("mandoc")
    static let bash = Tool("bash")
    static let zsh = Tool("zsh")
    static let fish = Tool("fish")
    static let nix = Tool("nix-instantiate")
    static let checkJSONSchema = Tool("check-jsonschema")
    static let zizmor = Tool("zizmor")
    /// No package of Debian or PyPI that works offline; nixpkgs has it. So it judges where it is there, also in CI.
    static let actionlint = Tool("actionlint")

    /// The directory of the `firn` that was built beside these tests.
    static var firnDirectory: URL {
        get throws {
            var place = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            while place.path != "/" {
                if FileManager.default.isExecutableFile(atPath: place.appendingPathComponent("firn").path) {
                    return place
                }
                place.deleteLastPathComponent()
            }
            // Another test runner: the place where `swift build` puts it.
            let usual = Repository.root.appendingPathComponent(".build/debug")
            try #require(FileManager.default.isExecutableFile(atPath: usual.appendingPathComponent("firn").path))
            return usual
        }
    }
}

/// A directory that is gone when the closure returns.
func withTemporaryDirectory<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-manual-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer {
        do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
    }
    return try body(directory)
}
