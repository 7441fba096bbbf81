import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import Foundation
import Testing

/// What a file of waivers may hold.
@Suite struct WaiverFileTests {
    static let whole = """
        # Accepted until the console server is replaced.
        [[waiver]]
        rule = "sysctl.kernel.sysrq"
        scope = { hosts = ["web1", "web2"], images = ["web.iso"], sources = ["declared", "built"] }
        owner = "mira@example.org"
        reason = "the console server sends the sync key"
        ticket = "OPS-1"
        expires = "2027-03-31"
        max-severity = "low"

        [[waiver]]
        rule = "ssh.X11Forwarding"
        owner = "åsa"
        reason = "42"
        expires = "2028-02-29"
        """

    @Test func readsEveryKey() {
        let (set, errors) = WaiverFiles.parse(Self.whole, file: "w.toml")
        #expect(errors.isEmpty)
        #expect(
            set.waivers == [
                LocatedWaiver(
                    Waiver(
                        rule: "sysctl.kernel.sysrq",
                        scope: WaiverScope(
                            hosts: ["web1", "web2"], images: ["web.iso"], sources: [.declared, .built]),
                        owner: "mira@example.org", reason: "the console server sends the sync key", ticket: "OPS-1",
                        expires: "2027-03-31", maximumSeverity: .low), file: "w.toml", line: 2),
                LocatedWaiver(
                    Waiver(rule: "ssh.X11Forwarding", owner: "åsa", reason: "42", expires: "2028-02-29"),
                    file: "w.toml", line: 11),
            ])
    }

    /// Each: a change of the whole file, the line and a part of the message that must come.
    @Test(arguments: [
        ("rule = \"sysctl.kernel.sysrq\"", "", 2, "\"rule\" is missing"),
        ("owner = \"mira@example.org\"", "", 2, "\"owner\" is missing"),
        ("owner = \"mira@example.org\"", "owner = \" \"", 5, "\"owner\" must be text that is not empty"),
        ("owner = \"mira@example.org\"", "owner = \"\\u200b\\u2060\"", 5, "\"owner\" says nothing"),
        ("owner = \"mira@example.org\"", "owner = 3", 5, "\"owner\" must be text"),
        ("reason = \"the console server sends the sync key\"", "reason = \"\"", 6, "\"reason\" must be text"),
        ("reason = \"the console server sends the sync key\"", "reason = \"...\"", 6, "\"reason\" says nothing"),
        ("expires = \"2027-03-31\"", "", 2, "\"expires\" is missing"),
        ("expires = \"2027-03-31\"", "expires = \"2027-02-29\"", 8, "must be a date"),
        ("expires = \"2027-03-31\"", "expires = \"never\"", 8, "must be a date"),
        ("expires = \"2027-03-31\"", "expires = \"2027-03-31T00:00:00Z\"", 8, "must be a date"),
        ("expires = \"2027-03-31\"", "expires = 2027-03-31", 8, "a date; write it as a string"),
        ("expires = \"2027-03-31\"", "expire = \"2027-03-31\"", 8, "do you mean \"expires\"?"),
        ("ticket = \"OPS-1\"", "ticket = \"\"", 7, "\"ticket\" must be text"),
        ("max-severity = \"low\"", "max-severity = \"some\"", 9, "it must be one of"),
        ("max-severity = \"low\"", "maximum-severity = \"low\"", 9, "is not known here"),
        ("hosts = [\"web1\", \"web2\"]", "hosts = []", 4, "\"hosts\" is empty; leave it out for all"),
        ("hosts = [\"web1\", \"web2\"]", "hosts = \"web1\"", 4, "\"hosts\" must be a list of texts"),
        ("hosts = [\"web1\", \"web2\"]", "hosts = [\"\"]", 4, "holds an empty name"),
        ("hosts = [\"web1\", \"web2\"]", "hosts = [\"a\", \"a\"]", 4, "names \"a\" twice"),
        ("hosts = [\"web1\", \"web2\"]", "host = [\"web1\"]", 4, "do you mean \"hosts\"?"),
        ("\"declared\", \"built\"", "\"running\"", 4, "there is no source \"running\""),
        ("scope = {", "scope = \"web1\" # {", 4, "must be a table"),
        ("[[waiver]]", "[[waivers]]", 2, "do you mean \"waiver\"?"),
        ("[[waiver]]", "[waiver]", 2, "must be an array of tables"),
        ("rule = \"sysctl.kernel.sysrq\"", "rule = ", 3, "not TOML"),
    ])
    func refuses(_ old: String, _ new: String, _ line: Int, _ message: String) {
        var text = Self.whole
        if let range = text.range(of: old) { text.replaceSubrange(range, with: new) }
        if new == "[waiver]" || new == "[[waivers]]" {
            // Only the first of two would make a file of two kinds.
            text = String(text.prefix(upTo: text.range(of: "\n\n")?.lowerBound ?? text.endIndex))
        }
        let (set, errors) = WaiverFiles.parse(text, file: "w.toml")
        #expect(
            errors.contains { $0.line == line && $0.message.contains(message) }, "\(errors.map(\.description))")
        #expect(!set.waivers.contains { $0.waiver.rule == "sysctl.kernel.sysrq" })
    }

    @Test func everyCutAndEveryChangedByteIsReadOrRefused() {
        let bytes = Array(Self.whole.utf8)
        for length in stride(from: 0, to: bytes.count, by: 3) {
            _ = WaiverFiles.parse(String(decoding: bytes[..<length], as: UTF8.self), file: "w.toml")
        }
        for index in stride(from: 0, to: bytes.count, by: 5) {
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "="), 0, 0x1b, UInt8(ascii: "\n")] {
                var changed = bytes
                changed[index] = byte
                let (set, errors) = WaiverFiles.parse(String(decoding: changed, as: UTF8.self), file: "w.toml")
                // What is read is whole: an owner, a reason, a date.
                for located in set.waivers {
                    #expect(!located.waiver.owner.isEmpty && !located.waiver.reason.isEmpty)
                    #expect(CalendarDate(located.waiver.expires) != nil)
                }
                #expect(set.waivers.count <= 2)
                if set.waivers.count < 2 && errors.isEmpty {
                    // Only a changed comment or an emptied file may take a waiver away without a word.
                    #expect(Bool(false), "byte \(index) as \(byte) silently drops a waiver")
                }
            }
        }
    }

    @Test func theDigestIsOfContentAndOrder() {
        let whole = WaiverFiles.parse(Self.whole, file: "a.toml").set
        #expect(whole.digest?.utf8.count == 64)
        #expect(WaiverFiles.parse(Self.whole, file: "b.toml").set.digest == whole.digest)
        #expect(WaiverFiles.parse("\n\n" + Self.whole, file: "a.toml").set.digest == whole.digest)
        var seen: Set<String?> = [whole.digest]
        for (old, new) in [
            ("web1", "web3"), ("web.iso", "wob.iso"), ("\"declared\", ", ""), ("mira", "mara"), ("sends", "sent"),
            ("OPS-1", "OPS-2"), ("2027-03-31", "2027-03-30"), ("\"low\"", "\"high\""), ("kernel.sysrq", "kernel.sysr"),
        ] {
            let changed = Self.whole.replacingOccurrences(of: old, with: new)
            #expect(seen.insert(WaiverFiles.parse(changed, file: "a.toml").set.digest).inserted, "\(old)")
        }
        // Quotes keep two lists from being one.
        func one(_ hosts: String) -> String? {
            WaiverFiles.parse(
                "[[waiver]]\nrule='a.b'\nowner='o'\nreason='r'\nexpires='2027-01-01'\nscope={hosts=[\(hosts)]}",
                file: "a"
            ).set.digest
        }
        #expect(one("'a b'") != one("'a','b'"))
        #expect(one(#"'a" "b'"#) != one("'a','b'"))
    }

    @Test func readsADirectoryInOrderOfNames() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "firn-waivers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: directory.appendingPathComponent(name))
        }
        func waiver(_ rule: String) -> String {
            "[[waiver]]\nrule = \"\(rule)\"\nowner = \"o\"\nreason = \"r\"\nexpires = \"2027-01-01\"\n"
        }
        #expect(try WaiverFiles.load(directory.path).waivers.isEmpty)
        try write("b.toml", waiver("b.one") + waiver("b.two"))
        try write("a.toml", waiver("a.one"))
        try write(".hidden.toml", waiver("hidden.one"))
        try write("notes.txt", "no TOML")
        let set = try WaiverFiles.load(directory.path)
        #expect(set.waivers.map(\.waiver.rule) == ["a.one", "b.one", "b.two"])
        #expect(set.waivers.map(\.line) == [1, 1, 6])
        #expect(set.waivers[0].file == directory.path + "/a.toml")
        // One file alone.
        #expect(try WaiverFiles.load(directory.path + "/a.toml").waivers.map(\.waiver.rule) == ["a.one"])
        // One bad file: lint sees the rest, everything else stops.
        try write("c.toml", "[[waiver]]\nrule = 1\n")
        #expect(throws: CatalogueError.self) { try WaiverFiles.load(directory.path) }
        let (rest, errors) = try WaiverFiles.read(directory.path)
        #expect(rest.waivers.count == 3)
        #expect(errors.allSatisfy { $0.file.hasSuffix("/c.toml") && $0.line > 0 } && !errors.isEmpty)
        #expect(throws: CatalogueError.self) { try WaiverFiles.load(directory.path + "/none") }
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("d.toml"), withIntermediateDirectories: true)
        #expect(throws: CatalogueError.self) { try WaiverFiles.load(directory.path) }
    }
}
