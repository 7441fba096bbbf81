import FirnTestSupport
import Foundation
import Testing

/// Bad input gives exit 2 and one clear line; never a crash, never the host's files, nothing half-written.
@Suite struct BadInputTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func expectRefused(_ path: String, saying text: String, _ arguments: String...) {
        let run = CommandLineRun("check", path)
        #expect(run.code == 2, "\(run.err)\(run.out)")
        #expect(run.out.isEmpty)
        #expect(run.err.contains(text), "\(run.err)")
        #expect(run.err.hasPrefix("firn: "))
        #expect(run.err.split(separator: "\n").count == 1, "\(run.err)")
    }

    @Test func aMissingPath() {
        expectRefused(directory("nothing"), saying: "No such file or directory")
    }

    @Test func aDirectoryThatIsNoNixOS() {
        expectRefused(directory.path, saying: "this directory is no NixOS system")
    }

    @Test func anEmptyFile() throws {
        expectRefused(try directory.write("empty.json", ""), saying: "the file is empty")
    }

    @Test func aFileOfBlanks() throws {
        expectRefused(try directory.write("blank.json", "  \n\n"), saying: "neither option JSON nor a directory")
    }

    @Test func truncatedJSON() throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixture.config("current-a-default"))))
        for part in [whole.count / 3, whole.count / 2, whole.count - 2] {
            expectRefused(try directory.write("cut.json", bytes: Array(whole[..<part])), saying: "JSON document ends")
        }
    }

    @Test func jsonTenThousandLevelsDeep() throws {
        let deep = String(repeating: "{\"a\":", count: 10_000) + "1" + String(repeating: "}", count: 10_000)
        expectRefused(try directory.write("deep.json", deep), saying: "nested deeper than 256 levels")
    }

    @Test func aGigabyteOfNothing() throws {
        let path = try directory.write("sparse", "")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 1 << 30)
        try handle.close()
        expectRefused(path, saying: "neither option JSON nor a directory")
    }

    @Test func aGigabyteThatStartsLikeJSON() throws {
        let path = try directory.write("sparse.json", "{")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 1 << 30)
        try handle.close()
        expectRefused(path, saying: "larger than 256 MiB")
    }

    @Test func invalidUTF8() throws {
        let bytes = Array("{\"boot\": {\"x\": \"".utf8) + [0xff, 0xfe] + Array("\"}}".utf8)
        expectRefused(try directory.write("bad.json", bytes: bytes), saying: "not valid UTF-8")
    }

    @Test(arguments: ["[1, 2]", "\"text\"", "{\"a\": 1, \"a\": 2}", "{\"a\": 1}", "{\"boot\": 1}"])
    func jsonThatHoldsNoOptions(text: String) throws {
        let run = CommandLineRun("check", try directory.write("other.json", text))
        #expect(run.code == 2)
        #expect(run.err.split(separator: "\n").count == 1)
    }

    @Test func aFormatOfTheFutureIsRefused() throws {
        let text =
            #"{"format": "firn-options", "version": 7, "values": {"boot": {}, "networking": {}, "services": {}}}"#
        expectRefused(try directory.write("future.json", text), saying: "only version 1")
    }

    @Test func aPipe() throws {
        let path = directory("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        expectRefused(path, saying: "neither a file nor a directory")
    }

    @Test func aSymlinkLoop() throws {
        try directory.link("a", to: "b")
        try directory.link("b", to: "a")
        expectRefused(directory("a"), saying: "Too many levels of symbolic links")
    }

    // MARK: - Systems

    /// A root with a minimal NixOS system whose /etc can be changed by the test.
    private func system(_ change: (TemporaryDirectory) throws -> Void) throws -> String {
        let top = "root/nix/store/00000000000000000000000000000000-nixos-system-test-26.11"
        try directory.write(top + "/nixos-version", "26.11")
        try directory.write(top + "/system", "x86_64-linux")
        try directory.write(top + "/activate", "")
        try directory.write(top + "/kernel-params", "loglevel=4")
        try directory.link(top + "/kernel", to: "/nix/store/x-linux-6.18.37/bzImage")
        try directory.link(top + "/etc", to: "/nix/store/11111111111111111111111111111111-etc/etc")
        try directory.write("root/nix/store/11111111111111111111111111111111-etc/etc/hostname", "test\n")
        try directory.write("root/nix/store/11111111111111111111111111111111-etc/etc/sysctl.d/60-nixos.conf", "")
        try directory.link("root/nix/var/nix/profiles/system", to: "/" + top.dropFirst("root/".count))
        try change(directory)
        return directory("root")
    }

    private static let etc = "root/nix/store/11111111111111111111111111111111-etc/etc/"

    @Test func loopsInsideTheSystemLeaveFactsUnknown() throws {
        let root = try system { directory in
            try directory.link(Self.etc + "sysctl.d/70-loop.conf", to: "/etc/sysctl.d/71-loop.conf")
            try directory.link(Self.etc + "sysctl.d/71-loop.conf", to: "70-loop.conf")
            try directory.link(Self.etc + "ssh/sshd_config", to: "sshd_config")
        }
        let run = CommandLineRun("check", root, "--profile", "strict")
        #expect(run.code == 3, "\(run.err)")
    }

    @Test func aLinkOutOfTheRootReadsNothingOfTheHost() throws {
        let canary = "host-canary-\(UUID().uuidString)"
        try directory.write("outside/secret.conf", "kernel.sysrq = \(canary)\n")
        let root = try system { directory in
            let climb = String(repeating: "../", count: 40) + directory.path.dropFirst() + "/outside/secret.conf"
            try directory.link(Self.etc + "sysctl.d/70-climb.conf", to: climb)
            try directory.link(Self.etc + "sysctl.d/71-absolute.conf", to: directory("outside/secret.conf"))
            try directory.link(Self.etc + "sysctl.d/72-shadow.conf", to: "../../../../../../../../etc/shadow")
        }
        let run = CommandLineRun("check", root, "--profile", "strict", "--all")
        #expect(!(run.out + run.err).contains(canary))
        #expect(run.code == 3, "a dangling file in sysctl.d leaves its settings unknown: \(run.err)")
    }

    @Test func anUnreadableFileLeavesItsFactsUnknown() throws {
        let root = try system { directory in
            // A directory where a file should be is unreadable for root too.
            try directory.write(Self.etc + "sysctl.d/70-dir.conf/x", "")
        }
        let run = CommandLineRun("check", root, "--profile", "strict")
        #expect(run.code == 3, "\(run.err)")
    }

    @Test func terminalEscapesInValuesAreShownNotObeyed() throws {
        let root = try system { directory in
            try directory.write(
                Self.etc + "sysctl.d/70-esc.conf", "kernel.core_pattern = \u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}x\n")
        }
        for format in ["text", "json", "sarif", "junit"] {
            let run = CommandLineRun("check", root, "--profile", "strict", "--all", "--format", format)
            for byte in ["\u{1b}", "\u{7}", "\u{202e}"] {
                #expect(!run.out.contains(byte), "\(format) lets a control character through")
            }
        }
    }

    @Test func nothingHalfWrittenStays() throws {
        let target = directory("no/such/directory/report.json")
        let run = CommandLineRun("check", Fixture.config("current-a-default"), "--format", "json=\(target)")
        #expect(run.code == 2)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.isEmpty)
    }

    /// Root, who may rename over it, must not replace a device or a link.
    @Test func aPipeOrALinkIsWrittenToNotReplaced() throws {
        let directory = try TemporaryDirectory()
        let real = try directory.write("real.json", "old")
        let link = directory("link.json")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real.json")
        let config = Repository.fixtures.appendingPathComponent("modern-a-default/config.json").path
        _ = CommandLineRun("check", config, "--format", "json=\(link)", "--format", "text=/dev/null")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real.json")
        #expect(try String(contentsOfFile: real, encoding: .utf8).hasPrefix("{"))
        let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        #expect(type == .typeCharacterSpecial)
    }

    @Test func aReportThatDoesNotArriveIsAnError() throws {
        let config = Repository.fixtures.appendingPathComponent("modern-a-default/config.json").path
        let run = CommandLineRun("check", config, "--format", "json=/dev/full")
        #expect(run.code == 2)
        #expect(run.err == "firn: /dev/full: No space left on device\n")
    }

    @Test func unavailableOptionsMustBeAnObject() throws {
        let directory = try TemporaryDirectory()
        let text =
            #"{"format": "firn-options", "version": 1, "values": {"boot": {}, "networking": {}, "services": {}}, "unavailable": ["x"]}"#
        expectRefused(try directory.write("x.json", text), saying: "\"unavailable\" must be an object")
    }

    @Test func aFileIsReplacedAsAWhole() throws {
        let target = try directory.write("report.json", "old")
        let run = CommandLineRun("check", Fixture.config("current-a-default"), "--format", "json=\(target)")
        #expect(run.code != 2, "\(run.err)")
        let text = try String(contentsOfFile: target, encoding: .utf8)
        #expect(text.hasPrefix("{"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["report.json"])
    }
}
