import FirnModel
import Testing

@testable import FirnNixDatabase

/// Registration texts as Nix writes them, and what is refused.
struct NixRegistrationTests {
    private static let hex = String(repeating: "0", count: 63) + "1"

    private static func text(_ paths: [(String, [String])]) -> [UInt8] {
        Array(
            paths.map { path, references in
                "\(path)\n\(hex)\n120\n\n\(references.count)\n" + references.map { $0 + "\n" }.joined()
            }.joined().utf8)
    }

    @Test func aClosureIsWhatTheReferencesReach() throws {
        let registration = try NixRegistration(
            Self.text([
                ("/nix/store/a", ["/nix/store/b", "/nix/store/a"]), ("/nix/store/b", ["/nix/store/c"]),
                ("/nix/store/c", ["/nix/store/b"]), ("/nix/store/other", []),
            ]), file: "r")
        #expect(
            try registration.closure(of: "/nix/store/a").map(\.path) == [
                "/nix/store/a", "/nix/store/b", "/nix/store/c",
            ])
        let top = try registration.closure(of: "/nix/store/a")[0]
        #expect(top.references == ["/nix/store/a", "/nix/store/b"])
        #expect(top.narHash == Self.hex && top.narSize == 120 && top.deriver == nil)
    }

    /// A hole makes a bill that looks complete and is not.
    @Test func aHoleIsAnError() throws {
        let registration = try NixRegistration(Self.text([("/nix/store/a", ["/nix/store/b"])]), file: "r")
        #expect(throws: NixDatabaseError.self) { try registration.closure(of: "/nix/store/a") }
        #expect(throws: NixDatabaseError.self) { try registration.closure(of: "/nix/store/b") }
    }

    @Test(arguments: [
        "", "\n", "/nix/store/a", "/nix/store/a\nno hash\n1\n\n0\n", "nix/store/a\n\(hex)\n1\n\n0\n",
        "/nix/store/a\n\(hex)\n-1\n\n0\n", "/nix/store/a\n\(hex)\n1\n\n1\n", "/nix/store/a\n\(hex)\n1\n\n-1\n",
        "/nix/store/a\n\(hex)\n1\n\n9999999999\n", "/nix/store/a\n\(hex)\n1\n\n1\nb\n",
        "/nix/store/a\n\(hex)\n1\n\n0\n/nix/store/a\n\(hex)\n1\n\n0\n",
    ])
    func whatNixDoesNotWriteIsRefused(text: String) {
        #expect(throws: NixDatabaseError.self) { try NixRegistration(Array(text.utf8), file: "r") }
    }

    /// SHA-256 of the empty string, as nix-hash spells it in each base.
    @Test(arguments: [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ])
    func spellingsOfAHash(text: String) {
        #expect(
            NixHash.hexadecimal(text) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test(arguments: [
        "", "sha256:", "sha1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4", "md5:00",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        // The highest digit holds one bit only.
        "sha256:2mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", "sha256-47DEQpj8HBSa",
    ])
    func whatIsNoHash(text: String) {
        #expect(NixHash.hexadecimal(text) == nil)
    }
}
