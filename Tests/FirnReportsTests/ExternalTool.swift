import FirnTestSupport
import Foundation
import Testing

/// A program of somebody else that judges our output.
///
/// `Validators/fetch` puts the Python ones into `.build/validators`; others are looked up in PATH. Where `CI` is set a
/// missing program fails the test, elsewhere the test is skipped.
struct ExternalTool: Sendable {
    static let place = Repository.root.appendingPathComponent(".build/validators")

    let name: String
    let path: String?

    init(_ name: String) {
        self.name = name
        let directories =
            [Self.place.appendingPathComponent("venv/bin").path]
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        path = directories.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether a test that needs this should run.
    var isExpected: Bool {
        path != nil || ProcessInfo.processInfo.environment["CI"] != nil
    }

    /// Runs it and gives its exit code and all it wrote.
    func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let path = try #require(path, "\(name) is not installed; see Tests/FirnReportsTests/Validators/fetch")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    static let checkJSONSchema = ExternalTool("check-jsonschema")
    static let xmllint = ExternalTool("xmllint")
    static let python = ExternalTool("python3")
    static let promtool = ExternalTool("promtool")
    static let shell = ExternalTool("sh")
    static let nix = ExternalTool("nix-instantiate")

    /// A schema that `Validators/fetch` brought.
    static func schema(_ name: String) throws -> String {
        let path = place.appendingPathComponent(name).path
        try #require(
            FileManager.default.fileExists(atPath: path),
            "\(name) is missing; run Tests/FirnReportsTests/Validators/fetch")
        return path
    }

    static var hasSchemas: Bool {
        FileManager.default.fileExists(atPath: place.appendingPathComponent("junit-10.xsd").path)
            || ProcessInfo.processInfo.environment["CI"] != nil
    }
}

/// A directory that is gone when the closure returns.
func withTemporaryDirectory<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-reports-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer {
        do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
    }
    return try body(directory)
}
