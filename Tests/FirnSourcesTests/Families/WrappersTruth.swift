import FirnModel

/// What is known of the real systems for the family `wrappers`, written by hand.
enum WrappersTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
