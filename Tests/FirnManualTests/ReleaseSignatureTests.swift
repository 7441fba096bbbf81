import FirnTestSupport
import Foundation
import Testing

/// From a fixture to the verified files of a release: the scripts with the real firn and a real key.
struct ReleaseSignatureTests {
    /// A fixture is no running system, so these cannot be told of it.
    private static let profile = """
        id = "house"
        title = "minimal, of a test"
        inherits = "minimal"
        level = "minimal"

        [drop]
        "secrets.shadow-mode" = { reason = "the fixture has no /etc/shadow" }
        "accounts.files-opened" = { reason = "the fixture has no /etc/shadow" }
        "sysctl.kernel.randomize_va_space" = { reason = "the fixture has no configuration of the kernel" }
        """

    @Test func aReleaseIsSignedAndVerified() throws {
        let system = Repository.fixtures.appendingPathComponent("current-a-default/system").path
        let path = try Tool.firnDirectory.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        try withTemporaryDirectory { directory in
            func run(_ lines: String) throws -> (code: Int32, output: String) {
                try Tool.bash.run(["-c", lines], in: directory, environment: ["PATH": path])
            }
            try SmallPolicy.text(profile: "minimal").write(to: directory.appendingPathComponent("small.toml"))
            try Data(Self.profile.utf8).write(to: directory.appendingPathComponent("house.toml"))
            let scripts = Repository.path("scripts/release")
            // What the jobs of the images leave behind, each image once.
            let made = try run(
                """
                set -e
                mkdir image out
                echo padding > image/file
                tar -czf a.tar.gz image
                firn check '\(system)' --profile ./house.toml --format json=out/built.json || [ $? -eq 1 -o $? -eq 3 ]
                cp out/built.json out/declared.json
                firn gate out/built.json --policy ./small.toml --profile ./house.toml --artifact a.tar.gz --verdict out/verdict.json
                firn report out/built.json --profiles '\(Repository.path("profiles"))' --bundle out/bundle
                for image in wsl iso vm; do
                  mkdir -p downloads/image-$image-x86_64-linux
                  cp a.tar.gz downloads/image-$image-x86_64-linux/nixos-$image-x86_64-linux.tar.gz
                  cp -r out downloads/report-$image-x86_64-linux
                done
                mkdir downloads/cli-x86_64-linux downloads/sizes
                echo cli > downloads/cli-x86_64-linux/firn.tar.gz
                echo sizes > downloads/sizes/sizes.csv
                ssh-keygen -q -t ed25519 -N '' -f release.key
                ssh-keygen -q -t ed25519 -N '' -f other.key
                '\(scripts)/assemble' downloads dist
                cp -r dist again
                """)
            try #require(made.code == 0, "\(made.output)")
            let signed = try run(
                "'\(scripts)/sign' dist release.key release.key.pub && '\(scripts)/checksums' dist release.key")
            #expect(signed.code == 0, "\(signed.output)")
            let files = try FileManager.default.contentsOfDirectory(
                atPath: directory.appendingPathComponent("dist").path)
            for name in [
                "nixos-iso-x86_64-linux.tar.gz.intoto.json", "nixos-vm-x86_64-linux.tar.gz.report.tar.gz", "SHA256SUMS",
                "SHA256SUMS.sig", "firn.tar.gz", "sizes.csv",
            ] { #expect(files.contains(name), "\(name)") }
            let verify = """
                cd dist && sha256sum --check --quiet SHA256SUMS &&
                firn verify nixos-wsl-x86_64-linux.tar.gz.intoto.json --key ../release.key.pub --artifact nixos-wsl-x86_64-linux.tar.gz
                """
            let verified = try run(verify)
            #expect(verified.code == 0, "\(verified.output)")
            #expect(try run(verify.replacing("../release.key.pub", with: "../other.key.pub")).code == 1)

            // Users have another public key than the one that signed: nothing goes out.
            let mismatch = try run("'\(scripts)/sign' again release.key other.key.pub")
            #expect(mismatch.code == 1, "\(mismatch.output)")
            // An image that is not the one that was judged.
            let exchanged = try run(
                "cp -r again third; echo more >> third/nixos-iso-x86_64-linux.tar.gz; '\(scripts)/sign' third release.key release.key.pub"
            )
            #expect(exchanged.code == 1, "\(exchanged.output)")
        }
    }
}
