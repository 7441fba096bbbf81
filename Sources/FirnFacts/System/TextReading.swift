public import FirnParsing

/// What reading a text file of a system gave: the three answers a fact can rest on.
public enum TextReading: Sendable {
    /// The lines, and what evidence calls the file.
    case lines([TextLine], path: String)
    /// Looked, and not there.
    case absent(path: String)
    /// There or perhaps there, and cannot be read, and why.
    case unavailable(String, path: String)

    /// What evidence calls the file.
    public var path: String {
        switch self {
        case .lines(_, let path), .absent(let path), .unavailable(_, let path): path
        }
    }
}

extension SystemView {
    /// The lines of a text file below `/etc`; evidence calls it `/etc/...`, as on the running system.
    public func etcLines(_ path: String, limit: Int = 1 << 20) -> TextReading {
        lines(etcPath(path), shown: shownEtcPath(path), limit: limit)
    }

    /// The lines of a text file at an absolute path inside the root, a store path for instance.
    public func lines(_ path: String, shown: String? = nil, limit: Int = 1 << 20) -> TextReading {
        let shown = shown ?? path
        do {
            let text = try TextFile.decode(try tree.read(path, limit: limit), limit: limit)
            return .lines(TextFile.lines(text), path: shown)
        } catch let error as TreeError {
            return error.isAbsence ? .absent(path: shown) : .unavailable(error.description, path: shown)
        } catch let error as ParseError {
            return .unavailable("\(shown): \(error)", path: shown)
        } catch {
            return .unavailable("\(shown): \(error)", path: shown)
        }
    }
}
