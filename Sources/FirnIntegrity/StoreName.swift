/// The base name of a store path: 32 digits of Nix's base 32, a dash and a name.
///
/// Nix allows letters, digits and `+-._?=` in the name, at most 211 characters. Whatever else lies in a store directory
/// (locks, `.links`, half-built things of another form) is no store path, and no name can hold a blank or newline.
struct StoreName: Hashable, Sendable {
    static let hashLength = 32
    var text: String

    init?(_ bytes: [UInt8]) {
        guard bytes.count > Self.hashLength + 1, bytes.count <= Self.hashLength + 1 + 211,
            bytes[..<Self.hashLength].allSatisfy({ NixBase32.values[Int($0)] != 255 }),
            bytes[Self.hashLength] == UInt8(ascii: "-"),
            bytes[(Self.hashLength + 1)...].allSatisfy(Self.isAllowed)
        else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    var hash: StoreHash {
        text.utf8.withContiguousStorageIfAvailable { StoreHash(UnsafeRawBufferPointer($0), at: 0) }
            ?? Array(text.utf8).withUnsafeBytes { StoreHash($0, at: 0) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "?"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}

/// The 32 characters of a store path's hash, packed so that comparing them is cheap.
struct StoreHash: Hashable, Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    /// Takes 32 bytes of a buffer that has them.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        a = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        b = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        c = bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)
        d = bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self)
    }
}
