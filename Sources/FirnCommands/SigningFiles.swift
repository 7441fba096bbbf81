import Crypto
import FirnModel
import FirnReportCore
import FirnSigning
import Glibc

/// Files that are signed and verified: read within bounds, hashed as they stand.
enum SigningFiles {
    /// The digest and size of a file.
    struct Digest: Equatable {
        /// SHA-256, lower-case hex.
        var sha256: String
        /// In bytes.
        var size: Int64
    }

    /// Reads a small file whole.
    static func read(
        _ path: String, limit: Int, inspect: (stat) -> Void = { _ in }
    ) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        try eachChunk(path, follow: true, inspect: inspect) { chunk in
            bytes.append(contentsOf: chunk)
            return bytes.count <= limit
        }
        guard bytes.count <= limit else {
            throw CommandFailure("\(VisibleText.escape(path)): the file is larger than \(limit) bytes")
        }
        guard !bytes.isEmpty else { throw CommandFailure("\(VisibleText.escape(path)): the file is empty") }
        return bytes
    }

    /// Hashes a file of any size. With `follow` false a link is refused.
    static func digest(_ path: String, follow: Bool = true) throws(CommandFailure) -> Digest {
        var hash = SHA256()
        var size: Int64 = 0
        try eachChunk(path, follow: follow) { chunk in
            hash.update(bufferPointer: chunk)
            size += Int64(chunk.count)
            return true
        }
        return Digest(sha256: Hexadecimal.text(hash.finalize()), size: size)
    }

    private static func eachChunk(
        _ path: String, follow: Bool, inspect: (stat) -> Void = { _ in }, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(CommandFailure) {
        let shown = VisibleText.escape(path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw CommandFailure("\(shown): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CommandFailure("\(shown): this is no file") }
        inspect(status)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return }
            guard body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
        }
    }

    /// Reads a private key. Like ssh, it refuses a file that others may read.
    static func privateKey(_ path: String) throws(CommandFailure) -> PrivateKey {
        let shown = VisibleText.escape(path)
        // The mode of the very file that is read; what is no private key may be as open as it likes.
        var isOpen = false
        do {
            let key = try PrivateKey(file: try read(path, limit: 16_384) { isOpen = $0.st_mode & 0o077 != 0 })
            guard !isOpen else {
                throw CommandFailure(
                    "\(shown): others than its owner may use this private key; run: chmod 600 \(shown)")
            }
            return key
        } catch let error as KeyError {
            throw CommandFailure("\(shown): \(error.message)")
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure("\(shown): the key cannot be read")
        }
    }

    /// Reads a public key.
    static func publicKey(_ path: String) throws(CommandFailure) -> PublicKey {
        let shown = VisibleText.escape(path)
        do {
            return try PublicKey(file: try read(path, limit: 16_384))
        } catch let error as KeyError {
            throw CommandFailure("\(shown): \(error.message)")
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure("\(shown): the key cannot be read")
        }
    }

    /// The last part of a path.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
