import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// fstab beside libmount: `findmnt --fstab` of the same lines.
@Suite struct FSTabOracleTests {
    static let program = "/usr/bin/findmnt"
    static var isNeeded: Bool {
        FileManager.default.isExecutableFile(atPath: program) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    /// One line or a few each.
    static let lines: [String] = [
        "/dev/vda1 / ext4 defaults 0 1", "/dev/vda1\t/\text4\tdefaults\t0\t1", "  /dev/vda1 / ext4 defaults 0 1  ",
        "/dev/vda1 / ext4 defaults 0", "/dev/vda1 / ext4 defaults", "/dev/vda1 / ext4", "/dev/vda1 /", "/dev/vda1",
        "# /dev/vda1 / ext4", "   # indented", "", "   ", "/dev/vda1 / ext4 defaults x 1",
        "/dev/vda1 / ext4 defaults 0 x",
        "/dev/vda1 / ext4 defaults 0 1 and more", "LABEL=a\\040b /mnt ext4 defaults 0 0",
        "/dev/vda1 /mnt/x\\040y ext4 rw 0 0",
        "/dev/vda1 /mnt/tab\\011x ext4 rw 0 0", "/dev/vda1 /mnt/back\\134slash ext4 rw 0 0",
        "/dev/vda1 /mnt/\\04 ext4 rw 0 0",
        "/dev/vda1 /mnt/\\999 ext4 rw 0 0", "/dev/vda1 /mnt/\\x ext4 rw 0 0", "/dev/vda1 /mnt/\\043hash ext4 rw 0 0",
        "/dev/vda1 /mnt ext4 rw,comment=\"a,b\" 0 0", "/dev/vda1 /mnt ext4 rw,,nosuid, 0 0",
        "/dev/vda1 /mnt ext4 # 0 0",
        "/dev/vda1 /mnt#x ext4 rw 0 0", "//192.0.2.1/share /srv cifs guest,nofail 0 0",
        "server:/export /srv nfs4 nosuid,nodev,x-systemd.automount 0 0", "tmpfs /tmp tmpfs mode=1777,nosuid 0 0",
        "overlay /nix/store overlay lowerdir=/a:/b,upperdir=/c,workdir=/d 0 0", "/tmp /var/tmp none bind,nosuid 0 0",
        "UUID=1234-ABCD /boot vfat fmask=0077,dmask=0077 0 2", "PARTUUID=0a-1 /boot vfat umask=0077 0 2",
        "PARTLABEL=esp /boot vfat defaults 0 2", "LABEL=\"q r\" /mnt ext4 rw 0 0", "/dev/vda1 /home/ ext4 nosuid 0 2",
        "/dev/vda1 //home ext4 nosuid 0 2", "proc /proc proc hidepid=2,gid=26 0 0", "/dev/vda1 /a ext4 rw -1 -1",
        "/dev/vda1 /a ext4 rw 00 07", "/dev/vda1 /a ext4 rw +1 1", "/dev/vda1 /a ext4 rw 99999999999 0", "a b c d 0 0",
        "/dev/sdb1 /media/stick vfat user,noauto,exec 0 0", "/dev/vda1 /a ext4 nosuid\\054nodev 0 0",
        "sshfs#u@h:/x /mnt fuse defaults 0 0", "u@h:/x /mnt fuse.sshfs allow_other,IdentityFile=/root/k 0 0",
        "/dev/vda1 /a ext4 rw\n/dev/vda2 /b ext4 ro", "/dev/vda1 /a ext4 rw\nbroken\n/dev/vda2 /b ext4 ro 0 2",
        "/dev/vda1 /a ext4 rw\r\n/dev/vda2 /b ext4 ro 0 0",
    ]

    private struct Entry: Equatable {
        var source: String
        var target: String
        var type: String
        var options: String?
    }

    private func findmnt(_ file: String) throws -> [Entry] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = [
            "--fstab", "--tab-file", file, "--json", "--list", "--output", "SOURCE,TARGET,FSTYPE,OPTIONS",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard !data.isEmpty else { return [] }
        let json = try JSONParser.parse([UInt8](data))
        return (json["filesystems"]?.array ?? []).map { node in
            Entry(
                source: node["source"]?.string ?? "", target: node["target"]?.string ?? "",
                type: node["fstype"]?.string ?? "", options: node["options"]?.string)
        }
    }

    private func compare(_ text: String) throws -> (read: Int, leftOut: Int) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("firn-fstab-" + UUID().uuidString)
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let table = try FSTab.parse(Array(text.utf8))
        let ours = table.entries.map { Entry(source: $0.source, target: $0.target, type: $0.type, options: $0.options) }
        let theirs = try findmnt(file.path)
        #expect(ours.filter { $0.type != "swap" } == theirs.filter { $0.type != "swap" }, "\(text)")
        return (table.entries.count, table.ignored.count)
    }

    @Test(.enabled(if: isNeeded)) func linesAreReadAsLibmountReadsThem() throws {
        var rows: [String] = []
        for line in Self.lines {
            let (read, leftOut) = try compare(line + "\n")
            let shown = line.replacing("\r", with: "\\r").replacing("\n", with: "\\n").replacing("\t", with: "\\t")
                .replacing("|", with: "\\|")
            rows.append("| `\(shown)` | \(read) | \(leftOut) |")
        }
        for fixture in try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).sorted() {
            let tree = DirectoryTree(
                root: Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("system").path)
            guard tree.exists("/etc/fstab") else { continue }
            let text = String(decoding: try tree.read("/etc/fstab", limit: 1 << 20), as: UTF8.self)
            let (read, leftOut) = try compare(text)
            rows.append("| \(fixture) | \(read) | \(leftOut) |")
        }
        #expect(rows.count >= 60)
        try ComparisonDocument.check(
            "docs/comparisons/fstab.md",
            """
            # fstab: Firn beside libmount

            Each line is read by Firn and by `findmnt --fstab` (util-linux 2.38 of Debian 12): source, target, type and options must be
            the same, and what libmount leaves out must be left out, and named. Those named like a fixture are what NixOS generated.
            Swap areas, which findmnt does not always list, are left out of the comparison. Written by
            `RECORD_COMPARISONS=1 swift test --filter FSTabOracleTests`; every test run repeats the comparison.

            | lines | entries | left out |
            |---|---|---|

            """ + rows.joined(separator: "\n") + "\n")
    }
}
