/// How much a failed rule matters.
///
/// The five words are those of XCCDF's `severity` attribute with `critical` added, as SARIF's security severity and the
/// STIG's "CAT I" need a rank above `high`.
public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Worth knowing; nobody has to act.
    case info
    /// Defence in depth.
    case low
    /// A control an auditor expects.
    case medium
    /// A weakness an attacker can use with some other foothold.
    case high
    /// Access without a credential, or a disabled boundary.
    case critical

    private var rank: Int {
        switch self {
        case .info: 0
        case .low: 1
        case .medium: 2
        case .high: 3
        case .critical: 4
        }
    }

    /// Orders by how much it matters: `info` is the least.
    public static func < (left: Severity, right: Severity) -> Bool {
        left.rank < right.rank
    }
}
