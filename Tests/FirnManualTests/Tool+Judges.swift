import FirnTestSupport
import Foundation
import Testing

extension Tool {
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
