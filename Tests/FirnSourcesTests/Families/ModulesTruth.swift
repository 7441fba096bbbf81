import FirnModel

/// What is known of the real systems for the family `modules`, written by hand.
enum ModulesTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
