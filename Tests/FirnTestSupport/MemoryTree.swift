public import FirnFacts

/// A root file system in memory, for tests of extractors.
public struct MemoryTree: RootTree {
    /// What stands at a path.
    public enum Node: Sendable {
        /// A regular file.
        case file([UInt8])
        /// A symbolic link.
        case link(String)
        /// A file that cannot be read.
        case forbidden
    }

    private let nodes: [String: Node]
    private let directories: Set<String>

    /// Creates a tree; directories are made for every parent. Text becomes a file, `-> target` a link.
    public init(_ texts: [String: String]) {
        self.init(
            nodes: texts.mapValues { text in
                text.hasPrefix("-> ") ? .link(String(text.dropFirst(3))) : .file(Array(text.utf8))
            })
    }

    /// Creates a tree from nodes.
    public init(nodes: [String: Node]) {
        self.nodes = nodes
        var directories: Set<String> = ["/"]
        for path in nodes.keys {
            let parts = path.split(separator: "/")
            for depth in 1..<max(parts.count, 1) {
                directories.insert("/" + parts[..<depth].joined(separator: "/"))
            }
        }
        self.directories = directories
    }

    /// What stands at a path; a link itself is not followed.
    public func entry(at path: String) throws(TreeError) -> TreeEntryKind {
        switch nodes[path] {
        case .file, .forbidden: return .file
        case .link: return .link
        case nil:
            guard directories.contains(path) else { throw .notFound(path) }
            return .directory
        }
    }

    /// The text of a link.
    public func linkText(at path: String) throws(TreeError) -> String {
        guard case .link(let target) = nodes[path] else { throw .wrongKind(path) }
        return target
    }

    /// The bytes of a regular file.
    public func fileBytes(at path: String, limit: Int) throws(TreeError) -> [UInt8] {
        switch nodes[path] {
        case .file(let bytes):
            guard bytes.count <= limit else { throw .tooLarge(path, limit: limit) }
            return bytes
        case .forbidden: throw .unreadable(path, reason: "Permission denied")
        case .link: throw .wrongKind(path)
        case nil: throw directories.contains(path) ? .wrongKind(path) : .notFound(path)
        }
    }

    /// The names in a directory, in any order.
    public func directoryNames(at path: String) throws(TreeError) -> [String] {
        guard directories.contains(path) else { throw nodes[path] == nil ? .notFound(path) : .wrongKind(path) }
        let prefix = path == "/" ? "/" : path + "/"
        var names: Set<String> = []
        for candidate in Array(nodes.keys) + Array(directories) where candidate.hasPrefix(prefix) && candidate != "/" {
            let rest = candidate.dropFirst(prefix.count)
            if let first = rest.split(separator: "/").first { names.insert(String(first)) }
        }
        return Array(names)
    }
}
