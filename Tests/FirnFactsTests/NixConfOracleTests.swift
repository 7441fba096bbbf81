import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// nix.conf beside the real Nix: `nix show-config --json` of the same files.
@Suite struct NixConfOracleTests {
    static let program = "/usr/bin/nix"
    static var isNeeded: Bool {
        FileManager.default.isExecutableFile(atPath: program) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var conf: String
        var files: [String: String] = [:]
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "empty", conf: ""),
        Case(name: "comments", conf: "# a\n  # b\nsandbox = false # c\n"),
        Case(name: "the last wins", conf: "sandbox = true\nsandbox = relaxed\n"),
        Case(name: "no blanks at the ends", conf: "   trusted-users\t=  root   bob  \n"),
        Case(name: "an empty list", conf: "trusted-users =\nsubstituters = \n"),
        Case(name: "extra adds", conf: "trusted-users = root\nextra-trusted-users = bob anna\n"),
        Case(name: "extra adds to the default", conf: "extra-substituters = http://a\nextra-allowed-users = b\n"),
        Case(name: "a plain line after extra", conf: "extra-trusted-users = bob\ntrusted-users = root\n"),
        Case(name: "extra twice", conf: "extra-sandbox-paths = /a\nextra-sandbox-paths = /b=/c\n"),
        Case(name: "truth", conf: "require-sigs = no\nsandbox-fallback = 1\nfilter-syscalls = false\n"),
        Case(name: "a truth that is none", conf: "require-sigs = maybe\n"),
        Case(name: "a sandbox that is none", conf: "sandbox = perhaps\n"),
        Case(
            name: "older names",
            conf: "build-use-sandbox = false\nbinary-caches = http://a\nbinary-cache-public-keys = k:v\n"),
        Case(name: "older names of the sandbox", conf: "build-use-chroot = true\nbuild-chroot-dirs = /x\n"),
        Case(
            name: "older names with extra", conf: "extra-binary-caches = http://a\ntrusted-binary-caches = http://b\n"),
        Case(
            name: "an include", conf: "sandbox = true\ninclude more.conf\n", files: ["more.conf": "sandbox = false\n"]),
        Case(
            name: "a value after the include", conf: "include more.conf\nsandbox = true\n",
            files: ["more.conf": "sandbox = false\nextra-trusted-users = bob\n"]),
        Case(name: "an optional include", conf: "!include gone.conf\nsandbox = false\n"),
        Case(name: "an include that is gone", conf: "include gone.conf\nsandbox = false\n"),
        Case(
            name: "an include of an include", conf: "include a/b.conf\n",
            files: ["a/b.conf": "include c.conf\n", "a/c.conf": "allowed-users = @wheel\n"]),
        Case(name: "one word", conf: "sandbox\n"),
        Case(name: "no blank before the sign", conf: "sandbox= true\n"),
        Case(name: "no blank after the sign", conf: "sandbox =true\n"),
        Case(name: "no sign", conf: "sandbox true\n"),
        Case(name: "an include of two", conf: "include a b\n"),
        Case(name: "an unknown setting", conf: "no-such-setting = 1\nsandbox = false\n"),
        Case(name: "a sign in the value", conf: "post-build-hook = /bin/x=y\ntrusted-users = a = b\n"),
        Case(
            name: "evaluation",
            conf: "restrict-eval = true\nallow-import-from-derivation = false\nallow-new-privileges = true\n"),
        Case(name: "flakes", conf: "accept-flake-config = true\nflake-registry = https://example.org/r.json\n"),
        Case(name: "hooks", conf: "diff-hook = /bin/d\nrun-diff-hook = true\npre-build-hook = /bin/p\n"),
        Case(name: "no users for builds", conf: "build-users-group =\n"),
        Case(name: "keys", conf: "trusted-public-keys = a:b c:d\nextra-trusted-public-keys = e:f\n"),
        Case(name: "a sign of a comment in a value", conf: "post-build-hook = /bin/x#y\n"),
        Case(name: "windows line ends", conf: "sandbox = false\r\nrequire-sigs = false\r\n"),
    ]

    static let compared = [
        "trusted-users", "allowed-users", "sandbox", "sandbox-fallback", "require-sigs", "filter-syscalls",
        "allow-new-privileges", "accept-flake-config", "allow-import-from-derivation", "restrict-eval",
        "auto-optimise-store", "run-diff-hook", "diff-hook", "post-build-hook", "pre-build-hook", "build-users-group",
        "substituters", "trusted-substituters", "trusted-public-keys", "sandbox-paths", "plugin-files",
        "allow-unsafe-native-code-during-evaluation",
    ]

    /// What Nix says of a directory: settings as texts, or nil when it refuses it.
    private func nix(_ directory: String) throws -> JSONNode? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["--extra-experimental-features", "nix-command flakes", "show-config", "--json"]
        process.environment = [
            "NIX_CONF_DIR": directory, "NIX_USER_CONF_FILES": "", "HOME": directory, "PATH": "/usr/bin:/bin",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? try JSONParser.parse([UInt8](data)) : nil
    }

    private func words(_ node: JSONNode?) -> [String]? {
        switch node?.value {
        case .boolean(let truth): [truth ? "true" : "false"]
        case .string(let text): text.split(separator: " ").map(String.init)
        case .array(let elements): elements.compactMap(\.string)
        default: nil
        }
    }

    private func unique(_ words: [String], _ name: String) -> [String] {
        var seen: Set<String> = []
        let once = words.filter { seen.insert($0).inserted }
        return name == "sandbox-paths" ? once.sorted() : once
    }

    /// Compares one directory; the number of settings that were compared, or nil when both refuse.
    private func compare(_ root: URL) throws -> Int? {
        let tree = DirectoryTree(root: root.path)
        let view = SystemView(tree: tree, toplevel: "/", etcRoot: "/etc")
        let reader = NixBuilt(system: view, knowledge: try NixKnowledge(try BootRoomSupport.knowledge.get()))
        let settings = reader.settings()
        guard let answer = try nix(root.path + "/etc/nix") else {
            let isRefused = settings.knowledge.settings.contains {
                if case .unavailable = settings.fact($0) { true } else { false }
            }
            #expect(isRefused, "Nix refuses the file")
            return nil
        }
        var count = 0
        for name in Self.compared {
            guard let theirs = words(answer[name]?["value"]) else { continue }
            var ours = settings.words(name)
            if let kind = settings.knowledge.settings.first(where: { $0.name == name })?.kind,
                kind == .boolean || kind == .sandbox, let truth = ours.first.flatMap(NixConf.boolean)
            {
                ours = [truth ? "true" : "false"]
            }
            #expect(unique(ours, name) == unique(theirs, name), "\(name)")
            count += 1
        }
        #expect(count >= 15, "only \(count) settings were compared")
        return count
    }

    private func write(_ conf: String, _ files: [String: String]) throws -> URL {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-nix-" + UUID().uuidString)
        for (name, text) in files.merging(["nix.conf": conf], uniquingKeysWith: { $1 }) {
            let file = root.appendingPathComponent("etc/nix/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return root
    }

    @Test(.enabled(if: isNeeded)) func theSettingsAreThoseOfNix() throws {
        var rows: [String] = []
        var files = Self.cases.map { ($0.name, $0.conf, $0.files) }
        for fixture in try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).sorted() {
            let tree = DirectoryTree(
                root: Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("system").path)
            guard tree.exists("/etc/nix/nix.conf") else { continue }
            let text = String(decoding: try tree.read("/etc/nix/nix.conf", limit: 1 << 20), as: UTF8.self)
            files.append((fixture, text, [:]))
        }
        #expect(files.count >= 40)
        for (name, conf, more) in files {
            let root = try write(conf, more)
            defer { try? FileManager.default.removeItem(at: root) }
            let count = try compare(root)
            rows.append("| \(name) | \(count.map { "\($0) settings" } ?? "both refuse it") |")
        }
        try ComparisonDocument.check(
            "docs/comparisons/nix-conf.md",
            """
            # nix.conf: Firn beside Nix

            Each file is read by Firn and by `nix show-config --json` (Nix 2.8 of Debian 12); the settings facts exist for must have
            the same values, each word once. A file Nix refuses must be unknown to Firn. Those named like a fixture are what NixOS
            generated. Written by `RECORD_COMPARISONS=1 swift test --filter NixConfOracleTests`; every test run repeats the comparison.

            | file | compared |
            |---|---|

            """ + rows.joined(separator: "\n") + "\n")
    }
}

/// A table in docs/comparisons that a test writes with RECORD_COMPARISONS=1, and else compares.
enum ComparisonDocument {
    static func check(_ path: String, _ text: String) throws {
        if ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1" {
            try Data(text.utf8).write(to: URL(fileURLWithPath: Repository.path(path)))
            return
        }
        let stored = String(decoding: try Repository.bytes(path), as: UTF8.self)
        #expect(stored == text, "\(path) is stale: run with RECORD_COMPARISONS=1")
    }
}
