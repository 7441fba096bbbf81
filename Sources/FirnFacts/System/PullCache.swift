import FirnModel
import Synchronization

/// Who pulls which unit in, and what is started at boot, found once for all families.
///
/// A class, because all copies of a ``SystemView`` share it.
final class PullCache: Sendable {
    private struct State {
        var links: Swift.Result<[String: [String]], TreeError>?
        var lines: Swift.Result<[String: [String]], TreeError>?
        var started: Swift.Result<Set<String>, ServiceDoubt>?
    }

    private let state = Mutex(State())

    /// Who pulls by links.
    func links(_ find: () throws(TreeError) -> [String: [String]]) throws(TreeError) -> [String: [String]] {
        if let known = state.withLock({ $0.links }) { return try known.get() }
        let result = Swift.Result(catching: find)
        state.withLock { $0.links = result }
        return try result.get()
    }

    /// Who pulls by lines of units.
    func lines(_ find: () throws(TreeError) -> [String: [String]]) throws(TreeError) -> [String: [String]] {
        if let known = state.withLock({ $0.lines }) { return try known.get() }
        let result = Swift.Result(catching: find)
        state.withLock { $0.lines = result }
        return try result.get()
    }

    /// The units that are started at boot.
    func started(_ find: () throws(ServiceDoubt) -> Set<String>) -> Swift.Result<Set<String>, ServiceDoubt> {
        if let known = state.withLock({ $0.started }) { return known }
        let result = Swift.Result(catching: find)
        state.withLock { $0.started = result }
        return result
    }
}
