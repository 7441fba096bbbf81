/// What a machine runs in, where the kernel is not its own.
public struct HostContainer: Sendable, Hashable {
    /// Its kind: `docker`, `podman`, `systemd-nspawn`, `wsl`, or what the manager calls itself.
    public var kind: String
    /// The file that says so.
    public var path: String

    /// Creates a container.
    public init(kind: String, path: String) {
        self.kind = kind
        self.path = path
    }
}
