import FirnFacts

/// Which system runs on a machine, and inside what.
enum HostSystem {
    /// The link to the system that is active (NixOS, stage 2 and switch-to-configuration).
    static let link = "/run/current-system"
    /// The link to the system that was booted.
    static let bootedLink = "/run/booted-system"

    /// The toplevel that is active; nil where this is no NixOS. A link that cannot be followed is an error: taken for
    /// another Linux, the machine would be spared every rule of NixOS.
    static func current(_ tree: any RootTree, name: String) throws(SourceError) -> String? {
        do throws(TreeError) {
            let path = try tree.resolve(link)
            _ = try tree.kind(path + "/nixos-version")
            return path
        } catch {
            if case .notFound(let path) = error, path == link, !tree.exists("/etc/NIXOS") { return nil }
            throw SourceError(target: name, reason: "which NixOS system is active cannot be told: \(error)")
        }
    }

    /// The toplevel that was booted, for the report's identity; nil where it cannot be told.
    static func booted(_ tree: any RootTree) -> String? {
        do throws(TreeError) {
            return try tree.resolve(bootedLink)
        } catch {
            return nil
        }
    }

    /// The container: what systemd-detect-virt(1) reads too. Nil on a kernel of its own.
    static func container(_ tree: any RootTree) -> HostContainer? {
        // Files can be left behind by an image that now runs on a kernel of its own, or be planted. In the first namespaces
        // of the kernel there is no container, whatever lies about.
        if isInFirstNamespaces(tree) { return nil }
        for (path, name) in [("/.dockerenv", "docker"), ("/run/.containerenv", "podman")] where tree.exists(path) {
            return HostContainer(kind: name, path: path)
        }
        for path in ["/run/systemd/container", "/run/host/container-manager"] {
            if let named = text(tree, path) { return HostContainer(kind: named, path: path) }
        }
        if isOfWSL(tree) { return HostContainer(kind: "wsl", path: release) }
        return nil
    }

    /// Whether the process is in the namespaces that the kernel itself made; their numbers are fixed
    /// (include/linux/proc_ns.h: PROC_PID_INIT_INO, PROC_UTS_INIT_INO, PROC_IPC_INIT_INO). WSL's kernel is Microsoft's and
    /// not the system's own, though a distribution may be there.
    private static func isInFirstNamespaces(_ tree: any RootTree) -> Bool {
        if isOfWSL(tree) { return false }
        for (name, number) in [("pid", 4_026_531_836), ("uts", 4_026_531_838), ("ipc", 4_026_531_839)] {
            do throws(TreeError) {
                guard try tree.linkTarget("/proc/self/ns/\(name)") == "\(name):[\(number)]" else { return false }
            } catch {
                return false
            }
        }
        return true
    }

    private static let release = "/proc/sys/kernel/osrelease"

    private static func isOfWSL(_ tree: any RootTree) -> Bool {
        let name = text(tree, release)?.lowercased() ?? ""
        return name.contains("microsoft") || name.contains("wsl")
    }

    private static func text(_ tree: any RootTree, _ path: String) -> String? {
        do throws(TreeError) {
            let bytes = try tree.read(path, limit: 4096)
            let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
            return text.map(String.init)
        } catch {
            return nil
        }
    }
}
