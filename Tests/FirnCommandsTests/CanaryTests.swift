import FirnReports
import FirnTestSupport
import Foundation
import Testing

/// Secrets seeded where people put them appear in no output format, passes and snapshots included.
@Suite struct CanaryTests {
    static let canary = "CANARYe2c1f7a9"

    private func expectNoCanary(_ arguments: [String], systems: Int = 1) throws {
        for format in ReportFormat.all.map(\.name) {
            let run = CommandLineRun(
                ["check"] + arguments + ["--profile", "strict", "--all", "--format", format])
            // A checklist is of one system: several are refused, in words that hold no secret either.
            #expect((run.code == 2) == (format == "cklb" && systems > 1), "\(format): \(run.err)")
            #expect(!run.out.contains(Self.canary), "\(format) shows a secret: \(context(run.out))")
            #expect(!run.err.contains(Self.canary))
        }
        // What is made of a saved report.
        let directory = try TemporaryDirectory()
        let report = directory("report.json")
        #expect(
            CommandLineRun(["check"] + arguments + ["--profile", "strict", "--format", "json=" + report]).code != 2)
        let runs = [
            ["fix", report], ["diff", report, report], ["gate", report, "--details"],
            ["report", report, "--bundle", directory("bundle")],
        ]
        for run in runs.map({ CommandLineRun(arguments: $0, isTerminal: false, columns: 100, environment: [:]) }) {
            #expect(!(run.out + run.err).contains(Self.canary), "\(context(run.out + run.err))")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: directory("bundle")) {
            let text = String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: directory("bundle/" + name))), as: UTF8.self)
            #expect(!text.contains(Self.canary), "\(name): \(context(text))")
        }
    }

    private func context(_ text: String) -> String {
        guard let range = text.range(of: Self.canary) else { return "" }
        return String(text[..<range.lowerBound].suffix(200))
    }

    @Test(arguments: ["old-d-insecure", "modern-d-insecure", "current-d-insecure"])
    func secretsOfAConfiguration(fixture: String) throws {
        let directory = try TemporaryDirectory()
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixture.config(fixture)))
        var config = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        func change(_ path: [String], _ value: Any) throws {
            func set(_ node: [String: Any], _ path: ArraySlice<String>) -> [String: Any] {
                var node = node
                guard let key = path.first else { return node }
                if path.count == 1 {
                    node[key] = value
                } else {
                    node[key] = set(node[key] as? [String: Any] ?? [:], path.dropFirst())
                }
                return node
            }
            config = set(config, path[...])
        }
        let openssh = try #require((config["services"] as? [String: Any])?["openssh"] as? [String: Any])
        let extra = openssh["extraConfig"] as? String ?? ""
        try change(
            ["services", "openssh", "extraConfig"],
            extra + """

                # password is \(Self.canary)
                SetEnv API_TOKEN=\(Self.canary)
                AuthorizedKeysCommand /bin/keys --token \(Self.canary)
                Match User bot
                  SetEnv DEPLOY_KEY=\(Self.canary)
                  ForceCommand /bin/deploy --password \(Self.canary)
                """)
        let boot = try #require(config["boot"] as? [String: Any])
        try change(
            ["boot", "kernelParams"],
            (boot["kernelParams"] as? [String] ?? []) + [
                "rd.luks.key=\(Self.canary)", "netroot=iscsi:user:\(Self.canary)@10.0.0.1", "-- \(Self.canary)",
            ])
        try change(["users", "users", "root", "hashedPassword"], "$6$\(Self.canary)")
        try change(["users", "users", "root", "initialPassword"], Self.canary)
        try change(["users", "users", "root", "openssh", "authorizedKeys", "keys"], ["ssh-ed25519 \(Self.canary)"])
        try change(["networking", "wireless", "networks"], ["home": ["psk": Self.canary]])
        try change(["systemd", "services", "x", "environment", "TOKEN"], Self.canary)
        let path = directory("config.json")
        try JSONSerialization.data(withJSONObject: config).write(to: URL(fileURLWithPath: path))
        try expectNoCanary([path])
    }

    @Test(arguments: ["old-d-insecure", "modern-c-hardserver", "current-s-specialisation"])
    func secretsOfAClosure(fixture: String) throws {
        let directory = try TemporaryDirectory()
        let root = directory("root")
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = ["-a", Fixture.system(fixture), root]
        try copy.run()
        copy.waitUntilExit()
        try #require(copy.terminationStatus == 0)

        let store = root + "/nix/store"
        func append(_ path: String, _ text: String) throws {
            #expect(chmod(path, 0o644) == 0)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        var seeded = 0
        let files = try #require(FileManager.default.enumerator(atPath: store))
        for case let name as String in files {
            let path = store + "/" + name
            if name.hasSuffix("-sshd.conf-final") || name.hasSuffix("-sshd.conf-validated") {
                try append(
                    path,
                    """

                    # token \(Self.canary)
                    Match User bot
                      SetEnv TOKEN=\(Self.canary)
                      ForceCommand /bin/x --password \(Self.canary)

                    """)
                seeded += 1
            } else if name.hasSuffix("/kernel-params") {
                try append(path, " rd.luks.key=\(Self.canary) ds=nocloud;password=\(Self.canary)")
                seeded += 1
            } else if name.hasSuffix("60-nixos.conf") {
                let text = "\n# \(Self.canary)\nkernel.core_pattern=|/bin/upload --token \(Self.canary)\n"
                if FileManager.default.fileExists(atPath: path), !name.contains("/") { try append(path, text) }
            } else if name.hasSuffix("bin/firewall-start") {
                try append(path, "\n# \(Self.canary)\ncurl -H 'Authorization: \(Self.canary)' http://localhost\n")
                seeded += 1
            } else if name.hasSuffix("-nftables-rules") {
                try append(path, "\n# \(Self.canary)\n")
                seeded += 1
            }
        }
        #expect(seeded >= 2)
        for name in ["shadow", "passwd"] where FileManager.default.fileExists(atPath: root + "/etc/" + name) {
            try append(root + "/etc/" + name, "canary:$6$\(Self.canary):1::::::\n")
        }
        try expectNoCanary([root], systems: fixture == "current-s-specialisation" ? 3 : 1)
    }
}
