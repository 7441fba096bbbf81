import FirnModel

/// What is known of the real systems for the family `mounts`, written by hand.
enum MountsTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
