import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnNixDatabase

/// A database that Nix itself made, read beside what `nix-store` says of it.
struct NixDatabaseTests {
    private static let isExpected =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/nix-store")
        || ProcessInfo.processInfo.environment["CI"] != nil

    private final class Store {
        let root: String
        var database: String { root + "/nix/var/nix/db" }

        init() throws {
            root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-nix-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: root + "/nix/store", withIntermediateDirectories: true)
        }

        deinit {
            do { try FileManager.default.removeItem(atPath: root) } catch { Issue.record(error) }
        }

        func nix(_ arguments: [String], input: String? = nil) throws -> [String] {
            try text(arguments, input: input).split(separator: "\n").map(String.init)
        }

        func text(_ arguments: [String], input: String? = nil) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["nix-store"] + arguments
            process.environment = ProcessInfo.processInfo.environment.merging([
                "NIX_STORE_DIR": root + "/nix/store", "NIX_STATE_DIR": root + "/nix/var/nix",
                "NIX_LOG_DIR": root + "/log", "NIX_CONF_DIR": root + "/conf", "NIX_REMOTE": "",
            ]) { $1 }
            let (out, into) = (Pipe(), Pipe())
            process.standardOutput = out
            process.standardError = FileHandle.nullDevice
            process.standardInput = into
            try process.run()
            if let input { into.fileHandleForWriting.write(Data(input.utf8)) }
            try into.fileHandleForWriting.close()
            let data = try out.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "nix-store \(arguments)")
            return String(decoding: data, as: UTF8.self)
        }

        /// Adds three files and registers the first as referring to the second, and the second to the third.
        func fill() throws -> [String] {
            var paths: [String] = []
            for name in ["top-1.0", "middle-2.0", "leaf", "other"] {
                let file = root + "/" + name
                try Data(name.utf8).write(to: URL(fileURLWithPath: file))
                paths += try nix(["--add", file])
            }
            // Path, hash, size, an empty deriver (which splitting dropped), the number of references: none yet.
            let dump = try nix(["--dump-db"])
            let references = [paths[0]: [paths[1]], paths[1]: [paths[1], paths[2]]]
            var lines: [String] = []
            for index in stride(from: 0, to: dump.count, by: 4) {
                try #require(dump[index + 3] == "0")
                let own = references[dump[index]] ?? []
                lines += dump[index..<(index + 3)] + ["", String(own.count)] + own
            }
            _ = try nix(["--load-db"], input: lines.joined(separator: "\n") + "\n")
            return paths
        }
    }

    @Test(.enabled(if: isExpected)) func theClosureIsThatOfNix() throws {
        let store = try Store()
        let paths = try store.fill()
        let closure = try NixDatabase(directory: store.database).closure(of: paths[0])
        #expect(closure.map(\.path) == (try store.nix(["--query", "--requisites", paths[0]])).sorted())
        #expect(Set(closure.map(\.path)) == Set(paths[0...2]))
        for info in closure {
            #expect(info.references == (try store.nix(["--query", "--references", info.path])).sorted())
            #expect(info.narSize.map(String.init) == (try store.nix(["--query", "--size", info.path])).first)
            let hash = try #require(try store.nix(["--query", "--hash", info.path]).first)
            #expect(info.narHash == NixHash.hexadecimal(hash), "\(hash)")
        }
    }

    @Test(.enabled(if: isExpected)) func theDumpOfNixIsARegistration() throws {
        let store = try Store()
        let paths = try store.fill()
        let database = try NixDatabase(directory: store.database).closure(of: paths[0])
        let dump = Array(try store.text(["--dump-db"]).utf8)
        #expect(try NixRegistration(dump, file: "r").closure(of: paths[0]) == database)
    }

    /// Nothing beside or in the database changes: no lock, no log, no time.
    @Test(.enabled(if: isExpected)) func readingLeavesItAlone() throws {
        let store = try Store()
        let paths = try store.fill()
        func state() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: store.database).sorted().map { name in
                let attributes = try FileManager.default.attributesOfItem(atPath: store.database + "/" + name)
                return "\(name) \(attributes[.size] ?? 0) \(attributes[.modificationDate] ?? 0)"
            }
        }
        let before = try state()
        _ = try NixDatabase(directory: store.database).closure(of: paths[0])
        #expect(try state() == before)
    }

    @Test(.enabled(if: isExpected)) func whatIsNotThereIsAnError() throws {
        let store = try Store()
        let paths = try store.fill()
        let database = try NixDatabase(directory: store.database)
        #expect(throws: NixDatabaseError.self) { try database.closure(of: paths[0] + "x") }
        #expect(throws: NixDatabaseError.self) { try NixDatabase(directory: store.root + "/nowhere") }
        try Data("11".utf8).write(to: URL(fileURLWithPath: store.database + "/schema"))
        #expect(throws: NixDatabaseError.self) { try NixDatabase(directory: store.database) }
        try Data("10".utf8).write(to: URL(fileURLWithPath: store.database + "/schema"))
        try Data("not a database at all".utf8).write(to: URL(fileURLWithPath: store.database + "/db.sqlite"))
        #expect(throws: NixDatabaseError.self) {
            try NixDatabase(directory: store.database).closure(of: paths[0])
        }
    }
}
