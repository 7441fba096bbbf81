import Synchronization

/// The kernel's configuration of one system, read once, whichever families ask for it.
///
/// A class, because all copies of a ``SystemView`` share it.
final class KernelConfigurationCache: Sendable {
    private let state = Mutex<KernelConfiguration.Lookup?>(nil)

    /// The configuration.
    func lookup(_ find: () -> KernelConfiguration.Lookup) -> KernelConfiguration.Lookup {
        if let known = state.withLock({ $0 }) { return known }
        let found = find()
        state.withLock { $0 = found }
        return found
    }
}
