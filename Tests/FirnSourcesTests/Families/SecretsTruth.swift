import FirnModel

/// What is known of the real systems for the family `secrets`, written by hand.
enum SecretsTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
