import FirnParsing
import FirnReportCore
import FirnReports
import FirnSigning
import Glibc

/// Writes a bundle as a whole: into a directory beside its place, which is then renamed.
struct BundleWriter {
    private let directory: String
    private let replaces: Bool
    /// The largest index that is read to know a bundle again, in bytes.
    private static let indexLimit = 16 << 20

    /// Takes the place of a bundle: a directory that is not there or empty, or, with `replaces`, one that holds a bundle
    /// of Firn and nothing else.
    init(directory: String, replaces: Bool) throws(CommandFailure) {
        var path = directory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else { throw CommandFailure("--bundle names no directory") }
        self.directory = path
        self.replaces = replaces
        try check()
    }

    /// A file of the bundle as a person may be told of it.
    func shown(_ name: String) -> String { VisibleText.escape(directory + "/" + name) }

    private func check() throws(CommandFailure) {
        let shown = VisibleText.escape(directory)
        var status = stat()
        guard lstat(directory, &status) == 0 else {
            if errno == ENOENT { return }
            throw Self.failure(directory)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw CommandFailure("\(shown): this is no directory") }
        let names = try Self.names(directory)
        guard !names.isEmpty else { return }
        guard replaces else {
            throw CommandFailure("\(shown): the directory is not empty; --force replaces a bundle that is there")
        }
        let known = try knownFiles()
        if let other = names.first(where: { !known.contains($0) }) {
            throw CommandFailure(
                "\(shown): it holds \(VisibleText.escape(other, limit: 80)), which is no file of a bundle, and is not "
                    + "replaced")
        }
    }

    /// The files that the index of the bundle there names.
    private func knownFiles() throws(CommandFailure) -> Set<String> {
        let path = directory + "/" + BundleFiles.index
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure("\(VisibleText.escape(directory)): this is no bundle, and is not replaced")
        }
        let bytes = try SavedReport.bytes(path, limit: Self.indexLimit)
        do {
            let root = try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: 16, bytes: Self.indexLimit))
            guard root["format"]?.string == BundleIndex.format, let files = root["files"]?.array else {
                throw CommandFailure("\(VisibleText.escape(path)): this is no index of a bundle")
            }
            return Set(files.compactMap { $0["name"]?.string })
                .union([BundleFiles.index, BundleFiles.checksums, BundleStatement.fileName])
        } catch let error as ParseError {
            throw CommandFailure("\(VisibleText.escape(path)): \(VisibleText.escape(error.description))")
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure("\(VisibleText.escape(path)): \(error)")
        }
    }

    /// Writes the files; nothing stays of a bundle that could not be written whole.
    func write(_ files: [BundleFile]) throws(CommandFailure) {
        let parent = directory.lastIndex(of: "/").map { String(directory[...$0]) } ?? "./"
        let temporary = try Self.temporaryDirectory(in: parent)
        do throws(CommandFailure) {
            for file in files {
                try FileOutput.writeAtomically(
                    String(decoding: file.bytes, as: UTF8.self), to: temporary + "/" + file.name)
            }
            // mkdtemp made it private; a bundle is as public as any directory the user makes.
            let mask = umask(0)
            umask(mask)
            guard chmod(temporary, 0o777 & ~mask) == 0 else { throw Self.failure(directory) }
            try place(temporary, in: parent)
        } catch {
            Self.remove(temporary)
            throw error
        }
    }

    private func place(_ temporary: String, in parent: String) throws(CommandFailure) {
        // An empty directory is replaced by rename itself.
        if rename(temporary, directory) == 0 { return }
        guard replaces, errno == ENOTEMPTY || errno == EEXIST else { throw Self.failure(directory) }
        // What came into it since is not ours to remove.
        try check()
        let old = try Self.temporaryDirectory(in: parent)
        guard rename(directory, old) == 0 else {
            let error = Self.failure(directory)
            Self.remove(old)
            throw error
        }
        guard rename(temporary, directory) == 0 else {
            let error = Self.failure(directory)
            rename(old, directory)
            throw error
        }
        Self.remove(old)
    }

    private static func temporaryDirectory(in parent: String) throws(CommandFailure) -> String {
        var template = Array((parent + ".firn-bundle-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw failure(parent) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes a directory of plain files.
    private static func remove(_ directory: String) {
        guard let stream = opendir(directory) else { return }
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            guard bytes != [0x2e], bytes != [0x2e, 0x2e] else { continue }
            unlinkat(dirfd(stream), bytes.map(CChar.init(bitPattern:)) + [0], 0)
        }
        closedir(stream)
        rmdir(directory)
    }

    private static func names(_ directory: String) throws(CommandFailure) -> [String] {
        guard let stream = opendir(directory) else { throw failure(directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            if bytes != [0x2e], bytes != [0x2e, 0x2e] { names.append(String(decoding: bytes, as: UTF8.self)) }
        }
        return names.sorted()
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("\(VisibleText.escape(path)): \(String(cString: strerror(errno)))")
    }
}
