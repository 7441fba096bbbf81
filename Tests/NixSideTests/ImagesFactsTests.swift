import FirnTestSupport
import Foundation
import Testing

/// What firn says about the declared options of each image at its level: nothing fails but what is written here with its
/// reason. What only the built system tells stays open.
@Suite(.serialized) struct ImagesFactsTests {
    struct Image: CustomTestStringConvertible, Sendable {
        var name: String
        var modules: [String] = []
        /// What fails and is accepted by a waiver of `nix/images/waivers`.
        var accepted: Set<String>
        var testDescription: String { name + (modules.isEmpty ? "" : " with NixOS-WSL") }
    }

    static let images: [Image] = {
        var images = [
            Image(name: "vm", accepted: []),
            Image(name: "iso", accepted: ["accounts.autologin", "sudo.nopasswd.all"]),
            // Without a kernel of its own nothing is asked about auditing.
            Image(name: "wsl", accepted: []),
        ]
        if let upstream = ImagesTests.upstream {
            images.append(Image(name: "wsl", modules: [upstream + "/modules"], accepted: []))
        }
        return images
    }()

    struct Report: Decodable {
        struct Result: Decodable {
            struct Waiver: Decodable {}
            var rule, outcome: String
            var waiver: Waiver?
        }
        var results: [Result]
    }

    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"), arguments: images)
    func onlyWhatIsKnownFails(_ image: Image) throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let firn = Repository.path(".build/debug/firn")
        try #require(FileManager.default.isExecutableFile(atPath: firn), "swift build puts \(firn) there")
        let export = try Nix.run(
            "nix-instantiate",
            [
                "--eval", "--strict", "--json", "--readonly-mode", "nix/lib/evaluated-config.nix", "--arg", "nixpkgs",
                nixpkgs,
                "--arg", "configuration", "./nix/images/\(image.name).nix", "--argstr", "system", "x86_64-linux",
                "--arg", "extraModules", "[ \(image.modules.joined(separator: " ")) ]",
            ])
        #expect(export.code == 0, "\(export.errors.suffix(3000))")
        let options = FileManager.default.temporaryDirectory.appendingPathComponent("options-\(UUID().uuidString).json")
        try export.output.write(to: options)
        defer { try? FileManager.default.removeItem(at: options) }
        let checked = try Nix.run(
            firn,
            [
                "check", options.path, "--profile", "standard", "--waivers", "nix/images/waivers", "--now",
                "2026-11-24",
                "--format", "json",
            ])
        #expect([0, 1, 3].contains(checked.code), "\(checked.errors)")
        let results = try JSONDecoder().decode(Report.self, from: checked.output).results
        let failed = results.filter { $0.outcome == "fail" }
        #expect(failed.filter { $0.waiver == nil }.map(\.rule).isEmpty)
        #expect(Set(failed.filter { $0.waiver != nil }.map(\.rule)) == image.accepted)
        #expect(!results.contains { $0.outcome == "error" })
        // What an image must never get wrong, and what the options do tell.
        let passed = Set(results.filter { $0.outcome == "pass" }.map(\.rule))
        for rule in [
            "accounts.empty-password", "accounts.clear-text-in-store", "accounts.autologin.root", "ssh.PermitRootLogin",
            "ssh.PermitEmptyPasswords", "ssh.PasswordAuthentication", "firewall.enabled", "nix.trusted-users",
            "pam.lockout.console", "pam.quality", "pam.quality.minlen",
        ] {
            #expect(passed.contains(rule), "\(rule)")
        }
        if image.name != "iso" {
            #expect(passed.contains("sudo.nopasswd.all") && passed.contains("accounts.autologin"))
        }
    }

    /// The waivers are in force on the day of this test's facts, and say nothing that lint finds wrong.
    @Test func waiversAreClean() throws {
        let firn = Repository.path(".build/debug/firn")
        try #require(FileManager.default.isExecutableFile(atPath: firn), "swift build puts \(firn) there")
        let answer = try Nix.run(firn, ["waiver", "lint", "nix/images/waivers", "--now", "2026-11-24"])
        #expect(answer.code == 0, "\(answer.text)")
        #expect(answer.text.contains("0 errors, 0 warnings"), "\(answer.text)")
    }

    /// What the flake builds from: three files that are there.
    @Test(.enabled(if: Nix.hasInstantiate)) func imagesAreListed() throws {
        let answer = try Nix.evaluate(
            "builtins.mapAttrs (_: builtins.pathExists) (import ./nix/images)")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(
            try JSONDecoder().decode([String: Bool].self, from: answer.output) == [
                "iso": true, "vm": true, "wsl": true,
            ])
    }
}
