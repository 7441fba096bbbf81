import FirnParsing

/// The numbers a field may have under some conditions, compared without sign as the kernel does.
struct AuditDomain: Sendable, Hashable {
    private(set) var low: UInt32 = 0
    private(set) var high: UInt32 = .max
    private(set) var excluded: Set<UInt32> = []
    private(set) var isEmpty = false

    /// The domain of a field under all the conditions on it.
    init(_ name: String, in fields: [AuditRule.Field]) {
        for field in fields where field.name == name {
            guard case .number(let value) = field.value else { continue }
            switch field.comparison {
            case .equal:
                low = max(low, value)
                high = min(high, value)
            case .notEqual: excluded.insert(value)
            case .greater:
                if value == .max { isEmpty = true } else { low = max(low, value + 1) }
            case .greaterOrEqual: low = max(low, value)
            case .less:
                if value == 0 { isEmpty = true } else { high = min(high, value - 1) }
            case .lessOrEqual: high = min(high, value)
            case .mask, .test: continue
            }
        }
        while low <= high, excluded.contains(low) {
            if low == .max {
                isEmpty = true
                break
            }
            low += 1
        }
        while high >= low, excluded.contains(high), high > 0 { high -= 1 }
        if low > high { isEmpty = true }
    }

    /// Whether every number in it meets a condition.
    func implies(_ field: AuditRule.Field) -> Bool {
        guard case .number(let value) = field.value else { return false }
        if isEmpty { return true }
        switch field.comparison {
        case .equal: return low == high && low == value
        case .notEqual: return value < low || value > high || excluded.contains(value)
        case .greater: return low > value
        case .greaterOrEqual: return low >= value
        case .less: return high < value
        case .lessOrEqual: return high <= value
        case .mask: return low == high && low & value != 0
        case .test: return low == high && low & value == value
        }
    }
}
