public import FirnFacts

/// One machine that runs: its files, and whether its kernel may be asked.
///
/// Live extractors read `/proc`, `/sys` and `/etc` through ``tree``, so that another root can stand in for this machine's.
/// What has no file (netlink, system calls, programs) is asked only where ``isThisMachine``, else it is unavailable.
public struct HostView: Sendable {
    /// The files of the root; every link is resolved inside it.
    public let tree: any RootTree
    /// The directory of this machine that is the root.
    public let root: String
    /// Whether the root is that of this process, so that netlink, system calls and D-Bus speak of the same machine.
    public let isThisMachine: Bool
    /// Its files as the extractors of built systems see them: `/etc` as it lies there now, and the current toplevel.
    public let system: SystemView
    /// Whether it is NixOS: whether `/run/current-system` is a toplevel.
    public let isNixOS: Bool
    /// The container it runs in, nil on a kernel of its own.
    public let container: HostContainer?
    /// The effective user id of this process: what only root may read is unavailable to others.
    public let effectiveUser: UInt32

    /// Creates a view.
    public init(
        tree: any RootTree, root: String, isThisMachine: Bool, system: SystemView, isNixOS: Bool,
        container: HostContainer?,
        effectiveUser: UInt32
    ) {
        self.tree = tree
        self.root = root
        self.isThisMachine = isThisMachine
        self.system = system
        self.isNixOS = isNixOS
        self.container = container
        self.effectiveUser = effectiveUser
    }

    /// The bytes of a file of the kernel's or of the machine's, links followed inside the root.
    public func read(_ path: String, limit: Int = 1 << 20) throws(TreeError) -> [UInt8] {
        try tree.read(path, limit: limit)
    }

    /// Why an interface without a file cannot be asked; nil where it can.
    public var refusal: String? {
        isThisMachine ? nil : "\(root) stands for another machine, and only its files can be read"
    }
}
