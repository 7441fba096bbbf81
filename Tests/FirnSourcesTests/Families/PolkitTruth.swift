import FirnModel

/// What is known of the real systems for the family `polkit`, written by hand.
enum PolkitTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
