import FirnModel

/// What is known of the real systems for the family `pam`, written by hand.
enum PamTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
