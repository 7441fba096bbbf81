import FirnTestSupport
import Foundation
import Testing

/// Every Nix file of the repository parses with the Nix at hand; without any nixpkgs.
struct ParseTests {
    static let files: [String] = {
        let skipped: Set<String> = [".build", ".git"]
        var found: [String] = []
        guard let walk = FileManager.default.enumerator(atPath: Repository.root.path) else { return [] }
        for case let path as String in walk {
            if skipped.contains(path) { walk.skipDescendants() }
            if path.hasSuffix(".nix") { found.append(path) }
        }
        return found.sorted()
    }()

    @Test(.enabled(if: Nix.hasInstantiate)) func everyFileParses() throws {
        #expect(Self.files.contains("nix/lib/evaluated-config.nix"))
        let answer = try Nix.run("nix-instantiate", ["--parse"] + Self.files)
        #expect(answer.code == 0, "\(answer.errors)")
        let broken = FileManager.default.temporaryDirectory.appendingPathComponent("broken-\(UUID().uuidString).nix")
        try Data("{ a = 1".utf8).write(to: broken)
        defer { try? FileManager.default.removeItem(at: broken) }
        #expect(try Nix.run("nix-instantiate", ["--parse", broken.path]).code != 0)
    }
}
