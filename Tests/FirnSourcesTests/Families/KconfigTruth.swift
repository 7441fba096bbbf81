import FirnModel

/// What is known of the real systems for the family `kconfig`, written by hand.
enum KconfigTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
