import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// Lines of authorized_keys beside `ssh-keygen -l`, and password hashes beside crypt(3).
@Suite(.serialized) struct KeyOracleTests {
    static let keygen = "/usr/bin/ssh-keygen"
    static let perl = "/usr/bin/perl"

    private static func isNeeded(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: program) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    // MARK: - Making keys

    /// The public keys of this machine's ssh-keygen: `type blob`, by a name.
    private static func keys(_ directory: URL) throws -> [(name: String, line: String)] {
        var result: [(String, String)] = []
        let kinds = [
            ("ed25519", ["-t", "ed25519"]), ("rsa1024", ["-t", "rsa", "-b", "1024"]),
            ("rsa2048", ["-t", "rsa", "-b", "2048"]), ("rsa2560", ["-t", "rsa", "-b", "2560"]),
            ("rsa3072", ["-t", "rsa", "-b", "3072"]), ("ecdsa256", ["-t", "ecdsa", "-b", "256"]),
            ("ecdsa384", ["-t", "ecdsa", "-b", "384"]), ("ecdsa521", ["-t", "ecdsa", "-b", "521"]),
            ("dsa", ["-t", "dsa"]),
        ]
        for (name, arguments) in kinds {
            let path = directory.path + "/" + name
            let made = try SSHOracle.run(keygen, ["-q", "-N", "", "-C", "", "-f", path] + arguments)
            // OpenSSH 10 makes no DSA keys any more.
            guard made.status == 0 else { continue }
            result.append((name, try text(path + ".pub")))
        }
        let authority = directory.path + "/ed25519"
        for (name, _) in result where name != "dsa" {
            let signed = try SSHOracle.run(
                keygen, ["-q", "-s", authority, "-I", "id", "-n", "kim", directory.path + "/" + name + ".pub"])
            if signed.status == 0 {
                result.append((name + " certificate", try text(directory.path + "/" + name + "-cert.pub")))
            }
        }
        return result
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
            .split(whereSeparator: { $0 == " " || $0 == "\n" }).prefix(2).joined(separator: " ")
    }

    private static func wire(_ parts: [[UInt8]]) -> String {
        var blob: [UInt8] = []
        for part in parts {
            let count = UInt32(part.count)
            blob += [UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + part
        }
        return Data(blob).base64EncodedString()
    }

    private static func blob(_ line: String) -> [UInt8] {
        Array(Data(base64Encoded: String(line.split(separator: " ")[1])) ?? Data())
    }

    /// The lines of the comparison, each with what it is about.
    private static func lines(_ directory: URL) throws -> [(what: String, line: String)] {
        let made = try keys(directory)
        var lines = made.map { ("a good key: \($0.name)", $0.line + " comment") }
        let byName = Dictionary(uniqueKeysWithValues: made.map { ($0.name, $0.line) })
        let ed = try #require(byName["ed25519"])
        let rsa = try #require(byName["rsa2048"])
        let point = Array(blob(try #require(byName["ecdsa256"])).suffix(65))
        let edBytes = Array(blob(ed).suffix(32))
        let edBlob = String(ed.split(separator: " ")[1])
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        let skEd = "sk-ssh-ed25519@openssh.com"
        let skEC = "sk-ecdsa-sha2-nistp256@openssh.com"
        lines += [
            ("a security key", "\(skEd) " + wire([bytes(skEd), edBytes, bytes("ssh:")])),
            ("a security key, ECDSA", "\(skEC) " + wire([bytes(skEC), bytes("nistp256"), point, bytes("ssh:")])),
            ("a security key without application", "\(skEd) " + wire([bytes(skEd), edBytes])),
            ("without a comment", ed), ("blanks before", "  \t" + ed),
            ("two blanks between", ed.replacing(" ", with: "  ")),
            ("a tab between", ed.replacing(" ", with: "\t")), ("a line end of Windows", ed + " c\r"),
            ("an option", "restrict " + ed), ("two options", "restrict,pty " + ed),
            ("an option with a value", "command=\"/bin/true\" " + ed),
            ("a blank inside quotes", "command=\"echo a b\" " + ed),
            ("a quote inside quotes", "command=\"echo \\\"a b\\\"\" " + ed),
            ("a comma inside quotes", "from=\"10.0.0.1,10.0.0.2\",no-pty " + ed),
            ("a key inside quotes", "command=\"\(ed)\" " + rsa),
            ("a quote that stays open", "command=\"echo " + ed),
            ("an option and no key", "restrict"), ("only a type", "ssh-ed25519"),
            ("a type and a blank", "ssh-ed25519 "),
            ("another type than the blob", "ssh-rsa " + edBlob), ("an unknown type", "ssh-ed448 " + edBlob),
            ("a type in capitals", "SSH-ED25519 " + edBlob),
            ("a blob cut short", String(ed.dropLast(4))), ("a blob cut inside a group", String(ed.dropLast(1))),
            ("a blob with a stray character", ed.dropLast(8) + "!" + ed.suffix(7)),
            ("a blob with more behind", "ssh-ed25519 " + wire([bytes("ssh-ed25519"), edBytes, bytes("x")])),
            ("a key of 31 bytes", "ssh-ed25519 " + wire([bytes("ssh-ed25519"), Array(edBytes.dropLast())])),
            ("a key of 33 bytes", "ssh-ed25519 " + wire([bytes("ssh-ed25519"), edBytes + [0]])),
            (
                "RSA of 1023 bits",
                "ssh-rsa " + wire([bytes("ssh-rsa"), [1, 0, 1], [0x7f] + Array(repeating: 0xff, count: 127)])
            ),
            (
                "RSA of 512 bits",
                "ssh-rsa " + wire([bytes("ssh-rsa"), [1, 0, 1], [0, 0xff] + Array(repeating: 0xff, count: 63)])
            ),
            (
                "a negative modulus",
                "ssh-rsa " + wire([bytes("ssh-rsa"), [1, 0, 1], Array(repeating: 0xff, count: 256)])
            ),
            ("RSA without modulus", "ssh-rsa " + wire([bytes("ssh-rsa"), [1, 0, 1]])),
            (
                "another curve than the type",
                "ecdsa-sha2-nistp384 " + wire([bytes("ecdsa-sha2-nistp384"), bytes("nistp256"), point])
            ),
            (
                "a compressed point",
                "ecdsa-sha2-nistp256 "
                    + wire([bytes("ecdsa-sha2-nistp256"), bytes("nistp256"), [2] + point.dropFirst().prefix(32)])
            ),
            (
                "padding that is missing",
                "ssh-rsa "
                    + wire([bytes("ssh-rsa"), [1, 0, 1], [0] + Array(repeating: 0xff, count: 256)]).replacing(
                        "=", with: "")
            ),
            ("padding that is doubled", rsa + "===="),
            (
                "the damaged key of a real system",
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQExampleExampleExample porter@example"
            ),
            ("a comment line", "# " + ed), ("an empty line", ""), ("a word", "hello"),
        ]
        return lines.map { ($0.0, String($0.1)) }
    }

    @Test(.enabled(if: isNeeded(keygen)))
    func sshKeygenTakesTheSameLines() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-keys-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }
        let lines = try Self.lines(directory)
        #expect(lines.count >= 50)
        var rows: [String] = []
        for (what, line) in lines {
            let file = directory.appendingPathComponent("line")
            try Data((line + "\n").utf8).write(to: file)
            let run = try SSHOracle.run(Self.keygen, ["-l", "-f", file.path])
            // "256 SHA256:... comment (ED25519)"
            let words = run.output.split(whereSeparator: { $0 == " " || $0 == "\n" })
            let theirs = run.status == 0 ? "\(words.first ?? "") \(Self.family(words.last ?? ""))" : "refused"
            let keys = try AuthorizedKeys.parse(Array(line.utf8))
            let ours = keys.entries.first.map { "\($0.key.bits) \(Self.family(of: $0.key.type))" } ?? "refused"
            #expect(ours == theirs, "\(what): \(run.error)")
            rows.append("| \(what) | \(theirs) | \(ours == theirs ? "agrees" : "differs: \(ours)") |")
        }
        try record(rows)
    }

    private static func family(_ shown: Substring) -> String {
        shown.trimmingCharacters(in: CharacterSet(charactersIn: "()")).replacing("-CERT", with: "")
            .replacing("-SK", with: "")
    }

    private static func family(of type: String) -> String {
        if type.contains("ed25519") { return "ED25519" }
        if type.contains("ecdsa") { return "ECDSA" }
        return type.hasPrefix("ssh-dss") ? "DSA" : "RSA"
    }

    private func record(_ rows: [String]) throws {
        guard ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] != nil else { return }
        let version = try SSHOracle.run("/usr/bin/ssh", ["-V"]).error.split(separator: "\n").first ?? ""
        let text = """
            # Authorized keys: Firn beside ssh-keygen

            Each line was given to the real `ssh-keygen -l` (\(version)) and to Firn's reader: it must be taken or refused by
            both, with the same size and the same kind of key. Keys are made anew in every test run; security keys, which need
            hardware, are built from the parts of other keys. Written by
            `RECORD_COMPARISONS=1 swift test --filter KeyOracleTests`.

            \(rows.count) lines. Not compared, because `ssh-keygen -l` does not look at them: whether sshd knows the options before a
            key. Not checked by Firn: that an ECDSA point lies on its curve, and the signature of a certificate.

            | line | ssh-keygen | Firn |
            |---|---|---|

            """
        try Data((text + rows.joined(separator: "\n") + "\n").utf8)
            .write(to: URL(fileURLWithPath: Repository.path("docs/comparisons/ssh-keygen.md")))
    }

    // MARK: - crypt(3)

    /// A setting of crypt(5), and the form of what it makes.
    static let settings: [(String, PasswordForm)] = [
        ("$y$j9T$abcdefgh", PasswordForm(.yescrypt, cost: 5)),
        ("$y$j75$abcdefghijkl", PasswordForm(.yescrypt, cost: 1)),
        ("$y$jAT$abcdefgh", PasswordForm(.yescrypt, cost: 6)),
        ("$gy$j9T$abcdefgh", PasswordForm(.gostYescrypt, cost: 5)),
        ("$7$CU..../....abcd", PasswordForm(.scrypt, cost: 7)),
        ("$2b$05$abcdefghijklmnopqrstuu", PasswordForm(.bcrypt, cost: 5)),
        ("$2y$10$abcdefghijklmnopqrstuu", PasswordForm(.bcrypt, cost: 10)),
        ("$2a$04$abcdefghijklmnopqrstuu", PasswordForm(.bcrypt, cost: 4)),
        ("$6$saltsalt", PasswordForm(.sha512, cost: 5000)), ("$6$rounds=1000$salt", PasswordForm(.sha512, cost: 1000)),
        ("$6$rounds=65536$0123456789abcdef", PasswordForm(.sha512, cost: 65536)),
        ("$5$saltsalt", PasswordForm(.sha256, cost: 5000)),
        ("$5$rounds=20000$salt", PasswordForm(.sha256, cost: 20000)),
        ("$sha1$1000$abcd", PasswordForm(.sha1, cost: 1000)), ("$md5$abcd$", PasswordForm(.sunMD5)),
        ("$md5,rounds=10$abcd$", PasswordForm(.sunMD5)), ("$1$saltsalt", PasswordForm(.md5)),
        ("$1$ab", PasswordForm(.md5)),
        ("$3$", PasswordForm(.nt)), ("_J9..rasm", PasswordForm(.bsdi)), ("ab", PasswordForm(.des)),
    ]

    @Test(.enabled(if: isNeeded(perl)))
    func hashesOfCryptAreRecognised() throws {
        for password in ["", "secret", "a longer pass phrase, with: signs"] {
            for (setting, form) in Self.settings {
                let run = try SSHOracle.run(
                    Self.perl, ["-e", "print crypt($ARGV[0], $ARGV[1]) // ''", password, setting])
                let hash = run.output
                // libcrypt of this machine may lack a method; `*0` is how it says so.
                guard !hash.isEmpty, !hash.hasPrefix("*") else { continue }
                #expect(PasswordForm.classify(hash) == form, "\(setting)")
                // Anything cut off or added is no hash any more, and a mark before it is a lock.
                if form.kind != .des && form.kind != .bigcrypt {
                    #expect(PasswordForm.classify(hash.dropLast()).kind == .unusable, "\(setting)")
                    #expect(PasswordForm.classify(hash + "a").kind == .unusable, "\(setting)")
                }
                #expect(PasswordForm.classify("!" + hash).kind == .locked)
            }
        }
    }
}
