import FirnModel

/// What files of packages set: `profiles/knowledge/sysctl-packages.toml`.
struct SysctlPackages: Sendable {
    /// What a file sets.
    struct Content: Sendable {
        var name: String
        var package: String?
        var path: String?
        var since: DottedVersion?
        var until: DottedVersion?
        var storeName: String?
        var lines: [String]
        var untold: [String]
        var reason: String
    }

    private var contents: [Content] = []

    init(_ knowledge: Knowledge) throws(DataError) {
        let reader = try KnowledgeTable(knowledge, "sysctl-packages")
        try reader.root.allow(["file"])
        for row in try reader.rows("file") {
            try row.allow(
                ["name", "package", "path", "since", "until", "store-name", "lines", "untold", "reason"])
            let content = Content(
                name: try row.text("name"), package: try row.optionalText("package"),
                path: try row.optionalText("path"), since: try row.version("since"), until: try row.version("until"),
                storeName: try row.optionalText("store-name"), lines: try row.texts("lines"),
                untold: try row.texts("untold"), reason: try row.optionalText("reason") ?? "it is not constant")
            guard (content.package != nil && content.path != nil) != (content.storeName != nil) else {
                throw row.error("a file is named by package and path, or by store-name")
            }
            contents.append(content)
        }
    }

    /// The content of a file that links to a store path, when the table knows it.
    func content(name: String, source: String) -> Content? {
        // /nix/store/<hash>-<package>-<version>/<path>
        let parts = source.split(separator: "/", maxSplits: 3)
        guard parts.count >= 3, parts[0] == "nix", parts[1] == "store", let dash = parts[2].firstIndex(of: "-") else {
            return nil
        }
        let storeName = parts[2][parts[2].index(after: dash)...]
        return contents.first { content in
            guard content.name == name else { return false }
            if let wanted = content.storeName { return parts.count == 3 && storeName == wanted[...] }
            guard let package = content.package, parts.count == 4, parts[3] == content.path?[...],
                storeName.hasPrefix(package + "-"),
                let version = DottedVersion(String(storeName.dropFirst(package.utf8.count + 1)))
            else { return false }
            if let since = content.since, version < since { return false }
            if let until = content.until, version >= until { return false }
            return true
        }
    }
}
