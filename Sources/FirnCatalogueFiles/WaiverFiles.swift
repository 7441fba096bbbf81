public import FirnCatalogue
public import FirnModel
import Glibc

/// Reads waivers from a directory (`*.toml`) or from one file.
public enum WaiverFiles {
    /// The waivers of a path; every one must be right.
    ///
    /// - Parameter path: A directory, whose `.toml` files are read in order of their names, or a file.
    /// - Throws: `CatalogueError` with the file and line of everything that is wrong: a directory that cannot be read,
    ///   TOML that cannot, an unknown key, a missing owner, reason or date. Its text holds words of the files: escape
    ///   it before it is printed.
    public static func load(_ path: String) throws(CatalogueError) -> WaiverSet {
        let (set, errors) = try read(path)
        guard errors.isEmpty else { throw CatalogueError(errors) }
        return set
    }

    /// The waivers of a path that are right, and what is wrong with the others, for `firn waiver lint`. Nothing else may
    /// go on with the rest.
    ///
    /// - Throws: `CatalogueError` when the path itself cannot be read.
    public static func read(_ path: String) throws(CatalogueError) -> (set: WaiverSet, errors: [DataError]) {
        var waivers: [LocatedWaiver] = []
        var errors: [DataError] = []
        for file in try files(path) {
            do {
                let (found, problems) = WaiverDecoder.decode(
                    file: file, root: try DataDirectory.file(file, shown: file))
                waivers += found
                errors += problems
            } catch {
                errors.append(error)
            }
        }
        return (WaiverDecoder.set(waivers), errors)
    }

    /// The waivers of a text, and what is wrong with it.
    public static func parse(_ text: String, file: String) -> (set: WaiverSet, errors: [DataError]) {
        do {
            let (waivers, errors) = WaiverDecoder.decode(file: file, root: try TOMLDocument.parse(text, file: file))
            return (WaiverDecoder.set(waivers), errors)
        } catch {
            return (WaiverDecoder.set([]), [error])
        }
    }

    private static func files(_ path: String) throws(CatalogueError) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        guard let names = DataDirectory.names(path) else { throw failure(path) }
        let directory = path.hasSuffix("/") ? path : path + "/"
        return names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { directory + $0 }
    }

    private static func failure(_ path: String) -> CatalogueError {
        CatalogueError([DataError(file: path, line: 0, message: String(cString: strerror(errno)))])
    }
}
