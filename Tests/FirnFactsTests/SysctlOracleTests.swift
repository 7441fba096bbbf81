import FirnFacts
import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

/// The merge beside the real systemd-sysctl and the real kernel, in a network namespace of its own.
@Suite(.serialized)
struct SysctlOracleTests {
    static let program = "/lib/systemd/systemd-sysctl"
    static let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    static let canRun =
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: program)
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")

    @Test func theToolIsThereInCI() {
        #expect(!Self.isCI || Self.canRun, "CI needs root, /usr/bin/unshare and \(Self.program)")
    }

    @Test(.enabled(if: canRun)) func firnAgreesWithSystemdAndTheKernel() throws {
        let release = try run("/usr/bin/uname", ["-r"]).trimmingCharacters(in: .whitespacesAndNewlines)
        let cases = SysctlOracleCase.written + (try SysctlOracleCase.fixtures())
        #expect(cases.count >= 25 + 21)
        #expect(Set(cases.map(\.name)).count == cases.count)
        var rows: [String] = []
        for oracle in cases {
            let snapshot = try SysctlSupport.built(
                MemoryTree(SysctlSupport.system(oracle.files)),
                context: SystemContext(kernelVersion: release, hasOwnKernel: true))
            let paths = Set(snapshot.batch.facts.keys.map { SysctlFile.path(of: String($0.rawValue.dropFirst(7))) })
                .union(oracle.paths).filter { $0.hasPrefix("net/") }.sorted()
            // The loopback interface stands for "an interface that no file names".
            let kernel = try self.kernel(oracle, paths.map(Self.actual))
            var compared = 0
            var written = 0
            var untold: [String] = []
            for path in paths {
                guard let actual = kernel[Self.actual(path)], !Self.loopbackOnly.contains(path) else { continue }
                let key = SysctlFile.key(of: path)
                guard let value = snapshot.sysctl(key) else {
                    untold.append(key)
                    continue
                }
                compared += 1
                if snapshot.origin(key)?.contains("/sysctl.d/") == true { written += 1 }
                #expect(value.description == actual, "\(oracle.name): \(key)")
            }
            #expect(compared > 0, "\(oracle.name) compared nothing")
            #expect(Set(untold).subtracting(Self.neverTold) == oracle.untold, "\(oracle.name)")
            rows.append(
                "| \(oracle.name) | \(oracle.files.count) | \(compared) | \(written) | \(oracle.untold.count) | agrees |"
            )
        }
        try record(rows, release)
    }

    /// The kernel turns redirects off when forwarding changes, so the file's 1 only holds from the second run on.
    @Test(.enabled(if: canRun)) func aSecondRunTurnsRedirectsBackOn() throws {
        let oracle = SysctlOracleCase(
            "twice", "net.ipv4.conf.all.accept_redirects=1\nnet.ipv4.conf.all.forwarding=1\n")
        let path = "net/ipv4/conf/all/accept_redirects"
        #expect(try kernel(oracle, [path]) == [path: "0"])
        #expect(try kernel(oracle, [path], runs: 2) == [path: "1"])
    }

    /// Defaults that depend on the kernel's configuration, where nothing sets them.
    static let neverTold: Set<String> = [
        "net.ipv6.conf.all.accept_ra_rtr_pref", "net.ipv6.conf.default.accept_ra_rtr_pref",
    ]

    /// The kernel gives these to the loopback interface alone (net/ipv4/devinet.c, `inetdev_init`).
    static let loopbackOnly: Set<String> = ["net/ipv4/conf/*/disable_xfrm", "net/ipv4/conf/*/disable_policy"]

    private static func actual(_ path: String) -> String {
        path.replacingOccurrences(of: "/conf/*/", with: "/conf/lo/")
    }

    // MARK: - Running

    /// What the kernel says of each path after systemd-sysctl read the files.
    private func kernel(_ oracle: SysctlOracleCase, _ paths: [String], runs: Int = 1) throws -> [String: String] {
        let manager = FileManager.default
        let root = manager.temporaryDirectory.appendingPathComponent("firn-sysctl-\(UUID().uuidString)")
        defer { try? manager.removeItem(at: root) }
        for directory in ["etc", "run", "local", "lib"] {
            try manager.createDirectory(at: root.appendingPathComponent(directory), withIntermediateDirectories: true)
        }
        let places = [
            "/etc/sysctl.d/": "etc/", "/run/sysctl.d/": "run/", "/usr/local/lib/sysctl.d/": "local/",
            "/usr/lib/sysctl.d/": "lib/",
        ]
        for (path, text) in oracle.files {
            guard let place = places.first(where: { path.hasPrefix($0.key) }) else { continue }
            let file = root.appendingPathComponent(place.value + path.dropFirst(place.key.count))
            if text.hasPrefix("-> ") {
                try manager.createSymbolicLink(atPath: file.path, withDestinationPath: String(text.dropFirst(3)))
            } else {
                try Data(text.utf8).write(to: file)
            }
        }
        // The directories of this machine are covered in a mount namespace; only net.* is written, which the network
        // namespace keeps to itself.
        let script = """
            set -e
            mount --bind "$0/etc" /etc/sysctl.d
            mount --bind "$0/lib" /usr/lib/sysctl.d
            mount -t tmpfs none /run && mkdir /run/sysctl.d && mount --bind "$0/run" /run/sysctl.d
            mount -t tmpfs none /usr/local/lib && mkdir /usr/local/lib/sysctl.d
            mount --bind "$0/local" /usr/local/lib/sysctl.d
            for run in $(seq \(runs)); do \(Self.program) >/dev/null 2>&1 || true; done
            cd /proc/sys
            grep -s "" "$@" || true
            """
        let output = try run("/usr/bin/unshare", ["-n", "-m", "sh", "-c", script, root.path, "/dev/null"] + paths)
        var values: [String: String] = [:]
        for line in output.split(separator: "\n") {
            guard let equals = line.firstIndex(of: ":") else { continue }
            values[String(line[..<equals])] =
                line[line.index(after: equals)...].split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        }
        return values
    }

    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(program) failed")
        return String(decoding: data, as: UTF8.self)
    }

    // MARK: - The table

    private func record(_ rows: [String], _ release: String) throws {
        let file = Repository.root.appendingPathComponent("docs/comparisons/sysctl.md")
        if ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1" {
            let version = try run(Self.program, ["--version"]).split(separator: "\n").first ?? "systemd"
            let kernel = release.prefix { $0.isNumber || $0 == "." }
            let text = """
                # Kernel settings: Firn beside systemd-sysctl and the kernel

                Each case is a set of files. The real `systemd-sysctl` (\(version)) applied them in a fresh network namespace
                of Linux \(kernel); then every `net.*` setting that Firn names was read from `/proc/sys` and compared with Firn's
                fact, the untouched ones too. "Not told" counts settings that Firn calls unavailable on purpose, with the reason.
                Written by `RECORD_COMPARISONS=1 swift test --filter SysctlOracleTests`; every test run repeats the comparison.

                | case | files | settings compared | of these set by the files | not told | result |
                |---|---|---|---|---|---|

                """
            try Data((text + rows.joined(separator: "\n") + "\n").utf8).write(to: file)
        }
        let recorded = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        for row in rows {
            let name = row.split(separator: "|").first ?? ""
            #expect(recorded.contains("|\(name)|"), "docs/comparisons/sysctl.md lacks the case\(name)")
        }
    }
}
