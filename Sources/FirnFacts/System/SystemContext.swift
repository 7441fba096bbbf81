/// What several fact families need to know of the system they look at.
public struct SystemContext: Sendable, Hashable {
    /// The NixOS release (`26.11`), where known.
    public var release: String?
    /// The kernel's version (`6.18.37`), where known.
    public var kernelVersion: String?
    /// Whether the system boots a kernel of its own; false for containers and WSL, nil where it cannot be told.
    public var hasOwnKernel: Bool?
    /// Whether all text of the closure is searched for secrets (`--deep`), not only what the configuration generated.
    public var isDeep = false

    /// Creates a context.
    public init(release: String? = nil, kernelVersion: String? = nil, hasOwnKernel: Bool? = nil) {
        self.release = release
        self.kernelVersion = kernelVersion
        self.hasOwnKernel = hasOwnKernel
    }
}
