import FirnTestSupport
import Foundation
import Testing

/// `nix/images/wsl-tarball.sh`, run on a store made by hand: what is in the file, for whom, and what is refused.
struct ImagesTarballTests {
    /// A store with a system of two paths, one path beside it, and a manifest.
    struct Scratch {
        static let system = "nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-nixos-system"
        static let start = "nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-wsl-init"
        static let other = "nix/store/cccccccccccccccccccccccccccccccc-of-the-host"
        static let manifest = """
            d 0755 bin
            d 0755 etc
            d 0755 nix
            d 1775 nix/store
            d 0700 root
            d 1777 tmp
            f 0644 etc/wsl.conf CONF
            l bin/sh /nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-wsl-init
            """

        let directory: URL
        var output: URL { directory.appendingPathComponent("out.tar.gz") }

        init() throws {
            directory = FileManager.default.temporaryDirectory.appendingPathComponent("tarball-\(UUID().uuidString)")
            try write("store/\(Self.system)/etc/passwd.sample", "a\n", mode: 0o444)
            try FileManager.default.createSymbolicLink(
                atPath: directory.appendingPathComponent("store/\(Self.system)/init").path,
                withDestinationPath: "/\(Self.start)")
            try write("store/\(Self.start)", "#!/bin/sh\n", mode: 0o555)
            try write("store/\(Self.other)", "not of the system\n", mode: 0o444)
            try write("closure/store-paths", "/\(Self.start)\n/\(Self.system)\n")
            try write("closure/registration", "registration\n")
            try write("conf", "[boot]\nsystemd=true\n", mode: 0o600)
            try manifest(Self.manifest)
        }

        func write(_ path: String, _ text: String, mode: Int = 0o644) throws {
            let file = directory.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        }

        func manifest(_ text: String) throws {
            let conf = directory.appendingPathComponent("conf").path
            try write("manifest", text.replacingOccurrences(of: "CONF", with: conf) + "\n")
        }

        func run(umask: String = "022") throws -> Nix.Answer {
            let script = Repository.root.appendingPathComponent("nix/images/wsl-tarball.sh").path
            return try Nix.run(
                "bash",
                [
                    "-c", "umask \(umask); exec bash \"$@\"", "bash", script, "manifest", "closure", output.path,
                    "store",
                ], directory: directory)
        }

        /// "mode owner size path" of each member, in the order of the archive.
        func members() throws -> [String] {
            let listing = try Nix.run("tar", ["-tvzf", output.path, "--numeric-owner", "--full-time"])
            #expect(listing.code == 0, "\(listing.errors)")
            return listing.text.split(separator: "\n").map { line in
                let fields = line.split(separator: " ", omittingEmptySubsequences: true)
                #expect(fields[3] == "1970-01-01" && fields[4] == "00:00:01", "\(line)")
                return ([fields[0], fields[1]] + fields[5...]).joined(separator: " ")
            }
        }

        func remove() { try? FileManager.default.removeItem(at: directory) }
    }

    @Test func holdsManifestClosureAndNothingElse() throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let answer = try scratch.run()
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(
            try scratch.members() == [
                "drwxr-xr-x 0/0 bin/",
                "lrwxrwxrwx 0/0 bin/sh -> /\(Scratch.start)",
                "drwxr-xr-x 0/0 etc/",
                "-rw-r--r-- 0/0 etc/wsl.conf",
                "drwxr-xr-x 0/0 nix/",
                "-rw------- 0/0 nix-path-registration",
                "drwxrwxr-t 0/0 nix/store/",
                "drwx------ 0/0 root/",
                "drwxrwxrwt 0/0 tmp/",
                "drwxr-xr-x 0/0 \(Scratch.system)/",
                "drwxr-xr-x 0/0 \(Scratch.system)/etc/",
                "-r--r--r-- 0/0 \(Scratch.system)/etc/passwd.sample",
                "lrwxrwxrwx 0/0 \(Scratch.system)/init -> /\(Scratch.start)",
                "-r-xr-xr-x 0/0 \(Scratch.start)",
            ])
        let conf = try Nix.run("tar", ["-xOzf", scratch.output.path, "etc/wsl.conf"])
        #expect(conf.text == "[boot]\nsystemd=true\n")
    }

    /// Root writes it, perhaps where others may write: a link they put there is not followed, and a directory is not filled.
    @Test func linksBesideTheOutputAreNotFollowed() throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let victim = scratch.directory.appendingPathComponent("victim")
        try Data("untouched".utf8).write(to: victim)
        for name in [scratch.output.path + ".part", scratch.output.path] {
            try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: victim.path)
        }
        let answer = try scratch.run(umask: "077")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(try Data(contentsOf: victim) == Data("untouched".utf8))
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.output.path)
        #expect(attributes[.type] as? FileAttributeType == .typeRegular)
        #expect(attributes[.posixPermissions] as? Int == 0o644)

        try FileManager.default.removeItem(at: scratch.output)
        try FileManager.default.createDirectory(at: scratch.output, withIntermediateDirectories: false)
        #expect(try scratch.run().code != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.output.path) == [])
    }

    /// Neither who writes it, nor when, nor whether the store was optimised, nor the order of the closure changes a byte.
    @Test func sameInputSameBytes() throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.write("store/\(Scratch.system)/etc/second", "a\n", mode: 0o444)
        #expect(try scratch.run().code == 0)
        let first = try Data(contentsOf: scratch.output)

        let store = scratch.directory.appendingPathComponent("store/\(Scratch.system)/etc")
        let second = store.appendingPathComponent("second").path
        try FileManager.default.removeItem(atPath: second)
        try FileManager.default.linkItem(atPath: store.appendingPathComponent("passwd.sample").path, toPath: second)
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: second)
        try scratch.write("closure/store-paths", "/\(Scratch.system)\n/\(Scratch.start)\n/\(Scratch.system)\n")
        #expect(try scratch.run(umask: "077").code == 0)
        #expect(try Data(contentsOf: scratch.output) == first)

        try scratch.write("closure/registration", "another\n")
        #expect(try scratch.run().code == 0)
        #expect(try Data(contentsOf: scratch.output) != first)
    }

    @Test(arguments: [
        "d 0755 ../outside", "d 0755 /etc", "f 0644 etc/../../outside CONF", "l ../outside /target",
        "f 0644 etc/wsl.conf /nonexistent/file", "f 0644 etc/wsl.conf", "x 0644 etc/wsl.conf CONF", "d 0755",
    ])
    func refusesLine(_ line: String) throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.manifest("d 0755 etc\n" + line)
        let answer = try scratch.run()
        #expect(answer.code == 1, "\(answer.errors)")
        try leavesNothing(scratch)
    }

    @Test(arguments: [
        "", "/etc/shadow\n", "/nix/store/../../etc/shadow\n", "/nix/store\n",
        "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-nixos-system/etc\n",
        "/nix/store/dddddddddddddddddddddddddddddddd-not-there\n",
    ])
    func refusesClosure(_ paths: String) throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.write("closure/store-paths", paths)
        let answer = try scratch.run()
        #expect(answer.code == 1, "\(answer.errors)")
        try leavesNothing(scratch)
    }

    /// What was there before stays when a run fails.
    @Test func failureKeepsTheFileBefore() throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try Data("before".utf8).write(to: scratch.output)
        try scratch.write("closure/store-paths", "/etc/shadow\n")
        #expect(try scratch.run().code == 1)
        #expect(try String(contentsOf: scratch.output, encoding: .utf8) == "before")
    }

    private func leavesNothing(_ scratch: Scratch) throws {
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
        #expect(!left.contains { $0.hasPrefix("out") || $0.hasPrefix("outside") }, "\(left)")
    }

    /// Nobody is at a terminal: WSL must get a shell all the same.
    @Test func firstStartEndsWellWithoutTerminal() throws {
        let answer = try Nix.run("bash", ["nix/images/wsl-first-start.sh"], environment: ["WSL_DISTRO_NAME": "ros"])
        #expect(answer.code == 0)
        #expect(answer.text.contains("wsl -d ros -u root passwd nixos"))
    }

    @Test(.enabled(if: Nix.path(of: "shellcheck") != nil)) func scriptsAreClean() throws {
        for script in ["wsl-tarball.sh", "wsl-init.sh", "wsl-first-start.sh"] {
            let answer = try Nix.run("shellcheck", ["nix/images/\(script)"])
            #expect(answer.code == 0, "\(answer.text)")
        }
    }

    /// The manifest of the image itself, with files made by hand in place of those of the store: what WSL asks of the file.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func manifestOfTheImageIsWhatWSLWants() throws {
        let body = """
            let build = (images [ ]).wsl.config.system.build; in {
              manifest = build.wslTarball.manifest.text;
              distribution = build.wslTarball.distribution.text;
              passwd = build.wslTarball.passwd.text;
              builder = build.wslTarballBuilder.text;
            }
            """
        let answer = try Nix.evaluate(
            ImagesTests.expression(try #require(Nix.nixpkgs), system: "x86_64-linux", body: body))
        #expect(answer.code == 0, "\(answer.errors.suffix(3000))")
        let texts = try JSONDecoder().decode([String: String].self, from: answer.output)

        let lines = try #require(texts["manifest"]).split(separator: "\n").map { $0.split(separator: " ") }
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.manifest(
            lines.map { ($0[0] == "f" ? $0[..<3] + ["CONF"] : $0[...]).joined(separator: " ") }.joined(separator: "\n"))
        let run = try scratch.run()
        #expect(run.code == 0, "\(run.errors)")
        let members = try scratch.members()
        for member in [
            "-rw-r--r-- 0/0 etc/wsl.conf", "-rw-r--r-- 0/0 etc/wsl-distribution.conf", "-rw-r--r-- 0/0 etc/passwd",
            "-rw-r--r-- 0/0 etc/group", "-rw-r--r-- 0/0 etc/NIXOS", "-r--r--r-- 0/0 etc/firn/verdict.json",
            "drwx------ 0/0 root/", "drwxrwxrwt 0/0 tmp/", "drwxrwxrwt 0/0 var/tmp/", "drwxrwxr-t 0/0 nix/store/",
            "lrwxrwxrwx 0/0 bin/wslpath -> /init", "lrwxrwxrwx 0/0 nix/var/nix/profiles/system -> system-1-link",
        ] {
            #expect(members.contains(member), "\(member)")
        }
        for link in [
            "sbin/init", "bin/sh", "bin/login", "bin/mount", "usr/bin/env", "nix/var/nix/profiles/system-1-link",
        ] {
            #expect(members.contains { $0.hasPrefix("lrwxrwxrwx 0/0 \(link) -> /nix/store/") }, "\(link)")
        }
        // A directory that no line makes would have whatever mode and owner the reader gives it.
        let paths = members.map { $0.split(separator: " ")[2].split(separator: "/") }
        let directories = Set(
            members.filter { $0.hasPrefix("d") }.map { $0.split(separator: " ")[2].split(separator: "/") })
        for path in paths where path.count > 1 { #expect(directories.contains(Array(path.dropLast())), "\(path)") }
        for absent in ["etc/resolv.conf", "etc/shadow", "etc/machine-id", "etc/ssh", "boot"] {
            #expect(!members.contains { $0.contains(" \(absent)") }, "\(absent)")
        }

        let distribution = try #require(texts["distribution"]).split(separator: "\n")
        for line in ["[oobe]", "defaultUid=1000", "defaultName=nixos-ros2"] {
            #expect(distribution.contains(Substring(line)), "\(distribution)")
        }
        // Whether there is a password is said by the second field: x is /etc/shadow, which is not in the file.
        let accounts = try #require(texts["passwd"]).split(separator: "\n").map { $0.split(separator: ":")[0...2] }
        #expect(accounts.map(Array.init) == [["root", "x", "0"], ["nixos", "x", "1000"]])

        // The builder takes one name, and writes nothing where it was given something else.
        try scratch.write("builder", try #require(texts["builder"]))
        for arguments in [["--extra-files", "/etc"], ["-h"], ["a", "b"]] {
            let refused = try Nix.run("bash", ["builder"] + arguments, directory: scratch.directory)
            #expect(refused.code == 64)
        }
    }
}
