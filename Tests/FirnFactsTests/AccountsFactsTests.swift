import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

@testable import FirnFacts

/// Small systems made of texts, for the family `accounts`.
enum AccountsSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        let file = "profiles/knowledge/accounts.toml"
        let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
        return Knowledge(tables: ["accounts": try TOMLDocument.parse(text, file: file)])
    }

    static let json = "/nix/store/00000000000000000000000000000000-users-groups.json"
    static let ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE"

    /// Files of a system that update-users-groups.pl makes.
    static func script(_ users: String, groups: String = "", mutable: Bool = true) -> [String: String] {
        [
            "/toplevel/activate": "#!/bin/sh\nperl -w /nix/store/x-update-users-groups.pl \(json)\n",
            json: "{\"users\":[\(users)],\"groups\":[\(groups)],\"mutableUsers\":\(mutable)}",
            "/etc/login.defs": "UMASK 077\nENCRYPT_METHOD YESCRYPT\n",
            "/etc/systemd/system/getty@.service": "[Service]\nExecStart=-/sbin/agetty - $TERM\n",
        ]
    }

    static func user(_ name: String, _ fields: String = "") -> String {
        "{\"name\":\"\(name)\",\"group\":\"users\",\"shell\":\"/bin/sh\",\"isSystemUser\":false"
            + (fields.isEmpty ? "" : ",") + fields + "}"
    }

    static func built(
        _ files: [String: String], _ more: [String: String] = [:], release: String? = "26.11", etc: String = "/etc"
    ) throws -> FactBatch {
        let tree = MemoryTree(files.merging(more) { $1 })
        let view = SystemView(
            tree: tree, toplevel: "/toplevel", etcRoot: etc, formerEtc: etc == "/etc" ? nil : "/etc")
        return try AccountsFacts.built(
            view, knowledge: try knowledge.get(), context: SystemContext(release: release))
    }

    static func declared(_ json: String, release: String? = "26.11") throws -> FactBatch {
        let options = OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
        return try AccountsFacts.declared(
            options, knowledge: try knowledge.get(), context: SystemContext(release: release))
    }
}

extension FactBatch {
    /// The value of a fact of this family as text; `?` when unavailable.
    func account(_ key: String) -> String {
        switch facts[FactKey("accounts." + key)] {
        case .known(let value, _): value == .list([]) ? "" : value.description
        case .absent: "absent"
        case .unavailable: "?"
        case nil: "not supplied"
        }
    }
}

@Suite struct AccountsPasswordTests {
    typealias Support = AccountsSupport
    private let hash = "$6$salt$" + String(repeating: "a", count: 86)

    // MARK: - Which option counts

    @Test func theScriptsOrder() throws {
        func root(_ fields: String, release: String? = "26.11") throws -> String {
            try Support.built(Support.script(Support.user("root", fields)), release: release).account("root-password")
        }
        #expect(try root("") == "locked")
        #expect(try root("\"hashedPassword\":\"\(hash)\",\"initialHashedPassword\":\"\"") == "sha512")
        #expect(try root("\"hashedPassword\":\"\(hash)\",\"initialHashedPassword\":\"\"", release: "20.09") == "empty")
        // nixpkgs#209606: nixpkgs' own "!" for root hides no password that is declared.
        for release in ["23.05", "24.05"] {
            #expect(
                try root("\"hashedPassword\":\"\(hash)\",\"initialHashedPassword\":\"!\"", release: release) == "sha512"
            )
        }
        // A release that is not known proves neither order.
        #expect(try root("\"hashedPassword\":\"\(hash)\",\"initialHashedPassword\":\"\"", release: nil) == "empty")
        #expect(try root("\"hashedPassword\":\"!\",\"password\":\"a\"") == "sha512")
        #expect(try root("\"hashedPassword\":\"!\",\"password\":\"\"") == "empty")
        #expect(try root("\"initialPassword\":\"a\",\"initialHashedPassword\":\"\"") == "sha512")
        #expect(try root("\"hashedPasswordFile\":\"/run/secrets/root\",\"hashedPassword\":\"\"") == "?")
        #expect(try root("\"hashedPassword\":null,\"password\":null") == "locked")
    }

    @Test func filesInTheStoreAreRead() throws {
        let path = "/nix/store/11111111111111111111111111111111-pw"
        let files = Support.script(Support.user("root", "\"hashedPasswordFile\":\"\(path)\",\"password\":\"a\""))
        #expect(try Support.built(files, [path: "\n"]).account("empty-password") == "root")
        #expect(try Support.built(files, [path: hash + "\n"]).account("hash-in-store") == "root")
        #expect(try Support.built(files, [path: "!\n"]).account("root-password") == "locked")
        #expect(try Support.built(files).account("empty-password") == "?")
    }

    @Test func aFileElsewhereIsNoFinding() throws {
        for path in ["/run/secrets/root", "/run/agenix/root", "/etc/nixos/pw", "/persist/pw"] {
            let batch = try Support.built(
                Support.script(Support.user("root", "\"hashedPasswordFile\":\"\(path)\"")))
            #expect(batch.account("empty-password") == "")
            #expect(batch.account("root-password") == "?")
            #expect(
                batch.facts["accounts.empty-password"]?.evidence.contains { $0.text?.contains(path) == true } == true)
        }
        // One that the image brings with it is read.
        let there = try Support.built(
            Support.script(Support.user("root", "\"hashedPasswordFile\":\"/persist/pw\"")), ["/persist/pw": ""])
        #expect(there.account("empty-password") == "root")
    }

    @Test func userbornsOrder() throws {
        func root(_ fields: String) throws -> FactBatch {
            try Support.built([
                "/etc/systemd/system/userborn.service":
                    "[Service]\nEnvironment=\"USERBORN_MUTABLE_USERS=false\"\nExecStart=/nix/store/x/bin/userborn \(Support.json) /etc\n",
                Support.json: "{\"users\":[{\"name\":\"root\",\"uid\":0,\"isNormal\":false,\(fields)}],\"groups\":[]}",
            ])
        }
        #expect(try root("\"password\":\"a\",\"hashedPassword\":\"!\"").account("root-password") == "locked")
        #expect(try root("\"password\":\"a\",\"initialHashedPassword\":\"\"").account("root-password") == "yescrypt")
        #expect(
            try root("\"initialPassword\":\"a\",\"initialHashedPassword\":\"\"").account("empty-password") == "root")
        #expect(try root("\"hashedPassword\":\"!\"").account("mutable-users") == "false")
    }

    @Test func sysusersCredentials() throws {
        let batch = try Support.built([
            "/etc/sysusers.d/00-nixos.conf":
                "u root 0:root \"\" /root /bin/bash\nu app 400:app \"\" / /bin/sh\ng root 0\nm app docker\n",
            "/etc/systemd/system/systemd-sysusers.service":
                "[Service]\nSetCredential=passwd.hashed-password.root:\nSetCredential=passwd.plaintext-password.app:canary\n",
        ])
        #expect(batch.account("empty-password") == "root")
        #expect(batch.account("clear-text-in-store") == "app")
        #expect(batch.account("groups.root") == "docker: app")
        #expect(batch.account("mutable-users") == "true")
        #expect(!"\(batch)".contains("canary"))
    }

    // MARK: - Shadow beside the configuration

    private func real(_ shadow: String, mutable: Bool = true, _ fields: String = "\"initialHashedPassword\":\"\"")
        throws
        -> FactBatch
    {
        try Support.built(
            Support.script(Support.user("kim", fields), mutable: mutable),
            [
                "/etc/passwd":
                    "root:x:0:0::/root:/bin/sh\nkim:x:1000:100::/home/kim:/bin/sh\nhand:x:1001:100::/:/bin/sh\n",
                "/etc/shadow": "root:!:1::::::\n" + shadow, "/etc/group": "root:x:0:\nusers:x:100:\nwheel:x:1:hand\n",
            ])
    }

    @Test func shadowDecidesWhenUsersAreMutable() throws {
        #expect(try real("kim:!:1::::::\n").account("empty-password") == "")
        #expect(try real("kim::1::::::\n", "\"hashedPassword\":\"!\"").account("empty-password") == "kim")
        // Accounts made by hand count too.
        #expect(try real("kim:!:1::::::\nhand::1::::::\n").account("empty-password") == "hand")
        #expect(try real("kim:!:1::::::\n").account("wheel") == "hand")
    }

    @Test func bothCountWhenUsersAreNotMutable() throws {
        #expect(
            try real("kim:!:1::::::\n", mutable: false, "\"hashedPassword\":\"\"").account("empty-password") == "kim")
        #expect(
            try real("kim::1::::::\n", mutable: false, "\"hashedPassword\":\"!\"").account("empty-password") == "kim")
        // Initial passwords are for new accounts.
        #expect(try real("kim:!:1::::::\n", mutable: false).account("empty-password") == "")
    }

    @Test func aGenerationThatIsNotActiveIsJudgedByWhatItWouldMake() throws {
        let files = Support.script(Support.user("kim", "\"hashedPassword\":\"\""), mutable: false)
        let root = [
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\nold::1001:100::/:/bin/sh\n", "/etc/shadow": "root:!:1::::::\n",
            "/toplevel/etc/login.defs": "UMASK 077\n",
        ]
        #expect(try Support.built(files, root, etc: "/toplevel/etc").account("empty-password") == "kim")
    }

    @Test func passwdItself() throws {
        func batch(_ passwd: String, _ shadow: String = "root:!:1::::::\n") throws -> FactBatch {
            try Support.built(
                Support.script(Support.user("root")), ["/etc/passwd": passwd, "/etc/shadow": shadow, "/etc/group": ""])
        }
        #expect(try batch("root::0:0::/root:/bin/sh\n").account("empty-password") == "root")
        #expect(try batch("root::0:0::/root:/bin/sh\n").account("in-passwd") == "root")
        #expect(try batch("root:*:0:0::/root:/bin/sh\n").account("in-passwd") == "")
        #expect(try batch("root:x:0:0::/root:/bin/sh\n+::::::\n").account("nis-entries") == "/etc/passwd:2")
        #expect(try batch("root:x:0:0::/root:\ntoor:x:00:0::/:\n").account("uid0") == "root, toor")
        #expect(try batch("root:x:0:0::/root:\nroot:x:5:0::/:\n").account("duplicate-names") == "root")
        // Not in shadow: no password fits.
        #expect(try batch("root:x:0:0::/root:\n", "").account("root-password") == "locked")
    }

    @Test func whatCannotBeReadIsNoPass() throws {
        let tree = MemoryTree(nodes: [
            "/toplevel/activate": .file(Array("perl x-update-users-groups.pl \(Support.json)\n".utf8)),
            Support.json: .file(
                Array("{\"users\":[{\"name\":\"root\",\"uid\":0}],\"groups\":[],\"mutableUsers\":true}".utf8)),
            "/etc/passwd": .file(Array("root:x:0:0::/root:/bin/sh\n".utf8)), "/etc/shadow": .forbidden,
        ])
        let view = SystemView(tree: tree, toplevel: "/toplevel", etcRoot: "/etc")
        let batch = try AccountsFacts.built(view, knowledge: Support.knowledge.get(), context: SystemContext())
        #expect(batch.account("empty-password") == "?")
        #expect(batch.account("uid0") == "root")
        // The JSON is missing or no JSON: nothing is known.
        let missing = try Support.built(["/toplevel/activate": "perl x-update-users-groups.pl \(Support.json)\n"])
        #expect(missing.account("empty-password") == "?")
        #expect(missing.account("uid0") == "?")
        #expect(try Support.built([:]).account("uid0") == "?")
        #expect(try Support.declared("{}").account("empty-password") == "?")
    }

    @Test func filesOfTheStoreAlone() throws {
        // userborn's static mode: the files lie in the closure, and what made them does not.
        let store = "/nix/store/44444444444444444444444444444444-static"
        let batch = try Support.built([
            "/etc/passwd": "-> \(store)/passwd", "/etc/shadow": "-> \(store)/shadow", "/etc/group": "-> \(store)/group",
            "\(store)/passwd": "root:x:0:0::/root:/bin/sh\n", "\(store)/shadow": "root::1::::::\n",
            "\(store)/group": "",
        ])
        #expect(batch.account("empty-password") == "root")
        #expect(batch.account("mutable-users") == "false")
        #expect(batch.account("clear-text-in-store") == "?")
    }

    @Test func formsOfHashes() throws {
        let batch = try Support.built(
            Support.script(
                Support.user("a", "\"hashedPassword\":\"$1$salt$\(String(repeating: "a", count: 22))\"") + ","
                    + Support.user("b", "\"hashedPassword\":\"$6$rounds=1000$s$\(String(repeating: "a", count: 86))\"")
                    + ","
                    + Support.user("c", "\"hashedPassword\":\"hunter2\"") + ","
                    + Support.user("d", "\"hashedPassword\":\"abNANd1rDfiNc\"")))
        #expect(batch.account("weak-hash") == "a: md5, d: des")
        #expect(batch.account("cheap-hash") == "b: sha512, cost 1000")
        #expect(batch.account("unusable-hash") == "c")
        #expect(batch.account("hash-in-store") == "a, b, d")
    }

    // MARK: - Secrets

    @Test func noSecretReachesAFact() throws {
        let canary = "canary5ecret"
        let salted = "$6$canarysalt$" + String(repeating: "c", count: 86)
        let users =
            Support.user("a", "\"password\":\"\(canary)\",\"initialPassword\":\"\(canary)\"") + ","
            + Support.user("b", "\"hashedPassword\":\"\(salted)\",\"initialHashedPassword\":\"\(canary)\"")
        let keys =
            "command=\"\(canary)\",environment=\"T=\(canary)\" \(Support.ed25519) \(canary)\n\(canary) \(canary)\n"
        let built = try Support.built(
            Support.script(users),
            [
                "/etc/passwd": "a:\(canary):1:1:\(canary):/:/bin/sh\nb:x:2:2::/:/bin/sh\n",
                "/etc/shadow": "b:\(salted):1::::::\n",
                "/etc/group": "g:\(canary):1:a\n", "/etc/ssh/authorized_keys.d/a": keys,
            ])
        let declared = try Support.declared(
            """
            {"users":{"mutableUsers":true,"groups":{},"users":{"a":{"password":"\(canary)","hashedPassword":"\(salted)",
            "openssh":{"authorizedKeys":{"keys":["\(keys.replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))"]}}}}},
            "services":{"openssh":{"enable":true}}}
            """)
        for text in ["\(built)", "\(declared)"] {
            for secret in [canary, "canarysalt", "cccccc", "AAAAC3Nza"] { #expect(!text.contains(secret), "\(secret)") }
        }
    }
}
