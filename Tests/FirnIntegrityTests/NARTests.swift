import FirnIntegrity
import Foundation
import Glibc
import Testing

/// NAR hashes beside those of `nix-store --dump` and `nix-hash`.
@Suite struct NARTests {
    func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-nar-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: directory) } catch { print("\(error)") } }
        try body(directory.path)
    }

    func expectLikeNix(_ path: String) throws {
        let archive = try NARArchive.of(path: path)
        let dumped = try NixStore.run(
            "bash", ["-c", "nix-store --dump \"$0\" | sha256sum; nix-store --dump \"$0\" | wc -c", path])
        let lines = dumped.split(separator: "\n")
        #expect(archive.hash[...] == lines[0].prefix(64), "\(path)")
        #expect(String(archive.size) == lines[1].trimmingCharacters(in: .whitespaces), "\(path)")
        let base16 = try NixStore.run("nix-hash", ["--type", "sha256", path])
        #expect(base16.trimmingCharacters(in: .newlines) == archive.hash)
    }

    @Test func everythingAStorePathMayHold() throws {
        try withDirectory { directory in
            try NixStore.run(
                "bash",
                [
                    "-c",
                    #"""
                    set -e; cd "$0"; mkdir -p tree/empty tree/a/b/c tree/zz tree/Zz
                    printf '' >tree/nothing; printf 1234567 >tree/seven; printf 12345678 >tree/eight
                    printf 123456789 >tree/nine; printf '#!/bin/sh\n' >tree/a/run; chmod 755 tree/a/run
                    printf x >tree/group; chmod 0611 tree/group; chmod 0744 tree/seven
                    ln -s ../../outside tree/a/link; ln -s /nix/store tree/absolute; ln -s loop tree/loop
                    ln -s "$(printf '%0500d' 0)" tree/long
                    for name in 'a b' 'a.b' 'a-b' 'a0' 'ä' 'Ä' '日本' '😀' $'new\nline' $'\xff\xfe' "quote'" '*' '-n' \
                      '.hidden' '..x' 'A' 'B'; do printf '%s' "$name" >"tree/$name"; done
                    head -c 3000000 /dev/urandom >tree/a/b/c/large
                    truncate -s 5000003 tree/sparse; printf end >>tree/sparse
                    touch -d @0 tree/eight
                    """#, directory,
                ])
            try expectLikeNix(directory + "/tree")
            for name in ["seven", "eight", "nine", "nothing", "a/run", "group", "sparse", "a/b/c/large", "empty"] {
                try expectLikeNix(directory + "/tree/" + name)
            }
            // A link as the path itself: nix-store --dump of 2.8 hashes the link.
            try expectLikeNix(directory + "/tree/loop")
        }
    }

    /// Sizes around the buffer of 256 KiB and its overlap.
    @Test func everySizeAroundTheBuffer() throws {
        try withDirectory { directory in
            for size in [262_144 - 104, 262_144 - 96, 262_144 - 97, 262_143, 262_144, 262_145, 524_288, 524_200] {
                try Data(repeating: 0x61, count: size).write(to: URL(fileURLWithPath: directory + "/file"))
                try expectLikeNix(directory + "/file")
            }
        }
    }

    @Test func whatNoStorePathMayHoldIsAnError() throws {
        try withDirectory { directory in
            try NixStore.run("bash", ["-c", "mkdir -p \"$0/t/in\"; mkfifo \"$0/t/in/pipe\"", directory])
            let error = #expect(throws: IntegrityError.self) { try NARArchive.of(path: directory + "/t") }
            #expect(error?.path == directory + "/t/in/pipe")
            #expect(error?.reason.contains("neither a file nor a directory nor a link") == true)
            #expect(throws: IntegrityError.self) { try NARArchive.of(path: directory + "/none") }
        }
    }

    @Test func directoriesNestedTooDeepAreRefused() throws {
        try withDirectory { directory in
            try NixStore.run(
                "bash",
                ["-c", "cd \"$0\"; for n in $(seq 300); do mkdir d; cd d; done", directory])
            let error = #expect(throws: IntegrityError.self) { try NARArchive.of(path: directory + "/d") }
            #expect(error?.reason.contains("256 levels") == true)
        }
    }

    /// `nix-hash --to-base32` of a SHA-256, and of all ones and zeros.
    @Test func base32IsThatOfNix() throws {
        for hex in [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", String(repeating: "0", count: 64),
            String(repeating: "f", count: 64), "01" + String(repeating: "0", count: 62),
        ] {
            var bytes: [UInt8] = []
            var rest = hex[...]
            while !rest.isEmpty {
                bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
                rest = rest.dropFirst(2)
            }
            let nix = try NixStore.run("nix-hash", ["--type", "sha256", "--to-base32", hex])
            #expect(NixBase32.encode(bytes) == nix.trimmingCharacters(in: .newlines))
        }
    }
}
