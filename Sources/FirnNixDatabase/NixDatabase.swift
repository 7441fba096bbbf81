public import FirnModel
import GRDB
import Glibc

/// The database in which Nix registers the valid paths of a store (`/nix/var/nix/db/db.sqlite`).
///
/// The file may belong to a running Nix, to another machine or to an attacker. It is never opened in place: SQLite would
/// take locks and make files beside it. It is copied with its write-ahead log to a private directory, and the copy is read.
public final class NixDatabase: Sendable {
    /// The version of Nix's schema that is known, as the file `schema` says.
    public static let schemaVersion = "10"
    /// The largest database that is copied, in bytes.
    public static let sizeLimit: Int64 = 8 << 30

    private let file: String
    private let queue: DatabaseQueue
    private let copy: Copy

    /// Opens the database of a directory such as `/nix/var/nix/db`.
    ///
    /// - Parameters:
    ///   - directory: the directory that holds `db.sqlite` and `schema`.
    ///   - temporary: where the copy goes.
    /// - Throws: `NixDatabaseError`: not there, another schema, changed while it was copied, not a database.
    public init(directory: String, temporary: String = "/tmp") throws(NixDatabaseError) {
        file = directory + "/db.sqlite"
        let schema = try Self.schema(directory + "/schema")
        guard schema == Self.schemaVersion else {
            throw NixDatabaseError(
                path: directory + "/schema",
                reason: "the database has schema \(schema.prefix(20)), and only \(Self.schemaVersion) is known")
        }
        copy = try Copy(of: file, in: temporary)
        do {
            var configuration = Configuration()
            configuration.label = "nix"
            queue = try DatabaseQueue(path: copy.path, configuration: configuration)
            // What a hostile file may not do: run its own functions, or be read past its end.
            try queue.write { database in
                try database.execute(sql: "PRAGMA trusted_schema = OFF")
                try database.execute(sql: "PRAGMA cell_size_check = ON")
            }
        } catch {
            throw Self.failure(file, error)
        }
    }

    private static func failure(_ file: String, _ error: any Error) -> NixDatabaseError {
        if let error = error as? NixDatabaseError { return error }
        let reason = (error as? DatabaseError)?.message ?? "it could not be read"
        return NixDatabaseError(path: file, reason: "this is no database of Nix: \(reason)")
    }

    /// The closure of a store path as registered, ordered by path.
    ///
    /// - Throws: `NixDatabaseError` when the path or one it refers to is not valid in the database.
    public func closure(of toplevel: String) throws(NixDatabaseError) -> [StorePathInfo] {
        do {
            return try queue.read { database in
                let path = try database.makeStatement(
                    sql: "SELECT id, hash, narSize, deriver FROM ValidPaths WHERE path = ?")
                let references = try database.makeStatement(
                    sql: """
                        SELECT p.path FROM Refs r JOIN ValidPaths p ON p.id = r.reference
                        WHERE r.referrer = ? ORDER BY p.path
                        """)
                let unknown = try database.makeStatement(
                    sql: """
                        SELECT COUNT(*) FROM Refs r LEFT JOIN ValidPaths p ON p.id = r.reference
                        WHERE r.referrer = ? AND p.id IS NULL
                        """)
                return try RegisteredClosure.of(toplevel, file: file) { name throws(NixDatabaseError) in
                    do {
                        guard let row = try Row.fetchOne(path, arguments: [name]) else { return nil }
                        guard let id = Int64.fromDatabaseValue(row["id"]),
                            let text = String.fromDatabaseValue(row["hash"]), let hash = NixHash.hexadecimal(text)
                        else { throw NixDatabaseError(path: file, reason: "the NAR hash of \(name) is none") }
                        guard try Int.fetchOne(unknown, arguments: [id]) == 0 else {
                            throw NixDatabaseError(path: file, reason: "\(name) refers to a path that is not there")
                        }
                        return StorePathInfo(
                            path: name, narHash: hash, narSize: Int64.fromDatabaseValue(row["narSize"]),
                            references: try String.fetchAll(references, arguments: [id]),
                            deriver: String.fromDatabaseValue(row["deriver"]))
                    } catch {
                        throw Self.failure(file, error)
                    }
                }
            }
        } catch {
            throw Self.failure(file, error)
        }
    }

    private static func schema(_ path: String) throws(NixDatabaseError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw NixDatabaseError(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { throw NixDatabaseError(path: path, reason: "it is empty") }
        let digits = bytes[..<count].prefix { (0x30...0x39).contains($0) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// A private copy of a database and its write-ahead log; it goes with the value.
    private final class Copy: Sendable {
        let path: String
        private let directory: String

        init(of file: String, in temporary: String) throws(NixDatabaseError) {
            var template = Array((temporary + "/firn-nix-XXXXXX").utf8CString)
            guard mkdtemp(&template) != nil else {
                throw NixDatabaseError(path: temporary, reason: String(cString: strerror(errno)))
            }
            directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            path = directory + "/db.sqlite"
            do throws(NixDatabaseError) {
                let before = Self.state(file)
                guard try Self.copy(file, to: path) else {
                    throw NixDatabaseError(path: file, reason: "it is not there")
                }
                _ = try Self.copy(file + "-wal", to: path + "-wal")
                guard before == Self.state(file) else {
                    throw NixDatabaseError(path: file, reason: "Nix changed it while it was read; try again")
                }
            } catch {
                Self.remove(directory)
                throw error
            }
        }

        deinit { Self.remove(directory) }

        private static func remove(_ directory: String) {
            for name in ["db.sqlite", "db.sqlite-wal", "db.sqlite-shm", "db.sqlite-journal"] {
                unlink(directory + "/" + name)
            }
            rmdir(directory)
        }

        /// Size and time of both files: a copy of two moments would be a database of none.
        private static func state(_ file: String) -> [Int] {
            [file, file + "-wal"].flatMap { name in
                var status = stat()
                guard stat(name, &status) == 0 else { return [-1] }
                return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec, Int(status.st_ino)]
            }
        }

        /// Copies a file; false when it is not there.
        private static func copy(_ from: String, to: String) throws(NixDatabaseError) -> Bool {
            func failure(_ path: String) -> NixDatabaseError {
                NixDatabaseError(path: path, reason: String(cString: strerror(errno)))
            }
            let source = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            if source < 0, errno == ENOENT { return false }
            guard source >= 0 else { throw failure(from) }
            defer { close(source) }
            var status = stat()
            guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw NixDatabaseError(path: from, reason: "it is no plain file")
            }
            let target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard target >= 0 else { throw failure(to) }
            defer { close(target) }
            var chunk = [UInt8](repeating: 0, count: 1 << 18)
            var total: Int64 = 0
            while true {
                let count = read(source, &chunk, chunk.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw failure(from)
                }
                if count == 0 { return true }
                total += Int64(count)
                guard total <= sizeLimit else { throw NixDatabaseError(path: from, reason: "it is too large") }
                var offset = 0
                while offset < count {
                    let written = chunk.withUnsafeBytes {
                        write(target, $0.baseAddress?.advanced(by: offset), count - offset)
                    }
                    if written < 0 {
                        if errno == EINTR { continue }
                        throw failure(to)
                    }
                    offset += written
                }
            }
        }
    }
}
