import FirnModel

/// What is known of the real systems for the family `tls`, written by hand.
enum TlsTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
