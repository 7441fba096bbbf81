import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Testing

/// Policies as files.
struct PolicyTests {
    static let valid = """
        id = "mine"
        title = "Mine"
        profile = "standard"
        fail-on = "medium"
        sources = ["built", "declared"]
        must-be-signed = ["live"]
        must-answer-challenge = ["live"]
        drift = { families = ["ssh"], severity = "high" }

        [maximum-age]
        declared = "30d"
        built = "36h"

        [size]
        iso = 700

        [artifact]
        verified = true

        [[agent-key]]
        name = "web"
        key = "ssh-ed25519 AAAA"
        """

    @Test func reads() throws {
        let policy = try Catalogue.policy(text: Self.valid, file: "p.toml")
        #expect(policy.sources == [.declared, .built])
        #expect(policy.maximumAge == [.declared: 30 * 86_400, .built: 36 * 3600])
        // A source without an age has the shortest of the others.
        #expect(policy.maximumAge(of: .live) == 36 * 3600)
        // One MB is 1,048,576 bytes; what is not named keeps its default.
        #expect(policy.sizeLimits == [.iso: 734_003_200, .wsl: 2_147_483_648, .vm: 4_294_967_296])
        #expect(policy.isVerifiedArtifactRequired)
        #expect(policy.drift == .some(families: ["ssh"], severity: .high))
        #expect(policy.agentKeys == [GatePolicy.AgentKey(name: "web", key: "ssh-ed25519 AAAA", line: 20)])
        #expect(policy.digest.utf8.count == 64)
    }

    @Test func everyWordChangesTheDigest() throws {
        let digest = try Catalogue.policy(text: Self.valid, file: "p.toml").digest
        #expect(try Catalogue.policy(text: Self.valid, file: "elsewhere.toml").digest == digest)
        for (old, new) in [
            ("\"mine\"", "\"yours\""), ("Mine", "Yours"), ("\"standard\"", "\"strict\""), ("medium", "low"),
            ("\"built\", ", ""), ("30d", "31d"), ("700", "701"), ("true", "false"), ("AAAA", "AAAB"), ("web", "db"),
            ("\"ssh\"", "\"pam\""), ("severity = \"high\"", "severity = \"low\""),
            ("must-answer-challenge = [\"live\"]", ""),
        ] {
            let changed = Self.valid.replacing(old, with: new)
            #expect(changed != Self.valid)
            #expect(try Catalogue.policy(text: changed, file: "p.toml").digest != digest, "\(new)")
        }
    }

    @Test(arguments: [
        ("id = \"mine\"", "", "p.toml:1: \"id\" is missing"),
        ("id = \"mine\"", "ids = \"mine\"", "p.toml:1: the key \"ids\" is not known here; do you mean \"id\"?"),
        ("\"medium\"", "\"grave\"", "p.toml:4: \"fail-on\" is \"grave\""),
        ("[\"built\", \"declared\"]", "[]", "p.toml:5: \"sources\" must be a list"),
        ("\"declared\"]", "\"dreamt\"]", "p.toml:5: \"sources\" names the source \"dreamt\""),
        ("\"declared\"]", "\"built\"]", "p.toml:5: \"sources\" names built twice"),
        ("{ families = [\"ssh\"], severity = \"high\" }", "\"some\"", "p.toml:8: \"drift\" must be"),
        ("families = [\"ssh\"]", "families = []", "p.toml:8: \"families\" is empty"),
        ("families = [\"ssh\"]", "family = \"ssh\"", "p.toml:8: the key \"family\" is not known here"),
        ("30d", "30", "p.toml:11: \"declared\" is \"30\", it must be hours or days"),
        ("30d", "0d", "p.toml:11: \"declared\" is \"0d\""),
        ("30d", "367d", "p.toml:11: \"declared\" is \"367d\""),
        ("declared = \"30d\"", "", "\"declared\" is missing"),
        ("iso = 700", "iso = 0", "p.toml:15: \"iso\" must be a size in MB"),
        ("iso = 700", "usb = 700", "p.toml:15: the key \"usb\" is not known here"),
        ("verified = true", "verified = \"yes\"", "p.toml:18: \"verified\" must be true or false"),
        ("key = \"ssh-ed25519 AAAA\"", "", "\"key\" is missing"),
        (
            "[[agent-key]]\nname = \"web\"\nkey = \"ssh-ed25519 AAAA\"", "",
            "p.toml:6: reports must be signed, and there is no [[agent-key]]"
        ),
    ])
    func refuses(_ old: String, _ new: String, _ message: String) throws {
        let text = Self.valid.replacing(old, with: new)
        #expect(text != Self.valid)
        let error = try #require(throws: CatalogueError.self) { try Catalogue.policy(text: text, file: "p.toml") }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test func builtInPoliciesAreThoseOfTheDesign() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        #expect(catalogue.policies.keys.sorted() == ["build", "release"])
        let build = try catalogue.policy("build")
        let release = try catalogue.policy("release")
        #expect(build.sources == [.declared, .built])
        #expect(release.sources == [.declared, .built, .live])
        for policy in [build, release] {
            #expect(policy.profile == "standard")
            #expect(policy.failOn == .low)
            #expect(policy.drift == .all)
            #expect(policy.sizeLimits == GatePolicy.defaultSizeLimits)
            #expect(!policy.isVerifiedArtifactRequired)
        }
        #expect(throws: CatalogueError.self) { try catalogue.policy("none") }
    }

    /// The gate's table of what a source always answers is the "yes" of the reviewed coverage.
    @Test func coverageIsTheReviewedOne() throws {
        var declared: [String] = []
        var built: [String] = []
        let text = String(decoding: try Repository.bytes("docs/coverage.md"), as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " && $0 != "`" } }
            guard cells.count >= 3 else { continue }
            if cells[1] == "yes" { declared.append(cells[0]) }
            if cells[2] == "yes" { built.append(cells[0]) }
        }
        #expect(built.count > 300)
        let table = try Catalogue.load(directory: Repository.path("profiles")).knowledge.tables["coverage"]
        #expect(Set(table?["declared"]?.strings ?? []) == Set(declared))
        #expect(Set(table?["built"]?.strings ?? []) == Set(built))
    }
}
