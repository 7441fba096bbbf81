import FirnTestSupport
import Foundation
import Testing

extension Tool {
    /// Where `Validators/fetch` puts what it brings.
    static let place = Repository.root.appendingPathComponent(".build/validators")

    static let checkJSONSchema = Tool("check-jsonschema")
    static let xmllint = Tool("xmllint")
    static let python = Tool("python3")
    static let promtool = Tool("promtool")
    static let shell = Tool("sh")
    static let nix = Tool("nix-instantiate")

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
            || isCI
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
