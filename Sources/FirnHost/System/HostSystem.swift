import FirnFacts

/// Which system runs on a machine, and inside what.
enum HostSystem {
    /// The link to the system that is active (NixOS, stage 2 and switch-to-configuration).
    static let link = "/run/current-system"
    /// The link to the system that was booted.
    static let bootedLink = "/run/booted-system"

    /// The toplevel that is active; nil where this is no NixOS.
    static func current(_ tree: any RootTree) -> String? {
        toplevel(tree, link)
    }

    /// The toplevel a link leads to; nil where there is none.
    static func toplevel(_ tree: any RootTree, _ link: String) -> String? {
        do throws(TreeError) {
            let path = try tree.resolve(link)
            return tree.exists(path + "/nixos-version") ? path : nil
        } catch {
            return nil
        }
    }

    /// The kind of container: what systemd-detect-virt(1) reads too. Nil on a kernel of its own.
    static func container(_ tree: any RootTree) -> String? {
        // Files can be left behind by an image that now runs on a kernel of its own, or be planted. In the first namespaces
        // of the kernel there is no container, whatever lies about.
        if isInFirstNamespaces(tree) { return nil }
        for (path, name) in [("/.dockerenv", "docker"), ("/run/.containerenv", "podman")] where tree.exists(path) {
            return name
        }
        if let named = text(tree, "/run/systemd/container") ?? text(tree, "/run/host/container-manager") {
            return named
        }
        if let release = text(tree, "/proc/sys/kernel/osrelease")?.lowercased(),
            release.contains("microsoft") || release.contains("wsl")
        {
            return "wsl"
        }
        return nil
    }

    /// Whether the process is in the namespaces that the kernel itself made; their numbers are fixed
    /// (include/linux/proc_ns.h: PROC_PID_INIT_INO, PROC_UTS_INIT_INO, PROC_IPC_INIT_INO). WSL's kernel is Microsoft's and
    /// not the system's own, though its first distribution may be there.
    private static func isInFirstNamespaces(_ tree: any RootTree) -> Bool {
        if text(tree, "/proc/sys/kernel/osrelease")?.lowercased().contains("microsoft") == true { return false }
        for (name, number) in [("pid", 4_026_531_836), ("uts", 4_026_531_838), ("ipc", 4_026_531_839)] {
            do throws(TreeError) {
                guard try tree.linkTarget("/proc/self/ns/\(name)") == "\(name):[\(number)]" else { return false }
            } catch {
                return false
            }
        }
        return true
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
