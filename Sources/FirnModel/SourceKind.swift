/// The layer of a machine that a snapshot describes.
public enum SourceKind: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The evaluated NixOS options: what was asked for.
    case declared
    /// The system closure or image: what was made of it.
    case built
    /// The running host: what is in force.
    case live

    private var rank: Int {
        switch self {
        case .declared: 0
        case .built: 1
        case .live: 2
        }
    }

    /// Orders the layers from the configuration to the running host.
    public static func < (left: SourceKind, right: SourceKind) -> Bool {
        left.rank < right.rank
    }
}
