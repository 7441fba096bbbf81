/// Why a file of a target could not be read.
public enum TreeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing is there.
    case notFound(String)
    /// A link on the way points to nothing.
    case danglingLink(String, target: String)
    /// More links on the way than any real path has.
    case tooManyLinks(String)
    /// The file is larger than the reader accepts.
    case tooLarge(String, limit: Int)
    /// A directory stands where a file was expected, or the other way round, or it is a device.
    case wrongKind(String)
    /// The system refused: permission, input/output error.
    case unreadable(String, reason: String)

    /// One sentence without a full stop.
    public var description: String {
        switch self {
        case .notFound(let path): "\(path) is not there"
        case .danglingLink(let path, let target): "\(path) links to \(target), which is not in the target"
        case .tooManyLinks(let path): "\(path) goes through too many links"
        case .tooLarge(let path, let limit): "\(path) is larger than \(limit) bytes"
        case .wrongKind(let path): "\(path) is not a file of the expected kind"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        }
    }

    /// Whether looking was possible and nothing was there: only this may become `absent`.
    public var isAbsence: Bool {
        if case .notFound = self { true } else { false }
    }
}

/// What kind of thing stands at a path.
public enum TreeEntryKind: Sendable, Hashable {
    /// A regular file.
    case file
    /// A directory.
    case directory
    /// A symbolic link.
    case link
    /// A device, socket or pipe.
    case other
}

/// A read-only view of a root file system. Paths are absolute inside the root; every link, absolute or relative, is
/// resolved inside the root, component by component, and can never leave it.
///
/// A tree supplies the three primitives on paths that hold no link; the resolving reads are shared by all trees, so a
/// directory, an image and a live host cannot differ in how they follow links.
public protocol RootTree: Sendable {
    /// What stands at a path whose parents are no links; a link itself is not followed.
    func entry(at path: String) throws(TreeError) -> TreeEntryKind
    /// The text of a link whose parents are no links.
    func linkText(at path: String) throws(TreeError) -> String
    /// The bytes of a regular file at a path without links.
    func fileBytes(at path: String, limit: Int) throws(TreeError) -> [UInt8]
    /// The names in a directory at a path without links, in any order.
    func directoryNames(at path: String) throws(TreeError) -> [String]
    /// The path with every link resolved, as a path inside the root. The default walks it; a tree may only remember.
    func resolve(_ path: String) throws(TreeError) -> String
}

extension RootTree {
    /// Linux follows at most 40 links in one lookup (path_resolution(7)).
    private var hopLimit: Int { 40 }

    /// The path with every link resolved, as a path inside the root.
    public func resolve(_ path: String) throws(TreeError) -> String {
        try walk(path, followLast: true)
    }

    func walk(_ path: String, followLast: Bool) throws(TreeError) -> String {
        var pending = Array(path.split(separator: "/").map(String.init).reversed())
        var resolved: [String] = []
        var hops = 0
        // Links whose text is still being walked, with the number of components that wait behind it: only there does
        // "nothing is there" mean that the link dangles.
        var links: [(target: String, waiting: Int)] = []
        while let component = pending.popLast() {
            if component == "." { continue }
            if component == ".." {
                // As in a chroot, the parent of the root is the root.
                _ = resolved.popLast()
                continue
            }
            while let link = links.last, pending.count < link.waiting { links.removeLast() }
            let candidate = "/" + (resolved + [component]).joined(separator: "/")
            let kind: TreeEntryKind
            do {
                kind = try entry(at: candidate)
            } catch {
                if error.isAbsence, let link = links.last { throw .danglingLink(path, target: link.target) }
                if error.isAbsence { throw .notFound(path) }
                throw error
            }
            if kind == .link, followLast || !pending.isEmpty {
                hops += 1
                guard hops <= hopLimit else { throw .tooManyLinks(path) }
                let target = try linkText(at: candidate)
                guard target.utf8.count <= 4096 else { throw .tooManyLinks(path) }
                links.append((target, pending.count))
                if target.hasPrefix("/") { resolved = [] }
                pending.append(contentsOf: target.split(separator: "/").map(String.init).reversed())
            } else {
                guard pending.isEmpty || kind == .directory else { throw .wrongKind(path) }
                resolved.append(component)
            }
        }
        return "/" + resolved.joined(separator: "/")
    }

    /// The bytes of a regular file, links followed.
    public func read(_ path: String, limit: Int) throws(TreeError) -> [UInt8] {
        try fileBytes(at: try resolve(path), limit: limit)
    }

    /// The names in a directory, sorted by byte value, links followed.
    public func list(_ path: String) throws(TreeError) -> [String] {
        try directoryNames(at: try resolve(path)).sorted { left, right in
            left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }

    /// What stands at the path, links followed.
    public func kind(_ path: String) throws(TreeError) -> TreeEntryKind {
        let resolved = try resolve(path)
        return resolved == "/" ? .directory : try entry(at: resolved)
    }

    /// The text of the link at the path; the path's own last component is not followed.
    public func linkTarget(_ path: String) throws(TreeError) -> String {
        try linkText(at: try walk(path, followLast: false))
    }

    /// Whether something stands at the path.
    public func exists(_ path: String) -> Bool {
        do {
            _ = try kind(path)
            return true
        } catch {
            return false
        }
    }
}
