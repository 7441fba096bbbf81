/// One component of a glob(7) pattern: `*`, `?`, `[...]`, `\`; a leading dot must be named.
enum SSHGlob {
    private enum Element {
        case anything
        case one
        case literal(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .anything, .one: true
            case .literal(let wanted): wanted == scalar
            case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
            }
        }
    }

    /// Whether the pattern matches the whole name.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        if name.hasPrefix("."), !pattern.hasPrefix(".") { return false }
        let elements = elements(Array(pattern.unicodeScalars))
        let scalars = Array(name.unicodeScalars)
        var position = 0
        var index = 0
        var star: Int?
        var resume = 0
        while position < scalars.count {
            if index < elements.count, case .anything = elements[index] {
                star = index
                resume = position
                index += 1
            } else if index < elements.count, elements[index].matches(scalars[position]) {
                position += 1
                index += 1
            } else if let star {
                resume += 1
                position = resume
                index = star + 1
            } else {
                return false
            }
        }
        return elements[index...].allSatisfy { if case .anything = $0 { true } else { false } }
    }

    private static func elements(_ pattern: [Unicode.Scalar]) -> [Element] {
        var result: [Element] = []
        var rest = pattern[...]
        while let head = rest.popFirst() {
            switch head {
            case "*": result.append(.anything)
            case "?": result.append(.one)
            case "\\": result.append(.literal(rest.popFirst() ?? head))
            case "[":
                // A bracket that is never closed stands for itself.
                if let set = set(&rest) { result.append(set) } else { result.append(.literal(head)) }
            default: result.append(.literal(head))
            }
        }
        return result
    }

    private static func set(_ pattern: inout ArraySlice<Unicode.Scalar>) -> Element? {
        var rest = pattern
        let isNegated = rest.first == "!" || rest.first == "^"
        if isNegated { rest = rest.dropFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isFirst = true
        while let low = rest.popFirst() {
            if low == "]", !isFirst {
                pattern = rest
                return .set(ranges, negated: isNegated)
            }
            isFirst = false
            if rest.first == "-", let high = rest.dropFirst().first, high != "]" {
                if low <= high { ranges.append(low...high) }
                rest = rest.dropFirst(2)
            } else {
                ranges.append(low...low)
            }
        }
        return nil
    }
}
