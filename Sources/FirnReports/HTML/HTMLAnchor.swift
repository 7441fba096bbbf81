/// A place in the page that links lead to: ASCII letters, digits, `.`, `_` and `-`, so that it is the same in an
/// attribute and in an address.
struct HTMLAnchor: Hashable {
    let name: String

    /// A place every page has.
    init(_ name: StaticString) {
        self.name = "\(name)"
    }

    fileprivate init(unique name: String) {
        self.name = name
    }
}

/// Gives every place a name of its own. A rule keeps its id as far as that can stand in an address, so that
/// `report.html#ssh.PermitRootLogin` is the same place in every report of one system.
struct HTMLAnchors {
    private var taken: Set<String> = []
    /// The last number of each name that came more than once, so that many of one name stay fast.
    private var numbers: [String: Int] = [:]

    /// Keeps a name that the page itself uses.
    mutating func reserve(_ names: [StaticString]) {
        for name in names { taken.insert("\(name)") }
    }

    /// A new place, named after a text of the report.
    mutating func next(_ text: String, prefix: String = "") -> HTMLAnchor {
        let plain = text.utf8.prefix(120).map { byte -> Character in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            return isPlain ? Character(Unicode.Scalar(byte)) : "_"
        }
        let base = prefix + (plain.isEmpty ? "_" : String(plain))
        var name = base
        while !taken.insert(name).inserted {
            numbers[base, default: 1] += 1
            name = base + "--" + String(numbers[base] ?? 1)
        }
        return HTMLAnchor(unique: name)
    }
}
