/// A set of ports as sorted ranges that neither touch nor overlap.
struct PortSet: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<Int>] = []

    static let empty = PortSet()
    static let all = PortSet([0...65535])

    init(_ ranges: [ClosedRange<Int>] = []) {
        var sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        guard !sorted.isEmpty else { return }
        var current = sorted.removeFirst()
        for range in sorted {
            if range.lowerBound <= current.upperBound + 1 {
                current = current.lowerBound...max(current.upperBound, range.upperBound)
            } else {
                self.ranges.append(current)
                current = range
            }
        }
        self.ranges.append(current)
    }

    var isEmpty: Bool { ranges.isEmpty }
    var isAll: Bool { self == .all }
    var count: Int { ranges.reduce(0) { $0 + $1.count } }
    var widest: Int { ranges.map(\.count).max() ?? 0 }

    func contains(_ port: Int) -> Bool {
        ranges.contains { $0.contains(port) }
    }

    func union(_ other: PortSet) -> PortSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return PortSet(ranges + other.ranges)
    }

    func intersection(_ other: PortSet) -> PortSet {
        if isAll { return other }
        if other.isAll { return self }
        var result: [ClosedRange<Int>] = []
        var left = 0
        var right = 0
        while left < ranges.count, right < other.ranges.count {
            let low = max(ranges[left].lowerBound, other.ranges[right].lowerBound)
            let high = min(ranges[left].upperBound, other.ranges[right].upperBound)
            if low <= high { result.append(low...high) }
            if ranges[left].upperBound < other.ranges[right].upperBound { left += 1 } else { right += 1 }
        }
        return PortSet(result)
    }

    func subtracting(_ other: PortSet) -> PortSet {
        if other.isEmpty || isEmpty { return self }
        return intersection(other.complement)
    }

    var complement: PortSet {
        var result: [ClosedRange<Int>] = []
        var next = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 65535 { result.append(next...65535) }
        return PortSet(result)
    }

    /// `22` or `8000-8010`.
    static func text(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? String(range.lowerBound) : "\(range.lowerBound)-\(range.upperBound)"
    }

    /// Each range as text, in numeric order.
    var texts: [String] { ranges.map(Self.text) }
}
