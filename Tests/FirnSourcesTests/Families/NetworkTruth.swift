import FirnModel

/// What is known of the real systems for the family `network`, written by hand.
enum NetworkTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
