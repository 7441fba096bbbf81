import FirnModel

/// What is known of the real systems for the family `logging`, written by hand.
enum LoggingTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
