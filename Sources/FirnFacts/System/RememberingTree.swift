import Synchronization

/// A tree that asks another one for each path once: what stands there, where its links lead. Many families walk the
/// same directories, and a target does not change while it is audited.
///
/// A class, because all views of a target share what is remembered.
public final class RememberingTree: RootTree {
    private struct State {
        var kinds: [String: Result<TreeEntryKind, TreeError>] = [:]
        var links: [String: Result<String, TreeError>] = [:]
        var resolved: [String: Result<String, TreeError>] = [:]
    }

    /// More paths than any system's configuration has; beyond, nothing more is remembered.
    private static let limit = 20_000

    private let tree: any RootTree
    private let state = Mutex(State())

    /// Creates a tree that remembers.
    public init(_ tree: any RootTree) {
        self.tree = tree
    }

    /// What stands at a path; a link itself is not followed.
    public func entry(at path: String) throws(TreeError) -> TreeEntryKind {
        try remembered(path, \.kinds) { () throws(TreeError) in try tree.entry(at: path) }
    }

    /// The text of a link.
    public func linkText(at path: String) throws(TreeError) -> String {
        try remembered(path, \.links) { () throws(TreeError) in try tree.linkText(at: path) }
    }

    /// The path with every link resolved.
    public func resolve(_ path: String) throws(TreeError) -> String {
        try remembered(path, \.resolved) { () throws(TreeError) in try walk(path, followLast: true) }
    }

    /// The bytes of a regular file; they are not remembered.
    public func fileBytes(at path: String, limit: Int) throws(TreeError) -> [UInt8] {
        try tree.fileBytes(at: path, limit: limit)
    }

    /// The names in a directory, in any order.
    public func directoryNames(at path: String) throws(TreeError) -> [String] {
        try tree.directoryNames(at: path)
    }

    private func remembered<Value: Sendable>(
        _ path: String, _ part: WritableKeyPath<State, [String: Result<Value, TreeError>]>,
        _ ask: () throws(TreeError) -> Value
    ) throws(TreeError) -> Value {
        nonisolated(unsafe) let part = part
        if let known = state.withLock({ $0[keyPath: part][path] }) { return try known.get() }
        let result: Result<Value, TreeError>
        do {
            result = .success(try ask())
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            if state[keyPath: part].count < Self.limit { state[keyPath: part][path] = result }
        }
        return try result.get()
    }
}
