import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnCatalogue

@Suite("Compiled catalogue")
struct CompiledCatalogueTests {
    private static func sample() throws -> [String: DataNode] {
        [
            "rules/t.toml": try TOMLDocument.parse(DataFiles.rule, file: "t.toml"),
            "minimal.toml": try TOMLDocument.parse(
                "id = \"minimal\"\nn = [-1, 0, 9223372036854775807, -9223372036854775808]\nb = [true, false]\n"
                    + "t = \"ä\\n\\t\\\"\\\\?\\u007F\"\nempty = []\n[table]\n", file: "minimal.toml"),
            "empty.toml": DataNode(.table([]), line: 1),
        ]
    }

    @Test func whatIsEncodedComesBackWithItsLines() throws {
        let files = try Self.sample()
        #expect(try CompiledCatalogue.decode(CompiledCatalogue.encode(files: files)) == files)
        #expect(try CompiledCatalogue.decode(CompiledCatalogue.encode(files: [:])).isEmpty)
    }

    @Test func oneContentHasOneEncoding() throws {
        #expect(
            CompiledCatalogue.encode(files: try Self.sample()) == CompiledCatalogue.encode(files: try Self.sample()))
    }

    /// Two spellings of one letter are equal to Swift and must still both come back byte for byte.
    @Test func textsAreKeptByteForByte() throws {
        let node = DataNode(.array([DataNode(.string("\u{E9}")), DataNode(.string("e\u{301}"))]))
        let decoded = try CompiledCatalogue.decode(CompiledCatalogue.encode(files: ["x": node]))
        let texts = decoded["x"]?.strings ?? []
        #expect(texts.map { Array($0.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
    }

    /// The deepest data that TOML may hold is also the deepest that is decoded.
    @Test func theDeepestDataComesBack() throws {
        let depth = TOMLDocument.maximumDepth - 1
        let text = "a = " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "\n"
        let files = ["a.toml": try TOMLDocument.parse(text, file: "a.toml")]
        #expect(try CompiledCatalogue.decode(CompiledCatalogue.encode(files: files)) == files)
        let deeper = text.replacingOccurrences(of: "[]", with: "[1]")
        let more = ["a.toml": try TOMLDocument.parse(deeper, file: "a.toml")]
        #expect(try CompiledCatalogue.decode(CompiledCatalogue.encode(files: more)) == more)
        #expect(throws: DataError.self) {
            try TOMLDocument.parse(text.replacingOccurrences(of: "[]", with: "[[1]]"), file: "a.toml")
        }
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = CompiledCatalogue.encode(files: try Self.sample())
        for length in bytes.indices {
            #expect(throws: DataError.self, "\(length) bytes") { try CompiledCatalogue.decode(bytes[..<length]) }
        }
        #expect(throws: DataError.self) { try CompiledCatalogue.decode(bytes + [0]) }
    }

    /// A damaged byte gives an error or other data, never a trap; and what is decoded can be used.
    @Test func noFlippedByteTraps() throws {
        let bytes = CompiledCatalogue.encode(files: try Self.sample())
        var errors = 0
        for place in bytes.indices {
            for mask: UInt8 in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF] {
                var damaged = bytes
                damaged[place] ^= mask
                do {
                    let files = try CompiledCatalogue.decode(damaged)
                    _ = CompiledCatalogue.encode(files: files)
                } catch {
                    errors += 1
                }
            }
        }
        #expect(errors > bytes.count)
    }

    /// Pseudo-random bytes after a sound magic, the same in every run.
    @Test func noiseIsAnError() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for length in 0..<2_000 {
            var bytes = Array("FIRNCAT1".utf8)
            for _ in 0..<(length % 97) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 56))
            }
            do {
                _ = try CompiledCatalogue.decode(bytes)
            } catch {
                #expect(error.file == "compiled catalogue")
            }
        }
    }

    /// Counts of 2^62, nesting without end, an unknown version.
    @Test(
        arguments: [
            Array("FIRNCAT1".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F],
            Array("FIRNCAT1".utf8) + [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            Array("FIRNCAT1".utf8) + [1, 1, 0x61, 1, 0] + Array(repeating: [4, 0, 1], count: 100_000).flatMap { $0 },
            Array("FIRNCAT2".utf8) + [0, 0],
            Array("FIRN".utf8),
            [],
        ] as [[UInt8]])
    func hostileBytesAreAnError(bytes: [UInt8]) {
        #expect(throws: DataError.self) { try CompiledCatalogue.decode(bytes) }
    }

    // MARK: - C source

    /// Reads the string literals of C source back, as a C compiler would.
    private func literalBytes(_ source: String) -> [UInt8] {
        var result: [UInt8] = []
        for line in source.split(separator: "\n") {
            let text = Array(line.utf8)
            guard text.starts(with: Array("    \"".utf8)) else { continue }
            var index = 5
            while index < text.count, text[index] != UInt8(ascii: "\"") {
                guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
                    result.append(text[index])
                    index += 1
                    continue
                }
                if let digits = Int(
                    String(decoding: text[(index + 1)..<min(index + 4, text.count)], as: UTF8.self), radix: 8)
                {
                    result.append(UInt8(truncatingIfNeeded: digits))
                    index += 4
                } else {
                    result.append(text[index + 1])
                    index += 2
                }
            }
        }
        return result
    }

    @Test func theCSourceHoldsTheBytes() throws {
        var bytes = CompiledCatalogue.encode(files: try Self.sample())
        bytes += (0...255).map { UInt8($0) } + Array("??/\"\\ 8\u{0}9".utf8)
        let source = CompiledCatalogue.cSource(bytes)
        #expect(literalBytes(source) == bytes)
        #expect(source == CompiledCatalogue.cSource(bytes))
        #expect(source.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 })
        #expect(source.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
        #expect(source.contains("One is at least one"))
        #expect(!source.contains("??"))
    }

    @Test func generatingValidatesFirst() throws {
        let sound = ["minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]"), "rules/t.toml": DataFiles.rule]
        let source = try DataFiles.with(sound) { try CompiledCatalogue.generate(directory: $0) }
        let files = try CompiledCatalogue.decode(literalBytes(source))
        #expect(files.keys.sorted() == ["minimal.toml", "rules/t.toml"])
        #expect(files["rules/t.toml"]?["rule"]?.elements?.first?["level"]?["strict"]?.line == 20)
        var broken = sound
        broken["rules/t.toml"] = "rule = 1"
        #expect(throws: CatalogueError.self) {
            try DataFiles.with(broken) { try CompiledCatalogue.generate(directory: $0) }
        }
    }

    /// The files that the compiled form gives make the same catalogue as the directory they came from.
    @Test func theCompiledFormMakesTheSameCatalogue() throws {
        let sound = ["minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]"), "rules/t.toml": DataFiles.rule]
        try DataFiles.with(sound) { directory in
            let loaded = try Catalogue.load(directory: directory)
            let bytes = CompiledCatalogue.encode(files: try Catalogue.readFiles(directory: directory))
            let compiled = try Catalogue.compiled(bytes)
            #expect(compiled.orderedRules == loaded.orderedRules)
            #expect(compiled.orderedProfiles == loaded.orderedProfiles)
            #expect(compiled.digest == loaded.digest)
            #expect(try compiled.resolve(profile: "minimal") == loaded.resolve(profile: "minimal"))
        }
    }
}
