import FirnTestSupport
import Foundation
import Testing

/// What a release is made of: the scripts that put it together, say what it is, and sign it.
struct WorkflowReleaseTests {
    typealias Place = WorkflowScriptTests.Place

    private static let changelog = """
        # Changelog

        ## Unreleased

        - not yet

        ## [1.2.0] - 2026-11-24

        ### Added
        - the images

        ## 1.2.0-rc.1

        - a candidate

        ## 1.1.0

        - before
        """

    // MARK: - Notes

    @Test func theNotesAreOfThisVersion() throws {
        let place = try Place()
        try place.write("CHANGELOG.md", Self.changelog)
        try place.write(
            "dist/nixos-wsl-x86_64-linux.tar.gz.verdict.json",
            WorkflowScriptTests.verdict("nixos-wsl-x86_64-linux.tar.gz", "wsl", size: 1_000_000_000))
        let answer = try place.run("notes", ["v1.2.0", "dist", "CHANGELOG.md"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.text.hasPrefix("### Added\n- the images\n\n## Images\n"))
        #expect(
            !answer.text.contains("not yet") && !answer.text.contains("before") && !answer.text.contains("candidate"))
        // 1,000,000,000 bytes are 953.67 MB.
        #expect(
            answer.text.contains(
                "| nixos-wsl-x86_64-linux.tar.gz | policy build, profile standard | pass, 2 rules open until live | 953.7 of 2048 MB | 2026-12-24T00:00:00Z |\n"
            ), "\(answer.text)")
        #expect(try place.run("notes", ["v1.2.0-rc.1", "dist", "CHANGELOG.md"]).text.hasPrefix("- a candidate\n"))
        // A version that is not in the changelog, no verdict, no version.
        #expect(try place.run("notes", ["v9.0.0", "dist", "CHANGELOG.md"]).errors.contains("says nothing of 9.0.0"))
        #expect(try place.run("notes", ["v1.2.0", "bin", "CHANGELOG.md"]).code == 1)
        for wrong in ["1.2.0", "v1.2", "v1.2.0; rm", ""] {
            #expect(try place.run("notes", [wrong, "dist", "CHANGELOG.md"]).code == 64)
        }
        // What the gate blocked is in no notes.
        try place.write(
            "dist/nixos-ros2-x86_64-linux.iso.verdict.json",
            WorkflowScriptTests.verdict("a.iso", "iso", size: 1, decision: "blocked"))
        let blocked = try place.run("notes", ["v1.2.0", "dist", "CHANGELOG.md"])
        #expect(blocked.code == 1 && blocked.errors.contains("is blocked and must not be released"))
    }

    @Test func theChangelogOfThisRepositoryIsReadable() throws {
        let text = String(decoding: try Repository.bytes("CHANGELOG.md"), as: UTF8.self)
        #expect(text.contains("\n## "))
        // What a person commits before a tag: the heading of the version.
        let place = try Place()
        try place.write("CHANGELOG.md", text.replacing("## Unreleased", with: "## 0.1.0"))
        try place.write("dist/a.iso.verdict.json", WorkflowScriptTests.verdict("a.iso", "iso", size: 1))
        let answer = try place.run("notes", ["v0.1.0", "dist", "CHANGELOG.md"])
        #expect(answer.code == 0 && answer.text.hasPrefix("### "), "\(answer.errors)")
    }

    // MARK: - Files

    private func downloads(_ place: Place, _ images: [(String, String)]) throws {
        for (name, file) in images {
            try place.write("downloads/image-\(name)/\(file)", "image of \(name)")
            for report in ["verdict.json", "declared.json", "built.json", "bundle/index.html"] {
                try place.write("downloads/report-\(name)/\(report)", "\(report) of \(name)")
            }
        }
        try place.write("downloads/cli-x86_64-linux/firn-1.2.0-x86_64-linux.tar.gz", "cli")
        try place.write("downloads/cli-x86_64-linux/firn-1.2.0-x86_64-linux.cdx.json", "{}")
        try place.write("downloads/sizes/sizes.csv", "sizes")
        try place.write("downloads/firn-x86_64-linux/firn.closure.zst", "not released")
    }

    private static let required = [
        ("wsl-x86_64-linux", "nixos-wsl-x86_64-linux.tar.gz"), ("iso-x86_64-linux", "nixos-ros2-x86_64-linux.iso"),
        ("vm-x86_64-linux", "nixos-ros2-vm-x86_64-linux.closure.zst"),
    ]

    @Test func aReleaseHasItsFiles() throws {
        let place = try Place()
        try downloads(place, Self.required + [("wsl-aarch64-linux", "nixos-wsl-aarch64-linux.tar.gz")])
        let answer = try place.run("assemble", ["downloads", "dist"])
        #expect(answer.code == 0, "\(answer.errors)")
        var expected = ["firn-1.2.0-x86_64-linux.tar.gz", "firn-1.2.0-x86_64-linux.cdx.json", "sizes.csv"]
        for file in Self.required.map(\.1) + ["nixos-wsl-aarch64-linux.tar.gz"] {
            expected +=
                [file] + ["verdict.json", "declared.json", "built.json", "report"].map { "\(file).\($0)" }
        }
        let found = try FileManager.default.contentsOfDirectory(atPath: place.path("dist"))
        #expect(found.sorted() == expected.sorted())
        #expect(try place.read("dist/nixos-ros2-x86_64-linux.iso.verdict.json") == "verdict.json of iso-x86_64-linux")
        // A directory that is there is not mixed with.
        #expect(try place.run("assemble", ["downloads", "dist"]).code == 64)
    }

    @Test(arguments: ["image-iso-x86_64-linux", "report-wsl-x86_64-linux", "cli-x86_64-linux", "sizes"])
    func aReleaseThatLacksSomethingIsNone(_ missing: String) throws {
        let place = try Place()
        try downloads(place, Self.required)
        try FileManager.default.removeItem(atPath: place.path("downloads/" + missing))
        #expect(try place.run("assemble", ["downloads", "dist"]).code != 0)
    }

    @Test func theSumsNameEveryFileAndLargeOnesComeInParts() throws {
        let place = try Place()
        let large = String(repeating: "0123456789", count: 25)
        try place.write("dist/large.iso", large)
        try place.write("dist/small name", "small")
        try place.write("dist/-option", "an odd name")
        let made = try Nix.run(
            "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "release.key"], directory: place.directory)
        try #require(made.code == 0, "\(made.errors)")
        let answer = try place.run("checksums", ["dist", "release.key"], ["LIMIT": "100"])
        #expect(answer.code == 0, "\(answer.errors)")
        let found = try FileManager.default.contentsOfDirectory(atPath: place.path("dist")).sorted()
        #expect(
            found == [
                "-option", "SHA256SUMS", "SHA256SUMS.sig", "large.iso.part-aa", "large.iso.part-ab",
                "large.iso.part-ac", "small name",
            ])
        // What the release notes say to do, and then everything is as it was.
        let check = "cd dist && cat large.iso.part-* > large.iso && sha256sum --check --strict SHA256SUMS"
        let checked = try Nix.run("bash", ["-c", check], directory: place.directory)
        #expect(checked.code == 0 && checked.text.split(separator: "\n").count == 6, "\(checked.text)")
        #expect(try place.read("dist/large.iso") == large)
        try place.write("dist/small name", "other")
        #expect(try Nix.run("bash", ["-c", check], directory: place.directory).code != 0)
        // The commands of the notes, of SECURITY.md too.
        let notes = String(decoding: try Repository.bytes("scripts/release/notes"), as: UTF8.self)
        let security = String(decoding: try Repository.bytes("SECURITY.md"), as: UTF8.self)
        let verify = "ssh-keygen -Y verify -f signers -I firn -n firn-release -s SHA256SUMS.sig < SHA256SUMS"
        #expect(notes.contains("\n\(verify)\n") && security.contains("\n\(verify)\n"))
        let signature =
            "cp release.key.pub dist && cd dist && echo \"firn $(cat release.key.pub)\" > signers && \(verify)"
        let good = try Nix.run("bash", ["-c", signature], directory: place.directory)
        #expect(good.code == 0, "\(good.errors)")
        try place.write("dist/SHA256SUMS", try place.read("dist/SHA256SUMS") + " ")
        #expect(try Nix.run("bash", ["-c", signature], directory: place.directory).code != 0)
        // Exactly at the limit it is whole.
        try place.write("exact/a", String(repeating: "a", count: 100))
        #expect(try place.run("checksums", ["exact", "release.key"], ["LIMIT": "100"]).code == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.path("exact")).sorted() == [
                "SHA256SUMS", "SHA256SUMS.sig", "a",
            ])
        #expect(try place.run("checksums", ["exact", "missing.key"]).code == 64)
    }

    // MARK: - Signatures

    private static let firn = #"""
        echo "firn $*" >> "$PLACE/log"
        if [ "$1" = "${FAIL:-}" ]; then exit 1; fi
        while [ $# -gt 0 ]; do
          if [ "$1" = --output ]; then echo signed > "$2"; fi
          shift
        done
        """#

    @Test func eachImageIsAskedSignedAndVerified() throws {
        let place = try Place()
        try place.program("firn", Self.firn)
        try place.write("dist/a.iso", "image")
        try place.write("dist/a.iso.verdict.json", "{}")
        try place.write("dist/a.iso.report/index.html", "report")
        try place.write("dist/b.tar.gz", "not judged")
        try place.write("key", "secret")
        // Users have the public key from the repository, so without one nothing is signed.
        let early = try place.run("sign", ["dist", "key", "key.pub"])
        #expect(early.code == 1 && early.errors.contains("commit it first") && !place.has("log"))
        try place.write("key.pub", "public")
        let answer = try place.run("sign", ["dist", "key", "key.pub"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(
            try place.read("log") == """
                firn gate --check dist/a.iso.verdict.json --artifact dist/a.iso
                firn sign dist/a.iso.verdict.json dist/a.iso.declared.json dist/a.iso.built.json --key key --artifact dist/a.iso --output dist/a.iso.intoto.json
                firn verify dist/a.iso.intoto.json --key key.pub --artifact dist/a.iso
                firn sign --bundle dist/a.iso.report --key key
                firn verify dist/a.iso.report --key key.pub

                """)
        #expect(place.has("dist/a.iso.report.tar.gz") && !place.has("dist/a.iso.report"))
        for step in ["gate", "sign", "verify"] {
            try place.write("dist/a.iso.report/index.html", "report")
            #expect(try place.run("sign", ["dist", "key", "key.pub"], ["FAIL": step]).code == 1, "\(step)")
        }
        try place.write("dist/c.iso.verdict.json", "{}")
        #expect(try place.run("sign", ["dist", "key", "key.pub"]).errors.contains("about no file of the release"))
        try place.write("empty/x", "")
        #expect(try place.run("sign", ["empty", "key", "key.pub"]).code == 1)
    }

    /// What was judged of a machine is in a closure, and the signature binds every file of its system.
    @Test func aMachineIsSignedInTheStore() throws {
        let place = try Place()
        try place.program("firn", Self.firn)
        let machine = "/nix/store/\(String(repeating: "a", count: 32))-nixos-vm"
        try place.program(
            "nix-store",
            "cat > \"$PLACE/imported\"; echo /nix/store/\(String(repeating: "b", count: 32))-bash; echo \(machine)")
        try place.program("realpath", "echo \"real:$1\"")
        try place.write("key.pub", "public")
        try place.write("closure", "the closure")
        try place.write("dist/nixos-ros2-vm-x86_64-linux.closure.zst.report/index.html", "report")
        try FileManager.default.createDirectory(atPath: place.path("dist"), withIntermediateDirectories: true)
        let file = "dist/nixos-ros2-vm-x86_64-linux.closure.zst"
        #expect(try Nix.run("zstd", ["-q", place.path("closure"), "-o", place.path(file)]).code == 0)
        try place.write(file + ".verdict.json", "{}")
        let answer = try place.run("sign", ["dist", "key", "key.pub"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(try place.read("imported") == "the closure")
        let log = try place.read("log").split(separator: "\n")
        #expect(log.count == 5)
        #expect(log.prefix(3).allSatisfy { $0.contains(" --artifact \(machine)") })
        #expect(log.dropFirst().prefix(2).allSatisfy { $0.contains(" --closure real:\(machine)/system") })
        let left = try FileManager.default.contentsOfDirectory(atPath: place.path("dist")).filter {
            $0.hasSuffix(".paths")
        }
        #expect(left.isEmpty)
        // Another closure under that name is no machine.
        try place.program("nix-store", "cat >/dev/null; echo /nix/store/\(String(repeating: "b", count: 32))-bash")
        let other = try place.run("sign", ["dist", "key", "key.pub"])
        #expect(other.code == 1 && other.errors.contains("holds no machine"))
    }

    // MARK: - Firn's own package

    private static let python = Repository.path(".build/validators/venv/bin/python3")
    private static let hasValidators =
        FileManager.default.isExecutableFile(atPath: python) || ProcessInfo.processInfo.environment["CI"] != nil

    @Test func everyPackageIsInTheBillOfMaterials() throws {
        let place = try Place()
        let answer = try place.run("sbom", ["1.2.0", "2026-11-24T12:00:00Z"])
        #expect(answer.code == 0, "\(answer.errors)")
        let document = try #require(try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let resolved = try JSONSerialization.jsonObject(with: Data(Repository.bytes("Package.resolved")))
        let pins = try #require((resolved as? [String: Any])?["pins"] as? [[String: Any]])
        let components = try #require(document["components"] as? [[String: Any]])
        #expect(
            Set(components.compactMap { $0["name"] as? String }) == Set(pins.compactMap { $0["identity"] as? String }))
        let purls = components.compactMap { $0["purl"] as? String }
        #expect(purls.contains("pkg:swift/github.com/apple/swift-argument-parser@1.8.2"))
        #expect(purls.allSatisfy { !$0.contains("https:") && !$0.contains(".git@") })
        // Another form of the file is refused, not read as empty.
        try place.write("resolved", #"{"version": 4, "pins": []}"#)
        #expect(try place.run("sbom", ["1.2.0", "2026-11-24T12:00:00Z", "resolved"]).code != 0)
    }

    @Test(.enabled(if: hasValidators)) func theBillOfMaterialsIsCycloneDX() throws {
        let place = try Place()
        let answer = try place.run("sbom", ["1.2.0", "2026-11-24T12:00:00Z"])
        let program = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            sys.exit(1 if JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()) else 0)
            """
        try place.write("good.json", answer.text)
        try place.write("bad.json", answer.text.replacing("\"library\"", with: "\"books\""))
        #expect(try Nix.run(Self.python, ["-c", program, place.path("good.json")]).code == 0)
        #expect(try Nix.run(Self.python, ["-c", program, place.path("bad.json")]).code == 1)
    }

    @Test func thePackageOfFirnIsTheSameEachTime() throws {
        let place = try Place()
        try place.program("firn", "echo 1.2.0")
        let binary = place.path("bin/firn")
        for directory in ["one", "two"] {
            let answer = try place.run("package-cli", [binary, "x86_64-linux", place.path(directory)])
            #expect(answer.code == 0, "\(answer.errors)")
        }
        let name = "firn-1.2.0-x86_64-linux"
        let archives = ["one", "two"].map { place.directory.appendingPathComponent("\($0)/\(name).tar.gz") }
        #expect(try Data(contentsOf: archives[0]) == Data(contentsOf: archives[1]))
        let list = try Nix.run("tar", ["-tzf", archives[0].path]).text.split(separator: "\n").map(String.init)
        for file in [
            "bin/firn", "share/man/man1/firn-check.1", "share/man/man5/firn-policy.5", "share/doc/firn/LICENSE",
            "share/bash-completion/completions/firn", "share/zsh/site-functions/_firn",
            "share/fish/vendor_completions.d/firn.fish",
        ] { #expect(list.contains("\(name)/\(file)"), "\(file)") }
        #expect(place.has("one/\(name).cdx.json"))
        for wrong in [[binary, "linux", "x"], [place.path("missing"), "x86_64-linux", "x"], []] {
            #expect(try place.run("package-cli", wrong).code == 64)
        }
    }
}
