import FirnModel
import FirnParsing
import Testing

@testable import FirnFacts

/// Secrets seeded everywhere are found, and none of their values is ever in a fact or its evidence.
@Suite struct SecretsFactsTests {
    private let store = NetworkSupport.store
    static let canary = "cAnArY7e2c1f7a9b4d"
    static let github = "ghp_" + "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R"

    private func scanner() throws -> SecretScanner { try SecretKnowledge(try NetworkSupport.knowledge.get()).scanner }

    private func text(_ facts: [FactKey: Fact]) -> String {
        facts.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: "\n")
    }

    /// A key of WireGuard is base64 and a passphrase anything: what it begins with makes it no path and no variable.
    @Test(arguments: [
        ("privateKey", "/Abcdefghijklmnopqrstuvwxyz0123456789ABCDEF="),
        ("PresharedKey", "/Abcdefghijklmnopqrstuvwxyz/123456789ABCDEF="),
        ("privateKey", "+bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG="), ("psk", "!hunter22"), ("psk", "$hunter22"),
        ("psk", "%hunter22"), ("psk", "(hunter22"), ("psk", "{hunter22}"), ("psk", "[hunter22]"), ("psk", "~hunter22"),
        ("psk", "/hunter22"), ("psk", "`hunter22`"), ("psk", "$ummer!22"),
    ]) func aSecretMayBeginWithAnyByte(_ name: String, _ value: String) throws {
        #expect(try scanner().isSecret(name: name, value: value))
        #expect(try scanner().scan(Array("\(name) = \"\(value)\"".utf8)).count == (value == "$hunter22" ? 0 : 1))
    }

    /// What names where such a secret comes from is none.
    @Test(arguments: [
        ("privateKey", "/run/secrets/wg0"), ("privateKey", "/etc/wireguard/private.key"), ("privateKey", "@wg0"),
        ("psk", "@PSK_HOME@"), ("psk", "$PSK_HOME"), ("psk", "${PSK}"), ("psk", "$(cat /run/psk)"),
        ("psk", "{{ psk }}"),
        ("psk", "<your key>"), ("psk", "ext:home"), ("psk", "%d/psk"), ("psk", "~/keys/psk"), ("psk", ""),
        ("psk", "none"),
        ("pskFile", "/x"), ("psk", "<not-shown>"),
    ]) func aReferenceIsNoSecret(_ name: String, _ value: String) throws {
        #expect(try !scanner().isSecret(name: name, value: value))
    }

    /// In a script a shell fills in a variable, whatever its name.
    @Test func aVariableOfAScriptIsNoSecret() throws {
        #expect(try scanner().scan(Array("wg set wg0 psk=$psk privatekey=$key".utf8)).isEmpty)
        #expect(try scanner().isSecret(name: "psk", value: "$psk"))
    }

    /// A text that the export does not show is not taken for what stands in its place.
    @Test func aTextThatIsNotShownIsUnavailable() throws {
        let json = #"{"a": {"text": "<not-shown>\npassword=x", "other": "shown"}}"#
        let options = OptionTree(name: "x", values: try JSONParser.parse(Array(json.utf8)))
        guard case .unavailable(let reason, _) = options.readString(["a", "text"]) else {
            Issue.record("it is read")
            return
        }
        #expect(reason == "the export does not show a.text")
        #expect(options.readString(["a", "other"]).value == "shown")
    }

    @Test func seededClosure() throws {
        let canary = Self.canary
        var files = NetworkSupport.units([
            "app.service": """
            [Service]
            Environment="DB_PASSWORD=\(canary)" PATH=/bin
            Environment=URL=postgres://u:\(canary)@db/x
            EnvironmentFile=\(store)app.env
            SetCredential=key:\(canary)
            ExecStart=app --password=\(canary)
            ExecStartPre=\(store)unit-script-app-pre-start/bin/app-pre-start
            """
        ])
        files[store + "app.env"] = "API_TOKEN=\(canary)\nPASSWORD_FILE=/run/secrets/x\n"
        files[store + "unit-script-app-pre-start/bin/app-pre-start"] =
            "export TOKEN=\"\(canary)\"\ncat \(store)redis.conf\n"
        files[store + "redis.conf"] = "bind 127.0.0.1\nmasterauth: \(canary)9Z8y\ntls_password = \(canary)\n"
        files[store + "etc-app.env"] = "SECRET=\(canary)\n# password = \(canary)\nkey \(Self.github)\n"
        files["/etc/app.env"] = "-> \(store)etc-app.env"
        files["/etc/app.env.mode"] = "0600\n"
        files["/etc/app.env.uid"] = "+0"
        files[store + "key.pem"] =
            "-----BEGIN RSA PRIVATE KEY-----\n\(String(repeating: "MIIEpAIBAAKCAQEA", count: 3))\n"
        files["/etc/ssl/key.pem"] = "-> \(store)key.pem"
        files["/etc/htpasswd"] = "-> \(store)htpasswd"
        files[store + "htpasswd"] = "u:$2b$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234\n"
        files[NetworkSupport.top + "/activate"] = "perl \(store)update.pl \(store)users-groups.json\n"
        files[store + "users-groups.json"] =
            #"{"users":[{"name":"eve","password":"\#(canary)"},{"name":"bob","password":null,"hashedPassword":"$6$x"}]}"#
        let facts = try NetworkSupport.secrets(files)
        #expect(
            facts["secrets.environment"]?.texts == ["app.service DB_PASSWORD", "app.service URL", "app.service key"])
        #expect(facts["secrets.environment-files"]?.texts == ["app.service API_TOKEN"])
        #expect(
            facts["secrets.command-lines"]?.texts == ["app.service --password"]
                || facts["secrets.command-lines"]?.texts == ["app.service password"])
        #expect(facts["secrets.service-scripts"]?.texts == ["app-pre-start TOKEN"])
        #expect(facts["secrets.etc"]?.texts == ["/etc/app.env GitHub token", "/etc/app.env SECRET"])
        let other = facts["secrets.files"]?.texts ?? []
        #expect(other.contains("/etc/ssl/key.pem rsa private key"))
        #expect(other.contains("redis.conf tls_password"))
        #expect(facts["secrets.hashes"]?.texts == ["/etc/htpasswd bcrypt hash"])
        #expect(!text(facts).contains(canary))
        #expect(!text(facts).contains("ghp_0a1B"))
        #expect(!text(facts).contains("MIIEpAIB"))
        #expect(!text(facts).contains("$2b$10"))
    }

    @Test func seededOptions() throws {
        let canary = Self.canary
        let tree = try NetworkSupport.options(
            """
            {"systemd": {"services": {"app": {"environment": {"DB_PASSWORD": "\(canary)"},
               "script": "TOKEN=\(canary) run", "serviceConfig": {"Environment": "A_SECRET=\(canary)", "ExecStart": "x --token=\(canary)"}}},
               "tmpfiles": {"rules": []}},
             "environment": {"etc": {"a.env": {"text": "PASSWORD=\(canary)", "mode": "0600"}}},
             "users": {"users": {"eve": {"password": "\(canary)", "initialPassword": null}}},
             "networking": {"wireless": {"networks": {"home": {"psk": "\(canary)", "ssid": "x"}, "work": {"psk": "ext:psk_work"}}}},
             "services": {"x": {"passwordFile": "/run/secrets/x", "password": null, "adminPassword": "\(canary)", "token": "${TOKEN}"}}}
            """)
        let facts = try SecretsFacts.declared(
            tree, knowledge: try NetworkSupport.knowledge.get(), context: SystemContext()
        ).facts
        #expect(facts["secrets.environment"]?.texts == ["app.service A_SECRET", "app.service DB_PASSWORD"])
        #expect(facts["secrets.service-scripts"]?.texts == ["app-start TOKEN"])
        #expect(facts["secrets.command-lines"]?.texts?.count == 1)
        #expect(facts["secrets.etc"]?.texts == ["/etc/a.env PASSWORD"])
        #expect(
            facts["secrets.options"]?.texts == ["networking.wireless.networks.home.psk", "services.x.adminPassword"])
        #expect(!text(facts).contains(canary))
    }

    @Test(arguments: [
        "PASSWORD=@PASSWORD@", "password = $VAR", "password=\"${DB}\"", "token = /run/secrets/token",
        "secret: <your secret>",
        "passwd: files systemd", "passwordFile = /x", "PasswordAuthentication=yes", "password = \"$(cat x)\"",
        "TOKEN=%d/token", "use_password = yes", "token_ttl = 3600", "password: none", "# password = hunter2hunter2",
        "hashedPassword = \"!\"", "sha256 = \"sha256-AAAABBBBCCCCDDDDEEEEFFFF0000111122223333444=\"",
        "if token == other",
        "password = getpass()", "auth required pam_unix.so", "url = https://host/path", "Password => $pw",
        "https://user:$PASS@host/", "https://user:@host/", "secretKey.path = /etc/x", "narHash = sha256-abcdefghijkl",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBsomethingpublic user@host", "-----BEGIN CERTIFICATE-----",
        "grep -q -- '-----BEGIN RSA PRIVATE KEY-----' x", "AKIAXXXXXXXXXXXXXXXX", "password = \"\"",
        "tokenizer = bert", "PrivateKey=@wireguard-wg0-private-key", "env_keep+=SSH_AUTH_SOCK", "auth = 550e8400",
    ])
    func noFalseAlarm(line: String) throws {
        #expect(try scanner().scan(Array(line.utf8)).isEmpty, "\(line)")
    }

    @Test(arguments: [
        ("password=changeme", "password"), ("  \"password\": \"hunter2\",", "password"),
        ("api_key: abcDEF123", "api_key"),
        ("DB_PASSWORD='a b c'", "DB_PASSWORD"), ("export SECRET_KEY=x1", "SECRET_KEY"),
        ("password := \"abc1\"", "password"),
        ("  psk=\"correct horse\"", "psk"), ("requirepass hunter2", "requirepass"), ("requirepass /run/x", nil),
        ("PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "PrivateKey"),
        ("requirepassword: abcdefg1", nil), ("client.secret = s3cr3t", "client.secret"),
        ("tls = true; token = \"abcd1234\";", "token"),
    ])
    func assignments(line: String, name: String?) throws {
        let found = try scanner().scan(Array(line.utf8))
        #expect(found.first?.name == name, "\(line)")
    }

    @Test func shapes() throws {
        let scanner = try scanner()
        func kinds(_ text: String) -> [String] { scanner.scan(Array(text.utf8), assignments: false).map(\.kind) }
        #expect(kinds("x \(Self.github)\n") == ["GitHub token"])
        #expect(
            kinds("AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE\n") == [
                "age secret key"
            ])
        #expect(kinds("y ASIAQWERTYUIOPLKJH12 ") == ["AWS temporary key"])
        #expect(kinds("xghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R").isEmpty, "inside a word")
        #expect(kinds("$6$abcdefgh$" + String(repeating: "aB3./", count: 17) + "x") == ["SHA-512 crypt hash"])
        #expect(
            kinds("-----BEGIN OPENSSH PRIVATE KEY-----\n" + String(repeating: "b3BlbnNz", count: 8)) == [
                "openssh private key"
            ])
        #expect(scanner.scan(Array("a=ftp://u:pw12@h/".utf8)).map(\.form) == [.address])
        #expect(!SecretScanner.isText([0x41, 0, 0x42]))
    }

    @Test func modes() throws {
        var files = NetworkSupport.units([:])
        files["/etc/tmpfiles.d/00-nixos.conf"] =
            "d /srv/drop 0777\nd /tmp 1777\nZ /etc 0755\nz /etc/sha?ow 0644\nf /var/x ~0666\nc /dev/null 0666\nL /x 0777\n"
        let facts = try NetworkSupport.secrets(files)
        #expect(facts["secrets.world-writable"]?.texts == ["/srv/drop 0777"])
        #expect(facts["secrets.shadow-mode"]?.texts?.contains("/etc/shadow 0644") == true, "by a glob")
        #expect(facts["secrets.shadow-mode"]?.texts?.contains("/etc/shadow 0755") == true, "by Z on /etc")
        files["/etc/tmpfiles.d/00-nixos.conf"] = "d /x 0999\n"
        #expect(try NetworkSupport.secrets(files)["secrets.world-writable"]?.isUnavailable == true)
    }

    @Test func aMissingFileIsADoubt() throws {
        var files = NetworkSupport.units([:])
        files["/etc/app.conf"] = "-> \(store)app.conf"
        #expect(try NetworkSupport.secrets(files)["secrets.files"]?.isUnavailable == true)
    }

    @Test func dropInsOfInstancesAndUnitsThatCannotBeRead() throws {
        var files = NetworkSupport.units(["app@.service": "[Service]\nExecStart=app\n"])
        files["/etc/systemd/system/app@x.service.d/over.conf"] = "[Service]\nEnvironment=DB_PASSWORD=\(Self.canary)\n"
        #expect(
            try NetworkSupport.secrets(files)["secrets.environment"]?.texts == ["app@x.service DB_PASSWORD"])
        var gone = NetworkSupport.units([:])
        gone["/etc/systemd/system/b.service"] = "-> \(store)unit-b.service/b.service"
        #expect(try NetworkSupport.secrets(gone)["secrets.environment"]?.isUnavailable == true)
        gone["/etc/systemd/system/b.service"] = "-> \(store)systemd-258/lib/b.service"
        #expect(try NetworkSupport.secrets(gone)["secrets.environment"]?.texts == [], "a package's own unit")
    }

    @Test func sidecarsAndHostKeys() throws {
        var files = NetworkSupport.units([:])
        files["/etc/app/x.env"] = "-> \(store)etc-x.env"
        files[store + "etc-x.env"] = "a = b\n"
        files["/etc/app/x.env.mode"] = "0666\n"
        files["/etc/tmpfiles.d/a.conf"] =
            "z /etc/ssh/ssh_host_ecdsa_key 0644\nd /etc/sudoers.d 0775\nd /root/.ssh 0777\n"
        let facts = try NetworkSupport.secrets(files)
        #expect(facts["secrets.world-writable"]?.texts == ["/etc/app/x.env 0666", "/root/.ssh 0777"])
        #expect(
            facts["secrets.shadow-mode"]?.texts == [
                "/etc/ssh/ssh_host_ecdsa_key 0644", "/etc/sudoers.d 0775", "/root/.ssh 0777",
            ])
    }

    @Test func tmpfilesSettingsThatAreNotExported() throws {
        let tree = try NetworkSupport.options(
            #"{"systemd": {"services": {}, "tmpfiles": {"rules": []}}, "environment": {"etc": {}}}"#)
        for (release, isKnown) in [("25.05", false), ("20.09", true)] {
            let facts = try SecretsFacts.declared(
                tree, knowledge: try NetworkSupport.knowledge.get(), context: SystemContext(release: release)
            ).facts
            #expect(facts["secrets.world-writable"]?.isUnavailable == !isKnown, "\(release)")
        }
    }

    @Test func deepScanFollowsReferences() throws {
        let other = "/nix/store/11111111111111111111111111111111-app-1.0"
        let unreached = "/nix/store/22222222222222222222222222222222-left-1.0"
        let system = NetworkSupport.view([
            NetworkSupport.top + "/activate": "run \(other)/bin/app\n",
            other + "/share/config.js": "t='\(Self.github)'\n",
            unreached + "/x": "\(Self.github)\n",
        ])
        let batch = try DeepScan.facts(system, knowledge: try NetworkSupport.knowledge.get()) { _ in }
        #expect(batch.facts["secrets.deep.tokens"]?.texts == ["app-1.0/share/config.js GitHub token"])
        #expect(batch.facts["secrets.scope"]?.value == .string("deep"))
        #expect(!text(batch.facts).contains("0a1B2c3D"))
    }
}
