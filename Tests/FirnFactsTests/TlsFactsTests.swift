import FirnModel
import FirnParsing
import Foundation
import Testing

@testable import FirnFacts

@Suite struct TlsFactsTests {
    private let store = NetworkSupport.store

    private func nginx(_ http: String, files: [String: String] = [:]) throws -> [FactKey: Fact] {
        var all = NetworkSupport.units([
            "nginx.service": "[Service]\nExecStart=\(store)nginx-1.28/bin/nginx -c '\(store)nginx.conf'\n"
        ])
        all[store + "nginx.conf"] = "events {}\nhttp {\n\(http)\n}\n"
        return try NetworkSupport.tls(all.merging(files) { $1 })
    }

    @Test func aSoundHost() throws {
        let facts = try nginx(
            """
            ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:HIGH:!aNULL:!MD5; server_tokens off;
            add_header Strict-Transport-Security "max-age=31536000" always;
            server { listen 0.0.0.0:80; server_name a.example; location / { return 301 https://$host$request_uri; }
              location ^~ /.well-known/acme-challenge/ { root /var/lib/acme; } }
            server { listen 0.0.0.0:443 ssl; server_name a.example; }
            server { listen 127.0.0.1:80; server_name status; }
            """)
        for key in ["protocols", "ciphers", "plain-http", "hsts", "autoindex"] {
            #expect(facts[FactKey("tls.nginx.\(key)")]?.texts == [], "\(key)")
        }
        #expect(facts["tls.nginx.server_tokens"]?.value == .string("off"))
    }

    @Test func weakHosts() throws {
        let facts = try nginx(
            """
            ssl_protocols TLSv1.2;
            server { listen 443 ssl; server_name b; ssl_protocols TLSv1 TLSv1.1 TLSv1.3; ssl_ciphers ALL:!RC4;
              location /files/ { autoindex on; } add_header X-A b; }
            server { server_name c; location / { return 301 https://$host; } location /raw { root /x; } }
            """)
        #expect(facts["tls.nginx.protocols"]?.texts == ["b TLSv1", "b TLSv1.1"])
        #expect(facts["tls.nginx.ciphers"]?.texts == ["b ALL"])
        #expect(facts["tls.nginx.plain-http"]?.texts == ["c"], "one location is not redirected")
        #expect(facts["tls.nginx.hsts"]?.texts == ["b"])
        #expect(facts["tls.nginx.autoindex"]?.texts == ["b/files/"])
        #expect(facts["tls.nginx.server_tokens"]?.value == .string("on"))
    }

    @Test func whatIsNotKnownIsADoubt() throws {
        let unset = try nginx("server { listen 443 ssl; server_name d; }")
        #expect(unset["tls.nginx.protocols"]?.isUnavailable == true)
        let odd = try nginx("ssl_protocols TLSv9; ssl_ciphers WHATEVER; server { listen 443 ssl; }")
        #expect(odd["tls.nginx.protocols"]?.isUnavailable == true)
        #expect(odd["tls.nginx.ciphers"]?.isUnavailable == true)
        let elsewhere = try nginx("include /var/lib/hosts/*.conf;")
        #expect(elsewhere["tls.nginx.protocols"]?.isUnavailable == true)
    }

    @Test func includesOfTheStore() throws {
        let facts = try nginx(
            "include \(store)host.conf; include \(store)nginx-1.28/conf/mime.types;",
            files: [store + "host.conf": "server { listen 443 ssl; server_name e; ssl_protocols SSLv3; }"])
        #expect(facts["tls.nginx.protocols"]?.texts == ["e SSLv3"])
    }

    @Test func serversThatAreOff() throws {
        let facts = try NetworkSupport.tls([:].merging(NetworkSupport.units([:])) { $1 })
        #expect(facts["tls.nginx.enabled"]?.value == .boolean(false))
        #expect(facts["tls.nginx.protocols"] == .absent([]))
    }

    @Test func postfixAndDovecotAndHAProxy() throws {
        var files = NetworkSupport.units([
            "postfix.service": "[Service]\nExecStartPre=ln \(store)main.cf x\nExecStart=postfix\n",
            "dovecot2.service": "[Service]\nExecStart=dovecot -F\n",
            "haproxy.service": "[Service]\nExecStart=haproxy -f \(store)haproxy.cfg\n",
            "httpd.service": "[Service]\nExecStart=httpd -f \(store)httpd.conf\n",
        ])
        files[store + "main.cf"] =
            "smtpd_tls_security_level = may\nmynetworks = 127.0.0.0/8,\n  0.0.0.0/0\nsmtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1\n"
        files["/etc/dovecot/dovecot.conf"] = "ssl = yes\ndisable_plaintext_auth = no\nssl_min_protocol = TLSv1\n"
        files[store + "haproxy.cfg"] =
            "global\n ssl-default-bind-options ssl-min-ver TLSv1.2\nfrontend x\n bind :443 ssl ssl-min-ver TLSv1.0\n"
        files[store + "httpd.conf"] = "SSLProtocol all -TLSv1\nSSLCipherSuite HIGH:RC4-SHA\n"
        let facts = try NetworkSupport.tls(files)
        #expect(facts["tls.postfix.smtpd"]?.value == .string("may"))
        #expect(facts["tls.postfix.smtp"]?.value == .string("none"))
        #expect(facts["tls.postfix.relay"]?.texts == ["0.0.0.0/0"])
        #expect(facts["tls.postfix.protocols"]?.texts == ["TLSv1.1"])
        #expect(facts["tls.dovecot.protocol"]?.value == .string("tlsv1"))
        #expect(facts["tls.dovecot.clear-text"]?.value == .boolean(true))
        #expect(facts["tls.haproxy.version"]?.value == .string("TLSv1.0"))
        #expect(facts["tls.httpd.protocols"]?.texts == ["TLSv1.1"])
        #expect(facts["tls.httpd.ciphers"]?.texts == ["RC4-SHA"])
    }

    private func declared(_ units: [String], _ services: String) throws -> [FactKey: Fact] {
        let names = units.map { #""\#($0)": {"enable": true, "wantedBy": ["multi-user.target"]}"# }
        let tree = try NetworkSupport.options(
            #"{"systemd": {"units": {\#(names.joined(separator: ","))}, "services": {}}, "services": {\#(services)}}"#)
        return try TlsFacts.declared(
            tree, knowledge: try NetworkSupport.knowledge.get(), context: SystemContext()
        ).facts
    }

    private func nginxOptions(_ hosts: String, _ more: String = "") throws -> [FactKey: Fact] {
        try declared(
            ["nginx.service"],
            """
            "nginx": {"sslProtocols": "TLSv1.2 TLSv1.3", "sslCiphers": ["ECDHE-RSA-AES128-GCM-SHA256"], "serverTokens": false,
              "defaultListenAddresses": ["0.0.0.0", "[::0]"], \(more) "virtualHosts": {\(hosts)}}
            """)
    }

    @Test func nginxByItsOptions() throws {
        let sound = try nginxOptions(
            #""a": {"forceSSL": true, "locations": {"/": {"return": null, "extraConfig": ""}}}, "b": {"listen": [{"addr": "127.0.0.1", "port": 80, "ssl": false}]}"#,
            #""commonHttpConfig": "add_header Strict-Transport-Security \"max-age=1000\" always;","#)
        for key in ["protocols", "ciphers", "plain-http", "hsts", "autoindex"] {
            #expect(sound[FactKey("tls.nginx.\(key)")]?.texts == [], "\(key)")
        }
        #expect(sound["tls.nginx.server_tokens"]?.value == .string("off"))
        let weak = try nginxOptions(
            #""a": {"addSSL": true, "serverName": "x.example", "extraConfig": "ssl_protocols TLSv1;", "locations": {"/f/": {"extraConfig": "autoindex on;"}}}, "c": {"globalRedirect": "x.example", "addSSL": true}"#
        )
        #expect(weak["tls.nginx.protocols"]?.texts == ["x.example TLSv1"])
        #expect(weak["tls.nginx.plain-http"]?.texts == ["x.example"], "the other redirects")
        #expect(weak["tls.nginx.autoindex"]?.texts == ["x.example/f/"])
        #expect(weak["tls.nginx.hsts"]?.texts == ["x.example"])
    }

    @Test func nginxOptionsThatDoNotTell() throws {
        let elsewhere = try nginxOptions(#""a": {"onlySSL": true, "extraConfig": "include /nix/store/x.conf;"}"#)
        #expect(elsewhere["tls.nginx.protocols"]?.isUnavailable == true)
        let bare = try declared(["nginx.service"], #""nginx": {"enable": true}"#)
        #expect(bare["tls.nginx.protocols"]?.isUnavailable == true)
        let whole = try declared(
            ["nginx.service"],
            #""nginx": {"httpConfig": "server { listen 443 ssl; server_name d; ssl_protocols SSLv3; }"}"#)
        #expect(whole["tls.nginx.protocols"]?.texts == ["d SSLv3"])
    }

    @Test func postfixByItsOptionsAndOnLoopback() throws {
        let facts = try declared(
            ["postfix.service"],
            #""postfix": {"settings": {"main": {"smtpd_tls_security_level": "may", "mynetworks": ["127.0.0.0/8", "0.0.0.0/0"], "smtp_use_tls": true}}}"#
        )
        #expect(facts["tls.postfix.smtpd"]?.value == .string("may"))
        #expect(facts["tls.postfix.smtp"]?.value == .string("none"))
        #expect(facts["tls.postfix.relay"]?.texts == ["0.0.0.0/0"])
        #expect(facts["tls.postfix.receives"]?.value == .boolean(true))
        let old = try declared(
            ["postfix.service"],
            #""postfix": {"config": {"inet_interfaces": "loopback-only"}, "extraConfig": "smtp_tls_security_level = dane\n"}"#
        )
        #expect(old["tls.postfix.receives"]?.value == .boolean(false))
        #expect(old["tls.postfix.smtp"]?.value == .string("dane"))
    }

    @Test(arguments: [("haproxy-2.1.7", "TLSv1.0"), ("haproxy-2.8.1", "TLSv1.2"), ("haproxy", nil)])
    func haproxyByItsVersion(object: String, expected: String?) throws {
        var files = NetworkSupport.units([
            "haproxy.service": "[Service]\nExecStart=\(store)\(object)/sbin/haproxy -f \(store)haproxy.cfg\n"
        ])
        files[store + "haproxy.cfg"] = "frontend x\n bind :443 ssl crt /x\n"
        let fact = try NetworkSupport.tls(files)["tls.haproxy.version"]
        #expect(fact?.value == expected.map { .string($0) })
    }

    @Test func preSharedKeysAreNotWeakByThemselves() throws {
        let table = try TlsKnowledge(try NetworkSupport.knowledge.get())
        #expect(table.weakCiphers("ECDHE-PSK-CHACHA20-POLY1305:PSK-RC4-SHA") == ["PSK-RC4-SHA"])
    }

    // MARK: beside nginx

    static let program = "/usr/sbin/nginx"

    /// Texts that differ only in their syntax; every directive is one nginx knows.
    static let texts = [
        "server { listen 8443; }", "server { listen 8443 ; server_name 'a' \"b\"; }", "server { listen 8443 }",
        "server { listen 8443; ", "server { listen 8443; } }", "server { server_name \"a; }",
        "server { server_name \"a\"b; }",
        "# c\nserver { # x\n listen 8443; }", "server{listen 8443;server_name a;}", "server { server_name a\\;b; }",
        "server { return 301 https://$host$request_uri; }", "server { return 200 \"{}\"; }",
        "server { return 200 'a;b'; }",
        "server { location ~ \"^/x{2}$\" { return 204; } }", "server { location / { } }", "server { ; }", "; ", "{ }",
        "server { return 200 ${host}x; }", "server { server_name a\n b\n c; }", "server { return 200 \"a\\\"b\"; }",
        "server { server_name 'a'; }\nserver { server_name 'b'; }", "server { return 200 a#b; }",
        "server { listen 8443; }}", "server { server_name\t\ta; }",
    ]

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: program)), arguments: texts)
    func acceptedAsNginxDoes(text: String) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let whole = "pid \(directory.path)/pid;\nevents { }\nhttp {\naccess_log off;\n\(text)\n}\n"
        let file = directory.appendingPathComponent("nginx.conf")
        try whole.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-t", "-q", "-e", "\(directory.path)/error", "-p", directory.path, "-c", file.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        var accepts = true
        do {
            _ = try NginxDirective.parse(Array(whole.utf8), file: "nginx.conf")
        } catch {
            accepts = false
        }
        #expect(accepts == (process.terminationStatus == 0), "nginx says \(process.terminationStatus): \(text)")
    }
}
