import FirnModel
import FirnParsing

/// `profiles/knowledge/modules.toml`, decoded.
struct ModulesTable: Sendable {
    /// Modules that one rule asks about.
    struct Group: Sendable {
        var name: String
        var modules: [String]
        var areFileSystems: Bool
        var usedByUnits: [String]
        var usedByOptions: [[String]]
    }

    /// What is known of one module.
    struct Module: Sendable {
        /// The first kernel with it.
        var since: DottedVersion?
        /// The first kernel without it.
        var until: DottedVersion?
        /// What makes the kernel load it by itself; empty where that is not listed.
        var aliases: [String]
        /// Modules whose symbols it uses.
        var needs: [String]
    }

    /// A file that nixpkgs ships.
    struct ShippedFile: Sendable {
        var name: String
        var path: String
        var file: ModprobeFile
    }

    var groups: [Group] = []
    var modules: [String: Module] = [:]
    var shipped: [ShippedFile] = []

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/modules.toml"
        guard let table = knowledge.tables["modules"] else {
            throw DataError(file: file, line: 0, message: "the table is missing")
        }
        func text(_ node: DataNode, _ key: String) throws(DataError) -> String {
            guard let text = node[key]?.string else {
                throw DataError(file: file, line: node.line, message: "\(key) must be text")
            }
            return text
        }
        for node in table["group"]?.elements ?? [] {
            guard let modules = node["modules"]?.strings, !modules.isEmpty, node["why"]?.string != nil else {
                throw DataError(file: file, line: node.line, message: "a group needs modules and a why")
            }
            let options = node["used-by-options"]?.elements ?? []
            groups.append(
                Group(
                    name: try text(node, "name"), modules: modules,
                    areFileSystems: node["file-systems"]?.boolean == true,
                    usedByUnits: node["used-by-units"]?.strings ?? [],
                    usedByOptions: options.compactMap(\.strings)))
        }
        for node in table["module"]?.elements ?? [] {
            func version(_ key: String) -> DottedVersion? { node[key]?.string.flatMap { DottedVersion($0) } }
            modules[try text(node, "name")] = Module(
                since: version("since"), until: version("until"), aliases: node["aliases"]?.strings ?? [],
                needs: node["needs"]?.strings ?? [])
        }
        for node in table["file"]?.elements ?? [] {
            let lines = (node["lines"]?.strings ?? []).joined(separator: "\n")
            do {
                shipped.append(
                    ShippedFile(
                        name: try text(node, "name"), path: try text(node, "path"),
                        file: try ModprobeFile.parse(Array(lines.utf8))))
            } catch let error as ParseError {
                throw DataError(file: file, line: node.line, message: error.message)
            } catch let error as DataError {
                throw error
            } catch {
                throw DataError(file: file, line: node.line, message: "\(error)")
            }
        }
    }

    /// The shipped file a store path leads to, told by the package's name.
    func shippedFile(_ path: String) -> ModprobeFile? {
        let parts = path.split(separator: "/")
        guard parts.count >= 3, parts[0] == "nix", parts[1] == "store", let dash = parts[2].firstIndex(of: "-") else {
            return nil
        }
        let name = parts[2][parts[2].index(after: dash)...]
        return shipped.first { name.hasPrefix($0.name) && path.hasSuffix($0.path) }?.file
    }
}
