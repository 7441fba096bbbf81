import FirnModel
import FirnParsing

/// The text that a configuration generated, as far as the system reaches it: the tree of `/etc`, the scripts of activation
/// and boot, and the files that those and the units name by their store path. The units themselves are read once for all
/// families and searched by their meaning (``SecretsBuilt``).
///
/// Package contents (store objects whose name ends in a version) are left to the deep scan. The toplevel's own `etc` is
/// read, not the activated copy: what counts is what lies in the world-readable store.
struct GeneratedText {
    /// A file that was read.
    struct File {
        /// `/etc/...` where it is seen there, else the store path.
        var shown: String
        /// The path in the store.
        var path: String
        /// The name of the store object without its hash.
        var object: String
        var bytes: [UInt8]
    }

    let tree: any RootTree
    let toplevel: String
    let limit: Int

    /// Why the text could not be read whole.
    private(set) var doubt: ServiceDoubt?
    private(set) var files: [File] = []
    /// How many files were no text, and how many were larger than the limit.
    private(set) var binaries = 0
    private(set) var large = 0
    private var seen: Set<String> = []
    private var pending: [String] = []

    /// `X.mode` beside `X`: the mode that `environment.etc` gives to a copy.
    private(set) var sidecars: [(shown: String, path: String)] = []

    private let packages: [(name: [UInt8], isPrefix: Bool)]
    private var verdicts: [String: Bool] = [:]
    private var kinds: [String: TreeEntryKind] = [:]

    /// `mentioned`: the store paths that units name.
    init(_ system: SystemView, limit: Int, packages: Set<String>, mentioned: Set<String> = []) {
        self.packages = packages.map { name in
            name.hasSuffix("*") ? (Array(name.utf8.dropLast()), true) : (Array(name.utf8), false)
        }
        tree = system.tree
        toplevel = system.toplevel
        self.limit = limit
        for path in mentioned.sorted() where seen.insert("ref " + path).inserted { pending.append(path) }
        collect()
    }

    private func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }

    private mutating func collect() {
        for name in ["activate", "init", "prepare-root", "dry-activate", "kernel-params", "boot.json"] {
            take(join(toplevel, name), shown: join(toplevel, name), isRequired: false)
        }
        walk(join(toplevel, "etc"), shown: "/etc", depth: 0, isOwn: true)
        while let path = pending.popLast(), files.count < 20_000 { follow(path) }
    }

    /// `isOwn`: the directory is one of the system's `etc` itself, not one that a link there leads to.
    private mutating func walk(_ path: String, shown: String, depth: Int, isOwn: Bool) {
        guard depth < 16, seen.count < 50_000 else { return }
        // Units are read by their meaning.
        if shown == "/etc/systemd/system" { return }
        let resolved: String
        let names: [String]
        do {
            resolved = depth > 0 ? path : try tree.resolve(path)
            guard seen.insert("dir " + resolved).inserted else { return }
            names = try tree.directoryNames(at: resolved).sorted()
        } catch {
            if doubt == nil { doubt = ServiceDoubt(error.description, [Evidence(path: shown)]) }
            return
        }
        let present = Set(names)
        for name in names {
            let own = join(resolved, name)
            if let ending = sidecar(name, present) {
                if isOwn, ending == ".mode" { sidecars.append((shown + "/" + name.dropLast(5), own)) }
                continue
            }
            let shownOwn = shown + "/" + name
            if shownOwn == "/etc/systemd/system" { continue }
            do {
                switch try tree.entry(at: own) {
                case .directory: walk(own, shown: shownOwn, depth: depth + 1, isOwn: isOwn)
                case .other: continue
                case .file: take(own, shown: shownOwn, isRequired: true)
                case .link:
                    let text = try tree.linkText(at: own)
                    // Where a link leads outside the store, nothing of the configuration is there.
                    if text.hasPrefix("/"), !text.hasPrefix("/nix/store/"), !text.hasPrefix("/etc/static") { continue }
                    if text.hasPrefix("/nix/store/"), isPackage(text) { continue }
                    let target = try place(text.hasPrefix("/nix/store/") ? text : own)
                    if isPackage(target.path) || target.path == "/dev/null" { continue }
                    switch target.kind {
                    case .directory: walk(target.path, shown: shownOwn, depth: depth + 1, isOwn: false)
                    default: take(target.path, shown: shownOwn, isRequired: true)
                    }
                }
            } catch {
                note(error, own, shownOwn)
            }
        }
    }

    /// Where a path leads, and what stands there. Most are a store object or an entry of one, without a link on the way:
    /// those need no walk from the root.
    private mutating func place(_ path: String) throws(TreeError) -> (path: String, kind: TreeEntryKind) {
        if let root = Self.root(path), path.utf8.count < 4096 {
            let rest = path.utf8.dropFirst(root.utf8.count)
            let isPlain =
                rest.count { $0 == UInt8(ascii: "/") } <= 1 && !rest.elementsEqual("/..".utf8) && rest.count != 1
            let kind: TreeEntryKind?
            do throws(TreeError) {
                kind = try self.kind(root)
            } catch {
                kind = nil
            }
            if isPlain, rest.isEmpty, kind == .file || kind == .directory { return (path, kind ?? .file) }
            if isPlain, !rest.isEmpty, kind == .directory {
                do throws(TreeError) {
                    let own = try tree.entry(at: path)
                    if own == .file || own == .directory { return (path, own) }
                } catch {
                    // The whole walk says what is missing.
                }
            }
        }
        let resolved = try tree.resolve(path)
        return (resolved, try tree.entry(at: resolved))
    }

    /// What a store object is; asked once.
    private mutating func kind(_ root: String) throws(TreeError) -> TreeEntryKind {
        if let known = kinds[root] { return known }
        let kind = try tree.entry(at: root)
        kinds[root] = kind
        return kind
    }

    /// What a package brings and an image leaves out is no generated file.
    private mutating func note(_ error: TreeError, _ path: String, _ shown: String) {
        if case .danglingLink(_, let target) = error, isPackage(target) || !target.hasPrefix("/nix/store/") { return }
        if doubt == nil { doubt = ServiceDoubt(error.description, [Evidence(path: shown)]) }
    }

    /// `X.mode`, `X.uid`, `X.gid` beside `X` say how it is copied (nixos/modules/system/etc/etc.nix).
    private func sidecar(_ name: String, _ present: Set<String>) -> String? {
        for ending in [".mode", ".uid", ".gid"] where name.hasSuffix(ending) {
            if present.contains(String(name.dropLast(ending.count))) { return ending }
        }
        return nil
    }

    private static let store = Array("/nix/store/".utf8)

    /// The path of the store object that a path leads into, the path itself for an object; nil for what is none.
    static func root(_ path: String) -> String? {
        let bytes = path.utf8
        guard bytes.count > 44, bytes.starts(with: store) else { return nil }
        let start = bytes.index(bytes.startIndex, offsetBy: 11)
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) else { return path }
        guard bytes.distance(from: start, to: end) > 33 else { return nil }
        return String(path[..<end])
    }

    /// The name of a store object without its hash.
    static func object(_ path: String) -> String {
        guard let root = root(path) else { return "" }
        return String(root[root.utf8.index(root.startIndex, offsetBy: 44)...])
    }

    /// A directory in the store whose name has a version is a package, and so is one that the table names.
    private mutating func isPackage(_ path: String) -> Bool {
        guard let root = Self.root(path) else { return false }
        if let known = verdicts[root] { return known }
        let name = Self.object(root)
        var result = false
        if packages.contains(where: { $0.isPrefix ? name.utf8.starts(with: $0.name) : name.utf8.elementsEqual($0.name) }
        ) {
            result = true
        } else if root != toplevel, Self.hasVersion(name) {
            do {
                result = try kind(root) != .file
            } catch {
                result = true
            }
        }
        verdicts[root] = result
        return result
    }

    /// `name-1.2`, `name-31`, `name-668-bin`, but not `unit-script-app-1-start`.
    static func hasVersion(_ name: String) -> Bool {
        if name.hasPrefix("unit-") || name.hasPrefix("etc-") { return false }
        var parts = name.split(separator: "-", omittingEmptySubsequences: false)
        while let last = parts.last, ["bin", "lib", "man", "doc", "dev", "out", "data", "info"].contains(last) {
            parts.removeLast()
        }
        for (index, part) in parts.enumerated().dropFirst() {
            guard let first = part.utf8.first, (0x30...0x39).contains(first) else { continue }
            if index == parts.count - 1 || part.contains(".") { return true }
        }
        return false
    }

    private mutating func take(_ path: String, shown: String, isRequired: Bool) {
        do {
            let resolved = isRequired ? path : try tree.resolve(path)
            guard seen.insert(resolved).inserted else { return }
            let bytes = try tree.fileBytes(at: resolved, limit: limit)
            guard SecretScanner.isText(bytes) else {
                binaries += 1
                return
            }
            references(in: bytes)
            files.append(File(shown: shown, path: resolved, object: Self.object(resolved), bytes: bytes))
        } catch {
            switch error {
            case .tooLarge: large += 1
            case .notFound where !isRequired: return
            default: note(error, path, shown)
            }
        }
    }

    /// Store paths that a text names: read next, when a configuration generated them.
    private mutating func references(in bytes: [UInt8]) {
        var found: [String] = []
        bytes.withUnsafeBufferPointer { Self.storePaths(in: $0, into: &found) }
        for path in found where seen.insert("ref " + path).inserted { pending.append(path) }
    }

    /// The store paths that a text names.
    static func storePaths(in buffer: UnsafeBufferPointer<UInt8>, into found: inout [String]) {
        var position = 0
        while position + 44 < buffer.count {
            guard buffer[position] == 0x2f, buffer[position + 1] == UInt8(ascii: "n"),
                buffer[position + 5] == UInt8(ascii: "s"), buffer[position + 10] == 0x2f,
                buffer[position..<position + 11].elementsEqual(store)
            else {
                position += 1
                continue
            }
            var end = position + 11
            while end < buffer.count, isPathByte(buffer[end]) { end += 1 }
            if end - position > 44, end - position < 512 {
                found.append(String(decoding: buffer[position..<end], as: UTF8.self))
            }
            position = end
        }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2f, 0x2e, 0x2d, 0x5f, 0x2b, 0x3f, 0x3d, 0x40: true
        default: false
        }
    }

    private mutating func follow(_ path: String) {
        var path = path
        // A full stop behind a path ends a sentence.
        while path.hasSuffix(".") || path.hasSuffix("/") { path.removeLast() }
        guard !isPackage(path) else { return }
        do {
            let target = try place(path)
            guard !isPackage(target.path), target.path.hasPrefix("/nix/store/") else { return }
            switch target.kind {
            case .file: take(target.path, shown: path, isRequired: true)
            case .directory:
                // Directories of settings are read one level deep; whole environments of programs are not.
                for name in try tree.directoryNames(at: target.path).sorted().prefix(64) {
                    let own = join(target.path, name)
                    if try tree.entry(at: own) == .file { take(own, shown: own, isRequired: true) }
                }
            case .link, .other: return
            }
        } catch {
            // What scripts name and an image leaves out is mostly a program; a missing text of settings is a doubt.
            let missing = Self.object(path)
            if [".conf", ".json", ".env", ".ini", ".toml", ".yaml", ".yml", ".cfg"].contains(where: missing.hasSuffix),
                doubt == nil
            {
                doubt = ServiceDoubt(error.description, [Evidence(path: path)])
            }
        }
    }
}
