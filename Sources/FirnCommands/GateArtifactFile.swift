import Crypto
import FirnGate
import FirnIntegrity
import FirnModel
import FirnReportCore
import Glibc

/// Measures what is to go out: an image file, or the build result of a virtual machine.
struct GateArtifactFile {
    /// What `closureInfo` of nixpkgs wrote about the build result, where it was given.
    var closureInfo: String?
    /// Where progress goes; on a terminal only.
    var console: Console

    /// The artifact at a path.
    ///
    /// - Throws: `CommandFailure` when it cannot be read, or is none of the kinds a policy knows.
    func measure(_ path: String) throws(CommandFailure) -> GateArtifact {
        let shown = VisibleText.escape(path)
        guard let resolved = realpath(path, nil) else {
            throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let real = String(cString: resolved)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var status = stat()
        guard stat(real, &status) == 0 else { throw CommandFailure("\(shown): \(String(cString: strerror(errno)))") }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return try machine(real, shown: shown, name: name)
        case S_IFREG: return try file(real, shown: shown, name: name)
        default: throw CommandFailure("\(shown): an artifact is a file or a build result")
        }
    }

    // MARK: - Files

    private func file(_ path: String, shown: String, name: String) throws(CommandFailure) -> GateArtifact {
        guard closureInfo == nil else {
            throw CommandFailure("--closure-info is about the build result of a machine; \(shown) is a file")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("\(shown): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
        }
        let kind = try kind(descriptor, shown: shown, name: name)
        var hash = SHA256()
        var size: Int64 = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var reported: Int64 = 0
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            chunk.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            size += Int64(count)
            if console.isTerminal, size - reported >= 64 << 20 {
                reported = size
                console.err("\r\u{1b}[Khashing \(shown): \(size >> 20) of \(Int64(status.st_size) >> 20) MB")
            }
        }
        if reported > 0 { console.err("\r\u{1b}[K") }
        guard size == Int64(status.st_size) else {
            throw CommandFailure("\(shown): the file changed while it was read")
        }
        let digest = Hexadecimal.text(hash.finalize())
        return GateArtifact(name: name, kind: kind, digest: digest, size: size)
    }

    /// What a file is, by its content. What is inside a compressed file cannot be seen from here, so there its name must
    /// say that it is a tar.
    private func kind(
        _ descriptor: Int32, shown: String, name: String
    ) throws(CommandFailure) -> GatePolicy.ArtifactKind {
        var head = [UInt8](repeating: 0, count: 0x8006)
        var filled = 0
        while filled < head.count {
            let count = head.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(filled))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("\(shown): \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            filled += count
        }
        guard filled > 0 else { throw CommandFailure("\(shown): the file is empty") }
        func has(_ bytes: [UInt8], at offset: Int) -> Bool {
            offset + bytes.count <= filled && Array(head[offset..<(offset + bytes.count)]) == bytes
        }
        // ECMA-119: the first volume descriptor stands in sector 16. Before the disk: a hybrid ISO is both.
        if has(Array("CD001".utf8), at: 0x8001) { return .iso }
        // docs/interop/qcow2.txt of QEMU.
        if has([0x51, 0x46, 0x49, 0xfb], at: 0) { return .vm }
        // POSIX.1-2017, pax: the magic of a ustar header; GNU tar writes "ustar  ".
        if has(Array("ustar".utf8), at: 257) { return .wsl }
        // RFC 1952, RFC 8878, the .xz file format.
        let isCompressed =
            has([0x1f, 0x8b], at: 0) || has([0x28, 0xb5, 0x2f, 0xfd], at: 0)
            || has([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], at: 0)
        if isCompressed {
            let lower = name.lowercased()
            let endings = [".wsl", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".txz", ".tzst"]
            guard endings.contains(where: { lower.hasSuffix($0) }) else {
                throw CommandFailure(
                    "\(shown): a compressed file whose name does not say that it is a tar (.wsl, .tar.gz, .tar.xz, .tar.zst)"
                )
            }
            return .wsl
        }
        // A disk has a boot signature, and a GPT in the second sector or a partition in its first table.
        if has([0x55, 0xaa], at: 510) { return .vm }
        throw CommandFailure("\(shown): this is no ISO 9660 image, qcow2 or raw disk, and no tar for WSL")
    }

    // MARK: - Build results

    /// The build result of a virtual machine (`config.system.build.vm`): `bin/run-<host>-vm` and, in its place, a link
    /// to the system.
    private func machine(_ path: String, shown: String, name: String) throws(CommandFailure) -> GateArtifact {
        guard isMachine(path) else {
            throw CommandFailure("\(shown): this directory is no build result of a machine: there is no bin/run-*-vm")
        }
        var toplevel: String?
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path + "/system", &buffer, buffer.count)
        if length > 0 { toplevel = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self) }
        return GateArtifact(
            name: name, kind: .vm, digest: nil, size: try closureSize(path, shown: shown), toplevel: toplevel)
    }

    private func isMachine(_ path: String) -> Bool {
        guard let stream = opendir(path + "/bin") else { return false }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("run-"), name.hasSuffix("-vm") { return true }
        }
        return false
    }

    /// The sum of the NAR sizes of the closure: what `closureInfo` wrote, else what the store holds.
    private func closureSize(_ path: String, shown: String) throws(CommandFailure) -> Int64 {
        let store = StoreClosure.storeDirectory + "/"
        // The store path, and the directory its store lies in.
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let index = parts.indices.first { index in
            index + 2 < parts.count && parts[index] == "nix" && parts[index + 1] == "store"
        }
        let storePath = index.map { store + parts[$0 + 2] }
        if let closureInfo { return try total(closureInfo, of: storePath) }
        guard let index, let storePath else {
            throw CommandFailure(
                "\(shown): the build result is in no store, so its closure cannot be measured; give --closure-info")
        }
        let root = "/" + parts[..<index].joined(separator: "/")
        let isTerminal = console.isTerminal
        let write = console.err
        do {
            let closure = try StoreClosure.walk(root: root, toplevel: storePath) { progress in
                if isTerminal { write("\r\u{1b}[Kmeasuring the closure: \(progress.bytes >> 20) MB") }
            }
            if isTerminal { write("\r\u{1b}[K") }
            return closure.reduce(0) { $0 + ($1.narSize ?? 0) }
        } catch {
            throw CommandFailure(VisibleText.escape(error.description))
        }
    }

    /// The `total-nar-size` of a directory `closureInfo` made, which must be about this result.
    private func total(_ directory: String, of storePath: String?) throws(CommandFailure) -> Int64 {
        let shown = VisibleText.escape(directory)
        func text(_ name: String, limit: Int) throws(CommandFailure) -> String {
            let bytes = try SavedReport.bytes(directory + "/" + name, limit: limit)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandFailure("\(shown)/\(name): this is no text")
            }
            return text
        }
        let paths = try text("store-paths", limit: 64 << 20).split(separator: "\n").map(String.init)
        guard let storePath else {
            throw CommandFailure(
                "\(shown): the build result is in no store, so nothing says that this closure is its own")
        }
        guard paths.contains(storePath) else {
            throw CommandFailure("\(shown): the closure it is about does not hold \(storePath)")
        }
        let number = try text("total-nar-size", limit: 64).split { $0 == "\n" || $0 == " " }.first.flatMap { Int64($0) }
        guard let number, number > 0 else { throw CommandFailure("\(shown)/total-nar-size: this is no size") }
        return number
    }
}
