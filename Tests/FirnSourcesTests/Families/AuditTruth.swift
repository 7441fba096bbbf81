import FirnModel

/// What is known of the real systems for the family `audit`, written by hand.
enum AuditTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
