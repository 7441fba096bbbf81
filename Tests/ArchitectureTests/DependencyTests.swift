import FirnTestSupport
import Foundation
import Testing

/// Holds the package to the picture in docs/design.md: arrows run downward only.
@Suite struct DependencyTests {
    /// What each target may import of ours, and which libraries. A target that is not listed is a new room, and the
    /// picture has to be drawn again.
    static let allowed: [String: Set<String>] = [
        "FirnModel": [],
        "FirnParsing": [],
        "CCatalogue": [],
        "FirnCatalogue": ["FirnModel", "CCatalogue", "Crypto"],
        "FirnCatalogueFiles": ["FirnModel", "FirnCatalogue", "TOMLKit"],
        "FirnFacts": ["FirnModel", "FirnParsing"],
        "FirnSources": ["FirnModel", "FirnParsing", "FirnFacts"],
        "CAudit": [],
        "FirnHost": ["FirnModel", "FirnParsing", "FirnFacts", "FirnSources", "CAudit"],
        "FirnAuditLog": ["FirnModel"],
        "FirnAgent": [
            "FirnModel", "FirnParsing", "FirnCatalogue", "FirnFacts", "FirnSources", "FirnHost", "FirnAuditLog",
            "FirnEvaluation", "FirnReportCore", "FirnSigning", "Crypto",
        ],
        "firn-agent": ["FirnAgent"],
        "FirnEvaluation": ["FirnModel"],
        "FirnIntegrity": ["FirnModel", "Crypto"],
        "FirnNixDatabase": ["FirnModel", "GRDB"],
        "FirnGate": ["FirnModel", "FirnEvaluation", "FirnReportCore"],
        "FirnSigning": ["FirnModel", "FirnParsing", "FirnReportCore", "Crypto"],
        "FirnHistory": ["FirnModel", "FirnReportCore", "GRDB"],
        "FirnReportCore": ["FirnModel", "FirnParsing"],
        "FirnReports": ["FirnModel", "FirnReportCore"],
        "FirnUpdates": ["FirnModel", "FirnReportCore"],
        "FirnCommands": [
            "FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnFacts", "FirnSources",
            "FirnEvaluation", "FirnReportCore", "FirnReports", "FirnIntegrity", "FirnNixDatabase", "FirnGate",
            "FirnSigning",
            "FirnHistory", "FirnUpdates", "FirnHost", "Crypto", "ArgumentParser",
        ],
        "firn": ["FirnCommands"],
        "firn-catalogue": ["FirnModel", "FirnCatalogue", "FirnCatalogueFiles", "FirnReports"],
        "firn-units": ["FirnModel", "FirnCatalogue", "FirnFacts", "FirnSources"],
        "FirnManual": ["FirnParsing"],
        "firn-manual": ["FirnManual", "FirnParsing", "FirnCommands"],
        "firn-reports": ["FirnModel", "FirnReports"],
    ]

    /// Modules of the system and the toolchain each target may import. Rooms that are pure import none: no input or
    /// output can be done without one.
    static let allowedSystemModules: [String: Set<String>] = [
        "FirnFacts": ["Synchronization"],
        "FirnCatalogueFiles": ["Glibc"],
        "FirnSources": ["Glibc", "Synchronization"],
        "FirnHost": ["Glibc", "Synchronization"],
        "FirnAuditLog": ["Glibc", "Synchronization"],
        "FirnAgent": ["Glibc", "Synchronization"],
        "firn-agent": ["Glibc"],
        "FirnIntegrity": ["Glibc"],
        "FirnNixDatabase": ["Glibc"],
        "FirnCommands": ["Glibc", "Synchronization"],
        "firn": ["Glibc"],
        "firn-catalogue": ["Glibc", "FoundationEssentials"],
        "firn-units": ["Glibc"],
        "firn-manual": ["Glibc", "FoundationEssentials", "Synchronization"],
        "firn-reports": ["Glibc"],
    ]

    struct Manifest: Decodable {
        struct Target: Decodable {
            var name: String
            var type: String
            var dependencies: [Dependency]
        }

        struct Dependency: Decodable {
            var name: String

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                // { "byName": [name, condition] }, { "product": [name, package, ...] } or { "target": [name, ...] }
                for key in container.allKeys {
                    var list = try container.nestedUnkeyedContainer(forKey: key)
                    name = try list.decode(String.self)
                    return
                }
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a dependency without a name"))
            }
        }

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var targets: [Target]
    }

    func manifest() throws -> Manifest {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("firn-dump-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Repository.root.path, "--scratch-path", scratch.path, "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "swift package dump-package failed")
        return try JSONDecoder().decode(Manifest.self, from: data)
    }

    @Test func everyTargetDependsOnlyOnWhatThePictureAllows() throws {
        let targets = try manifest().targets.filter { $0.type != "test" && $0.name != "FirnTestSupport" }
        for target in targets {
            let allowed = try #require(Self.allowed[target.name], "\(target.name) is not in the picture")
            let actual = Set(target.dependencies.map(\.name))
            #expect(
                actual.subtracting(allowed).isEmpty, "\(target.name) must not depend on \(actual.subtracting(allowed))")
        }
        #expect(Set(targets.map(\.name)) == Set(Self.allowed.keys))
    }

    /// What the agent links is what lies below it, however deep: none of it may bring ICU Foundation, SQLite or the
    /// reports for people.
    @Test func nothingBelowTheAgentIsLarge() throws {
        let targets = try manifest().targets
        let dependencies = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.dependencies.map(\.name)) })
        var below: Set<String> = []
        var open = ["firn-agent"]
        while let name = open.popLast() {
            guard below.insert(name).inserted else { continue }
            open += dependencies[name] ?? []
        }
        for large in ["TOMLKit", "GRDB", "ArgumentParser", "FirnReports", "FirnCatalogueFiles", "FirnCommands"] {
            #expect(!below.contains(large), "firn-agent reaches \(large)")
        }
        // The walk has seen what it must see, so that the answer above is one.
        #expect(below.isSuperset(of: ["FirnAgent", "FirnCatalogue", "FirnHost", "FirnModel", "Crypto"]))
        for name in below where name.hasPrefix("Firn") || name.hasPrefix("firn") {
            let system = Self.allowedSystemModules[name] ?? []
            #expect(system.isSubset(of: ["Glibc", "Synchronization"]), "\(name) imports \(system)")
        }
    }

    @Test func importsMatchTheManifest() throws {
        for (target, ours) in Self.allowed where target.hasPrefix("Firn") || target.hasPrefix("firn") {
            let allowed = ours.union(Self.allowedSystemModules[target] ?? [])
            let directory = Repository.root.appendingPathComponent("Sources/\(target)")
            let files = try #require(FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for line in text.split(separator: "\n") {
                    let words = line.split(separator: " ").filter { !["public", "package", "internal"].contains($0) }
                    guard words.first == "import", words.count >= 2 else { continue }
                    // `import struct Module.Name` names the module in its last word.
                    let module = words[words.count - 1].split(separator: ".")[0]
                    #expect(
                        allowed.contains(String(module)), "\(file.lastPathComponent) of \(target) imports \(module)")
                }
            }
        }
    }

    @Test func dependenciesAreExactAndToolsVersionIsThatOfNixpkgs() throws {
        let text = try String(contentsOf: Repository.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        #expect(text.hasPrefix("// swift-tools-version: 6.2\n"))
        for line in text.split(separator: "\n") where line.contains(".package(url:") {
            #expect(line.contains("exact:"), "\(line) is not an exact version")
        }
    }
}
