import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// What the PAM tests share.
enum PamSupport {
    static let tables: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["pam-modules", "pam-services"] {
            let file = "profiles/knowledge/\(name).toml"
            let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
            tables[name] = try TOMLDocument.parse(text, file: file)
        }
        return Knowledge(tables: tables)
    }

    static func knowledge() throws -> PamKnowledge { try PamKnowledge(try tables.get()) }

    /// The ordinary stack of a service on NixOS.
    static let ordinary = """
        account required /nix/store/x-linux-pam/lib/security/pam_unix.so # unix (order 11000)

        auth sufficient /nix/store/x-linux-pam/lib/security/pam_unix.so likeauth try_first_pass # unix (order 11700)
        auth required /nix/store/x-linux-pam/lib/security/pam_deny.so # deny (order 12500)

        password sufficient /nix/store/x-linux-pam/lib/security/pam_unix.so nullok yescrypt # unix (order 10200)

        session required /nix/store/x-linux-pam/lib/security/pam_env.so readenv=0 # env (order 10100)
        session required /nix/store/x-linux-pam/lib/security/pam_unix.so # unix (order 10200)
        session required /nix/store/x-linux-pam/lib/security/pam_loginuid.so # loginuid (order 10300)

        """

    static let deny = """
        auth required pam_deny.so
        account required pam_deny.so
        password required pam_deny.so
        session required pam_deny.so

        """

    /// The facts of a system with these services; `other` refuses, the paths are below /etc.
    static func facts(_ services: [String: String], files: [String: String] = [:]) throws -> FactBatch {
        var all = ["/etc/pam.d/other": deny]
        for (name, text) in services { all["/etc/pam.d/" + name] = text }
        all.merge(files) { $1 }
        let view = SystemView(tree: MemoryTree(all), toplevel: "/toplevel", etcRoot: "/etc")
        return try PamFacts.built(view, knowledge: try tables.get(), context: SystemContext())
    }

    /// A fact as short text: its value, `absent`, or `unavailable`.
    static func text(_ batch: FactBatch, _ key: String) -> String {
        switch batch.facts[FactKey("pam." + key)] {
        case .known(let value, _): value.description
        case .absent: "absent"
        case .unavailable: "unavailable"
        case nil: "not supplied"
        }
    }

    /// The words of a fact's evidence.
    static func evidence(_ batch: FactBatch, _ key: String) -> String {
        (batch.facts[FactKey("pam." + key)]?.evidence ?? []).map { "\($0.path):\($0.line ?? 0) \($0.text ?? "")" }
            .joined(separator: "\n")
    }
}

/// PAM's files in memory.
struct PamMemory: PamSource {
    var texts: [String: String]

    func services() throws(PamProblem) -> [String] { texts.keys.sorted() }

    func service(_ name: String) -> PamReading {
        texts[name].map { .bytes(Array($0.utf8), .file("/etc/pam.d/" + name)) } ?? .absent
    }

    func file(_ path: String) -> PamReading { .absent }

    func limits(_ path: String, service: String) -> PamReading { .absent }

    func encryptMethod() throws(PamProblem) -> String? { nil }
}

/// The libpam of this machine as a judge.
enum PamOracle {
    static let source = Repository.path("Tests/Fixtures/pam/harness.c")
    static var isInstalled: Bool {
        ["/usr/include/security/pam_appl.h", "/usr/bin/cc"].allSatisfy(FileManager.default.fileExists)
    }
    /// In continuous integration a missing tool is a failure; elsewhere the comparison is left out.
    static var isNeeded: Bool {
        (isInstalled && getuid() == 0) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    /// A directory with the compiled harness and a directory for service files.
    struct Bench {
        var root: URL
        var services: URL { root.appendingPathComponent("pam.d") }

        init() throws {
            root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-pam-" + UUID().uuidString)
            let services = root.appendingPathComponent("pam.d")
            try FileManager.default.createDirectory(at: services, withIntermediateDirectories: true)
            let made = try PamOracle.run(
                "/usr/bin/cc", ["-Wall", "-o", root.path + "/harness", PamOracle.source, "-lpam"], input: "")
            guard made.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        }

        func remove() throws { try FileManager.default.removeItem(at: root) }

        func write(_ texts: [String: String]) throws {
            for (name, text) in texts {
                // Debian's patch for @include lets an include look in /etc/pam.d only, so paths are written out.
                let text = text.replacing(" include ", with: " include \(services.path)/")
                    .replacing(" substack ", with: " substack \(services.path)/")
                try Data(text.utf8).write(to: services.appendingPathComponent(name))
            }
        }

        /// What libpam says to each question "service user operation".
        func ask(_ questions: [String]) throws -> [Int] {
            let run = try PamOracle.run(
                root.path + "/harness", [services.path, "x"], input: questions.joined(separator: "\n") + "\n")
            return run.output.split(separator: "\n").compactMap { Int($0) }
        }
    }

    static func run(_ program: String, _ arguments: [String], input: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let given = Pipe()
        let output = Pipe()
        process.standardInput = given
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // A few kilobytes at most: less than a pipe holds, so writing all before reading cannot block.
        try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try given.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
