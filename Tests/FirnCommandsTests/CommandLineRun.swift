import FirnCommands
import FirnTestSupport
import Foundation
import Synchronization

/// One run of the command line with everything it wrote.
struct CommandLineRun {
    var code: Int32
    var out: String
    var err: String

    private final class Buffer: Sendable {
        let text = Mutex("")
        func append(_ more: String) { text.withLock { $0 += more } }
    }

    init(_ arguments: String...) {
        self.init(arguments: arguments, isTerminal: false, columns: 100, environment: [:])
    }

    init(arguments: [String], isTerminal: Bool, columns: Int, environment: [String: String]) {
        let out = Buffer()
        let err = Buffer()
        let console = Console(
            out: { out.append($0) }, err: { err.append($0) }, isTerminal: isTerminal, columns: columns,
            environment: environment, now: { 1_790_000_000 })
        code = FirnCommand.run(arguments, console: console)
        self.out = out.text.withLock { $0 }
        self.err = err.text.withLock { $0 }
    }
}

/// A directory that is removed with its content when the value goes.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("firn-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("\(path) could not be removed: \(error)")
        }
    }

    /// A path inside.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Writes a file inside and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, bytes: Array(text.utf8))
    }

    /// Writes a file inside and returns its path.
    @discardableResult
    func write(_ name: String, bytes: [UInt8]) throws -> String {
        let url = URL(fileURLWithPath: self(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    /// Makes a link inside.
    func link(_ name: String, to target: String) throws {
        let url = URL(fileURLWithPath: self(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }
}

/// Fixtures by name.
enum Fixture {
    static func config(_ name: String) -> String {
        Repository.fixtures.appendingPathComponent(name).appendingPathComponent("config.json").path
    }

    static func system(_ name: String) -> String {
        Repository.fixtures.appendingPathComponent(name).appendingPathComponent("system").path
    }
}
