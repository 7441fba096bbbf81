import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnReports

/// Bills of materials, judged by cyclonedx-python-lib.
struct CycloneDXTests {
    private static let isExpected = Tool.python.isExpected && Tool.hasSchemas

    private static func path(_ name: String) -> String {
        "/nix/store/" + String(repeating: "0", count: 32) + "-" + name
    }

    private static let closure = [
        StorePathInfo(
            path: path("nixos-system-web-26.11"), narHash: String(repeating: "a", count: 64), narSize: 120,
            references: [path("glibc-2.40-66"), path("glibc-2.40-66-bin"), path("gone-1.0")]),
        StorePathInfo(
            path: path("glibc-2.40-66-bin"), references: [path("glibc-2.40-66"), path("glibc-2.40-66-bin")],
            deriver: path("glibc-2.40-66.drv")),
        StorePathInfo(path: path("glibc-2.40-66"), deriver: path("glibc-2.40-66.drv")),
        StorePathInfo(path: path("unit-sshd.service")),
    ]

    private static func subject(_ text: String? = nil) -> CycloneDXReporter.Subject {
        CycloneDXReporter.Subject(
            toplevel: path("nixos-system-web-26.11"), hostName: text ?? "web", tool: text ?? "firn 0.1.0",
            time: 1_700_000_000, origin: .registered, closureDigest: nil)
    }

    /// `true` where the strict validator of CycloneDX 1.6 has nothing to say.
    private static func judge(_ files: [String]) throws -> [String] {
        let script = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            for name in sys.argv[1:]:
                error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(name, encoding="utf-8").read())
                print("accepted" if error is None else "refused")
            """
        return try Tool.python.run(["-c", script] + files).output.split(separator: "\n").map(String.init)
    }

    @Test(.enabled(if: isExpected)) func theValidatorAcceptsThemAndRefusesABrokenOne() throws {
        try withTemporaryDirectory { directory in
            let good = CycloneDXReporter.render(Self.closure, subject: Self.subject())
            var texts = [
                good.replacing("\"CycloneDX\"", with: "\"Cyclone\""),
                good.replacing("\"version\": 1,", with: "\"version\": 0,"),
                good.replacing("urn:uuid:", with: "urn:"), good.replacing("\"name\": \"glibc\",", with: ""),
            ]
            let broken = texts.count
            texts.append(good)
            texts.append(CycloneDXReporter.render([], subject: Self.subject()))
            for text in HostileText.all {
                texts.append(
                    CycloneDXReporter.render(
                        [StorePathInfo(path: text, references: [text, "x" + text], deriver: text)] + Self.closure,
                        subject: Self.subject(text)))
            }
            let files = try texts.enumerated().map { index, text in
                let file = directory.appendingPathComponent("\(index).json")
                try Data(text.utf8).write(to: file)
                return file.path
            }
            let judged = try Self.judge(files)
            #expect(judged.count == files.count)
            #expect(judged.prefix(broken).allSatisfy { $0 == "refused" }, "\(judged.prefix(broken))")
            for (index, answer) in judged.enumerated().dropFirst(broken) {
                #expect(answer == "accepted", "\(texts[index].prefix(3000))")
            }
        }
    }

    private struct Document: Decodable {
        struct Component: Decodable {
            var name: String
            var version: String?
            var purl: String?
            var reference: String
            enum CodingKeys: String, CodingKey {
                case name, version, purl
                case reference = "bom-ref"
            }
        }
        struct Dependency: Decodable {
            var ref: String
            var dependsOn: [String]
        }
        struct Metadata: Decodable {
            var timestamp: String
            var component: Component
        }
        var metadata: Metadata
        var components: [Component]
        var dependencies: [Dependency]
    }

    @Test func componentsAndTheirGraph() throws {
        let text = CycloneDXReporter.render(Self.closure, subject: Self.subject())
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        let zeros = String(repeating: "0", count: 32)
        #expect(document.metadata.timestamp == "2023-11-14T22:13:20Z")
        #expect(document.metadata.component.name == "nixos-system-web")
        #expect(document.components.map(\.name) == ["glibc", "glibc", "unit-sshd.service"])
        #expect(document.components.map(\.version) == ["2.40-66", "2.40-66", nil])
        #expect(document.components.map(\.purl) == ["pkg:nix/glibc@2.40-66", "pkg:nix/glibc@2.40-66", nil])
        // A reference to itself is no dependency, and one outside the closure has no component to name.
        let graph = Dictionary(uniqueKeysWithValues: document.dependencies.map { ($0.ref, $0.dependsOn) })
        #expect(graph[zeros + "-nixos-system-web-26.11"] == [zeros + "-glibc-2.40-66", zeros + "-glibc-2.40-66-bin"])
        #expect(graph[zeros + "-glibc-2.40-66-bin"] == [zeros + "-glibc-2.40-66"])
        #expect(graph.count == 4)
    }

    @Test func orderOfTheInputDoesNotMatter() {
        let text = CycloneDXReporter.render(Self.closure, subject: Self.subject())
        #expect(CycloneDXReporter.render(Self.closure.reversed(), subject: Self.subject()) == text)
        #expect(
            CycloneDXReporter.render(Array(Self.closure.dropLast()), subject: Self.subject()).prefix(200)
                != text.prefix(200))
    }

    /// As `builtins.parseDrvName` answers, which the next test asks.
    static let names: [(String, String, String?)] = [
        ("glibc-2.40-66", "glibc", "2.40-66"), ("nix", "nix", nil), ("a-b-1", "a-b", "1"), ("a-b", "a-b", nil),
        ("perl5.40.0-JSON-4.10", "perl5.40.0-JSON", "4.10"), ("x-1-y-2", "x", "1-y-2"), ("trailing-", "trailing-", nil),
        ("python3.12-pip-24", "python3.12-pip", "24"), ("a--b", "a", "-b"), ("gcc-13.3.0-lib", "gcc", "13.3.0-lib"),
        ("unit-script-sshd_.start", "unit-script-sshd_.start", nil), ("x-_1", "x", "_1"), ("", "", nil),
        ("-1", "", "1"),
    ]

    @Test(arguments: names) func namesAreSplit(text: String, name: String, version: String?) {
        let split = CycloneDXName.split(text)
        #expect(split.name == name && split.version == version, "\(split)")
    }

    @Test(.enabled(if: Tool.nix.isExpected)) func nixSplitsThemSo() throws {
        let list = Self.names.map { "\"\($0.0)\"" }.joined(separator: " ")
        let run = try Tool.nix.run([
            "--eval", "--strict", "--json", "--store", "dummy://", "--expr",
            "map (x: let n = builtins.parseDrvName x; in [ n.name n.version ]) [ \(list) ]",
        ])
        let start = try #require(run.output.range(of: "[["))
        let line = String(run.output[start.lowerBound...].prefix { $0 != "\n" })
        let answers = try JSONDecoder().decode([[String]].self, from: Data(line.utf8))
        #expect(answers == Self.names.map { [$0.1, $0.2 ?? ""] })
    }

    @Test func outputsComeFromTheDerivationOrTheWordsOfNixpkgs() {
        func output(_ name: String, deriver: String? = nil) -> String? {
            CycloneDXName(StorePathInfo(path: Self.path(name), deriver: deriver.map(Self.path))).output
        }
        #expect(output("gcc-13.3.0-lib") == "lib")
        #expect(output("gcc-13.3.0-lib", deriver: "gcc-13.3.0.drv") == "lib")
        #expect(output("gcc-13.3.0-libgcc", deriver: "gcc-13.3.0.drv") == "libgcc")
        #expect(output("gcc-13.3.0", deriver: "gcc-13.3.0.drv") == nil)
        #expect(output("gcc-13.3.0-special") == nil)
        // Without a version the last word is part of the name.
        #expect(output("my-bin") == nil)
    }
}
