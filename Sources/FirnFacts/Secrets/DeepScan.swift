public import FirnModel
import FirnParsing

/// How far a deep scan is.
public struct DeepScanProgress: Sendable, Hashable {
    /// Store objects searched, and those found so far.
    public var objects: (done: Int, known: Int) { (done, known) }
    var done: Int
    var known: Int
    /// Bytes read.
    public var bytes: Int64

    /// Creates a progress.
    init(done: Int, known: Int, bytes: Int64) {
        self.done = done
        self.known = known
        self.bytes = bytes
    }
}

/// `secrets.deep.*`: private keys and tokens in all text of the closure (`--deep`).
///
/// The closure is what the toplevel reaches: as Nix does, a store object refers to another when the other's path stands in
/// one of its files or links. Names of variables are not looked at: in programs they mean nothing.
public enum DeepScan {
    /// The largest file that is searched as text; larger ones are counted.
    private static let textLimit = 16 << 20
    /// The largest file that is read for the paths it names.
    private static let fileLimit = 512 << 20
    /// All bytes that are read at most.
    private static let totalLimit: Int64 = 64 << 30

    /// The facts of a system.
    public static func facts(
        _ system: SystemView, knowledge: Knowledge, progress: (DeepScanProgress) -> Void
    ) throws(DataError) -> FactBatch {
        var scan = Scan(system: system, scanner: try SecretKnowledge(knowledge).scanner)
        scan.run(progress)
        return FactBatch(facts: [
            "secrets.scope": .known(.string("deep"), []), "secrets.deep.private-keys": scan.keys.fact,
            "secrets.deep.tokens": scan.tokens.fact,
            "secrets.deep.scanned-files": .known(
                .integer(Int64(scan.files)),
                [
                    Evidence(
                        path: system.toplevel,
                        text: "\(scan.done) store objects; \(scan.binaries) files that are no text, "
                            + "\(scan.large) larger than \(textLimit >> 20) MiB, were not searched")
                ]),
        ])
    }

    private struct Scan {
        let system: SystemView
        let scanner: SecretScanner
        var keys = SecretList()
        var tokens = SecretList()
        var files = 0
        var binaries = 0
        var large = 0
        var done = 0
        var bytes: Int64 = 0
        private var known: Set<String> = []
        private var pending: [String] = []

        init(system: SystemView, scanner: SecretScanner) {
            self.system = system
            self.scanner = scanner
        }

        private mutating func doubt(_ reason: String, _ path: String) {
            keys.doubt(reason, Evidence(path: path))
            tokens.doubt(reason, Evidence(path: path))
        }

        mutating func run(_ progress: (DeepScanProgress) -> Void) {
            add(system.toplevel)
            while let object = pending.popLast() {
                visit("/nix/store/" + object, depth: 0)
                done += 1
                if done % 16 == 0 { progress(DeepScanProgress(done: done, known: known.count, bytes: bytes)) }
                if bytes > totalLimit {
                    doubt("more than \(totalLimit >> 30) GiB were to be read", system.toplevel)
                    return
                }
            }
            progress(DeepScanProgress(done: done, known: known.count, bytes: bytes))
        }

        private mutating func add(_ path: some StringProtocol) {
            guard path.hasPrefix("/nix/store/") else { return }
            let object = String(path.dropFirst(11).prefix { $0 != "/" })
            guard object.utf8.count > 33, known.insert(object).inserted else { return }
            pending.append(object)
        }

        private mutating func visit(_ path: String, depth: Int) {
            guard depth < 64 else { return doubt("\(path) is nested deeper than 64", path) }
            do {
                switch try system.tree.entry(at: path) {
                case .directory:
                    for name in try system.tree.list(path) { visit(path + "/" + name, depth: depth + 1) }
                case .link: add(try system.tree.linkText(at: path))
                case .file: search(path, try system.tree.fileBytes(at: path, limit: fileLimit))
                case .other: return
                }
            } catch {
                // A whole object that is not there was named by a program's text and is no part of the closure.
                if depth == 0, error.isAbsence { return }
                doubt(error.description, path)
            }
        }

        private mutating func search(_ path: String, _ content: [UInt8]) {
            bytes += Int64(content.count)
            references(content)
            guard SecretScanner.isText(content) else {
                binaries += 1
                return
            }
            guard content.count <= textLimit else {
                large += 1
                return
            }
            files += 1
            for finding in scanner.scan(content, assignments: false) {
                let shown = String(path.dropFirst(11 + 33))
                let place = Evidence(path: path, line: finding.line, text: finding.note)
                switch finding.form {
                case .privateKey: keys.add("\(shown) \(finding.kind)", place)
                case .token: tokens.add("\(shown) \(finding.kind)", place)
                case .assignment, .address, .hash: continue
                }
            }
        }

        private mutating func references(_ content: [UInt8]) {
            let marker = Array("/nix/store/".utf8)
            var found: Set<String> = []
            content.withUnsafeBufferPointer { buffer in
                var position = 0
                while position + 45 < buffer.count {
                    guard buffer[position] == 0x2f, buffer[position + 10] == 0x2f,
                        buffer[position + 1] == UInt8(ascii: "n"), buffer[position + 5] == UInt8(ascii: "s")
                    else {
                        position += 1
                        continue
                    }
                    var isMarker = true
                    for offset in marker.indices where buffer[position + offset] != marker[offset] { isMarker = false }
                    var end = position + 11
                    if isMarker {
                        while end < buffer.count, end - position < 260, isNameByte(buffer[end]) { end += 1 }
                        if end - position > 45 {
                            found.insert(String(decoding: buffer[position..<end], as: UTF8.self))
                        }
                    }
                    position = isMarker ? end : position + 1
                }
            }
            for path in found { add(path) }
        }

        private func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x2d, 0x5f, 0x2b, 0x3f, 0x3d: true
            default: false
            }
        }
    }
}
