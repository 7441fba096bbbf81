import Synchronization

/// The units of one system, each read and merged once, whichever families ask for it.
///
/// A class, because all copies of a ``SystemView`` share it.
final class UnitCache: Sendable {
    private struct State {
        var units: [String: SystemView.UnitLookup] = [:]
        var entries: Result<[String], TreeError>?
    }

    private let state = Mutex(State())

    /// The names in `/etc/systemd/system`.
    func entries(_ read: () throws(TreeError) -> [String]) throws(TreeError) -> [String] {
        if let known = state.withLock({ $0.entries }) { return try known.get() }
        let result: Result<[String], TreeError>
        do {
            result = .success(try read())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.entries = result }
        return try result.get()
    }

    /// The unit of a name.
    func unit(_ name: String, _ read: () -> SystemView.UnitLookup) -> SystemView.UnitLookup {
        if let known = state.withLock({ $0.units[name] }) { return known }
        let unit = read()
        state.withLock { $0.units[name] = unit }
        return unit
    }
}
