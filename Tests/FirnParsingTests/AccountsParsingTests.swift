import Testing

@testable import FirnParsing

@Suite struct AccountsParsingTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: - Passwords

    @Test func marksAndNothing() {
        for text in ["!", "!!", "*", "*LK*", "!*", "x", "!$6$salt$abc"] {
            #expect(PasswordForm.classify(text).kind == .locked, "\(text)")
        }
        #expect(PasswordForm.classify("").kind == .empty)
    }

    @Test func whatNoMethodMakesIsNoHash() {
        let wrong = [
            "hunter2", "correct horse battery staple", "$6$", "$6$salt", "$6$salt$short", "$", "$$$", "$y$j9T$salt",
            "$2b$05$short", "$2b$99$" + String(repeating: "a", count: 53),
            "$9$salt$" + String(repeating: "a", count: 43),
            "$1$toolongsalt$" + String(repeating: "a", count: 22), "_short", "pässwort12345",
            "$apr1$salt$0123456789abcdefghijkl",
            "$6$rounds=many$salt$" + String(repeating: "a", count: 86), " ",
        ]
        for text in wrong { #expect(PasswordForm.classify(text).kind == .unusable, "\(text)") }
        #expect(PasswordForm.classify(String(repeating: "a", count: 100_000)).kind == .unusable)
    }

    @Test func aFormNeverHoldsTheField() {
        let form = PasswordForm.classify("canary-password")
        #expect(!"\(form)".contains("canary"))
    }

    // MARK: - Files

    @Test func passwdLines() throws {
        let text =
            "root:x:0:0:System:/root:/bin/sh\n# c\n\n+::::::\n-mail\ntoor:x:00:0::/:\nbad:x:a:0::/:\nkim::1000:100:::\n"
        let users = try AccountFiles.users(bytes(text))
        #expect(users.entries.map(\.name) == ["root", "toor", "kim"])
        #expect(users.entries.map(\.uid) == [0, 0, 1000])
        #expect(users.entries.map(\.line) == [1, 6, 8])
        #expect(users.entries[0].password == nil)
        #expect(users.entries[2].password?.kind == .empty)
        #expect(users.compatible == [4, 5])
        #expect(users.malformed == [7])
    }

    @Test func shadowLines() throws {
        let shadow = try AccountFiles.passwords(
            bytes("root:!:1:0:99999:7::20000:\nkim::1::::::\nold:*:1:2:3\nfew:*\nonly\n"))
        #expect(shadow.entries.map(\.form.kind) == [.locked, .empty, .locked])
        #expect(shadow.entries[0].maximumAge == 99999)
        #expect(shadow.entries[0].expires == 20000)
        #expect(shadow.entries[1].maximumAge == nil)
        #expect(shadow.malformed == [4, 5])
    }

    @Test func groupsAndRanges() throws {
        let groups = try AccountFiles.groups(bytes("wheel:x:1:kim, anna,,\nusers:x:100\n"))
        #expect(groups.entries.map(\.members) == [["kim", "anna"], []])
        let ranges = try AccountFiles.subordinates(bytes("kim:100000:65536\n1001:165536:65536\nx:-1:2\n"))
        #expect(ranges.entries.map(\.owner) == ["kim", "1001"])
        #expect(ranges.malformed == [3])
    }

    @Test func numbersThatAreNoIds() {
        for text in ["", "-1", "-", "1a", "4294967296", "99999999999999999999", "0x0"] {
            #expect(AccountFiles.identifier(text[...]) == nil, "\(text)")
        }
        for text in ["0", "00", "+0", "-0", " 0"] { #expect(AccountFiles.identifier(text[...]) == 0, "\(text)") }
    }

    @Test func filesThatAreNoTextAreRefused() {
        #expect(throws: ParseError.self) { try AccountFiles.users([0x72, 0, 0x3a]) }
        #expect(throws: ParseError.self) { try AccountFiles.passwords([UInt8](repeating: 0x61, count: (8 << 20) + 1)) }
    }

    // MARK: - login.defs

    @Test func loginDefsAsShadowReadsIt() throws {
        let text =
            "UMASK\t022\n# UMASK 000\n  ENCRYPT_METHOD \"SHA512\" # c\nUMASK 077  \nALONE\nEMPTY  \nDELAY 4 # no comment\n"
        let defs = try LoginDefs.parse(bytes(text))
        #expect(defs.settings["UMASK"]?.value == "077")
        #expect(defs.settings["UMASK"]?.line == 4)
        #expect(defs.settings["ENCRYPT_METHOD"]?.value == "SHA512")
        #expect(defs.settings["ALONE"] == nil)
        #expect(defs.settings["DELAY"]?.value == "4 # no comment")
    }

    @Test func numbersAsCReadsThem() {
        let cases: [(String, Int64?)] = [
            ("077", 63), ("77", 77), ("0x1F", 31), ("-1", -1), ("0", 0), ("08", nil), ("4 # c", nil), ("", nil),
            ("-", nil),
            ("0x", nil), ("--1", nil), ("0x-1", nil), ("9223372036854775808", nil),
        ]
        for (text, number) in cases { #expect(LoginDefs.number(text) == number, "\(text)") }
    }

    @Test func loginDefsThatAreNoTextAreRefused() {
        #expect(throws: ParseError.self) { try LoginDefs.parse([0xff, 0xfe, 0]) }
    }

    // MARK: - sysusers.d and sections

    @Test func sysusersLines() throws {
        let file = try SysusersFile.parse(
            bytes("u kim 400:web \"A B\" /home /bin/sh\nu! app -\nm kim wheel\n# c\ng web 400\n"))
        #expect(file.entries.map(\.type) == ["u", "u", "m", "g"])
        #expect(file.entries[0].fields == ["kim", "400:web", "A B", "/home", "/bin/sh"])
        #expect(file.entries[1].isLocked && file.entries[1].field(1) == nil)
        #expect(throws: ParseError.self) { try SysusersFile.parse(bytes("x y z\n")) }
    }

    @Test func sections() throws {
        let text = "top=1\n[Seat:*]\nautologin-user = kim\n; c\n[initial_session]\nuser = \"anna\" # c\nnoise\n"
        let file = try DisplayManagerText.parse(bytes(text))
        #expect(file.last("Seat:*", "autologin-user")?.value == "kim")
        #expect(file.last("initial_session", "user")?.value == "anna")
        #expect(file.last("", "top")?.value == "1")
        #expect(throws: ParseError.self) { try DisplayManagerText.parse([0]) }
    }

    // MARK: - Authorized keys

    private let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE"

    @Test func optionsOfKeys() throws {
        let text =
            "restrict,command=\"a \\\"b, c\\\"\",PTY \(key) c\nno-such-option \(key)\ncommand=a \(key)\nfrom=\"x\", \(key)\n"
        let keys = try AuthorizedKeys.parse(bytes(text))
        #expect(keys.entries.count == 1)
        #expect(keys.entries.first?.options.map(\.name) == ["restrict", "command", "pty"])
        #expect(keys.entries.first?.options[1].value == "a \"b, c\"")
        #expect(keys.refused.map(\.line) == [2, 3, 4])
    }

    @Test func damagedKeysAreRefused() throws {
        let keys = try AuthorizedKeys.parse(bytes("\(key)\n\(key.dropLast(4))\nssh-rsa AAAA\n# c\n\nhello\n\(key)=\n"))
        #expect(keys.entries.map(\.line) == [1])
        #expect(keys.entries.first?.key == SSHPublicKey(type: "ssh-ed25519", bits: 256))
        #expect(keys.refused.map(\.line) == [2, 3, 6, 7])
        #expect(throws: ParseError.self) { try AuthorizedKeys.parse([UInt8](repeating: 0x61, count: (1 << 20) + 1)) }
    }

    @Test func lengthsAreBounded() {
        // A string that claims four thousand million bytes.
        #expect(SSHPublicKey.parse(type: "ssh-ed25519", base64: "/////w==") == nil)
        #expect(SSHPublicKey.parse(type: "ssh-ed25519", base64: String(repeating: "A", count: 20_000)) == nil)
    }
}
