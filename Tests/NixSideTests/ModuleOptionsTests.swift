import FirnTestSupport
import Foundation
import Testing

/// docs/module-options.md says what the module takes.
struct ModuleOptionsTests {
    private static func page() throws -> String {
        String(decoding: try Repository.bytes("docs/module-options.md"), as: UTF8.self)
    }

    /// Without nixpkgs: each option that the source declares stands on the page, and no other.
    @Test func everyDeclaredOptionIsOnThePage() throws {
        let source = String(decoding: try Repository.bytes("nix/modules/hardening/options.nix"), as: UTF8.self)
        var declared: Set<String> = []
        for line in source.split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count >= 3, parts[1] == "=", parts[2].hasPrefix("mkOption") || parts[2] == "lib.mkEnableOption"
            else { continue }
            declared.insert(String(parts[0]))
        }
        #expect(declared.count >= 13)
        declared.remove("enforced")
        let titles = try Self.page().split(separator: "\n").filter { $0.hasPrefix("### `security.hardening.") }
        for name in declared {
            #expect(titles.contains { $0.hasSuffix(".\(name)`") }, "\(name) is not on the page")
        }
        #expect(titles.allSatisfy { !$0.contains("enforced") })
    }

    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree")) func thePageIsFresh() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("options-\(UUID().uuidString).md")
        let answer = try Nix.run(Repository.path("scripts/module-options"), [file.path])
        try #require(answer.code == 0, "\(answer.errors.suffix(2000))")
        defer {
            do {
                try FileManager.default.removeItem(at: file)
            } catch {
                print("\(file.path) could not be removed: \(error)")
            }
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == Self.page())
    }
}
