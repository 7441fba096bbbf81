import FirnTestSupport
import Foundation
import Testing

/// The scripts of scripts/release, run on fixtures with stand-ins for the programs that need a network, a store or root.
struct WorkflowScriptTests {
    /// A directory with its own programs at the head of the PATH.
    final class Place {
        let directory: URL

        init() throws {
            directory = FileManager.default.temporaryDirectory.appendingPathComponent("release-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: directory.appendingPathComponent("bin"), withIntermediateDirectories: true)
        }

        deinit {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }

        func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

        func write(_ name: String, _ text: String) throws {
            let file = directory.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }

        func read(_ name: String) throws -> String {
            try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
        }

        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

        /// A program of this name that does what these lines of shell say.
        func program(_ name: String, _ shell: String) throws {
            try write("bin/" + name, "#!/usr/bin/env bash\nset -eu\n" + shell + "\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path("bin/" + name))
        }

        func run(_ script: String, _ arguments: [String], _ environment: [String: String] = [:]) throws -> Nix.Answer {
            let path = path("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
            let program = script.hasPrefix("/") ? script : Repository.path("scripts/release/" + script)
            return try Nix.run(
                program, arguments, environment: environment.merging(["PATH": path, "PLACE": directory.path]) { $1 },
                directory: directory)
        }
    }

    static let commit = String(repeating: "a", count: 40)

    /// A verdict as far as the scripts read it.
    static func verdict(
        _ name: String, _ kind: String, size: Int, decision: String = "pass", reasons: String = "[]",
        warnings: String = "[]", limit: Int = 2048
    ) -> String {
        """
        {"decision": "\(decision)", "policy": {"id": "build"}, "profile": {"id": "standard"}, "waiversDigest": null,
         "open": ["a", "b"], "reasons": \(reasons), "warnings": \(warnings), "validUntil": "2026-12-24T00:00:00Z",
         "artifact": {"name": "\(name)", "kind": "\(kind)", "size": \(size), "limit": \(limit << 20)}}
        """
    }

    // MARK: - Sizes over time

    @Test func aVerdictBecomesALine() throws {
        let place = try Place()
        try place.write("seconds", "725\n")
        func record(_ verdict: String) throws -> Nix.Answer {
            try place.write("verdict.json", verdict)
            return try place.run(
                "size-history",
                ["record", "verdict.json", "seconds", "x86_64-linux", Self.commit, "2026-11-24T12:00:00Z"])
        }
        let good = try record(Self.verdict("a.tar.gz", "wsl", size: 1_000_000_000))
        #expect(
            good.text == "2026-11-24T12:00:00Z,\(Self.commit),wsl,x86_64-linux,1000000000,2147483648,725,ok\n",
            "\(good.errors)")
        #expect(good.errors.isEmpty)
        // The words are those of Sources/FirnGate/GateArtifactCheck.swift; theGateItselfIsUnderstood holds them together.
        let warning = "a.tar.gz has 1900.0 MB, 92 % of the limit of 2048.0 MB for wsl"
        let near = try record(
            Self.verdict("a.tar.gz", "wsl", size: 1_992_294_400, warnings: #"["other", "\#(warning)"]"#))
        #expect(near.text.hasSuffix(",near\n"))
        #expect(
            near.errors
                == "::warning title=Image near its limit::\(warning.replacing("%", with: "%25"))\n")
        let over = try record(
            Self.verdict(
                "a.tar.gz", "wsl", size: 3_000_000_000, decision: "blocked",
                reasons: #"[{"kind": "size", "message": "a.tar.gz has 2861.1 MB, and wsl may have 2048.0 MB"}]"#))
        #expect(over.text.hasSuffix(",over\n"))
        #expect(over.errors.hasPrefix("::error title=Image too large::a.tar.gz has 2861.1 MB"))
        // Without an artifact, or of a kind that is none, nothing is written.
        #expect(try record(#"{"reasons": [], "warnings": [], "artifact": null}"#).code != 0)
        #expect(try record(Self.verdict("a", "raw", size: 1)).code != 0)
    }

    private static func line(_ time: String, _ image: String, _ bytes: Int, commit: String = commit) -> String {
        "\(time),\(commit),\(image),x86_64-linux,\(bytes),2147483648,60,ok"
    }

    private static let header = "time,commit,image,system,bytes,limit,seconds,judged"

    @Test func theFirstRunBeginsTheHistory() throws {
        let place = try Place()
        try place.write("new.csv", Self.line("2026-11-24T12:00:00Z", "wsl", 5) + "\n")
        let answer = try place.run("size-history", ["append", "sizes.csv", "new.csv"])
        #expect(answer.code == 0 && answer.errors.isEmpty)
        #expect(try place.read("sizes.csv") == Self.header + "\n" + Self.line("2026-11-24T12:00:00Z", "wsl", 5) + "\n")
        // Once more, as a run that is repeated does.
        #expect(try place.run("size-history", ["append", "sizes.csv", "new.csv"]).code == 0)
        #expect(try place.read("sizes.csv").split(separator: "\n").count == 2)
        // What is to be added must be there.
        #expect(try place.run("size-history", ["append", "sizes.csv", "missing.csv"]).code != 0)
    }

    @Test func linesAreInTheOrderOfTheirTime() throws {
        let place = try Place()
        let late = Self.line("2026-11-24T12:00:00Z", "wsl", 3)
        let early = Self.line("2026-11-20T12:00:00Z", "wsl", 1)
        let middle = Self.line("2026-11-22T12:00:00Z", "iso", 2)
        try place.write("sizes.csv", [Self.header, late].joined(separator: "\n") + "\n")
        try place.write("a.csv", middle + "\n")
        // Without a line end.
        try place.write("b.csv", early)
        #expect(try place.run("size-history", ["append", "sizes.csv", "a.csv", "b.csv"]).code == 0)
        #expect(
            try place.read("sizes.csv").split(separator: "\n").map(String.init) == [Self.header, early, middle, late])
    }

    @Test func whatIsBrokenIsLeftOutAndCounted() throws {
        let place = try Place()
        let good = Self.line("2026-11-20T12:00:00Z", "wsl", 1)
        let bad = [
            "<script>alert(1)</script>", good + ",more", good.replacing("wsl", with: "exe"),
            good.replacing("2026-11-20", with: "yesterday"), "| a | b |", good.replacing(",1,", with: ",-1,"),
            "$(touch \(place.path("run")))", good.dropLast(1).description,
        ]
        try place.write("sizes.csv", ([Self.header] + bad + [good]).joined(separator: "\n") + "\n\u{0}\u{1}\u{2}\n")
        try place.write("new.csv", Self.line("2026-11-24T12:00:00Z", "wsl", 5) + "\n")
        let answer = try place.run("size-history", ["append", "sizes.csv", "new.csv"])
        #expect(answer.code == 0)
        #expect(answer.errors == "size-history: 9 lines could not be read and are left out\n")
        #expect(
            try place.read("sizes.csv")
                == [Self.header, good, Self.line("2026-11-24T12:00:00Z", "wsl", 5)].joined(separator: "\n") + "\n")
        #expect(!place.has("run"))
        // A history that is no text at all.
        var noise = Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        noise.append(0xff)
        try noise.write(to: place.directory.appendingPathComponent("sizes.csv"))
        #expect(try place.run("size-history", ["append", "sizes.csv", "new.csv"]).code == 0)
        #expect(try place.read("sizes.csv").split(separator: "\n").count == 2)
    }

    @Test func theLastTwoHundredOfEachStay() throws {
        let place = try Place()
        let many = (0..<250).map { number in
            Self.line("2026-03-01T\(twoDigits(number / 60)):\(twoDigits(number % 60)):00Z", "wsl", 1000 + number)
        }
        try place.write("sizes.csv", ([Self.header] + many).joined(separator: "\n") + "\n")
        try place.write("new.csv", Self.line("2026-01-01T00:00:00Z", "iso", 7) + "\n")
        #expect(try place.run("size-history", ["append", "sizes.csv", "new.csv"]).code == 0)
        let lines = try place.read("sizes.csv").split(separator: "\n").map(String.init)
        #expect(lines.count == 202)
        #expect(lines[1] == Self.line("2026-01-01T00:00:00Z", "iso", 7))
        #expect(Array(lines.dropFirst(2)) == many.suffix(200))
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    @Test func theSummaryShowsThisRun() throws {
        let place = try Place()
        let other = String(repeating: "b", count: 40)
        // 1000, 1700 and 1900 MB; an ISO of another commit; a machine beyond its limit.
        let lines = [
            "2026-11-01T00:00:00Z,\(other),wsl,x86_64-linux,1048576000,2147483648,65,ok",
            "2026-11-02T00:00:00Z,\(other),wsl,x86_64-linux,1782579200,2147483648,65,ok",
            "2026-11-02T00:00:00Z,\(other),iso,x86_64-linux,1048576,3221225472,5,ok",
            "2026-11-03T00:00:00Z,\(Self.commit),wsl,x86_64-linux,1992294400,2147483648,3725,near",
            "2026-11-03T00:00:00Z,\(Self.commit),vm,aarch64-linux,4404019200,4294967296,59,over",
        ]
        try place.write("sizes.csv", ([Self.header] + lines).joined(separator: "\n") + "\n")
        let answer = try place.run("size-history", ["summary", "sizes.csv", Self.commit])
        #expect(answer.code == 0, "\(answer.errors)")
        let rows = answer.text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map(String.init)
        #expect(
            rows == [
                "| image | system | size | of its limit | build | since the last | trend |",
                "| wsl | x86_64-linux | ⚠ 1900.0 MB | 92 % of 2048 MB | 62 min 5 s | +200.0 MB | ▁▆█ |",
                "| vm | aarch64-linux | ✗ 4200.0 MB | 102 % of 4096 MB | 59 s | first | ▄ |",
            ])
        #expect(answer.text.contains("\nNot built in this run: iso of x86_64-linux.\n"))
        #expect(
            answer.text.contains(
                "```mermaid\nxychart-beta\n  x-axis \"run\" 1 --> 3\n  y-axis \"MB\" 0 --> 2048\n  line [1000.0, 1700.0, 1900.0]\n```"
            ))
        // One figure is no line, and an image that was not built has no new one.
        #expect(answer.text.ranges(of: "xychart").count == 1)
        #expect(answer.text.ranges(of: "<details>").count == answer.text.ranges(of: "</details>").count)
        let none = try place.run("size-history", ["summary", "sizes.csv", String(repeating: "c", count: 40)])
        #expect(none.code == 0 && none.text.contains("| none | | | | | | |"))
        #expect(try place.run("size-history", ["summary", "missing.csv", Self.commit]).code != 0)
        for wrong in [[], ["show"], ["append", "x"], ["usage"]] {
            #expect(try place.run("size-history", wrong).code == 64, "\(wrong)")
        }
    }

    @Test func theHistoryIsThatOfMain() throws {
        let place = try Place()
        try place.program(
            "gh",
            """
            case "$*" in
              "api repos/o/r/actions/artifacts?name=sizes&per_page=100") cat "$PLACE/artifacts.json" ;;
              "run download 12 --repo o/r --name sizes --dir "*) mkdir -p "${@: -1}"; echo "of main" > "${@: -1}/sizes.csv" ;;
              "api repos/o/r/releases?per_page=20") cat "$PLACE/releases.json" ;;
              "release download v0.9.0 --repo o/r --pattern sizes.csv --output f --clobber") echo "of release" > f ;;
              *) echo "unexpected: $*" >&2; exit 1 ;;
            esac
            """)
        func artifact(_ run: Int, _ time: String, branch: String = "main", repository: Int = 1, expired: Bool = false)
            -> String
        {
            """
            {"expired": \(expired), "created_at": "\(time)", "workflow_run": {"id": \(run), "head_branch": "\(branch)",
             "repository_id": 1, "head_repository_id": \(repository)}}
            """
        }
        let environment = ["GITHUB_REPOSITORY": "o/r"]
        try place.write("releases.json", "[]")
        // A fork whose branch is called main, a tag and a pull request are newer; what has expired too.
        let artifacts = [
            artifact(11, "2026-11-01T00:00:00Z"), artifact(12, "2026-11-02T00:00:00Z"),
            artifact(13, "2026-11-03T00:00:00Z", repository: 2), artifact(14, "2026-11-04T00:00:00Z", branch: "v1.0.0"),
            artifact(15, "2026-11-05T00:00:00Z", branch: "fix"), artifact(16, "2026-11-06T00:00:00Z", expired: true),
        ]
        try place.write("artifacts.json", #"{"artifacts": [\#(artifacts.joined(separator: ","))]}"#)
        let main = try place.run("previous-history", ["f"], environment)
        #expect(main.code == 0, "\(main.errors)")
        #expect(try place.read("f") == "of main\n")
        // None left: that of the last release, and no draft.
        try place.write("artifacts.json", #"{"artifacts": [\#(artifacts[2])]}"#)
        try place.write(
            "releases.json",
            """
            [{"draft": true, "tag_name": "v1.1.0", "assets": [{"name": "sizes.csv"}]},
             {"draft": false, "tag_name": "v1.0.0", "assets": [{"name": "notes"}]},
             {"draft": false, "tag_name": "v0.9.0", "assets": [{"name": "a"}, {"name": "sizes.csv"}]}]
            """)
        #expect(try place.run("previous-history", ["f"], environment).code == 0)
        #expect(try place.read("f") == "of release\n")
        try place.write("releases.json", "[]")
        let none = try place.run("previous-history", ["g"], environment)
        #expect(none.code == 0 && none.text.contains("first run") && !place.has("g"))
        // A lookup that fails is no first run.
        try place.program("gh", "exit 1")
        #expect(try place.run("previous-history", ["g"], environment).code != 0)
    }

    // MARK: - Building

    private static let nix = #"""
        echo "nix $*" >> "$PLACE/log"
        while [ $# -gt 0 ]; do
          if [ "$1" = --out-link ]; then link=$2; fi
          last=$1
          shift
        done
        case $last in
          *tarballBuilder)
            mkdir -p "$link/bin"
            printf '#!/bin/sh\nprintf tarball > "$1"\n' > "$link/bin/nixos-wsl-tarball-builder"
            chmod +x "$link/bin/nixos-wsl-tarball-builder"
            ;;
          *isoImage) mkdir -p "$link/iso"; echo image > "$link/iso/nixos-$RANDOM.iso" ;;
          *system.build.vm) mkdir -p "$link/bin" ;;
          *) exit 1 ;;
        esac
        """#

    @Test func imagesAreBuiltUnderTheNamesOfTheRelease() throws {
        let place = try Place()
        try place.program("nix", Self.nix)
        try place.program("sudo", "echo \"sudo ${1##*/} ${2:-}\" >> \"$PLACE/log\"\nexec \"$@\"")
        try place.program(
            "nix-store", "echo \"nix-store $1\" >> \"$PLACE/log\"\nif [ \"$1\" = --query ]; then echo /nix/store/x; fi")
        let out = place.path("out")
        for (image, system, file) in [
            ("wsl", "x86_64-linux", "nixos-wsl-x86_64-linux.tar.gz"),
            ("iso", "aarch64-linux", "nixos-ros2-aarch64-linux.iso"),
            ("vm", "x86_64-linux", "nixos-ros2-vm-x86_64-linux.closure.zst"),
        ] {
            let answer = try place.run("build-image", [image, system, out])
            #expect(answer.code == 0, "\(answer.errors)")
            #expect(place.has("out/" + file))
            #expect(Int(try place.read("out/seconds").trimmingCharacters(in: .newlines)) != nil)
            // What is uploaded, and nothing beside it.
            let uploaded = try FileManager.default.contentsOfDirectory(atPath: out).filter { $0.hasPrefix("nixos-") }
            #expect(uploaded == [file])
            try FileManager.default.removeItem(atPath: out)
        }
        let log = try place.read("log")
        #expect(log.contains(".#nixosConfigurations.wsl-ros2.config.system.build.tarballBuilder\n"))
        #expect(log.contains(".#nixosConfigurations.iso-ros2-aarch64.config.system.build.isoImage\n"))
        #expect(log.contains("sudo nixos-wsl-tarball-builder \(out)/nixos-wsl-x86_64-linux.tar.gz\n"))
        #expect(log.contains("nix-store --export\n"))
        for wrong in [["exe", "x86_64-linux", out], ["wsl", "riscv64-linux", out], ["wsl"]] {
            #expect(try place.run("build-image", wrong).code == 64)
        }
        // A build that fails leaves no image, and no time.
        try place.program("nix", "exit 1")
        #expect(try place.run("build-image", ["iso", "x86_64-linux", out]).code != 0)
        #expect(!place.has("out/seconds"))
    }

    @Test func theAuditTakesTheWaiversOfTheConfiguration() throws {
        let place = try Place()
        try place.write("given/iso.toml", "iso")
        try place.write("more/a.toml", "a")
        try place.write("more/b.toml", "b")
        try place.program(
            "nix",
            """
            echo "nix $*" >> "$PLACE/log"
            case "$*" in
              build*toplevel) ;;
              eval*waivers*) echo '["'"$PLACE"'/given/iso.toml", "'"$PLACE"'/more"]' ;;
              eval*evaluatedConfig*) echo '{"secret": 1}' ;;
              *) exit 1 ;;
            esac
            """)
        try place.program(
            "firn",
            """
            if [ -f "$2" ]; then stat -c '%a %n' "$2" >> "$PLACE/log"; fi
            for word; do case $word in json=*) echo report > "${word#json=}" ;; esac; done
            exit "${FIRN_CODE:-1}"
            """)
        let out = place.path("out")
        // The findings of a check are for the gate.
        for code in ["0", "1", "3"] {
            let answer = try place.run(
                "audit-image", ["iso", "x86_64-linux", out], ["FIRN_CODE": code, "TMPDIR": place.directory.path])
            #expect(answer.code == 0, "\(answer.errors)")
        }
        let waivers = try FileManager.default.contentsOfDirectory(atPath: out + "/waivers").sorted()
        #expect(waivers == ["1-iso.toml", "2-a.toml", "2-b.toml"])
        #expect(place.has("out/declared.json") && place.has("out/built.json"))
        let log = try place.read("log")
        #expect(log.contains("nixosConfigurations.iso-ros2.config.security.hardening.gate.waivers"))
        // The options are readable by nobody else, and gone.
        #expect(log.contains("600 \(place.directory.path)/tmp."))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.directory.path).allSatisfy {
                !$0.hasPrefix("tmp.")
            })
        // An error is no finding.
        for code in ["2", "64"] {
            let answer = try place.run("audit-image", ["iso", "x86_64-linux", out], ["FIRN_CODE": code])
            #expect(answer.code == Int32(code))
        }
    }

    @Test func allJobsHaveTheSameInputs() throws {
        let place = try Place()
        try place.program("nix", "echo \"nix $*\" >> \"$PLACE/log\"\necho locked > flake.lock")
        // A checkout of its own, since the script writes into it.
        try FileManager.default.createDirectory(
            atPath: place.path("repo/scripts/release"), withIntermediateDirectories: true)
        let script = place.path("repo/scripts/release/lock-inputs")
        try FileManager.default.copyItem(atPath: Repository.path("scripts/release/lock-inputs"), toPath: script)
        try place.write(
            "git.sh", "cd repo && git init -q && git add scripts && git -c user.name=a -c user.email=a@b commit -qm a")
        #expect(try Nix.run("bash", ["git.sh"], directory: place.directory).code == 0)

        let release = try place.run(script, ["make", place.path("given")], ["GITHUB_REF": "refs/tags/v1.0.0"])
        #expect(release.code != 0 && release.errors.contains("needs a committed flake.lock"))
        let answer = try place.run(script, ["make", place.path("given")], ["GITHUB_REF": "refs/heads/main"])
        #expect(answer.code == 0 && answer.text.contains("::notice"), "\(answer.errors)")
        #expect(try place.read("given/flake.lock") == "locked\n")
        // In the next job's checkout there is none; Git is told of it.
        try FileManager.default.removeItem(atPath: place.path("repo/flake.lock"))
        #expect(try place.run(script, ["take", place.path("given")]).code == 0)
        let known = try Nix.run("git", ["-C", place.path("repo"), "ls-files"], directory: place.directory)
        #expect(known.text.contains("flake.lock"))
        // Another one is in the checkout already.
        try place.write("repo/flake.lock", "other\n")
        #expect(try place.run(script, ["take", place.path("given")]).code != 0)
    }

    @Test func aClosureIsWrittenWholeOrNotAtAll() throws {
        let place = try Place()
        try place.write("result", "")
        try place.program("nix-store", "if [ \"$1\" = --query ]; then echo /nix/store/a; else exit 1; fi")
        #expect(try place.run("export-closure", ["result", "out/x.closure.zst"]).code != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("out")).isEmpty)
        try place.program(
            "nix-store", "if [ \"$1\" = --query ]; then echo /nix/store/a; else echo \"closure of $2\"; fi")
        #expect(try place.run("export-closure", ["result", "out/x.closure.zst"]).code == 0)
        #expect(try Nix.run("zstd", ["-dc", place.path("out/x.closure.zst")]).text == "closure of /nix/store/a\n")

        try place.write("firn/firn.path", "/nix/store/../../etc\n")
        #expect(try place.run("use-firn", ["firn", "link"]).errors.contains("names no store path"))
    }

    @Test func theRunnersOfOthersAreLeftAlone() throws {
        let place = try Place()
        try place.program("sudo", "touch \"$PLACE/ran\"")
        for environment in [
            [:], ["GITHUB_ACTIONS": "true"], ["GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "self-hosted"],
            ["RUNNER_ENVIRONMENT": "github-hosted"],
        ] {
            var all = ["GITHUB_ACTIONS": "", "RUNNER_ENVIRONMENT": ""]
            all.merge(environment) { $1 }
            #expect(try place.run("free-space", [], all).code == 64)
        }
        #expect(!place.has("ran"))
        try place.program("apt-get", "touch \"$PLACE/ran\"")
        #expect(try place.run("prepare-container", [], ["GITHUB_ACTIONS": ""]).code == 64)
        #expect(!place.has("ran"))
        let there = ["GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted"]
        #expect(try place.run("free-space", [], there).code == 0)
        #expect(place.has("ran"))
    }
}
