import FirnIntegrity
import FirnModel
import Foundation
import Synchronization
import Testing

/// Closures beside `nix-store -qR`, and the digest beside the commands docs/signatures.md gives.
@Suite struct StoreClosureTests {
    /// Three texts in a chain, and a diamond over them.
    static let diamond = """
        let a = builtins.toFile "a" "plain"; b = builtins.toFile "b" "uses ${a}"; c = builtins.toFile "c" "too: ${a}${b}";
        in builtins.toFile "top" "${b}/bin\\n${c}"
        """

    @Test func aClosureIsThatOfNix() throws {
        try NixStore.with { store in
            _ = try store.text(#"builtins.toFile "other" "nobody refers to this""#)
            let top = try store.text(Self.diamond)
            let infos = try StoreClosure.walk(root: store.root, toplevel: top)
            #expect(infos.map(\.path) == (try store.closure(top)))
            #expect(infos.count == 4)
            for info in infos {
                let references = try NixStore.run(
                    "nix-store", ["--store", store.root, "-q", "--references", info.path])
                #expect(info.references == references.split(separator: "\n").map(String.init).sorted())
                let size = try NixStore.run("nix-store", ["--store", store.root, "-q", "--size", info.path])
                #expect(info.narSize.map { "\($0)\n" } == size)
            }
            #expect(infos.contains { $0.references.count == 2 })
        }
    }

    /// The commands of docs/signatures.md, word for word.
    @Test func theDigestIsWhatTheDocumentedCommandsGive() throws {
        let page = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "../../docs/signatures.md"), encoding: .utf8)
        let block = try #require(page.components(separatedBy: "```sh closure-digest\n").dropFirst().first)
        let command = try #require(block.components(separatedBy: "```").first)
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            let digest = try ClosureDigest.of(try StoreClosure.walk(root: store.root, toplevel: top))
            #expect(digest.origin == .recomputed)
            let remote = "export NIX_REMOTE=\"$ROOT\"; TOPLEVEL=\(top)\n"
            let printed = try store.shell(remote + command)
            #expect(printed.prefix(64) == digest.value[...])
            // By another way: the hashes of `nix path-info --json`, in base 64.
            let json = try NixStore.run(
                "nix",
                [
                    "--extra-experimental-features", "nix-command", "path-info", "--store", store.root, "--json", "-r",
                    top,
                ])
            struct Info: Decodable {
                var path: String
                var narHash: String
            }
            let infos = try JSONDecoder().decode([Info].self, from: Data(json.utf8)).map { info in
                let raw = try #require(Data(base64Encoded: String(info.narHash.dropFirst("sha256-".count))))
                return StorePathInfo(path: info.path, narHash: raw.map { String(format: "%02x", $0) }.joined())
            }
            #expect(try ClosureDigest.of(infos, origin: .registered).value == digest.value)
        }
    }

    @Test func oneChangedByteDeepInTheClosureChangesTheDigest() throws {
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            let before = try ClosureDigest.of(try StoreClosure.walk(root: store.root, toplevel: top))
            let deep = try #require(try store.closure(top).first { $0.hasSuffix("-a") })
            try NixStore.run("bash", ["-c", "chmod u+w $0; printf Plain >$0; chmod 444 $0", store.real(deep)])
            let after = try ClosureDigest.of(try StoreClosure.walk(root: store.root, toplevel: top))
            #expect(before.value != after.value)
            // The same bytes, now executable.
            try NixStore.run("bash", ["-c", "printf plain | tee $0 >/dev/null; chmod 555 $0", store.real(deep)])
            let executable = try ClosureDigest.of(try StoreClosure.walk(root: store.root, toplevel: top))
            #expect(executable.value != before.value)
            try NixStore.run("bash", ["-c", "chmod 444 $0", store.real(deep)])
            #expect(try ClosureDigest.of(try StoreClosure.walk(root: store.root, toplevel: top)) == before)
        }
    }

    /// A directory whose link, file name and contents each point to another path; and names, not only contents, count.
    @Test func referencesStandInNamesLinksAndContents() throws {
        try NixStore.with { store in
            let targets = try ["one", "two", "three", "four"].map {
                try store.text("builtins.toFile \"\($0)\" \"\($0)\"")
            }
            let tree = store.root + "/tree"
            func hash(_ path: String) -> String { String(path.dropFirst("/nix/store/".count).prefix(32)) }
            try FileManager.default.createDirectory(atPath: tree + "/sub", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: tree + "/link", withDestinationPath: targets[0])
            try Data().write(to: URL(fileURLWithPath: tree + "/sub/" + hash(targets[1])))
            // The hash alone, between digits of its own alphabet, at the end of a file.
            try Data(("0123456789abcdfg" + hash(targets[2]) + "zzzz").utf8).write(
                to: URL(fileURLWithPath: tree + "/sub/t"))
            let top = try store.add(tree)
            let found = try StoreClosure.walk(root: store.root, toplevel: top)
            #expect(Set(found.map(\.path)) == Set([top] + targets[..<3]))
            // Nix registered none: `nix-store --add` looks for no references. Both facts are true.
            #expect(try store.closure(top) == [top])
        }
    }

    /// The scanner reads in pieces; a hash across each possible border is found.
    @Test func aHashAcrossTheBorderOfTwoReadsIsFound() throws {
        try NixStore.with { store in
            let target = try store.text(#"builtins.toFile "target" "x""#)
            // 262144 bytes are read at once, after about 100 of framing.
            for shift in stride(from: -160, through: 40, by: 5) {
                let path = store.root + "/file"
                var data = Data(repeating: UInt8(ascii: "-"), count: 262_144 + shift)
                data.append(Data(target.utf8))
                data.append(Data(repeating: UInt8(ascii: "."), count: 100))
                try data.write(to: URL(fileURLWithPath: path))
                let top = try store.add(path)
                #expect(try StoreClosure.walk(root: store.root, toplevel: top).count == 2, "shift \(shift)")
                try NixStore.run("bash", ["-c", "chmod -R u+w $0; rm -rf $0", store.real(top)])
            }
        }
    }

    @Test func aLinkNeverLeavesTheRoot() throws {
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            let other = store.root + "/other"
            try FileManager.default.createDirectory(atPath: other + "/nix", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: other + "/nix/store", withDestinationPath: store.root + "/nix/store")
            let error = #expect(throws: IntegrityError.self) { try StoreClosure.walk(root: other, toplevel: top) }
            #expect(error?.path == "/nix/store")
        }
    }

    /// A NAR has no setuid bit, so its hash says nothing of one; `nix-store --verify` does not find it.
    @Test(arguments: [0o4555, 0o2555])
    func aFileThatIsSetuidIsAnError(mode: Int) throws {
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: store.real(top))
            let error = #expect(throws: IntegrityError.self) {
                try StoreClosure.walk(root: store.root, toplevel: top)
            }
            #expect(error?.path == top && error?.reason.contains("setuid or setgid") == true)
        }
    }

    @Test func whatIsNoClosureIsAnError() throws {
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            for path in [
                "/nix/store", "/nix/store/../etc", "/etc/passwd", top + "/x", String(top.dropFirst()), top + "\n",
            ] {
                #expect(throws: IntegrityError.self) { try StoreClosure.walk(root: store.root, toplevel: path) }
            }
            let missing = "/nix/store/00000000000000000000000000000000-none"
            let error = #expect(throws: IntegrityError.self) {
                try StoreClosure.walk(root: store.root, toplevel: missing)
            }
            #expect(error?.reason.contains("not in the store") == true)
        }
    }

    @Test func theDigestRefusesWhatCouldForgeALine() throws {
        let good = StorePathInfo(
            path: "/nix/store/00000000000000000000000000000000-a", narHash: String(repeating: "0", count: 64))
        #expect(throws: Never.self) { try ClosureDigest.of([good]) }
        #expect(throws: IntegrityError.self) { try ClosureDigest.of([]) }
        #expect(throws: IntegrityError.self) { try ClosureDigest.of([good, good]) }
        for (path, hash) in [
            (good.path + "\n", good.narHash), (good.path + " sha256:", good.narHash), ("/nix/store/a", good.narHash),
            (good.path, nil), (good.path, "00"), (good.path, String(repeating: "G", count: 64)),
            (good.path, String(repeating: "A", count: 64)),
        ] {
            #expect(throws: IntegrityError.self) { try ClosureDigest.of([StorePathInfo(path: path, narHash: hash)]) }
        }
    }

    @Test func locksBesideAPathAreNotInTheClosure() throws {
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            try Data().write(to: URL(fileURLWithPath: store.real(top) + ".lock"))
            #expect(try StoreClosure.walk(root: store.root, toplevel: top).map(\.path) == store.closure(top))
        }
    }

    @Test func progressCountsToTheEnd() throws {
        try NixStore.with { store in
            let top = try store.text(Self.diamond)
            let seen = Mutex<[StoreClosure.Progress]>([])
            _ = try StoreClosure.walk(root: store.root, toplevel: top) { step in seen.withLock { $0.append(step) } }
            let steps = seen.withLock { $0 }
            #expect(steps.map(\.paths) == [1, 2, 3, 4])
            #expect(steps.last?.known == 4)
        }
    }
}
