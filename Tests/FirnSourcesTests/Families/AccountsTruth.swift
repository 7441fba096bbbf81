import FirnModel

/// What is known of the real systems for the family `accounts`, written by hand.
enum AccountsTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
