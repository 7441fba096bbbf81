import FirnModel

/// What is known of the real systems for the family `sudo`, written by hand.
enum SudoTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
