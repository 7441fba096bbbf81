import FirnModel
import Synchronization

/// The units that are started at boot, found once for all families that ask what listens.
///
/// A class, because all copies of a ``SystemView`` share it.
final class StartedUnitsCache: Sendable {
    private let state = Mutex<Swift.Result<Set<String>, ServiceDoubt>?>(nil)

    /// The units that are started at boot, or why that cannot be told.
    func started(_ find: () throws(ServiceDoubt) -> Set<String>) -> Swift.Result<Set<String>, ServiceDoubt> {
        if let known = state.withLock({ $0 }) { return known }
        let result = Swift.Result(catching: find)
        state.withLock { $0 = result }
        return result
    }
}
