import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// What the tests of mounts, boot and nix share: the knowledge, and small systems made of texts.
enum BootRoomSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["mounts", "nix-defaults"] {
            let file = "profiles/knowledge/\(name).toml"
            let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
            tables[name] = try TOMLDocument.parse(text, file: file)
        }
        return Knowledge(tables: tables)
    }

    static let mountsScript = "/nix/store/00000000000000000000000000000000-mounts.sh"

    /// A toplevel at /toplevel whose /etc is /etc, with what every system has; `files` replaces and adds.
    static func view(_ files: [String: String], isRoot: Bool = true) -> SystemView {
        let base = [
            "/toplevel/nixos-version": "26.11", "/toplevel/kernel": "-> /nix/store/k-linux-6.18/bzImage",
            "/toplevel/activate": "source \(mountsScript)\n", "/toplevel/prepare-root": "#!/bin/sh\n",
            mountsScript: "specialMount \"proc\" \"/proc\" \"nosuid,noexec,nodev\" \"proc\"\n",
            "/etc/systemd/system/basic.target": "[Unit]\n", "/etc/fstab": "",
        ]
        return SystemView(
            tree: MemoryTree(base.merging(files) { $1 }), toplevel: "/toplevel", etcRoot: isRoot ? "/etc" : "/own/etc")
    }

    static func mounts(_ files: [String: String]) throws -> Snapshot {
        snapshot(try MountsFacts.built(view(files), knowledge: try knowledge.get(), context: SystemContext()))
    }

    static func boot(_ files: [String: String], hasOwnKernel: Bool? = true) throws -> Snapshot {
        snapshot(
            try BootFacts.built(
                view(files), knowledge: try knowledge.get(), context: SystemContext(hasOwnKernel: hasOwnKernel)))
    }

    static func nix(_ conf: String?, _ files: [String: String] = [:]) throws -> Snapshot {
        var files = files
        files["/etc/nix/nix.conf"] = conf
        return snapshot(try NixFacts.built(view(files), knowledge: try knowledge.get(), context: SystemContext()))
    }

    private static func options(_ json: String) throws -> OptionTree {
        OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
    }

    static func declaredMounts(_ json: String) throws -> Snapshot {
        snapshot(
            try MountsFacts.declared(try options(json), knowledge: try knowledge.get(), context: SystemContext()))
    }

    static func declaredBoot(_ json: String, release: String = "26.11") throws -> Snapshot {
        snapshot(
            try BootFacts.declared(
                try options(json), knowledge: try knowledge.get(),
                context: SystemContext(release: release, hasOwnKernel: true)))
    }

    static func declaredNix(_ json: String) throws -> Snapshot {
        snapshot(try NixFacts.declared(try options(json), knowledge: try knowledge.get(), context: SystemContext()))
    }

    static func snapshot(_ batch: FactBatch) -> Snapshot {
        Snapshot(source: .built, identity: Identity(), collectedAt: 0, batch: batch)
    }
}

extension Snapshot {
    /// The texts of a list fact; nil when it is none.
    func list(_ key: String) -> [String]? {
        guard case .list(let values)? = fact(FactKey(key))?.value else { return nil }
        return values.map(\.description)
    }

    /// Whether a fact is there and could not be told.
    func isUnavailable(_ key: String) -> Bool {
        if case .unavailable? = fact(FactKey(key)) { true } else { false }
    }

    /// All words of all facts, to look for secrets.
    var everyWord: String {
        batch.facts.map { key, fact in
            let reason = if case .unavailable(let reason, _) = fact { reason } else { "" }
            return "\(key.rawValue) \(fact.value?.description ?? "") \(reason) "
                + fact.evidence.map { "\($0.path) \($0.text ?? "")" }.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
