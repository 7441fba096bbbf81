import FirnModel
import FirnReportCore
import FirnSigning
import FirnTestSupport
import Foundation
import Glibc
import Testing

@testable import FirnAgent

/// The program itself: its exit codes, its signals, and what it leaves when it is killed or the disk is full.
@Suite(.enabled(if: AgentProgram.isExpected, "the program is not built; see swift build"))
struct AgentProgramTests {
    // MARK: - Commands

    @Test func factsAreASnapshotThatCanBeReadBack() throws {
        let run = try AgentProgram.run(AgentProgram.path, ["facts"])
        #expect(run.code == 0)
        let snapshot = try SnapshotJSON.decode(Array(run.output.utf8))
        #expect(snapshot.source == .live)
        let release = try String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        #expect(snapshot.fact("system.kernel-version")?.value == .string(String(release.dropLast())))
        #expect(String(decoding: SnapshotJSON.bytes(snapshot), as: UTF8.self) == run.output)
    }

    @Test func enrollTwiceGivesTheSameKey() throws {
        let room = try AgentRoom()
        let arguments = ["enroll", "--state", room.state, "--name", "web-1"]
        let first = try AgentProgram.run(AgentProgram.path, arguments)
        let second = try AgentProgram.run(AgentProgram.path, arguments)
        #expect(first.code == 0)
        #expect(first.output == second.output)
        let key = try PrivateKey(file: try room.bytes("agent.key")).publicKey
        #expect(first.output == "[[agent-key]]\nname = \"web-1\"\nkey = \"\(key.openSSH)\"\n")
        #expect(first.errors == "firn-agent: \(room.file("agent.key")) is \(key.fingerprint)\n")
    }

    /// Two that start at once must not end with a key each.
    @Test func manyThatEnrollAtOnceHaveOneKey() throws {
        let room = try AgentRoom()
        let processes = try (0..<8).map { _ in try AgentProgram(["enroll", "--state", room.state], in: room) }
        for process in processes { #expect(process.wait().code == 0) }
        let lines = try Set(processes.map { try $0.errorText })
        #expect(lines.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: room.state) == ["agent.key"])
    }

    @Test func aChallengeIsAnsweredAndVerifiedByTheCommandLine() throws {
        let room = try AgentRoom()
        let once = try AgentProgram.run(
            AgentProgram.path, ["once", "--state", room.state, "--profile", "minimal", "--challenge", "q-1"])
        #expect([0, 1, 3].contains(once.code), "\(once.errors)")
        #expect(once.output == "\(room.file("report.json"))\n\(room.file("report.dsse.json"))\n")
        let report = try ReportJSON.decode(try room.bytes("report.json"))
        #expect(report.challenge == "q-1")
        #expect(report.profile == "minimal")
        #expect(report.tool == "firn-agent \(FirnAgent.version)")
        #expect(once.code == ExitCode.of(results: report.results, failOn: .low))
        for name in ["report.json", "report.dsse.json", "agent.key"] {
            #expect(try room.mode(room.file(name)) == 0o600)
        }

        let key = try PrivateKey(file: try room.bytes("agent.key")).publicKey
        try (key.openSSH + "\n").write(toFile: room.path + "/agent.pub", atomically: true, encoding: .utf8)
        let other = try PrivateKey.generate().publicKey
        try (other.openSSH + "\n").write(toFile: room.path + "/other.pub", atomically: true, encoding: .utf8)
        func verify(_ key: String, _ challenge: String) throws -> Int32 {
            try AgentProgram.run(
                AgentProgram.firn,
                ["verify", room.file("report.dsse.json"), "--key", "\(room.path)/\(key)", "--challenge", challenge]
            ).code
        }
        #expect(try verify("agent.pub", "q-1") == 0)
        #expect(try verify("agent.pub", "q-2") == 1)
        #expect(try verify("other.pub", "q-1") == 1)
    }

    /// The gate takes a live report of a key it lists, and of no other; what else it finds on this machine is its business.
    @Test func theGateKnowsTheKeyThatWasEnrolled() throws {
        let room = try AgentRoom()
        let lines = try AgentProgram.run(AgentProgram.path, ["enroll", "--state", room.state]).output
        _ = try AgentProgram.run(
            AgentProgram.path, ["once", "--state", room.state, "--profile", "minimal", "--challenge", "q-1"])
        func reasons(_ keys: String, _ challenge: String) throws -> String {
            let policy = """
                id = "test"
                title = "A test"
                profile = "minimal"
                fail-on = "critical"
                sources = ["live"]
                must-be-signed = ["live"]
                must-answer-challenge = ["live"]
                maximum-age = { live = "1h" }
                drift = "none"

                \(keys)
                """
            let path = room.path + "/policy.toml"
            try policy.write(toFile: path, atomically: true, encoding: .utf8)
            let run = try AgentProgram.run(
                AgentProgram.firn,
                ["gate", room.file("report.dsse.json"), "--policy", path, "--challenge", challenge])
            #expect([0, 1, 3].contains(run.code), "\(run.errors)")
            return run.output + run.errors
        }
        let listed = try reasons(lines, "q-1")
        #expect(!listed.contains("signature") && !listed.contains("replay"), "\(listed)")
        let other = AgentKey.policyLines(try PrivateKey.generate().publicKey, host: "other")
        #expect(try reasons(other, "q-1").contains("key"))
        #expect(try reasons(other, "q-1") != listed)
        #expect(try reasons(lines, "q-2").contains("it is a replay"))
    }

    @Test func whatCannotBeDoneIsOneLineAndACode() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        func line(_ arguments: [String]) throws -> String {
            let run = try AgentProgram.run(AgentProgram.path, arguments)
            #expect(run.output == "")
            return "\(run.code) \(run.errors)"
        }
        #expect(try line(["sing"]) == "64 firn-agent: 'sing' is no command; see firn-agent --help\n")
        #expect(
            try line(["once", "--state", room.state, "--root", root, "--sign"])
                == "64 firn-agent: a report of \(root) is not this machine's, and its key signs none\n")
        #expect(
            try line(["once", "--state", "/nowhere/state", "--root", root])
                == "2 firn-agent: /nowhere/state: No such file or directory\n")
        #expect(
            try line(["once", "--state", room.state, "--profile", "none", "--root", root]).hasPrefix(
                "2 firn-agent: none: there is no profile \"none\"; there are minimal, standard, strict"))
        #expect(
            try line(["once", "--state", room.state, "--root", "/usr/share"])
                == "2 firn-agent: /usr/share: there is no /proc in it: this is no running machine\n")
    }

    // MARK: - Signals and the service manager

    @Test func theServiceManagerHearsOfReadinessLifeAndEnd() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        let notify = try AgentRoom.listen(room.path + "/notify")
        defer { close(notify) }
        let program = try AgentProgram(
            ["run", "--state", room.state, "--root", root, "--metrics", room.metrics, "--interval", "600"], in: room,
            environment: ["NOTIFY_SOCKET": room.path + "/notify", "WATCHDOG_USEC": "300000"])
        var heard: [String] = []
        for _ in 0..<200 where heard.count(where: { $0 == "WATCHDOG=1" }) < 4 {
            heard += AgentRoom.received(notify, patience: 100)
        }
        #expect(heard.first == "READY=1")
        #expect(heard.contains { $0.hasPrefix("STATUS=") && $0.hasSuffix("profile standard") }, "\(heard)")
        #expect(heard.count { $0 == "WATCHDOG=1" } >= 4)
        program.signal(SIGTERM)
        #expect(program.wait() == (0, false))
        #expect(AgentRoom.received(notify).contains("STOPPING=1"))
    }

    @Test func termEndsInLessThanASecondAtAnyTime() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        for delay in [0, 30, 60, 120, 250, 500] as [UInt32] {
            let program = try AgentProgram(
                ["run", "--state", room.state, "--root", root, "--metrics", room.metrics, "--interval", "1"], in: room)
            #expect(try program.waitFor("started"))
            usleep(delay * 1000)
            let start = ContinuousClock.now
            program.signal(SIGTERM)
            #expect(program.wait() == (0, false))
            #expect(ContinuousClock.now - start < .seconds(1), "\(delay)")
        }
        #expect(throws: Never.self) { try ReportJSON.decode(try room.bytes("report.json")) }
        #expect(try ResultLog(StateDirectory(room.state)).problem == nil)
    }

    @Test func hupReadsTheSettingsAgainAndWrongOnesChangeNothing() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        let settings = room.path + "/agent.toml"
        try "interval = 600\njitter = 0\nprofile = \"minimal\"\n".write(
            toFile: settings, atomically: true, encoding: .utf8)
        let program = try AgentProgram(
            [
                "run", "--state", room.state, "--root", root, "--metrics", room.metrics, "--config", settings,
                "--journal-socket", "/nowhere",
            ], in: room)
        defer { program.signal(SIGKILL) }
        #expect(try program.waitFor("run 1:"))
        #expect(try ReportJSON.decode(try room.bytes("report.json")).profile == "minimal")
        try "interval = 0\n".write(toFile: settings, atomically: true, encoding: .utf8)
        program.signal(SIGHUP)
        #expect(
            try program.waitFor(
                "<3>settings not taken, the old ones stay: \(settings):1: 'interval' is a number of seconds"))
        try "profile = \"none\"\n".write(toFile: settings, atomically: true, encoding: .utf8)
        program.signal(SIGHUP)
        #expect(try program.waitFor("there is no profile \"none\""))
        try "interval = 600\njitter = 0\nprofile = \"strict\"\n".write(
            toFile: settings, atomically: true, encoding: .utf8)
        program.signal(SIGHUP)
        #expect(try program.waitFor("profile strict; the first of this profile"))
        #expect(try ReportJSON.decode(try room.bytes("report.json")).profile == "strict")
        program.signal(SIGTERM)
        #expect(program.wait() == (0, false))
    }

    @Test func oneStateHasOneService() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        let arguments = ["run", "--state", room.state, "--root", root, "--metrics", room.metrics]
        let first = try AgentProgram(arguments, in: room)
        #expect(try first.waitFor("run 1:"))
        let second = try AgentProgram.run(AgentProgram.path, arguments)
        #expect(second.code == 2)
        #expect(second.errors == "firn-agent: \(room.state): another firn-agent runs with this state\n")
        first.signal(SIGINT)
        #expect(first.wait() == (0, false))
    }

    // MARK: - Killed, and a full disk

    /// Killed at fifty moments: whatever stands under the name of a report was finished.
    @Test func aKilledAgentLeavesOnlyFinishedReports() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        let whole = try AgentProgram.run(AgentProgram.path, ["once", "--state", room.state, "--root", root])
        #expect([0, 1, 3].contains(whole.code))
        var finished = 0
        for round in 0..<50 {
            let isService = round % 2 == 0
            let program = try AgentProgram(
                (isService ? ["run", "--interval", "1", "--metrics", room.metrics] : ["once"])
                    + ["--state", room.state, "--root", root], in: room)
            // A start takes up to about 150 ms here; its writes lie somewhere inside.
            usleep(UInt32.random(in: 10_000...220_000))
            program.signal(SIGKILL)
            let end = program.wait()
            if !end.isSignalled { finished += 1 }
            #expect(throws: Never.self, "round \(round)") { try ReportJSON.decode(try room.bytes("report.json")) }
            if FileManager.default.fileExists(atPath: room.file(ResultLog.name)) {
                let bytes = try room.bytes(ResultLog.name)
                let sound = ResultLog.replay(bytes)
                #expect(sound.last != nil)
                // What is behind the sound part is one line without its end.
                #expect(!bytes[sound.length...].contains(0x0a))
            }
        }
        // The next one goes on as if nothing had been.
        let after = try AgentProgram.run(AgentProgram.path, ["once", "--state", room.state, "--root", root])
        #expect(after.code == whole.code)
        let names = try FileManager.default.contentsOfDirectory(atPath: room.state)
        #expect(!names.contains(".report.json.new"))
    }

    /// On a disk of 1.5 MiB that something else fills: the report before stays, and it is said.
    @Test(.enabled(if: AgentProgram.canMount, "mounts in a namespace of its own take root"))
    func aFullDiskLeavesTheReportBefore() throws {
        let room = try AgentRoom()
        let root = try AgentProgram.root(in: room)
        let script = """
            set -eu
            mkdir -p '\(room.path)/disk'
            mount -t tmpfs -o size=1536k,mode=0700 none '\(room.path)/disk'
            s='\(room.path)/disk/state'
            agent() { '\(AgentProgram.path)' "$@" --state "$s" --root '\(root)'; }
            agent once >/dev/null 2>&1 || true
            sha256sum < "$s/report.json" > '\(room.path)/before'
            dd if=/dev/zero of='\(room.path)/disk/fill' bs=1k 2>/dev/null || true
            code=0; agent once 2>'\(room.path)/once.err' || code=$?
            echo "once $code"
            # Not the function: in the background it is a shell around the program, and the signal would end that.
            '\(AgentProgram.path)' run --interval 1 --jitter 0 --metrics '\(room.metrics)' --journal-socket /nowhere \
              --state "$s" --root '\(root)' >/dev/null 2>'\(room.path)/run.err' & pid=$!
            for i in $(seq 100); do grep -q 'results.log' '\(room.path)/run.err' && break; sleep 0.1; done
            kill -TERM $pid; code=0; wait $pid || code=$?
            echo "run $code"
            sha256sum < "$s/report.json" | cmp - '\(room.path)/before' && echo same
            ls -A "$s"
            rm '\(room.path)/disk/fill'
            code=0; agent once >/dev/null 2>&1 || code=$?
            echo "after $code"
            """
        let run = try AgentProgram.run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script])
        #expect(run.output.hasPrefix("once 2\nrun 0\nsame\n"), "\(run.output) \(run.errors)")
        #expect(run.output.contains("\nafter 3\n"), "\(run.output)")
        #expect(!run.output.contains(".new"))
        let once = try String(contentsOfFile: room.path + "/once.err", encoding: .utf8)
        #expect(once == "firn-agent: \(room.path)/disk/state/report.json: No space left on device\n")
        let service = try String(contentsOfFile: room.path + "/run.err", encoding: .utf8)
        #expect(
            service.contains(
                "<3>cannot write \(room.path)/disk/state/report.json: No space left on device; what was written before stays"
            ),
            "\(service)")
        let metrics = try String(contentsOfFile: room.metrics, encoding: .utf8)
        #expect(metrics.firstMatch(of: /\nfirn_agent_writes_failed [1-9]/) != nil)
    }

    @Test func theVersionIsThatOfTheCommandLine() throws {
        let text = try String(
            contentsOfFile: Repository.path("Sources/FirnCommands/FirnCommand.swift"), encoding: .utf8)
        #expect(text.contains("static let version = \"\(FirnAgent.version)\""))
    }
}
