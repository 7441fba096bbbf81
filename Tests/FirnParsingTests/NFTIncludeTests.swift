import FirnParsing
import Testing

/// Found by fuzzing: a file that includes itself several times doubled with every level of depth.
@Suite struct NFTIncludeTests {
    @Test(arguments: ["include \"self\"\ninclude \"self\"\ninclude \"self\"\n", "include \"self\"\n"])
    func aFileThatIncludesItselfEnds(text: String) throws {
        let bytes = Array(text.utf8)
        var reads = 0
        let ruleset = try NFTRuleset.parse(bytes, file: "a") { (name: String) throws(ParseError) -> [UInt8]? in
            reads += 1
            return bytes
        }
        #expect(!ruleset.problems.isEmpty)
        #expect(reads <= 256)
    }
}
