import Crypto

/// Takes the bytes of a NAR, hashes them and looks for references in the same pass, in memory that does not grow.
struct NARSink: ~Copyable {
    private static let capacity = 1 << 18
    /// What of the bytes before is kept, so that a hash is found across the border of two reads.
    private static let overlap = StoreName.hashLength - 1

    private let buffer: UnsafeMutableRawBufferPointer
    /// The bytes kept from before, at the start of the buffer.
    private var kept = 0
    private var filled = 0
    private var hash = SHA256()
    private var scanner: ReferenceScanner?
    /// Whether what is read lies in a store, where references are looked for.
    var isOfStore: Bool { scanner != nil }
    /// How many bytes the NAR has so far.
    private(set) var size: Int64 = 0

    init(_ scanner: ReferenceScanner?) {
        buffer = .allocate(byteCount: Self.capacity, alignment: 16)
        self.scanner = scanner
    }

    deinit {
        buffer.deallocate()
    }

    /// Writes a string of the format: its length in eight bytes, its bytes, zeros up to a multiple of eight.
    mutating func string(_ bytes: some Collection<UInt8>) {
        length(Int64(bytes.count))
        for byte in bytes {
            if filled == Self.capacity { flush() }
            buffer[filled] = byte
            filled += 1
        }
        size += Int64(bytes.count)
        pad(Int64(bytes.count))
    }

    /// Writes a word of the format.
    mutating func word(_ word: StaticString) {
        word.withUTF8Buffer { string($0) }
    }

    /// Writes a length as the format does: little-endian.
    mutating func length(_ value: Int64) {
        if filled + 8 > Self.capacity { flush() }
        buffer.storeBytes(of: value.littleEndian, toByteOffset: filled, as: Int64.self)
        filled += 8
        size += 8
    }

    /// Writes the zeros that follow contents of a length.
    mutating func pad(_ length: Int64) {
        for _ in 0..<((8 - length % 8) % 8) {
            if filled == Self.capacity { flush() }
            buffer[filled] = 0
            filled += 1
            size += 1
        }
    }

    /// Lets the caller read contents into the buffer; it says how many bytes it put there.
    mutating func fill(atMost limit: Int64, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        if Self.capacity - filled < 65_536 { flush() }
        let room = Int(min(limit, Int64(Self.capacity - filled)))
        let count = read(UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<(filled + room)]))
        if count > 0 {
            filled += count
            size += Int64(count)
        }
        return count
    }

    private mutating func flush() {
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[kept..<filled]))
        guard scanner != nil else {
            filled = 0
            return
        }
        scanner?.scan(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        let keep = min(filled, Self.overlap)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[(filled - keep)..<filled]))
        kept = keep
        filled = keep
    }

    /// The SHA-256 of everything, and the references that were found.
    consuming func finish() -> (hash: [UInt8], found: Set<StoreHash>) {
        flush()
        return (Array(hash.finalize()), scanner?.found ?? [])
    }
}
