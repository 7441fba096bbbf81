/// The data types of the SSH protocol in a key file (RFC 4251 section 5).
struct KeyWire {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// What has not been read.
    var remainder: [UInt8] { Array(rest) }

    mutating func number() -> UInt32? {
        guard rest.count >= 4 else { return nil }
        var value: UInt32 = 0
        for byte in rest.prefix(4) { value = value << 8 | UInt32(byte) }
        rest = rest.dropFirst(4)
        return value
    }

    mutating func string() -> [UInt8]? {
        guard let length = number(), length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(Int(length)) }
        return Array(rest.prefix(Int(length)))
    }

    /// A string of at most 64 KiB as the protocol writes it.
    static func write(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: bytes.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) } + Array(bytes)
    }
}
