import FirnFacts
import FirnHost
import FirnModel
import FirnParsing
import FirnSources
import Glibc

/// A target ready to be collected.
struct OpenedTarget {
    var source: any FactSource
    var name: String
    var kind: String
    var size: Int64?
}

/// What a target is taken for.
enum TargetKind: String, CaseIterable {
    /// The evaluated options as JSON.
    case optionJSON = "option-json"
    /// A root directory or a toplevel.
    case system
}

/// Tells targets apart by their content and opens them.
struct TargetOpener {
    /// The largest option JSON that is read; a whole NixOS is below 1 MB.
    static let jsonLimit = 256 << 20

    let knowledge: Knowledge
    /// Whether every generation of a root directory is a target, not only the one that boots.
    var allGenerations = false
    /// The root directory of the running machine, for the target `live`.
    var liveRoot = "/"
    /// Called while all text of a closure is searched for secrets (`--deep`).
    var deepScan: (@Sendable (DeepScanProgress) -> Void)?

    func open(_ argument: String, forced: TargetKind?) throws(CommandFailure) -> [OpenedTarget] {
        if argument == "-" {
            let bytes = try readAll(STDIN_FILENO, name: "standard input")
            return [try optionJSON(bytes, name: "standard input", size: Int64(bytes.count), forced: forced)]
        }
        if argument == "live" {
            guard forced == nil else { throw CommandFailure("live: --as says what a file or directory is taken for") }
            do {
                let host = try LiveHost.open(root: liveRoot, knowledge: knowledge)
                return [OpenedTarget(source: host, name: "live", kind: "live-host", size: nil)]
            } catch {
                throw CommandFailure(error.description)
            }
        }
        guard let resolved = realpath(argument, nil) else {
            throw CommandFailure("\(argument): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw CommandFailure("\(argument): \(String(cString: strerror(errno)))")
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            guard forced != .optionJSON else { throw CommandFailure("\(argument): a directory is no option JSON") }
            return try systems(path, name: argument)
        case S_IFREG:
            guard forced != .system else { throw CommandFailure("\(argument): a system is a directory") }
            return [try file(path, name: argument, size: Int64(status.st_size), forced: forced)]
        default:
            throw CommandFailure("\(argument): this is neither a file nor a directory")
        }
    }

    private func systems(_ path: String, name: String) throws(CommandFailure) -> [OpenedTarget] {
        do {
            return try SystemClosure.find(
                directory: path, name: name, knowledge: knowledge, allGenerations: allGenerations
            ).map { found in
                var closure = found
                closure.deepScan = deepScan
                return OpenedTarget(source: closure, name: closure.name, kind: "system-closure", size: nil)
            }
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func file(
        _ path: String, name: String, size: Int64, forced: TargetKind?
    ) throws(CommandFailure) -> OpenedTarget {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CommandFailure("\(name): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard size > 0 else { throw CommandFailure("\(name): the file is empty") }
        // The first bytes tell what it is, so that a large file of another kind is not read as a whole.
        var head = [UInt8](repeating: 0, count: 4096)
        let count = head.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw CommandFailure("\(name): \(String(cString: strerror(errno)))") }
        let first = head[..<count].first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard first == UInt8(ascii: "{") || forced == .optionJSON else {
            throw CommandFailure(
                "\(name): this is neither option JSON nor a directory with a NixOS system (images are not read yet)")
        }
        guard size <= Self.jsonLimit else {
            throw CommandFailure("\(name): the file is larger than \(Self.jsonLimit >> 20) MiB, no option JSON is")
        }
        return try optionJSON(try readAll(descriptor, name: name), name: name, size: size, forced: forced)
    }

    private func optionJSON(
        _ bytes: [UInt8], name: String, size: Int64, forced: TargetKind?
    ) throws(CommandFailure) -> OpenedTarget {
        guard !bytes.isEmpty else { throw CommandFailure("\(name): there is nothing to read") }
        do {
            let source = try EvaluatedConfiguration(json: bytes, name: name, knowledge: knowledge)
            return OpenedTarget(source: source, name: name, kind: "evaluated-configuration", size: size)
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func readAll(_ descriptor: Int32, name: String) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("\(name): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= Self.jsonLimit else {
                throw CommandFailure("\(name): there is more than \(Self.jsonLimit >> 20) MiB to read")
            }
        }
    }
}
