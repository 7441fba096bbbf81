import FirnTestSupport
import Foundation
import Testing

@testable import FirnCommands

struct NixProgramTests {
    static func shell(_ script: String) -> NixProgram.Run { NixProgram.Run(arguments: ["/bin/sh", "-c", script]) }

    @Test func bothEndsArePipes() throws {
        // More than any buffer on both ways, at the same time.
        var run = Self.shell("cat; echo done >&2; exit 3")
        run.input = [UInt8](repeating: 65, count: 3 << 20)
        run.environment = ["PATH=/usr/bin:/bin"]
        let ended = try run.run()
        #expect(ended.code == 3)
        #expect(ended.out == run.input)
        #expect(ended.err == Array("done\n".utf8))
    }

    @Test func aProgramThatReadsNothingIsNoError() throws {
        var run = Self.shell("exit 1")
        run.input = [UInt8](repeating: 65, count: 3 << 20)
        #expect(try run.run().code == 1)
    }

    @Test func itEndsAtTheTimeoutAndTheLimit() {
        var slow = Self.shell("sleep 60")
        slow.environment = ["PATH=/usr/bin:/bin"]
        slow.timeout = 1
        #expect(throws: CommandFailure("/bin/sh did not finish within 1 seconds (--timeout)")) { try slow.run() }
        var long = Self.shell("yes")
        long.environment = ["PATH=/usr/bin:/bin"]
        long.limit = 1 << 20
        #expect(throws: CommandFailure("/bin/sh wrote more than 1 MiB")) { try long.run() }
    }

    /// Whichever signal ends firn during an evaluation: nothing is left on the disk, and Nix ends too.
    @Test(.serialized, arguments: [SIGINT, SIGTERM, SIGHUP]) func nothingIsLeftWhenItIsKilled(_ number: Int32) throws {
        let firn = Repository.path(".build/debug/firn")
        try #require(FileManager.default.isExecutableFile(atPath: firn), "swift build puts \(firn) there")
        let directory = try TemporaryDirectory()
        let temporary = directory("tmp")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        // A Nix that has the configuration half written when it is interrupted.
        let nix = try directory.write(
            "nix-instantiate", "#!/bin/sh\necho '{ \"secret\": \"CANARY'\necho $$ >\(directory("pid"))\nexec sleep 60\n"
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: nix)
        let report = directory("report.json")
        #expect(CommandLineRun("check", Fixture.config("current-a-default"), "--format", "json=" + report).code != 2)
        let process = Process()
        // Children of the test runner have all signals blocked, as its worker threads do.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c",
            "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execv(sys.argv[1], sys.argv[1:])",
            firn, "fix", report, "--verify", report, "--nixpkgs", directory.path,
        ]
        process.environment = ["PATH": directory.path + ":/usr/bin:/bin", "TMPDIR": temporary]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        var child: Int32?
        for _ in 0..<500 where child == nil {
            usleep(20_000)
            let text = FileManager.default.contents(atPath: directory("pid")).map {
                String(decoding: $0, as: UTF8.self)
            }
            child = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        let pid = try #require(child, "nix-instantiate was not started")
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == number)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
        var isGone = false
        for _ in 0..<250 where !isGone {
            // A zombie is gone too, and is taken in by whoever adopts it.
            let state = FileManager.default.contents(atPath: "/proc/\(pid)/stat").map {
                String(decoding: $0, as: UTF8.self)
            }
            isGone = state == nil || state?.contains(") Z ") == true
            usleep(20_000)
        }
        #expect(isGone)
    }
}
