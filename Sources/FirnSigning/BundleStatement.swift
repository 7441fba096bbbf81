public import FirnParsing
import FirnReportCore

/// What is signed for a bundle of report files: each file by name and digest, as an in-toto Statement v1.
public struct BundleStatement: Sendable, Hashable {
    /// The version of the predicate.
    public static let schemaVersion = 1
    /// The predicate: these files, and no others, make the bundle.
    public static let predicateType = "urn:firn:predicate:bundle:1"
    /// The name of the statement's file, the one file of a bundle it does not list.
    public static let fileName = "bundle.intoto.json"
    /// The most files a bundle may have.
    public static let fileLimit = 10_000

    /// One file.
    public struct File: Sendable, Hashable {
        /// Its path in the bundle, parts separated by `/`.
        public var path: String
        /// SHA-256 of its bytes, lower-case hex.
        public var digest: String
        /// Its size in bytes.
        public var size: Int64

        /// Creates a file.
        public init(path: String, digest: String, size: Int64) {
            self.path = path
            self.digest = digest
            self.size = size
        }
    }

    /// The tool's name and version.
    public var tool: String
    /// The files, ordered by the bytes of their paths.
    public var files: [File]

    /// Creates a statement.
    public init(tool: String, files: [File]) {
        self.tool = tool
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// The statement as JSON with a final newline; the same statement gives the same bytes.
    public func encode() -> String {
        JSONWriter.document { writer in
            writer.object { writer in
                writer.member("_type", ReleaseStatement.type)
                writer.member("subject") { writer in
                    writer.array(files) { writer, file in
                        ResourceDescriptor(name: file.path, [.init(.sha256, file.digest)]).write(to: &writer)
                    }
                }
                writer.member("predicateType", Self.predicateType)
                writer.member("predicate") { writer in
                    writer.object { writer in
                        writer.member("schemaVersion", Self.schemaVersion)
                        writer.member("tool", tool)
                        writer.member("sizes") { writer in
                            writer.array(files) { $0.integer($1.size) }
                        }
                    }
                }
            }
        }
    }

    /// Whether a signed statement is one of a bundle.
    public static func isBundle(_ bytes: [UInt8]) throws(ParseError) -> Bool {
        try JSONParser.parse(bytes, limits: JSONParser.Limits(depth: 16, bytes: ReleaseStatement.sizeLimit))[
            "predicateType"]?.string == predicateType
    }

    /// Reads a statement that was signed. Refused is whatever `encode` does not write, in any layout.
    public static func decode(_ bytes: [UInt8]) throws(ParseError) -> BundleStatement {
        let limits = JSONParser.Limits(depth: 16, bytes: ReleaseStatement.sizeLimit)
        let node = try JSONParser.parse(bytes, limits: limits)
        let root = try StatementReader(node, at: "document", keys: ["_type", "subject", "predicateType", "predicate"])
        let predicate = try StatementReader(
            node["predicate"], at: "predicate", keys: ["schemaVersion", "tool", "sizes"])
        let subjects = try root.elements("subject")
        let sizes = try predicate.elements("sizes")
        guard !subjects.isEmpty, subjects.count == sizes.count, subjects.count <= fileLimit else {
            throw root.error("subject", "the files of the bundle, at least one and at most \(fileLimit)")
        }
        var files: [File] = []
        for (subject, size) in zip(subjects, sizes) {
            let fields = try StatementReader(subject, at: "subject", keys: ["name", "digest"])
            let digest = try StatementReader(subject["digest"], at: "subject.digest", keys: ["sha256"])
            guard let size = size.integer, size >= 0 else { throw predicate.error("sizes", "sizes in bytes") }
            files.append(File(path: try fields.string("name"), digest: try digest.digest("sha256"), size: size))
        }
        let statement = BundleStatement(tool: try predicate.string("tool"), files: files)
        guard Set(files.map { Array($0.path.utf8) }).count == files.count else {
            throw root.error("subject", "files of different names")
        }
        guard node.isSame(as: try JSONParser.parse(Array(statement.encode().utf8))) else {
            throw root.error("_type", "that of a statement as firn writes it")
        }
        return statement
    }
}
