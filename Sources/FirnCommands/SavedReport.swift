import Crypto
import FirnModel
import FirnParsing
import FirnReportCore
import Glibc

/// A report read from the file `firn check --format json=FILE` wrote.
struct SavedReport {
    /// The path as it was given.
    var path: String
    /// The report.
    var report: Report
    /// SHA-256 of the file's bytes, lower-case hex.
    var digest: String

    /// Reads a file.
    ///
    /// - Throws: `CommandFailure` with one line that says which file and why, safe to print.
    static func read(_ path: String) throws(CommandFailure) -> SavedReport {
        let bytes = try bytes(path, limit: ReportJSON.sizeLimit)
        do {
            return SavedReport(path: path, report: try ReportJSON.decode(bytes), digest: SHA256.text(of: bytes))
        } catch {
            throw CommandFailure("\(VisibleText.escape(path)): \(VisibleText.escape(error.description))")
        }
    }

    /// All bytes of a saved document.
    ///
    /// - Throws: `CommandFailure` with one line that says which file and why, safe to print.
    static func bytes(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
        let shown = VisibleText.escape(path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CommandFailure("\(shown): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        // Not a directory; a pipe (`<(...)`) is as good as a file.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw CommandFailure("\(shown): this is a directory, not a report")
        }
        // Opened without waiting so that a device cannot hold us up, but a pipe is waited for.
        if status.st_mode & S_IFMT != S_IFREG {
            let flags = fcntl(descriptor, F_GETFL)
            guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 else {
                throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
            }
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else {
                throw CommandFailure("\(shown): a report is at most \(limit >> 20) MiB")
            }
        }
        guard !bytes.isEmpty else { throw CommandFailure("\(shown): the file is empty") }
        return bytes
    }
}
