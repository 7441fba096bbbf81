/// Finds the hashes of store paths in bytes, as Nix finds the references of a build: 32 characters of its base 32 that
/// are the hash of a known path, wherever they stand. Compressed and UTF-16 text hides them, from Nix too.
struct ReferenceScanner {
    /// The known paths by their hash.
    struct Candidates: Sendable {
        fileprivate var names: [StoreHash: [StoreName]] = [:]
        /// One bit for each possible first four digits: nearly all text is turned away by it.
        fileprivate var filter = [UInt64](repeating: 0, count: (1 << 20) / 64)

        init(_ names: [StoreName]) {
            for name in names {
                self.names[name.hash, default: []].append(name)
                var index = 0
                for byte in name.text.utf8.prefix(4) { index = index << 5 | Int(NixBase32.values[Int(byte)]) }
                filter[index >> 6] |= 1 << UInt64(index & 63)
            }
        }

        func names(of hash: StoreHash) -> [StoreName] { names[hash] ?? [] }
    }

    private let candidates: Candidates
    private(set) var found: Set<StoreHash> = []

    init(_ candidates: Candidates) {
        self.candidates = candidates
    }

    /// Looks at every window of 32 bytes. The caller puts the last 31 bytes of one call before those of the next.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) {
        let length = StoreName.hashLength
        guard bytes.count >= length else { return }
        NixBase32.values.withUnsafeBufferPointer { values in
            candidates.filter.withUnsafeBufferPointer { filter in
                var start = 0
                let last = bytes.count - length
                window: while start <= last {
                    // From the end: a character that is no digit ends every window that holds it.
                    var index = length - 1
                    while index >= 0 {
                        if values[Int(bytes[start + index])] == 255 {
                            start += index + 1
                            continue window
                        }
                        index -= 1
                    }
                    // The window is all digits; as long as the next byte is one too, so is the next window.
                    while true {
                        var key = Int(values[Int(bytes[start])]) << 15
                        key |= Int(values[Int(bytes[start + 1])]) << 10
                        key |= Int(values[Int(bytes[start + 2])]) << 5
                        key |= Int(values[Int(bytes[start + 3])])
                        if filter[key >> 6] >> UInt64(key & 63) & 1 == 1 {
                            let hash = StoreHash(bytes, at: start)
                            if candidates.names[hash] != nil { found.insert(hash) }
                        }
                        start += 1
                        guard start <= last else { return }
                        if values[Int(bytes[start + length - 1])] == 255 {
                            start += length
                            continue window
                        }
                    }
                }
            }
        }
    }
}
