import FirnCatalogue
import FirnFacts
import FirnModel
import FirnSources
import FirnTestSupport
import Foundation
import Testing

/// Generations, loader entries and systems within systems as targets of their own.
@Suite struct GenerationTests {
    /// A root directory of links and texts, for one test.
    private func root(_ entries: [String: String]) throws -> URL {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("firn-root-" + UUID().uuidString)
        for (path, text) in entries {
            let file = URL(fileURLWithPath: root.path + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            if text.hasPrefix("-> ") {
                try FileManager.default.createSymbolicLink(
                    atPath: file.path, withDestinationPath: String(text.dropFirst(3)))
            } else {
                try Data(text.utf8).write(to: file)
            }
        }
        return root
    }

    private func toplevel(_ name: String) -> [String: String] {
        let path = "/nix/store/\(name)-nixos-system-\(name)-26.11"
        return [
            path + "/nixos-version": "26.11", path + "/activate": "", path + "/etc": "-> /nix/store/\(name)-etc/etc",
            "/nix/store/\(name)-etc/etc/hostname": name,
        ]
    }

    private static let profiles = "/nix/var/nix/profiles/"

    private var entries: [String: String] {
        var entries = toplevel("new").merging(toplevel("old")) { $1 }.merging(toplevel("web")) { $1 }
            .merging(toplevel("loose")) { $1 }
        entries[Self.profiles + "system"] = "-> system-42-link"
        entries[Self.profiles + "system-42-link"] = "-> /nix/store/new-nixos-system-new-26.11"
        entries[Self.profiles + "system-41-link"] = "-> /nix/store/old-nixos-system-old-26.11"
        entries[Self.profiles + "system-40-link"] = "-> /nix/store/gone-nixos-system-gone-26.11"
        entries["/nix/store/new-etc/etc/nixos-containers/web.conf"] =
            "PRIVATE_NETWORK=1\nSYSTEM_PATH=/nix/store/web-nixos-system-web-26.11\n"
        entries["/boot/loader/entries/rescue.conf"] =
            "title Rescue\noptions init=/nix/store/loose-nixos-system-loose-26.11/init\n"
        return entries
    }

    private func names(_ root: URL, allGenerations: Bool) throws -> [String] {
        try SystemClosure.find(
            directory: root.path, name: "root", knowledge: try Audit.catalogue.get().knowledge,
            allGenerations: allGenerations
        ).map(\.name)
    }

    @Test func aContainerIsATargetWithoutAsking() throws {
        let root = try root(entries)
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(try names(root, allGenerations: false) == ["root", "root (container web)"])
    }

    @Test func everyBootableSystemIsATargetOnce() throws {
        let root = try root(entries)
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(
            try names(root, allGenerations: true) == [
                "root", "root (container web)", "root (generation 41)", "root (entry rescue)",
            ])
    }

    @Test func eachIsAuditedAsItself() throws {
        let root = try root(entries)
        defer { try? FileManager.default.removeItem(at: root) }
        let found = try SystemClosure.find(
            directory: root.path, name: "root", knowledge: try Audit.catalogue.get().knowledge, allGenerations: true)
        let hosts = try found.map { try $0.collect(now: 0).identity.hostName }
        #expect(hosts == ["new", "web", "old", "loose"])
        let dangling = try found[0].collect(now: 0).fact("boot.entries.dangling")
        #expect(dangling?.value == .strings(["generation 40"]))
        // A container has no generations of the root it lies in.
        #expect(try found[1].collect(now: 0).fact("boot.entries.dangling") == nil)
    }

    @Test func aSystemWithoutARootHasNoGenerations() throws {
        let root = try root(entries)
        defer { try? FileManager.default.removeItem(at: root) }
        let toplevel = root.path + "/nix/store/new-nixos-system-new-26.11"
        #expect(throws: SourceError.self) {
            try SystemClosure.find(
                directory: toplevel, name: "toplevel", knowledge: try Audit.catalogue.get().knowledge,
                allGenerations: true)
        }
    }
}
