import FirnModel

/// What is known of the real systems for the family `age`, written by hand.
enum AgeTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
