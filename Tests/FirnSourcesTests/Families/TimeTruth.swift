import FirnModel

/// What is known of the real systems for the family `time`, written by hand.
enum TimeTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
