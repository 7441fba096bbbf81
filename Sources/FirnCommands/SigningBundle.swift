import Crypto
import FirnReportCore
import FirnSigning
import Glibc

/// The files of a bundle directory as they are.
struct SigningBundle {
    /// The name of the checksums `firn report --bundle` writes, as `sha256sum --check` reads them.
    static let checksums = "SHA256SUMS"
    /// The largest file of checksums that is read, in bytes.
    static let checksumLimit = 4 << 20

    /// Every file but the statement, ordered by path.
    var files: [BundleStatement.File] = []
    /// What is no plain file: links, pipes, names that are no text.
    var oddities: [String] = []

    private let directory: String

    /// Lists and hashes a directory. No link is followed.
    init(_ directory: String) throws(CommandFailure) {
        self.directory = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        try list("", depth: 0)
        files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        oddities.sort()
    }

    private mutating func list(_ inner: String, depth: Int) throws(CommandFailure) {
        let place = inner.isEmpty ? directory : directory + "/" + inner
        let shown = VisibleText.escape(place)
        guard depth <= 8 else { throw CommandFailure("\(shown): the bundle's directories are nested too deep") }
        let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (inner.isEmpty ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw CommandFailure("\(shown): \(String(cString: strerror(errno)))") }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
        }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) })
            errno = 0
        }
        let code = errno
        closedir(stream)
        guard code == 0 else { throw CommandFailure("\(shown): \(String(cString: strerror(code)))") }
        for bytes in names where bytes != [0x2e] && bytes != [0x2e, 0x2e] {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                oddities.append("\(inner)/ holds a name that is no text")
                continue
            }
            let path = inner.isEmpty ? name : inner + "/" + name
            var status = stat()
            guard lstat(directory + "/" + path, &status) == 0 else {
                throw CommandFailure("\(VisibleText.escape(path)): \(String(cString: strerror(errno)))")
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                if path.utf8.elementsEqual(BundleStatement.fileName.utf8) { continue }
                guard files.count < BundleStatement.fileLimit else {
                    throw CommandFailure("\(shown): a bundle has at most \(BundleStatement.fileLimit) files")
                }
                let digest = try SigningFiles.digest(directory + "/" + path, follow: false)
                files.append(BundleStatement.File(path: path, digest: digest.sha256, size: digest.size))
            case S_IFDIR: try list(path, depth: depth + 1)
            case S_IFLNK: oddities.append("\(path) is a link")
            default: oddities.append("\(path) is no plain file")
            }
        }
    }

    /// What differs from the files a statement names; empty when they are the same.
    func differences(from statement: BundleStatement) -> [String] {
        var result = oddities
        var stated: [[UInt8]: BundleStatement.File] = [:]
        for file in statement.files { stated[Array(file.path.utf8)] = file }
        for file in files {
            guard let expected = stated.removeValue(forKey: Array(file.path.utf8)) else {
                result.append("\(file.path) was added")
                continue
            }
            if expected.digest != file.digest || expected.size != file.size {
                result.append("\(file.path) was changed")
            }
        }
        result += stated.values.map { "\($0.path) is missing" }
        return result.sorted()
    }

    /// What the checksums say otherwise than the files; nil where there are no checksums.
    func checksumProblems() throws(CommandFailure) -> [String]? {
        guard let own = files.first(where: { $0.path == Self.checksums }) else { return nil }
        let place = directory + "/" + Self.checksums
        let bytes = own.size == 0 ? [] : try SigningFiles.read(place, limit: Self.checksumLimit)
        guard SHA256.text(of: bytes) == own.digest else { return ["\(Self.checksums) changed while it was read"] }
        var problems: [String] = []
        var listed: [[UInt8]: String] = [:]
        // By bytes: a carriage return belongs to the name, as it does for sha256sum.
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            // sha256sum: the digest, a space, a space or `*`, the name.
            let bytes = Array(line)
            guard bytes.count > 66, bytes[64] == 0x20, bytes[65] == 0x20 || bytes[65] == 0x2a,
                bytes[..<64].allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
            else {
                problems.append("\(Self.checksums) line \(index + 1) is no checksum")
                continue
            }
            let name = Array(bytes[66...])
            if listed.updateValue(String(decoding: bytes[..<64], as: UTF8.self), forKey: name) != nil {
                problems.append("\(Self.checksums) line \(index + 1) names a file again")
            }
        }
        for file in files where file.path != Self.checksums {
            guard let digest = listed.removeValue(forKey: Array(file.path.utf8)) else {
                problems.append("\(file.path) is not in \(Self.checksums)")
                continue
            }
            if digest != file.digest { problems.append("\(file.path) is not what \(Self.checksums) says") }
        }
        problems += listed.keys.map {
            "\(String(decoding: $0, as: UTF8.self)) is in \(Self.checksums) and not in the bundle"
        }
        return problems.sorted()
    }
}
