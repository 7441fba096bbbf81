import FirnTestSupport
import Foundation
import Testing

/// The workflows of GitHub: what they may do, what they name, and what their judges say.
struct WorkflowTests {
    static let names = ["nixos-images.yml", "ci.yml"]
    static let validators = Repository.path(".build/validators/venv/bin") + "/"
    /// Where `CI` is set a missing judge fails its test.
    static let hasValidators =
        FileManager.default.isExecutableFile(atPath: validators + "zizmor")
        || ProcessInfo.processInfo.environment["CI"] != nil

    static func text(_ name: String) throws -> String {
        String(decoding: try Repository.bytes(".github/workflows/\(name)"), as: UTF8.self)
    }

    /// One job.
    struct Job {
        var name: String
        var value: [String: Any]
        var steps: [[String: Any]] { value["steps"] as? [[String: Any]] ?? [] }
        var runs: [String] { steps.compactMap { $0["run"] as? String } }
    }

    /// The whole document, read by a YAML parser that is not ours.
    static func document(_ name: String) throws -> [String: Any] {
        let program = """
            import json, sys
            from ruamel.yaml import YAML
            yaml = YAML(typ="safe", pure=True)
            json.dump(yaml.load(open(sys.argv[1])), sys.stdout)
            """
        let answer = try Nix.run(validators + "python3", ["-c", program, ".github/workflows/\(name)"])
        try #require(answer.code == 0, "\(answer.errors)")
        return try #require(try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
    }

    static func jobs(_ name: String) throws -> [Job] {
        let jobs = try #require(try document(name)["jobs"] as? [String: [String: Any]])
        return jobs.map { Job(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    }

    // MARK: - What it may do

    @Test(.enabled(if: hasValidators)) func everyJobMayDoOnlyWhatItNeeds() throws {
        // By hand: what builds reads; one job writes findings, one reads an artifact of another run, one publishes.
        let read = ["contents": "read"]
        let expected: [String: [String: [String: String]]] = [
            "nixos-images.yml": [
                "firn": read, "evaluate": read, "images": read, "tests": read, "cli": read,
                "findings": ["contents": "read", "security-events": "write"],
                "sizes": ["contents": "read", "actions": "read"],
                "release": ["contents": "write"],
            ],
            "ci.yml": ["ci": read],
        ]
        for name in Self.names {
            let document = try Self.document(name)
            #expect((document["permissions"] as? [String: Any])?.isEmpty == true, "\(name)")
            let permissions = try Self.jobs(name).reduce(into: [:]) { all, job in
                all[job.name] = job.value["permissions"] as? [String: String]
            }
            #expect(permissions == expected[name])
            #expect(document["concurrency"] != nil)
            for job in try Self.jobs(name) {
                let minutes = try #require(job.value["timeout-minutes"] as? Int, "\(job.name)")
                #expect((10...300).contains(minutes))
            }
        }
    }

    @Test(.enabled(if: hasValidators)) func onlyTheReleaseHasTheKey() throws {
        for job in try Self.names.flatMap(Self.jobs) {
            let all = String(
                decoding: try JSONSerialization.data(withJSONObject: job.value, options: [.withoutEscapingSlashes]),
                as: UTF8.self)
            #expect(all.contains("secrets.") == (job.name == "release"), "\(job.name)")
            #expect((job.value["environment"] as? String) == (job.name == "release" ? "release" : nil))
        }
        let release = try #require(try Self.jobs("nixos-images.yml").first { $0.name == "release" })
        #expect(release.value["if"] as? String == "${{ startsWith(github.ref, 'refs/tags/v') }}")
        // Nothing is released beside a test, a gate or an output that failed.
        #expect(
            Set(release.value["needs"] as? [String] ?? []) == ["evaluate", "images", "tests", "sizes", "cli"])
    }

    /// Each is a tag of its repository; looked up there, and never changed by hand alone.
    static let actions = [
        "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
        "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
        "cachix/install-nix-action": "630ae543ea3a38a9a4166f03376c02c50f408342 # v31.11.0",
        "github/codeql-action/upload-sarif": "8aad20d150bbac5944a9f9d289da16a4b0d87c1e # v4.36.2",
    ]

    @Test func actionsArePinnedByCommit() throws {
        var seen: Set<String> = []
        for name in Self.names {
            for line in try Self.text(name).split(separator: "\n") where line.contains("uses:") {
                let found = try #require(line.firstMatch(of: #/uses: ([^@ ]+)@([0-9a-f]{40} # v[0-9.]+)$/#), "\(line)")
                #expect(Self.actions[String(found.output.1)] == String(found.output.2), "\(line)")
                seen.insert(String(found.output.1))
            }
        }
        #expect(seen == Set(Self.actions.keys))
    }

    /// The digest is that of swift:6.3-bookworm for all platforms, as docker-library/repo-info has it.
    @Test(.enabled(if: hasValidators)) func containersArePinnedByDigest() throws {
        let image = "swift:6.3-bookworm@sha256:7060a792f4cd9eaa0d00826d941cec00ab8d252d33b8b28bc8e105f51f2dba73"
        let images = try Self.names.flatMap(Self.jobs).reduce(into: [:]) { all, job in
            all[job.name] = (job.value["container"] as? [String: Any])?["image"] as? String
        }
        #expect(images == ["cli": image, "ci": image])
    }

    @Test(.enabled(if: hasValidators)) func checkoutsLeaveNoCredentials() throws {
        var count = 0
        for step in try Self.names.flatMap(Self.jobs).flatMap(\.steps) {
            guard let uses = step["uses"] as? String, uses.hasPrefix("actions/checkout@") else { continue }
            count += 1
            #expect((step["with"] as? [String: Any])?["persist-credentials"] as? Bool == false)
        }
        #expect(count == 9)
    }

    /// What others write (a branch's name, a title) reaches a shell as a variable, never as its text.
    @Test(.enabled(if: hasValidators)) func noExpressionStandsInAShellLine() throws {
        for job in try Self.names.flatMap(Self.jobs) {
            for run in job.runs { #expect(!run.contains("${{"), "\(job.name): \(run)") }
        }
    }

    @Test(.enabled(if: hasValidators)) func artifactsAreKeptForSevenDays() throws {
        var kept: [String: String] = [:]
        for step in try Self.jobs("nixos-images.yml").flatMap(\.steps) {
            guard let uses = step["uses"] as? String, uses.hasPrefix("actions/upload-artifact@") else { continue }
            let with = try #require(step["with"] as? [String: Any])
            kept[try #require(with["name"] as? String)] = with["retention-days"].map { "\($0)" }
        }
        #expect(
            kept == [
                "firn-${{ matrix.system }}": "7", "report-${{ matrix.image }}-${{ matrix.system }}": "7",
                "image-${{ matrix.image }}-${{ matrix.system }}": "7", "cli-${{ matrix.system }}": "7",
                // The history is what must outlive a run.
                "sizes": "${{ github.ref == 'refs/heads/main' && 90 || 7 }}",
            ])
    }

    // MARK: - What it builds

    @Test(.enabled(if: hasValidators)) func threeImagesOfTwoSystemsAreBuiltAndShown() throws {
        let jobs = try Self.jobs("nixos-images.yml")
        func pairs(_ name: String) throws -> [String] {
            let job = try #require(jobs.first { $0.name == name })
            let strategy = try #require(job.value["strategy"] as? [String: Any])
            #expect(strategy["fail-fast"] as? Bool == false)
            let include = (strategy["matrix"] as? [String: Any])?["include"] as? [[String: Any]] ?? []
            for entry in include where name == "images" {
                let isX86 = entry["system"] as? String == "x86_64-linux"
                #expect(entry["required"] as? Bool == isX86)
                #expect(entry["runner"] as? String == (isX86 ? "ubuntu-24.04" : "ubuntu-24.04-arm"))
            }
            return include.map { "\($0["image"] ?? "") \($0["system"] ?? "")" }.sorted()
        }
        let all = ["iso", "vm", "wsl"].flatMap { ["\($0) aarch64-linux", "\($0) x86_64-linux"] }
        #expect(try pairs("images") == all)
        #expect(try pairs("findings") == all)
        let tests = try #require(jobs.first { $0.name == "tests" })
        let matrix = (tests.value["strategy"] as? [String: Any])?["matrix"] as? [String: Any]
        #expect(
            Set(matrix?["test"] as? [String] ?? []) == [
                "basic-services", "docker-services", "dev-tools", "security-hardening", "network",
            ])
        // Without KVM they would run for hours, or be skipped: the step fails.
        #expect(tests.runs.contains { $0.contains("99-kvm.rules") && $0.contains("test -w /dev/kvm") })
    }

    /// The gate measures and judges the size, and nothing else does; the limits are data.
    @Test(.enabled(if: hasValidators)) func theGateChecksTheSize() throws {
        let images = try #require(try Self.jobs("nixos-images.yml").first { $0.name == "images" })
        let names = images.steps.compactMap { $0["name"] as? String }
        let gate = try #require(images.steps.first { $0["name"] as? String == "Gate the image" })
        let run = try #require(gate["run"] as? String)
        #expect(run.hasPrefix("firn gate ") && run.contains(#"--artifact "$ARTIFACT""#) && gate["if"] == nil)
        let order = ["Gate the system", "Build the image", "Gate the image", "Keep the image"]
        #expect(names.filter(order.contains) == order)
        // An image that the gate refused is not kept.
        let keep = try #require(images.steps.first { $0["name"] as? String == "Keep the image" })
        #expect(keep["if"] == nil)
        for run in images.runs { #expect(run.firstMatch(of: #/stat |du |wc -c|-gt|-le|2048|3072|4096/#) == nil) }
        for policy in ["build", "release"] {
            let text = String(decoding: try Repository.bytes("profiles/policies/\(policy).toml"), as: UTF8.self)
            #expect(text.contains("[size]\nwsl = 2048\niso = 3072\nvm = 4096\n"), "\(policy)")
        }
    }

    // MARK: - What it names

    @Test func everyScriptThatIsNamedIsThere() throws {
        for name in Self.names {
            let scripts = Set(try Self.text(name).matches(of: #/scripts\/[a-z\/-]+[a-z]/#).map { String($0.output) })
                .subtracting(["scripts/release"])
            #expect(!scripts.isEmpty)
            for script in scripts {
                #expect(FileManager.default.isExecutableFile(atPath: Repository.path(script)), "\(script)")
            }
        }
        let directory = Repository.path("scripts/release")
        let all = try FileManager.default.contentsOfDirectory(atPath: directory)
        var users = ""
        for name in Self.names { users += try Self.text(name) }
        for script in all {
            users += String(decoding: try Repository.bytes("scripts/release/\(script)"), as: UTF8.self)
        }
        // No script that nobody calls.
        for script in all {
            #expect(
                users.ranges(of: "/\(script)").count >= 2 || users.contains("scripts/release/\(script) "), "\(script)")
        }
    }

    @Test func everyMakeTargetIsThere() throws {
        let makefile = String(decoding: try Repository.bytes("Makefile"), as: UTF8.self)
        for name in Self.names {
            for line in try Self.text(name).matches(of: #/run: make ([a-z -]+)\n/#) {
                for target in line.output.1.split(separator: " ") {
                    #expect(makefile.contains("\n\(target):"), "make \(target)")
                }
            }
        }
    }

    // MARK: - Its judges

    private func judge(_ tool: String, _ arguments: [String], _ name: String, _ text: String) throws -> Nix.Answer {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("workflow-\(UUID().uuidString)")
        let place = root.appendingPathComponent(".github/workflows")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let file = place.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return try Nix.run(tool, arguments + [file.path], directory: root)
    }

    @Test(.enabled(if: hasValidators), arguments: names) func theSchemaAccepts(_ name: String) throws {
        let text = try Self.text(name)
        let arguments = ["--builtin-schema", "vendor.github-workflows"]
        let tool = Self.validators + "check-jsonschema"
        let answer = try judge(tool, arguments, name, text)
        #expect(answer.code == 0, "\(answer.text)")
        #expect(try judge(tool, arguments, name, text.replacing("runs-on:", with: "runs-at:")).code != 0)
    }

    @Test(.enabled(if: hasValidators), arguments: names) func zizmorAccepts(_ name: String) throws {
        let text = try Self.text(name)
        let arguments = ["--offline", "--no-progress", "--persona=pedantic"]
        let tool = Self.validators + "zizmor"
        let answer = try judge(tool, arguments, name, text)
        #expect(answer.code == 0, "\(answer.text)")
        let broken = [
            text.replacing("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", with: "@main"),
            text.replacing("permissions: {}", with: "permissions: write-all"),
            text.replacing("      contents: read\n", with: "      contents: write\n"),
            text.replacing("pull_request:", with: "pull_request_target:"),
            text.replacing("run: scripts/release/free-space", with: "run: echo ${{ github.head_ref }}")
                .replacing("run: .ci/run", with: "run: echo ${{ github.head_ref }}"),
        ]
        for broken in broken {
            #expect(broken != text)
            #expect(try judge(tool, arguments, name, broken).code != 0)
        }
    }

    @Test(.enabled(if: Nix.path(of: "actionlint") != nil, "actionlint is not in the PATH"), arguments: names)
    func actionlintAccepts(_ name: String) throws {
        let text = try Self.text(name)
        let answer = try judge("actionlint", ["-no-color"], name, text)
        #expect(answer.code == 0, "\(answer.text)")
        #expect(
            try judge("actionlint", ["-no-color"], name, text.replacing("timeout-minutes", with: "timeout")).code != 0)
    }

    @Test(.enabled(if: Nix.path(of: "shellcheck") != nil || ProcessInfo.processInfo.environment["CI"] != nil))
    func shellcheckAccepts() throws {
        let directory = Repository.path("scripts/release")
        let all = try FileManager.default.contentsOfDirectory(atPath: directory).sorted().map {
            "scripts/release/\($0)"
        }
        #expect(all.count >= 12)
        let answer = try Nix.run("shellcheck", ["-x"] + all)
        #expect(answer.code == 0, "\(answer.text)")
        for script in all where !script.hasSuffix("/configuration") {
            let text = String(decoding: try Repository.bytes(script), as: UTF8.self)
            #expect(text.hasPrefix("#!/usr/bin/env bash\n# "), "\(script)")
            #expect(text.contains("\nset -euo pipefail\n"), "\(script)")
            #expect(text.contains("# Usage: scripts/release/") || text.contains("# Usage:"), "\(script)")
        }
    }
}
