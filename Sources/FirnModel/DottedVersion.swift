/// A version of numbers and dots (`6.18.37`, `26.11`), ordered number by number; a missing number counts as 0.
///
/// What follows the numbers (`9.2p1`, `26.11pre-git`, `6.1-rc3`) is left out: it never decides whether a kernel or a
/// release has a feature.
public struct DottedVersion: Sendable, Hashable, Comparable {
    /// The numbers, without zeros at the end.
    public let numbers: [Int]

    /// Reads a version; nil when the text does not start with a number.
    public init?(_ text: String) {
        var numbers: [Int] = []
        var rest = text[...]
        while let end = rest.firstIndex(where: { !("0"..."9").contains($0) }) ?? Optional(rest.endIndex) {
            guard let number = Int(rest[..<end]) else { break }
            numbers.append(number)
            guard end < rest.endIndex, rest[end] == ".", numbers.count < 8 else { break }
            rest = rest[rest.index(after: end)...]
        }
        guard !numbers.isEmpty else { return nil }
        while numbers.last == 0 { numbers.removeLast() }
        self.numbers = numbers
    }

    /// Orders number by number.
    public static func < (left: DottedVersion, right: DottedVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
