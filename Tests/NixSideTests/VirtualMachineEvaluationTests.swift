import FirnTestSupport
import Foundation
import Testing

/// The NixOS tests evaluate to derivations, and their scripts pass the check of the driver of that nixpkgs.
@Suite(.serialized, .enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
struct VirtualMachineEvaluationTests {
    struct Evaluated: Decodable {
        var drv: String
        var machines: [String]
        var script: String
    }

    @Test(arguments: [
        "basic-services", "docker-services", "dev-tools", "security-hardening", "network", "image-vm", "image-iso",
    ])
    func aTestIsADerivationWithASoundScript(name: String) throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let answer = try Nix.evaluate(
            """
            (import ./nix/tests/scripts.nix { pkgs = import \(nixpkgs) { system = "x86_64-linux"; }; }).\(name)
            """)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        let test = try JSONDecoder().decode(Evaluated.self, from: answer.output)
        #expect(test.drv.hasSuffix("vm-test-run-firn-\(name).drv"))
        #expect(!test.machines.isEmpty)
        guard VirtualMachineScriptTests.hasValidators else { return }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString).json")
        try answer.output.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let check = try Nix.run(
            VirtualMachineScriptTests.validators, ["nix/tests/check/types", "--driver", nixpkgs, file.path])
        #expect(check.code == 0, "\(check.errors)")
    }

    /// WSL brings the kernel, so its system is not started; it is a system all the same.
    @Test func theSystemForWSLIsADerivation() throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let answer = try Nix.evaluate(
            """
            (import ./nix/tests/image-tests.nix {
              pkgs = import \(nixpkgs) { system = "x86_64-linux"; };
            }).image-wsl.drvPath
            """)
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        #expect(answer.text.contains("-nixos-system-nixos-ros2-"))
    }
}
