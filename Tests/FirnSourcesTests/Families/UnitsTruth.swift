import FirnModel

/// What is known of the real systems for the family `units`, written by hand.
enum UnitsTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
