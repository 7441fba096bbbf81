import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

@testable import FirnCatalogue

/// The benchmarks' data: strict, validated, compiled apart.
struct BenchmarkTests {
    private static let control = """
        [[control]]
        id = "V-1"
        rule-id = "SV-1r1_rule"
        version = "T-1"
        group = "SRG-1"
        severity = "medium"
        title = "One"
        ccis = ["CCI-000001"]
        nist = ["AC-1"]
        automation = "static"
        sources = ["static"]
        rules = ["t.one"]
        wants."t.one" = { one-of = ["1"], at-least = 1, at-most = 2 }
        coverage = "full"
        check = "Look."
        fix = "Set."
        """

    private static let head = """
        id = "b"
        title = "B"
        stig-id = "B"
        version = "1"
        release = "2"
        date = "2025-10-01"
        publisher = "P"
        url = "https://example.org"

        """

    private static func files(_ benchmark: String) -> [String: String] {
        [
            "minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]"), "rules/t.toml": DataFiles.rule,
            "benchmarks/b.toml": benchmark,
        ]
    }

    private static func errors(_ replaced: String, _ with: String) throws -> [String] {
        #expect((head + control).contains(replaced), "\(replaced)")
        return try DataFiles.errors(files((head + control).replacing(replaced, with: with)))
    }

    @Test func aSoundOneIsRead() throws {
        let catalogue = try DataFiles.load(Self.files(Self.head + Self.control))
        #expect(catalogue.controls(of: "t.one") == ["V-1"])
        #expect(catalogue.controls(of: "t.two").isEmpty)
        let benchmark = try #require(try catalogue.benchmarks().first)
        #expect((benchmark.id, benchmark.release, benchmark.date) == ("b", "2", "2025-10-01"))
        let control = try #require(benchmark.controls.first)
        #expect(control.rules == [ControlRule("t.one", wants: .init(oneOf: ["1"], atLeast: 1, atMost: 2))])
        #expect((control.unmet, control.isInapplicableWithItsRules) == (.open, false))
        #expect((control.check, control.nist) == ("Look.", ["AC-1"]))
    }

    @Test(arguments: [
        ("\"t.one\"]", "\"t.gone\"]", "benchmarks/b.toml:20: \"t.gone\" is no rule"),
        ("severity = \"medium\"", "severity = \"critical\"", ":14: \"severity\" must be low, medium or high"),
        ("coverage = \"full\"", "coverage = \"none\"", ":22: \"coverage\" must be \"none\" without rules"),
        ("coverage = \"full\"", "coverage = \"partial\"", ":22: what is not fully covered needs \"remains\""),
        ("sources = [\"static\"]", "sources = [\"static\", \"person\"]", ":22: what a person must judge cannot be"),
        ("sources = [\"static\"]", "sources = [\"moon\"]", ":19: \"sources\" must be different words"),
        ("sources = [\"static\"]", "sources = []", ":19: \"sources\" must be a list with one word"),
        ("wants.\"t.one\"", "wants.\"t.two\"", "\"wants\" names \"t.two\", which is not among the rules"),
        ("rules = [", "beyond = [\"t.two\"]\nrules = [", "\"beyond\" names \"t.two\", which is not among the rules"),
        ("rules = [", "beyond = 1\nrules = [", "\"beyond\" must be a list of texts"),
        ("one-of = [\"1\"], at-least = 1, at-most = 2", "", "it wants nothing"),
        ("at-least = 1", "at-leest = 1", "the key \"at-leest\" is not known here; do you mean \"at-least\"?"),
        ("at-least = 1", "at-least = \"1\"", "\"at-least\" must be a whole number"),
        ("check = \"Look.\"", "chek = \"Look.\"", "the key \"chek\" is not known here; do you mean \"check\"?"),
        ("check = \"Look.\"", "check = \" \"", "\"check\" must be text that is not empty"),
        ("date = \"2025-10-01\"", "date = \"1 Oct\"", ":6: \"date\" must be a day such as 2025-10-01"),
        ("id = \"b\"", "id = \"c\"", ":1: \"id\" must be the name of the file"),
        ("id = \"V-1\"", "id = \"V 1\"", ":10: \"id\" may hold letters, digits"),
        ("rules = [\"t.one\"]", "rules = [\"t.one\", \"t.one\"]", "\"t.one\" is there twice"),
        ("[[control]]", "[control]", "\"control\" must be an array of tables"),
        ("coverage = \"full\"", "coverage = \"full\"\nnot-applicable = 1", "\"not-applicable\" must be true or false"),
        ("url = ", "link = ", "\"url\" is missing"),
    ])
    func mistakesNameTheirLine(_ replaced: String, _ with: String, _ message: String) throws {
        let errors = try Self.errors(replaced, with)
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
    }

    @Test func anIdIsThereOnce() throws {
        let errors = try DataFiles.errors(Self.files(Self.head + Self.control + "\n" + Self.control))
        #expect(errors.contains { $0.hasSuffix(":25: the id V-1 is there twice") }, "\(errors)")
    }

    @Test func theDigestCoversTheTexts() throws {
        let texts = [
            Self.control, Self.control.replacing("Look.", with: "Look!"), Self.control.replacing("t-1", with: "t-2"),
        ]
        let digests = try texts.map { try DataFiles.load(Self.files(Self.head + $0)).digest }
        #expect(digests[0] != digests[1])
        #expect(digests[0] == digests[2])
        var none = Self.files("")
        none["benchmarks/b.toml"] = nil
        #expect(try DataFiles.load(none).digest != digests[0])
    }

    @Test func theCompiledFormIsTheSame() throws {
        try DataFiles.with(Self.files(Self.head + Self.control)) { directory in
            let loaded = try Catalogue.load(directory: directory)
            let (main, _) = BenchmarkIndex.split(try Catalogue.readFiles(directory: directory))
            let compiled = try Catalogue.compiled(
                CompiledCatalogue.encode(files: main), benchmarks: loaded.compiledBenchmarks)
            #expect(compiled.digest == loaded.digest)
            #expect(compiled.controls(of: "t.one") == ["V-1"])
            #expect(try compiled.benchmarks() == loaded.benchmarks())
            let source = try CompiledCatalogue.generateBenchmarks(directory: directory)
            #expect(source.contains("Look."))
            #expect(!(try CompiledCatalogue.generate(directory: directory)).contains("Look."))
        }
    }

    // MARK: The STIG

    private static let catalogue = Swift.Result { try Catalogue.load(directory: Repository.path("profiles")) }

    private static func stig() throws -> Benchmark {
        try #require(try catalogue.get().benchmarks().first { $0.id == "nixos-stig-v1r2" })
    }

    @Test func theCompiledOneIsFresh() throws {
        let loaded = try Self.catalogue.get()
        let embedded = try Catalogue.embedded()
        #expect(try embedded.benchmarks() == loaded.benchmarks(), "run `make catalogue`")
        #expect(embedded.digest == loaded.digest, "run `make catalogue`")
        for rule in loaded.orderedRules { #expect(embedded.controls(of: rule.id) == loaded.controls(of: rule.id)) }
    }

    /// The counts DISA publishes: 11 of CAT I, 91 of CAT II, 1 of CAT III; V-268162 was removed.
    @Test func theSTIGIsWhole() throws {
        let stig = try Self.stig()
        #expect(stig.controls.count == 103)
        let counts = [Severity.high, .medium, .low].map { severity in
            stig.controls.count { $0.severity == severity }
        }
        #expect(counts == [11, 91, 1])
        let numbers = (268_078...268_181).filter { $0 != 268_162 }.map { "V-\($0)" }
        #expect(stig.controls.map(\.id) == numbers)
        for control in stig.controls {
            #expect(control.ruleID.hasPrefix("S" + control.id + "r"), "\(control.id)")
            #expect(control.version.hasPrefix("ANIX-00-"), "\(control.id)")
            #expect(control.group.hasPrefix("SRG-OS-"), "\(control.id)")
            #expect(!control.ccis.isEmpty && control.ccis.allSatisfy { $0.hasPrefix("CCI-") }, "\(control.id)")
        }
        #expect(stig.controls.first?.check.contains("nixos-fw-log-refuse") == true)
    }

    /// What our own judgement of a control allows: a control whose check reads the running system waits for it.
    @Test func sourcesFollowTheAutomation() throws {
        for control in try Self.stig().controls {
            let expected: [Control.Source] =
                switch control.automation {
                case .static: [.static]
                case .both: [.static, .live]
                case .runtime: [.live]
                case .manual: [.person]
                }
            #expect(control.sources == expected, "\(control.id)")
        }
    }

    /// Where a rule is content with more than the control, the control says what it wants. By hand, from the check
    /// texts and the rules' expectations.
    @Test(arguments: [
        ("V-268088", "ssh.LogLevel", ["VERBOSE"], ["INFO", "QUIET", "not set"]),
        ("V-268089", "ssh.Ciphers", ["aes256-ctr, aes192-ctr, aes128-ctr"], ["aes128-ctr, aes192-ctr, aes256-ctr"]),
        ("V-268103", "audit.auditd.space_left", ["25%"], ["30%", "75", "24%"]),
        ("V-268130", "accounts.login-defs.ENCRYPT_METHOD", ["SHA512"], ["SHA256", "YESCRYPT"]),
        ("V-268134", "pam.quality.minlen", ["15", "20"], ["14", "12"]),
        ("V-268137", "ssh.PermitRootLogin", ["no"], ["prohibit-password"]),
        ("V-268137", "ssh.match.PermitRootLogin", ["not set", "no"], ["prohibit-password", "no, yes"]),
        // passwd -S calls a field that is neither a hash nor a lock P, not L.
        ("V-268138", "accounts.root-password", ["locked"], ["unusable", "empty", "sha512"]),
        ("V-268141", "sysctl.net.ipv4.tcp_syncookies", ["1"], ["2", "0"]),
        ("V-268143", "ssh.ClientAliveCountMax", ["1"], ["2", "3", "0"]),
        ("V-268152", "nix.allowed-users", ["@wheel", "root, @wheel"], ["*", "@wheel, alice", "(none)"]),
        ("V-268155", "sudo.timestamp_timeout", ["0"], ["300", "900", "-1"]),
        ("V-268157", "ssh.MACs", ["hmac-sha2-512, hmac-sha2-256"], ["hmac-sha2-512-etm@openssh.com"]),
        ("V-268160", "sysctl.kernel.kptr_restrict", ["1"], ["2", "0"]),
        ("V-268166", "audit.stig-lastlog", ["true"], ["false"]),
        ("V-268181", "accounts.login-defs.UMASK", ["077"], ["027", "022"]),
    ])
    func weakerRulesAreHeldToTheControl(
        _ id: String, _ rule: String, _ wanted: [String], _ refused: [String]
    ) throws {
        let control = try #require(try Self.stig().controls.first { $0.id == id })
        let wants = try #require(control.rules.first { $0.rule == rule }?.wants)
        for text in wanted { #expect(wants.holds(text), "\(id) \(text)") }
        for text in refused { #expect(!wants.holds(text), "\(id) \(text)") }
    }

    /// Rules that look at more than the check: a system on which the check is no finding may fail them. V-268164 and
    /// V-268165 name the link below /run/current-system, a watch that the rules know to record nothing.
    @Test(arguments: [
        ("V-268093", "cmdline.audit_backlog_limit"), ("V-268140", "secrets.world-writable"),
        ("V-268152", "nix.trusted-users.beyond-wheel"), ("V-268154", "nix.substituters.trusted"),
        ("V-268156", "sudo.authenticate"), ("V-268164", "audit.stig-usermod"), ("V-268165", "audit.stig-chage-chcon"),
    ])
    func rulesThatLookAtMoreOpenNothing(_ id: String, _ rule: String) throws {
        let control = try #require(try Self.stig().controls.first { $0.id == id })
        #expect(control.rules.filter(\.isBeyond).map(\.rule) == [rule])
    }

    /// Controls whose rules all pass on a system that the check's own words take for a finding: the unit has another
    /// name, the parameter another spelling, nix.conf no such line.
    @Test(arguments: ["V-268080", "V-268090", "V-268092", "V-268154"])
    func whatPassesByAnotherNameIsForAPerson(_ id: String) throws {
        let control = try #require(try Self.stig().controls.first { $0.id == id })
        #expect(control.coverage == .partial && control.remains != nil)
    }

    /// No check of the STIG says when it does not apply. Only a check of sshd's settings that takes a missing one for
    /// no finding may say so itself: a container's sysctl, and a missing Banner, are asked for all the same.
    @Test func whatTheSTIGAsksEverywhereIsNeverInapplicable() throws {
        let inapplicable = try Self.stig().controls.filter(\.isInapplicableWithItsRules).map(\.id)
        #expect(inapplicable == ["V-268137", "V-268157"])
    }

    /// Rules that apply only where auditing is meant to happen say nothing where it is not: the control asks too
    /// whether it happens at all.
    @Test func auditControlsAskWhetherAuditingHappens() throws {
        for control in try Self.stig().controls {
            let rules = Set(control.rules.map(\.rule))
            if rules.contains(where: { $0.hasPrefix("audit.stig-") }) {
                #expect(rules.contains("audit.enabled"), "\(control.id)")
            }
            if rules.contains(where: { $0.hasPrefix("audit.auditd.") }) {
                #expect(rules.contains("audit.auditd.enabled"), "\(control.id)")
            }
            if rules.contains("pam.quality.minlen") { #expect(rules.contains("pam.quality")) }
        }
    }
}
