import FirnModel
import FirnParsing

/// The text that a configuration generated, as far as the system reaches it: the tree of `/etc` with the units in it,
/// the scripts of activation and boot, and the files that those name by their store path.
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

    private let packages: Set<String>
    private var verdicts: [String: Bool] = [:]

    init(_ system: SystemView, limit: Int, packages: Set<String>) {
        self.packages = packages
        tree = system.tree
        toplevel = system.toplevel
        self.limit = limit
        collect()
    }

    private func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }

    private mutating func collect() {
        for name in ["activate", "init", "prepare-root", "dry-activate", "kernel-params", "boot.json"] {
            take(join(toplevel, name), shown: join(toplevel, name), isRequired: false)
        }
        walk(join(toplevel, "etc"), shown: "/etc", depth: 0)
        while let path = pending.popLast(), files.count < 20_000 { follow(path) }
    }

    private mutating func walk(_ path: String, shown: String, depth: Int) {
        guard depth < 16, seen.count < 50_000 else { return }
        let resolved: String
        let names: [String]
        do {
            resolved = try tree.resolve(path)
            guard seen.insert("dir " + resolved).inserted else { return }
            names = try tree.list(resolved)
        } catch {
            if doubt == nil { doubt = ServiceDoubt(error.description, [Evidence(path: shown)]) }
            return
        }
        let present = Set(names)
        for name in names {
            if isSidecar(name, present) { continue }
            let own = join(resolved, name)
            let shownOwn = shown + "/" + name
            do {
                let target: String
                switch try tree.entry(at: own) {
                case .directory:
                    walk(own, shown: shownOwn, depth: depth + 1)
                    continue
                case .other: continue
                case .file: target = own
                case .link:
                    let text = try tree.linkText(at: own)
                    // Where a link leads outside the store, nothing of the configuration is there.
                    if text.hasPrefix("/"), !text.hasPrefix("/nix/store/"), !text.hasPrefix("/etc/static") { continue }
                    if text.hasPrefix("/nix/store/"), isPackage(text) { continue }
                    target = try tree.resolve(own)
                    if isPackage(target) || target == "/dev/null" { continue }
                }
                if try tree.entry(at: target) == .directory {
                    walk(target, shown: shownOwn, depth: depth + 1)
                } else {
                    take(target, shown: shownOwn, isRequired: true)
                }
            } catch {
                note(error, own, shownOwn)
            }
        }
    }

    /// What a package brings and an image leaves out is no generated file.
    private mutating func note(_ error: TreeError, _ path: String, _ shown: String) {
        if case .danglingLink(_, let target) = error, isPackage(target) || !target.hasPrefix("/nix/store/") { return }
        if doubt == nil { doubt = ServiceDoubt(error.description, [Evidence(path: shown)]) }
    }

    /// `X.mode`, `X.uid`, `X.gid` beside `X` say how it is copied (nixos/modules/system/etc/etc.nix).
    private func isSidecar(_ name: String, _ present: Set<String>) -> Bool {
        for ending in [".mode", ".uid", ".gid"] where name.hasSuffix(ending) {
            if present.contains(String(name.dropLast(ending.count))) { return true }
        }
        return false
    }

    /// The name of a store object without its hash.
    static func object(_ path: some StringProtocol) -> String {
        guard path.hasPrefix("/nix/store/") else { return "" }
        let object = path.dropFirst(11).prefix { $0 != "/" }
        return object.utf8.count > 33 ? String(object.dropFirst(33)) : ""
    }

    /// A directory in the store whose name has a version is a package, and so is one that the table names.
    private mutating func isPackage(_ path: String) -> Bool {
        let name = Self.object(path)
        guard !name.isEmpty else { return false }
        let root = String(path.prefix(11 + 33) + name)
        if let known = verdicts[root] { return known }
        var result = false
        if packages.contains(where: { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }) {
            result = true
        } else if root != toplevel, Self.hasVersion(name) {
            do {
                result = try tree.entry(at: root) != .file
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
        let marker = Array("/nix/store/".utf8)
        var found: [String] = []
        bytes.withUnsafeBufferPointer { buffer in
            var position = 0
            while position + 44 < buffer.count {
                guard buffer[position] == 0x2f, buffer[position + 1] == UInt8(ascii: "n"),
                    buffer[position + 5] == UInt8(ascii: "s"), buffer[position + 10] == 0x2f
                else {
                    position += 1
                    continue
                }
                var isMarker = true
                for offset in marker.indices where buffer[position + offset] != marker[offset] { isMarker = false }
                guard isMarker else {
                    position += 1
                    continue
                }
                var end = position + 11
                while end < buffer.count, Self.isPathByte(buffer[end]) { end += 1 }
                if end - position > 44, end - position < 512 {
                    found.append(String(decoding: buffer[position..<end], as: UTF8.self))
                }
                position = end
            }
        }
        for path in found where seen.insert("ref " + path).inserted { pending.append(path) }
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
            let resolved = try tree.resolve(path)
            guard !isPackage(resolved), resolved.hasPrefix("/nix/store/") else { return }
            switch try tree.entry(at: resolved) {
            case .file: take(resolved, shown: path, isRequired: true)
            case .directory:
                // Directories of settings are read one level deep; whole environments of programs are not.
                for name in try tree.list(resolved).prefix(64) {
                    let own = join(resolved, name)
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
