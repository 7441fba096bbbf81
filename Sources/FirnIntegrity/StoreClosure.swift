public import FirnModel
import Glibc

/// The closure of a system as it lies in a store directory: every file is read, nothing is believed.
public enum StoreClosure {
    /// The store every NixOS has.
    public static let storeDirectory = "/nix/store"
    /// How many entries a store may hold.
    public static let storeLimit = 2_000_000

    /// How far a walk is.
    public struct Progress: Sendable, Hashable {
        /// How many store paths were read.
        public var paths: Int
        /// How many are known to be in the closure so far.
        public var known: Int
        /// How many bytes of NAR were hashed.
        public var bytes: Int64
    }

    /// Reads the closure of a toplevel and hashes each of its store paths.
    ///
    /// References are found as Nix finds them, by the hashes of the store's own entries in names, links and contents. So
    /// the closure is what the files themselves point to; a path that only the Nix database names is not in it.
    ///
    /// - Parameters:
    ///   - root: the directory that holds `nix/store`; `/` for this machine.
    ///   - toplevel: the store path to start from (`/nix/store/<hash>-<name>`).
    ///   - progress: called after each path, from two threads, never at once.
    /// - Returns: one entry for each store path, ordered by path, with hash, size and references.
    /// - Throws: `IntegrityError` for the first thing that cannot be read.
    public static func walk(
        root: String, toplevel: String, progress: (@Sendable (Progress) -> Void)? = nil
    ) throws(IntegrityError) -> [StorePathInfo] {
        let prefix = storeDirectory + "/"
        guard toplevel.hasPrefix(prefix), let start = StoreName(Array(toplevel.utf8.dropFirst(prefix.utf8.count)))
        else { throw IntegrityError(path: toplevel, reason: "this is no store path") }
        let rootDirectory = try Descriptor.open(path: root)
        let nix = try rootDirectory.directory("nix", path: "/nix")
        let store = try nix.directory("store", path: storeDirectory)
        let entries = try store.names(path: storeDirectory, limit: storeLimit)
        let names = withoutLeftovers(entries.compactMap(StoreName.init))
        guard names.contains(start) else {
            throw IntegrityError(path: toplevel, reason: "it is not in the store of \(root)")
        }
        let walk = Walk(store: store.number, candidates: ReferenceScanner.Candidates(names), start, progress)
        walk.runOnTwoThreads()
        if let error = walk.error { throw error }
        return walk.results.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Nix leaves `<path>.lock`, `.chroot` and `.check` beside a path it builds; they share its hash and are no paths.
    private static func withoutLeftovers(_ names: [StoreName]) -> [StoreName] {
        let all = Set(names)
        return names.filter { name in
            for suffix in [".lock", ".chroot", ".check"] where name.text.hasSuffix(suffix) {
                if let whole = StoreName(Array(name.text.utf8.dropLast(suffix.utf8.count))), all.contains(whole) {
                    return false
                }
            }
            return true
        }
    }

    /// The work that two threads share. Everything mutable is touched under the lock.
    private final class Walk: @unchecked Sendable {
        private let store: Int32
        private let candidates: ReferenceScanner.Candidates
        private let progress: (@Sendable (Progress) -> Void)?
        private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var waiting: [StoreName]
        private var known: Set<StoreName>
        private var active = 0
        private var bytes: Int64 = 0
        private(set) var results: [StorePathInfo] = []
        private(set) var error: IntegrityError?

        init(
            store: Int32, candidates: ReferenceScanner.Candidates, _ start: StoreName,
            _ progress: (@Sendable (Progress) -> Void)?
        ) {
            self.store = store
            self.candidates = candidates
            self.progress = progress
            waiting = [start]
            known = [start]
            pthread_mutex_init(lock, nil)
            pthread_cond_init(change, nil)
        }

        deinit {
            pthread_mutex_destroy(lock)
            pthread_cond_destroy(change)
            lock.deallocate()
            change.deallocate()
        }

        func runOnTwoThreads() {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self)
            let isStarted =
                pthread_create(
                    &thread, nil,
                    { context in
                        if let context { Unmanaged<Walk>.fromOpaque(context).takeRetainedValue().work() }
                        return nil
                    }, context.toOpaque()) == 0
            // Without a second thread the first one does it all.
            if !isStarted { context.release() }
            work()
            if isStarted { pthread_join(thread, nil) }
        }

        private func work() {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            while true {
                while waiting.isEmpty, active > 0, error == nil { pthread_cond_wait(change, lock) }
                guard error == nil, let name = waiting.popLast() else { break }
                active += 1
                pthread_mutex_unlock(lock)
                let outcome = read(name)
                pthread_mutex_lock(lock)
                active -= 1
                switch outcome {
                case .success(let (info, references)):
                    results.append(info)
                    bytes += info.narSize ?? 0
                    for reference in references where known.insert(reference).inserted { waiting.append(reference) }
                    progress?(Progress(paths: results.count, known: known.count, bytes: bytes))
                case .failure(let failure):
                    // Of two failures the one whose path is first is told.
                    if error.map({ failure.path.utf8.lexicographicallyPrecedes($0.path.utf8) }) ?? true {
                        error = failure
                    }
                }
                pthread_cond_broadcast(change)
            }
            pthread_cond_broadcast(change)
        }

        private func read(_ name: StoreName) -> Swift.Result<(StorePathInfo, [StoreName]), IntegrityError> {
            let path = storeDirectory + "/" + name.text
            do {
                let (archive, found) = try NARArchive.read(
                    Array(name.text.utf8), in: store, path: path, scanner: ReferenceScanner(candidates))
                let references = found.flatMap { candidates.names(of: $0) }
                    .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
                let info = StorePathInfo(
                    path: path, narHash: archive.hash, narSize: archive.size,
                    references: references.map { storeDirectory + "/" + $0.text })
                return .success((info, references))
            } catch {
                return .failure(error)
            }
        }
    }
}
