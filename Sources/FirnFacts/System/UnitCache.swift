import Synchronization

/// The units of one system, each read and merged once, whichever families ask for it.
///
/// A class, because all copies of a ``SystemView`` share it.
final class UnitCache: Sendable {
    private struct State {
        var units: [String: SystemView.UnitLookup] = [:]
        var entries: Result<[String], TreeError>?
        var links: Result<[String: String], TreeError>?
        var aliases: Result<[String: [String]], TreeError>?
        var present: Set<String>?
        var directories: [String: String] = [:]
        var listings: [String: Result<[String], TreeError>] = [:]
        var linked: Result<[String: [String]], TreeError>?
        var named: Result<[String: [String]], TreeError>?
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

    /// What the units link to.
    func links(_ read: () throws(TreeError) -> [String: String]) throws(TreeError) -> [String: String] {
        if let known = state.withLock({ $0.links }) { return try known.get() }
        let result: Result<[String: String], TreeError>
        do {
            result = .success(try read())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.links = result }
        return try result.get()
    }

    /// The other names of units.
    func aliases(_ read: () throws(TreeError) -> [String: [String]]) throws(TreeError) -> [String: [String]] {
        if let known = state.withLock({ $0.aliases }) { return try known.get() }
        let result: Result<[String: [String]], TreeError>
        do {
            result = .success(try read())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.aliases = result }
        return try result.get()
    }

    /// The names in the directory, to be asked for one.
    func present(_ read: () throws(TreeError) -> Set<String>) throws(TreeError) -> Set<String> {
        if let known = state.withLock({ $0.present }) { return known }
        let found = try read()
        state.withLock { $0.present = found }
        return found
    }

    /// What a directory's path is without links.
    func directory(_ path: String, _ resolve: () throws(TreeError) -> String) throws(TreeError) -> String {
        if let known = state.withLock({ $0.directories[path] }) { return known }
        let found = try resolve()
        state.withLock { $0.directories[path] = found }
        return found
    }

    /// The names in a directory of the directory of units.
    func listing(_ directory: String, _ read: () throws(TreeError) -> [String]) throws(TreeError) -> [String] {
        if let known = state.withLock({ $0.listings[directory] }) { return try known.get() }
        let result: Result<[String], TreeError>
        do {
            result = .success(try read())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.listings[directory] = result }
        return try result.get()
    }

    /// Which units have a link to a unit in their directories of dependencies.
    func linked(_ read: () throws(TreeError) -> [String: [String]]) throws(TreeError) -> [String: [String]] {
        if let known = state.withLock({ $0.linked }) { return try known.get() }
        let result: Result<[String: [String]], TreeError>
        do {
            result = .success(try read())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.linked = result }
        return try result.get()
    }

    /// Which units name a unit in their own lines.
    func named(_ read: () throws(TreeError) -> [String: [String]]) throws(TreeError) -> [String: [String]] {
        if let known = state.withLock({ $0.named }) { return try known.get() }
        let result: Result<[String: [String]], TreeError>
        do {
            result = .success(try read())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.named = result }
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
