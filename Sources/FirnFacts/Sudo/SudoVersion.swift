/// A version as sudo (`1.9.17p2`), sudo-rs (`0.2.14`) and doas (`6.8.2`) count.
struct SudoVersion: Sendable, Hashable, Comparable {
    var numbers: [Int]

    init?(_ text: some StringProtocol) {
        var numbers: [Int] = []
        for part in text.split(whereSeparator: { $0 == "." || $0 == "p" }) {
            guard let number = Int(part) else { return nil }
            numbers.append(number)
        }
        guard !numbers.isEmpty else { return nil }
        self.numbers = numbers
    }

    static func < (left: SudoVersion, right: SudoVersion) -> Bool {
        for index in 0..<max(left.numbers.count, right.numbers.count) {
            let one = index < left.numbers.count ? left.numbers[index] : 0
            let other = index < right.numbers.count ? right.numbers[index] : 0
            if one != other { return one < other }
        }
        return false
    }
}

/// The program that answers to the name sudo.
struct SudoProgram: Sendable, Hashable {
    /// `sudo` or `sudo-rs`.
    var name: String
    var version: SudoVersion?
    var versionText: String?

    /// From a store path: `/nix/store/...-sudo-rs-0.2.14/bin/sudo`.
    init?(storePath: String) {
        let parts = storePath.split(separator: "/")
        guard parts.count >= 3, parts[0] == "nix", parts[1] == "store", let dash = parts[2].firstIndex(of: "-") else {
            return nil
        }
        let package = parts[2][parts[2].index(after: dash)...]
        let words = package.split(separator: "-")
        guard words.first == "sudo" else { return nil }
        name = words.dropFirst().first == "rs" ? "sudo-rs" : "sudo"
        let text = words.first { $0.first?.isNumber == true }
        versionText = text.map(String.init)
        version = text.flatMap { SudoVersion($0) }
    }

    init(name: String) {
        self.name = name
    }
}
