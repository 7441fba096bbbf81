import FirnModel

/// What is known of the real systems for the family `boot`, written by hand.
enum BootTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
