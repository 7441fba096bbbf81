import FirnIntegrity
import FirnModel
import FirnReportCore
import Glibc

/// The closure a `--closure` option names.
struct SigningClosure {
    /// The directory that holds `nix/store`.
    var root: String
    /// The toplevel, where the path names one.
    var toplevel: String?

    /// Takes a toplevel in a store (`result`, `/nix/store/...-nixos-system-...`, `/mnt/nix/store/...`), or a root directory.
    init(_ path: String) throws(CommandFailure) {
        let shown = VisibleText.escape(path)
        guard let resolved = realpath(path, nil) else {
            throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let real = String(cString: resolved)
        let parts = real.split(separator: "/").map(String.init)
        if parts.count >= 3, parts[parts.count - 3] == "nix", parts[parts.count - 2] == "store" {
            root = "/" + parts.dropLast(3).joined(separator: "/")
            toplevel = StoreClosure.storeDirectory + "/" + parts[parts.count - 1]
            if let named = Self.rootNamed(in: path, other: root) {
                throw CommandFailure(
                    "\(shown): a link leads out of \(VisibleText.escape(named)) into the store of "
                        + "\(VisibleText.escape(root)); give \(VisibleText.escape(named)) itself, or the store path in it"
                )
            }
            return
        }
        var status = stat()
        guard stat(real + "/nix/store", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure("\(shown): this is neither a store path nor a root directory with nix/store")
        }
        root = real
        toplevel = nil
    }

    /// The root with a store of its own that a path goes through, where it is another than the one it ends in. Links of a
    /// system name `/nix/store/...`, so `/mnt/run/current-system` leads to the store of this machine, not to that of `/mnt`.
    private static func rootNamed(in path: String, other root: String) -> String? {
        var place = path.hasPrefix("/") ? "" : "."
        var places = place.isEmpty ? [] : [place]
        for part in path.split(separator: "/").dropLast() {
            place += "/" + part
            places.append(place)
        }
        for place in places {
            guard let resolved = realpath(place, nil) else { continue }
            defer { free(resolved) }
            // What stands above the working directory, or above where a link leads, is a root as well.
            var parts = String(cString: resolved).split(separator: "/")
            while !parts.isEmpty {
                let candidate = "/" + parts.joined(separator: "/")
                var status = stat()
                if candidate != root, stat(candidate + "/nix/store", &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    return candidate
                }
                parts.removeLast()
            }
        }
        return nil
    }

    /// Reads every file of a closure.
    func digest(of toplevel: String, _ console: Console) throws(CommandFailure) -> (ClosureDigest, [StorePathInfo]) {
        var progress: (@Sendable (StoreClosure.Progress) -> Void)?
        let write = console.err
        if console.isTerminal {
            progress = { step in
                write(
                    "\r\u{1b}[Kreading the closure: \(step.paths) of \(step.known) store paths, \(step.bytes >> 20) MiB"
                )
            }
        }
        defer { if console.isTerminal { write("\r\u{1b}[K") } }
        do {
            let paths = try StoreClosure.walk(root: root, toplevel: toplevel, progress: progress)
            return (try ClosureDigest.of(paths), paths)
        } catch {
            throw CommandFailure(VisibleText.escape(error.description))
        }
    }
}
