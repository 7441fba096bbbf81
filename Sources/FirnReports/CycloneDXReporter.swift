public import FirnModel
import FirnReportCore

/// A software bill of materials in CycloneDX 1.6 (ECMA-424) as JSON: one component for each store path of a closure.
///
/// Store paths say neither licence nor supplier, so there is none. The NAR hash is a property: the `hashes` of a
/// component are those of a file one can download, and a NAR is Nix's serialisation of the store path. Vulnerabilities are
/// not looked up; other programs read this document for that.
public enum CycloneDXReporter {
    /// What the document is of.
    public struct Subject: Sendable, Hashable {
        /// The toplevel's store path.
        public var toplevel: String
        /// The host name, for people.
        public var hostName: String?
        /// The tool's name and version.
        public var tool: String
        /// When it was made, in seconds since 1970.
        public var time: Int64
        /// Where the closure and its NAR hashes come from.
        public var origin: ClosureDigest.Origin
        /// The digest of the closure, lower-case hex, where every hash is known.
        public var closureDigest: String?

        /// Creates a subject.
        public init(
            toplevel: String, hostName: String?, tool: String, time: Int64, origin: ClosureDigest.Origin,
            closureDigest: String?
        ) {
            self.toplevel = toplevel
            self.hostName = hostName
            self.tool = tool
            self.time = time
            self.origin = origin
            self.closureDigest = closureDigest
        }
    }

    /// Renders a closure, ordered by path whatever order it came in.
    public static func render(_ closure: [StorePathInfo], subject: Subject) -> String {
        let paths = closure.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        let known = Set(paths.map(\.path))
        // The content is part of the name: another closure is another document.
        let content = paths.map { "\($0.path)\n\($0.narHash ?? "-")\n\($0.references.joined(separator: " "))\n" }
            .joined()
        let serial = NameUUID.of("sbom", subject.tool, Timestamp.text(subject.time), subject.origin.rawValue, content)
        let top = paths.first { $0.path == subject.toplevel } ?? StorePathInfo(path: subject.toplevel)
        return JSONWriter.document { writer in
            writer.object { writer in
                writer.member("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")
                writer.member("bomFormat", "CycloneDX")
                writer.member("specVersion", "1.6")
                writer.member("serialNumber", "urn:uuid:" + serial)
                writer.member("version", 1)
                writer.member("metadata") { metadata(top, subject: subject, count: paths.count, to: &$0) }
                writer.member("components") { writer in
                    writer.array(paths.filter { $0.path != top.path }) { component($1, isTop: false, to: &$0) }
                }
                writer.member("dependencies") { writer in
                    writer.array(paths) { writer, info in
                        writer.object { writer in
                            writer.member("ref", reference(info.path))
                            let others = info.references.filter { $0 != info.path && known.contains($0) }
                            writer.member("dependsOn") { $0.strings(Set(others).sorted().map(reference)) }
                        }
                    }
                }
            }
        }
    }

    private static func metadata(
        _ top: StorePathInfo, subject: Subject, count: Int, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("timestamp", Timestamp.text(subject.time))
            writer.member("lifecycles") { writer in
                writer.array(["post-build"]) { writer, phase in writer.object { $0.member("phase", phase) } }
            }
            writer.member("tools") { writer in
                writer.object { writer in
                    writer.member("components") { writer in
                        writer.array([subject.tool]) { writer, tool in
                            let parts = tool.split(separator: " ", maxSplits: 1).map(String.init)
                            writer.object { writer in
                                writer.member("type", "application")
                                writer.member("name", VisibleText.escape(parts.first ?? "firn"))
                                if parts.count == 2 { writer.member("version", VisibleText.escape(parts[1])) }
                            }
                        }
                    }
                }
            }
            writer.member("component") { component(top, isTop: true, to: &$0) }
            var properties = [
                ("firn:closure:paths", String(count)),
                ("firn:closure:nar-hashes", subject.origin.rawValue),
            ]
            if let digest = subject.closureDigest { properties.append(("firn:closure:digest", digest)) }
            if let host = subject.hostName { properties.append(("firn:host-name", VisibleText.escape(host))) }
            Self.properties(properties, to: &writer)
        }
    }

    private static func component(_ info: StorePathInfo, isTop: Bool, to writer: inout JSONWriter) {
        let name = CycloneDXName(info)
        writer.object { writer in
            // Nothing tells a library from a program by its path: `application` is the word where it is not known.
            writer.member("type", isTop ? "operating-system" : "application")
            writer.member("bom-ref", reference(info.path))
            writer.member("name", VisibleText.escape(name.name.isEmpty ? reference(info.path) : name.name))
            if let version = name.version {
                writer.member("version", VisibleText.escape(version))
                if !isTop { writer.member("purl", purl(name: name.name, version: version)) }
            }
            var properties = [("nix:store-path", VisibleText.escape(info.path))]
            if let output = name.output { properties.append(("nix:output", VisibleText.escape(output))) }
            if let hash = info.narHash { properties.append(("nix:nar-sha256", hash)) }
            if let size = info.narSize { properties.append(("nix:nar-size", String(size))) }
            if let deriver = info.deriver { properties.append(("nix:deriver", VisibleText.escape(deriver))) }
            Self.properties(properties, to: &writer)
        }
    }

    private static func properties(_ pairs: [(String, String)], to writer: inout JSONWriter) {
        writer.member("properties") { writer in
            writer.array(pairs) { writer, pair in
                writer.object { writer in
                    writer.member("name", pair.0)
                    writer.member("value", pair.1)
                }
            }
        }
    }

    /// A component is named by the base name of its store path, which no other has.
    private static func reference(_ path: String) -> String {
        let base = path.split(separator: "/").last.map(String.init) ?? path
        return base.isEmpty ? "unnamed" : VisibleText.escape(base)
    }

    /// The package URL. Its type `nix` is a candidate of the specification; name and version are all it surely has.
    private static func purl(name: String, version: String) -> String {
        "pkg:nix/\(percentEncoded(name))@\(percentEncoded(version))"
    }

    /// All but the unreserved characters of RFC 3986 as percent and hexadecimal.
    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                return String(UnicodeScalar(byte))
            default:
                return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
