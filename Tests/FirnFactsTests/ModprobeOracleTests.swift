import FirnFacts
import FirnModel
import FirnTestSupport
import Foundation
import Testing

/// modprobe.d beside the real modprobe: what it would do for a module's name and for its alias.
@Suite(.serialized)
struct ModprobeOracleTests {
    static let modprobe = "/usr/sbin/modprobe"
    static let depmod = "/usr/sbin/depmod"
    static let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    static let canRun =
        FileManager.default.isExecutableFile(atPath: modprobe) && FileManager.default.isExecutableFile(atPath: depmod)

    @Test func theToolIsThereInCI() {
        #expect(!Self.isCI || Self.canRun, "CI needs \(Self.modprobe) and \(Self.depmod)")
    }

    @Test(.enabled(if: canRun)) func firnAgreesWithModprobe() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-modprobe-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try stage(root)
        let cases = ModprobeOracleCase.written + (try ModprobeOracleCase.fixtures())
        #expect(ModprobeOracleCase.written.count >= 30)
        #expect(Set(cases.map(\.name)).count == cases.count)
        var rows: [String] = []
        for oracle in cases {
            let real = try answer(root, oracle)
            var files = Dictionary(uniqueKeysWithValues: oracle.files.map { ("/etc/modprobe.d/" + $0.key, $0.value) })
            // The rest of the group is out of the way, so that the fact is about rds.
            files["/etc/modprobe.d/zzz.conf"] = "install sctp false\ninstall tipc false\ninstall dccp false\n"
            let snapshot = try KernelSupport.built(
                files, context: SystemContext(release: "26.05", kernelVersion: "6.1.0", hasOwnKernel: true))
            let own = try answer(snapshot)
            #expect(own == real, "\(oracle.name)")
            rows.append("| \(oracle.name) | \(oracle.files.count) | \(real.byName) | \(real.byAlias) | agrees |")
        }
        try record(rows)
    }

    /// What becomes of a request: the module is loaded, a command runs in its place, or nothing happens.
    struct Answer: Equatable {
        var byName: String
        var byAlias: String
    }

    /// Firn's answer for `rds`, whose alias is `net-pf-21`.
    private func answer(_ snapshot: Snapshot) throws -> Answer {
        func word(_ key: String) -> String {
            if snapshot.reason(key) != nil { return "command" }
            guard case .list(let names)? = snapshot.known(key) else { return "?" }
            return names.contains(.string("rds")) ? "loads" : "nothing"
        }
        return Answer(
            byName: word("modules.loadable.network-protocols"), byAlias: word("modules.autoloads.network-protocols"))
    }

    /// The real answer.
    private func answer(_ root: URL, _ oracle: ModprobeOracleCase) throws -> Answer {
        let directory = root.appendingPathComponent("conf")
        try? FileManager.default.removeItem(at: directory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, text) in oracle.files {
            try Data(text.utf8).write(to: directory.appendingPathComponent(name))
        }
        func ask(_ name: String) throws -> String {
            let output = try run(
                Self.modprobe, ["-n", "-v", "-d", root.path, "-S", "6.1.0", "-C", directory.path, name])
            let lines = output.split(separator: "\n")
            if let line = lines.first(where: { $0.hasPrefix("install ") }) {
                // Whether a command does nothing is Firn's judgement; a plain false or true is what the cases use.
                let command = line.dropFirst("install ".count).trimmingCharacters(in: .whitespaces)
                let program = command.split(separator: " ").first?.split(separator: "/").last ?? ""
                return ["false", "true"].contains(program) ? "nothing" : "command"
            }
            return lines.contains { $0.hasPrefix("insmod ") } ? "loads" : "nothing"
        }
        return Answer(byName: try ask("rds"), byAlias: try ask("net-pf-21"))
    }

    /// A tree with one module: an object file with no code and the alias net-pf-21.
    private func stage(_ root: URL) throws {
        let directory = root.appendingPathComponent("lib/modules/6.1.0")
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("kernel"), withIntermediateDirectories: true)
        let module = try #require(Data(base64Encoded: Self.module))
        try module.write(to: directory.appendingPathComponent("kernel/rds.ko"))
        for name in ["modules.order", "modules.builtin", "modules.builtin.modinfo"] {
            try Data().write(to: directory.appendingPathComponent(name))
        }
        _ = try run(Self.depmod, ["-b", root.path, "6.1.0"])
    }

    private static let module =
        "f0VMRgIBAQAAAAAAAAAAAAEAPgABAAAAAAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAEAAAAAAAEAABAADAGFsaWFzPW5ldC1w"
        + "Zi0yMQBsaWNlbnNlPUdQTABuYW1lPXJkcwAALnNoc3RydGFiAC50ZXh0AC5tb2RpbmZvAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACwAAAAEAAAAGAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAABEAAAABAAAAAgAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAJQAAAAAAAAAAAAAA"
        + "AAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAwAAAAAAAAAAAAAAAAAAAAAAAABlAAAAAAAAABoAAAAAAAAAAAAAAAAAAAABAAAAAAAA"
        + "AAAAAAAAAAAA"

    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(program) \(arguments.last ?? "") failed")
        return String(decoding: data, as: UTF8.self)
    }

    private func record(_ rows: [String]) throws {
        let file = Repository.root.appendingPathComponent("docs/comparisons/modprobe.md")
        if ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1" {
            let version = try run(Self.modprobe, ["--version"]).split(separator: "\n").first ?? "kmod"
            let text = """
                # Kernel modules: Firn beside modprobe

                Each case is a set of files of modprobe.d. The real modprobe (\(version)) is asked, with `-n`, what it would do for
                the module `rds` by its name and by its alias `net-pf-21`; Firn's facts `modules.loadable` and `modules.autoloads`
                must say the same: the module loads, nothing happens (an `install` line with `false` or `true` counts as that), or
                a command runs in its place, which Firn does not judge. Written by `RECORD_COMPARISONS=1 swift test --filter
                ModprobeOracleTests`; every test run repeats the comparison.

                | case | files | by its name | by its alias | result |
                |---|---|---|---|---|

                """
            try Data((text + rows.joined(separator: "\n") + "\n").utf8).write(to: file)
        }
        let recorded = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        for row in rows { #expect(recorded.contains(row), "docs/comparisons/modprobe.md lacks \(row)") }
    }
}
