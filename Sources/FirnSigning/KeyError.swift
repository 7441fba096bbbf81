/// Why a key cannot be used.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in one sentence without a full stop. It never holds a byte of a private key.
    public var message: String

    /// Creates an error.
    public init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

/// The bounded text of a key file as lines.
enum KeyText {
    /// The largest key file that is read, in bytes; an Ed25519 one has less than 1 KiB.
    static let limit = 16_384

    static func lines(_ bytes: [UInt8]) throws(KeyError) -> [Substring] {
        guard bytes.count <= limit else { throw KeyError("the key file is larger than \(limit) bytes, no key is") }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw KeyError("the key file is no text")
        }
        // A file from Windows ends its lines with two characters, which Swift counts as one.
        return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}
