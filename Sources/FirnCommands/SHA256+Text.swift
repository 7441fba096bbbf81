import Crypto
import FirnModel

extension SHA256 {
    /// SHA-256 of bytes as every document of ours writes it: lower-case hexadecimal.
    static func text(of bytes: [UInt8]) -> String {
        Hexadecimal.text(hash(data: bytes))
    }
}
