import FirnModel

/// What is known of the real systems for the family `nix`, written by hand.
enum NixTruth: FamilyTruth {
    static let traps: [Trap] = []

    static let untold: Set<String> = []
}
