/// Keywords whose arguments have different meanings.
enum SSHDCompoundValue {
    static func read(_ keyword: SSHDKeyword, _ arguments: [String]) throws(SSHDRefusal) -> [String] {
        guard let first = arguments.first, !first.isEmpty else { throw SSHDValue.missing(keyword) }
        switch keyword.kind {
        case .rekey: return try rekey(first, arguments)
        case .ipqos: return try ipqos(first, arguments)
        case .subsystem:
            guard arguments.count > 1, !arguments[1].isEmpty else {
                throw SSHDRefusal("Subsystem \(first) has no command")
            }
            return [arguments.joined(separator: " ")]
        default: return [try listenAddress(first, arguments)]
        }
    }

    /// Bytes and seconds; `-` where the line does not say.
    private static func rekey(_ first: String, _ arguments: [String]) throws(SSHDRefusal) -> [String] {
        guard arguments.count <= 2 else { throw SSHDRefusal("RekeyLimit has more arguments than it takes") }
        var bytes = 0
        if first != "default" {
            guard let size = scaled(first), size == 0 || size >= 16 else {
                throw SSHDRefusal("\(first) is no size for RekeyLimit")
            }
            bytes = size
        }
        guard arguments.count == 2, arguments[1] != "none" else { return [String(bytes), "-"] }
        guard let seconds = SSHDValue.seconds(arguments[1]) else {
            throw SSHDRefusal("\(arguments[1]) is no time")
        }
        return [String(bytes), String(seconds)]
    }

    /// A number with an optional unit B, K, M, G, T, P or E of 1024 (`scan_scaled`).
    private static func scaled(_ text: String) -> Int? {
        var digits = text[...]
        var shift = 0
        if let last = text.last, let power = "bkmgtpe".firstIndex(of: Character(last.lowercased())) {
            shift = 10 * "bkmgtpe".distance(from: "bkmgtpe".startIndex, to: power)
            digits = digits.dropLast()
        }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...18).contains(whole.utf8.count),
            whole.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(whole)
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }
        let fraction = parts[1].prefix(6)
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), shift > 0 else { return nil }
        guard let tenths = Int(fraction.isEmpty ? "0" : fraction) else { return nil }
        var divisor = 1
        for _ in fraction { divisor *= 10 }
        return product + ((1 << min(shift, 40)) * tenths) / divisor
    }

    /// The classes by name (RFC 2474 and RFC 8622); the first name of a value is the one sshd prints.
    private static let classes: [(String, Int)] = [
        ("af11", 0x28), ("af12", 0x30), ("af13", 0x38), ("af21", 0x48), ("af22", 0x50), ("af23", 0x58),
        ("af31", 0x68), ("af32", 0x70), ("af33", 0x78), ("af41", 0x88), ("af42", 0x90), ("af43", 0x98),
        ("cs0", 0x00), ("cs1", 0x20), ("cs2", 0x40), ("cs3", 0x60), ("cs4", 0x80), ("cs5", 0xa0), ("cs6", 0xc0),
        ("cs7", 0xe0), ("ef", 0xb8), ("le", 0x04), ("lowdelay", 0x10), ("throughput", 0x08), ("reliability", 0x04),
    ]

    private static func ipqos(_ first: String, _ arguments: [String]) throws(SSHDRefusal) -> [String] {
        guard arguments.count <= 2 else { throw SSHDRefusal("IPQoS has more arguments than it takes") }
        let interactive = try serviceClass(first)
        return [interactive, arguments.count == 2 ? try serviceClass(arguments[1]) : interactive]
    }

    private static func serviceClass(_ text: String) throws(SSHDRefusal) -> String {
        let word = text.lowercased()
        if word == "none" { return word }
        let value: Int
        if let known = classes.first(where: { $0.0 == word }) {
            value = known.1
        } else {
            let isHexadecimal = word.hasPrefix("0x")
            let isOctal = !isHexadecimal && word.hasPrefix("0") && word.utf8.count > 1
            guard
                let number = Int(
                    isHexadecimal ? word.dropFirst(2) : word[...], radix: isHexadecimal ? 16 : isOctal ? 8 : 10),
                (0...255).contains(number)
            else { throw SSHDRefusal("\(text) is no class of service") }
            value = number
        }
        if let name = classes.first(where: { $0.1 == value }) { return name.0 }
        let digits = String(value, radix: 16)
        return "0x" + (digits.utf8.count == 1 ? "0" + digits : digits)
    }

    /// `address` and port (0 where the line gives none) with a blank between them.
    private static func listenAddress(_ first: String, _ arguments: [String]) throws(SSHDRefusal) -> String {
        guard arguments.count == 1 else {
            let isDomain = arguments.count == 3 && arguments[1] == "rdomain"
            throw SSHDRefusal(
                isDomain ? "routing domains are not supported on this platform" : "ListenAddress has a bad form")
        }
        let colons = first.utf8.count { $0 == UInt8(ascii: ":") }
        if !first.contains("["), colons >= 2 { return first + " 0" }
        guard let place = SSHDPlace(first) else { throw SSHDRefusal("\(first) is no address and port") }
        guard let text = place.port else { return place.host + " 0" }
        guard let port = SSHDValue.portNumber(text), port > 0 else { throw SSHDRefusal("\(text) is no port") }
        return place.host + " " + String(port)
    }
}
