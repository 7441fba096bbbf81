import FirnModel

/// The knowledge table of SSH algorithms: how each is rated, and why.
struct SSHAlgorithmRatings: Sendable {
    /// A rating; `good` is the best.
    enum Rating: String, Sendable, Comparable {
        case good
        case warn
        case fail

        private var rank: Int {
            switch self {
            case .good: 0
            case .warn: 1
            case .fail: 2
            }
        }

        static func < (left: Rating, right: Rating) -> Bool { left.rank < right.rank }
    }

    struct Entry: Sendable {
        var rating: Rating
        var reasons: [String]
    }
}
