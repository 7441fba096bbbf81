import FirnModel
import Testing

@testable import FirnFacts

@Suite struct NetworkFactsTests {
    private let store = NetworkSupport.store

    @Test(arguments: [
        ("0.0.0.0:2375", true), ("*", true), (":9090", true), ("9090", true), ("[::]:80", true), ("::", true),
        ("10.0.0.1", true), ("tcp://0.0.0.0:2375", true), ("127.0.0.1:80", false), ("127.8.9.1", false),
        ("localhost:631", false), ("[::1]:80", false), ("::1", false), ("/run/x.sock", false), ("fd://", false),
        ("unix:///run/docker.sock", false), ("http://127.0.0.1:2379", false), ("$ADDR", nil),
        ("127.0.0.1.evil.org", true), ("-::1", false), ("-::*", true),
    ])
    func addresses(text: String, expected: Bool?) {
        #expect(ListenAddress.isPublic(text) == expected, "\(text)")
    }

    private func redis(_ config: String) throws -> Fact? {
        var files = NetworkSupport.units([
            "redis-cache.service": "[Service]\nExecStart=\(store)redis-7.2/bin/redis-server \(store)redis.conf\n"
        ])
        files[store + "redis.conf"] = config
        return try NetworkSupport.network(files)["network.listen.cache"]
    }

    @Test func redisByItsFile() throws {
        #expect(try redis("bind 127.0.0.1 ::1\n")?.texts == [])
        #expect(try redis("bind 127.0.0.1 10.0.0.1\n")?.texts == ["redis-cache"])
        #expect(try redis("port 6379\n")?.texts == ["redis-cache"], "redis listens everywhere by itself")
    }

    @Test func aFileThatIsGoneIsADoubt() throws {
        let files = NetworkSupport.units([
            "redis.service": "[Service]\nExecStart=\(store)redis/bin/redis-server \(store)redis.conf\n"
        ])
        #expect(try NetworkSupport.network(files)["network.listen.cache"]?.isUnavailable == true)
    }

    @Test func aServiceThatIsNotStartedCountsForNothing() throws {
        let files = [
            "/etc/systemd/system/memcached.service": "[Service]\nExecStart=memcached -l 0.0.0.0\n",
            "/etc/systemd/system/xinetd.service": "-> /dev/null",
            "/etc/systemd/system/multi-user.target.wants/xinetd.service": "-> ../xinetd.service",
            "/etc/systemd/system/rescue.target.wants/telnetd.service": "-> ../telnetd.service",
            "/etc/systemd/system/telnetd.service": "[Service]\nExecStart=telnetd\n",
        ]
        let facts = try NetworkSupport.network(files)
        #expect(facts["network.listen.cache"]?.texts == [])
        #expect(facts["network.services.super-server"]?.texts == [], "masked")
        #expect(facts["network.services.clear-text"]?.texts == [], "only in the rescue mode")
    }

    @Test func startedByTheLineOfAnotherUnit() throws {
        var files = NetworkSupport.units([
            "app.service": "[Unit]\nRequires=memcached.service\n[Service]\nExecStart=app\n"
        ])
        files["/etc/systemd/system/memcached.service"] = "[Service]\nExecStart=memcached \\\n  -l 0.0.0.0\n"
        #expect(try NetworkSupport.network(files)["network.listen.cache"]?.texts == ["memcached"])
    }

    @Test func aDropInCounts() throws {
        var files = NetworkSupport.units(["memcached.service": "[Service]\nExecStart=memcached -l 127.0.0.1\n"])
        files["/etc/systemd/system/memcached.service.d/over.conf"] =
            "[Service]\nExecStart=\nExecStart=memcached -l 0.0.0.0\n"
        #expect(try NetworkSupport.network(files)["network.listen.cache"]?.texts == ["memcached"])
    }

    @Test func dockerOverTCP() throws {
        func facts(_ json: String) throws -> Fact? {
            var files = NetworkSupport.units([
                "docker.service": "[Service]\nExecStart=dockerd --config-file=\(store)daemon.json\n"
            ])
            files[store + "daemon.json"] = json
            return try NetworkSupport.network(files)["network.docker.tcp-without-tls"]
        }
        #expect(try facts(#"{"hosts": ["fd://"]}"#)?.texts == [])
        #expect(try facts(#"{"hosts": ["tcp://127.0.0.1:2375"]}"#)?.texts == ["127.0.0.1:2375"])
        #expect(try facts(#"{"hosts": ["tcp://0.0.0.0:2376"], "tlsverify": true}"#)?.texts == [])
        #expect(try facts("{")?.isUnavailable == true)
    }

    @Test func nfsAndSamba() throws {
        var files = NetworkSupport.units([
            "nfs-server.service": "[Service]\nExecStart=nfsd\n", "samba-smbd.service": "[Service]\nExecStart=smbd\n",
        ])
        files["/etc/exports"] = "/srv *(ro) 10.0.0.0/8(rw,no_root_squash)\n/k *(rw,sec=krb5p)\n"
        files["/etc/samba/smb.conf"] =
            "[global]\nserver min protocol = NT1\n[pub]\npublic = yes\n[home]\nguest ok = no\n"
        let facts = try NetworkSupport.network(files)
        #expect(facts["network.nfs.everyone"]?.texts == ["/srv *"])
        #expect(facts["network.nfs.no_root_squash"]?.texts == ["/srv 10.0.0.0/8"])
        #expect(facts["network.samba.guest"]?.texts == ["pub"])
        #expect(facts["network.samba.server-min-protocol"]?.value == .string("nt1"))
        files["/etc/samba/smb.conf"] = "[global]\ninclude = /var/lib/x.conf\n"
        #expect(try NetworkSupport.network(files)["network.samba.guest"]?.isUnavailable == true)
    }

    @Test func resolvedDropInsAndDefaults() throws {
        var files = NetworkSupport.units(["systemd-resolved.service": "[Service]\nExecStart=resolved\n"])
        files["/etc/systemd/resolved.conf"] = "[Resolve]\nDNSSEC=true\nLLMNR=false\n"
        files["/etc/systemd/resolved.conf.d/a.conf"] = "[Resolve]\nLLMNR=resolve\n"
        let facts = try NetworkSupport.network(files)
        #expect(facts["network.resolved.DNSSEC"]?.value == .string("yes"))
        #expect(facts["network.resolved.LLMNR"]?.value == .string("resolve"))
        #expect(facts["network.resolved.MulticastDNS"]?.value == .string("yes"))
    }

    @Test func postgresTrust() {
        let facts = FileServiceFacts.trust(
            "local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all 0.0.0.0/0 trust # x\n"
                + "hostssl a b 10.0.0.0 255.0.0.0 trust\nhost c d ::/0 scram-sha-256\nlocal e e peer map=trust\n"
                + "hostssl f f 0.0.0.0/0 trust clientcert=verify-full\n",
            path: "hba")
        #expect(facts["network.postgresql.trust"]?.texts == ["a b 10.0.0.0", "all all 0.0.0.0/0"])
        #expect(facts["network.postgresql.local-trust"]?.texts == ["all all 127.0.0.1/32", "all all local"])
    }

    /// The module of redis copies its file to /var/lib from a script of its own.
    @Test func redisByTheScriptThatPreparesItsFile() throws {
        func fact(_ config: String) throws -> Fact? {
            var files = NetworkSupport.units([
                "redis-cache.service":
                    "[Service]\nExecStartPre=+\(store)redis-cache-prep-conf\nExecStart=\(store)redis-8/bin/redis-server /var/lib/redis-cache/redis.conf\n"
            ])
            files[store + "redis-cache-prep-conf"] = "#!/bin/sh\necho 'include \"\(store)redis.conf\"' > /run/x\n"
            files[store + "redis.conf"] = config
            return try NetworkSupport.network(files)["network.listen.cache"]
        }
        #expect(try fact("bind 127.0.0.1 -::1\n")?.texts == [])
        #expect(try fact("port 1\n")?.texts == ["redis-cache"])
    }

    @Test func anEmptyFileIsADoubt() throws {
        #expect(try redis("")?.isUnavailable == true, "an image left its content out")
    }

    @Test func startedByATarget() throws {
        let tree = try NetworkSupport.options(
            """
            {"systemd": {"units": {"postgresql.target": {"wantedBy": ["multi-user.target"]}, "postgresql.service": {}},
              "targets": {"postgresql": {"requires": ["postgresql.service"]}}, "services": {}},
             "services": {"postgresql": {"settings": {"listen_addresses": "*"}, "authentication": "local all all trust"}}}
            """)
        let facts = try NetworkFacts.declared(
            tree, knowledge: try NetworkSupport.knowledge.get(), context: SystemContext()
        ).facts
        #expect(facts["network.listen.database"]?.texts == ["postgresql"])
        #expect(facts["network.postgresql.local-trust"]?.texts == ["all all local"])
    }

    private func declared(_ units: [String], _ services: String) throws -> [FactKey: Fact] {
        let commands = units.filter { $0.hasSuffix(".service") }.map {
            #""\#($0.dropLast(8))": {"serviceConfig": {"ExecStart": "/x"}}"#
        }
        let names = units.map { #""\#($0)": {"enable": true, "wantedBy": ["multi-user.target"]}"# }
        let tree = try NetworkSupport.options(
            #"{"systemd": {"units": {\#(names.joined(separator: ","))}, "services": {\#(commands.joined(separator: ","))}}, "services": {\#(services)}}"#
        )
        return try NetworkFacts.declared(
            tree, knowledge: try NetworkSupport.knowledge.get(), context: SystemContext()
        ).facts
    }

    @Test func redisAndOthersByTheirOptions() throws {
        let units = ["redis-a.service", "redis-b.service", "mysql.service", "postgresql.service"]
        let facts = try declared(
            units,
            """
            "redis": {"servers": {"a": {"bind": "127.0.0.1"}, "b": {"bind": null}}},
            "mysql": {"settings": {"mysqld": {"port": 3306}}},
            "postgresql": {"enableTCPIP": true, "settings": {"listen_addresses": "localhost"}}
            """)
        #expect(facts["network.listen.cache"]?.texts == ["redis-b"], "each by its own attribute")
        #expect(
            facts["network.listen.database"]?.texts == ["mysql"], "unset: every address; PostgreSQL's own setting wins")
        let unset = try declared(["mysql.service"], #""mysql": {"enable": true}"#)
        #expect(unset["network.listen.database"]?.isUnavailable == true)
    }

    @Test func tftpInsideXinetd() throws {
        var files = NetworkSupport.units([
            "xinetd.service": "[Service]\nExecStart=\(store)xinetd-2.3/bin/xinetd -dontfork -f \(store)xinetd.conf\n"
        ])
        files[store + "xinetd.conf"] =
            "defaults\n{\n}\nservice tftp\n{\n protocol = udp\n}\nservice telnet\n{\n disable = yes\n}\n"
        let facts = try NetworkSupport.network(files)
        #expect(facts["network.services.clear-text"]?.texts == ["tftp"])
        #expect(facts["network.services.super-server"]?.texts == ["xinetd"])
        let options = try declared(["xinetd.service"], #""xinetd": {"services": [{"name": "tftp"}]}"#)
        #expect(options["network.services.clear-text"]?.texts == ["tftp"])
    }

    @Test func databasesOfNewerKinds() throws {
        var files = NetworkSupport.units([
            "influxdb2.service":
                "[Service]\nEnvironment=INFLUXD_CONFIG_PATH=\(store)config.json\nExecStart=\(store)influxdb2-2.7/bin/influxd\n",
            "victoriametrics.service":
                "[Service]\nExecStart=\(store)vm-1.1/bin/victoria-metrics -httpListenAddr=:8428\n",
            "clickhouse.service": "[Service]\nExecStart=clickhouse-server\n",
        ])
        files[store + "config.json"] = #"{"http-bind-address": "127.0.0.1:8086"}"#
        #expect(try NetworkSupport.network(files)["network.listen.database"]?.texts == ["victoriametrics"])
        files["/etc/clickhouse-server/config.d/200-nixos-module-extra-config.xml"] =
            "<clickhouse>\n<listen_host>::</listen_host>\n</clickhouse>\n"
        files[store + "config.json"] = "{}"
        #expect(
            try NetworkSupport.network(files)["network.listen.database"]?.texts == [
                "clickhouse", "influxdb2", "victoriametrics",
            ])
    }

    @Test func clientCertificatesAreCredentials() throws {
        func facts(_ etcd: String, _ kubelet: String) throws -> [String]? {
            try NetworkSupport.network(
                NetworkSupport.units([
                    "etcd.service":
                        "[Service]\nEnvironment=ETCD_LISTEN_CLIENT_URLS=https://0.0.0.0:2379\n\(etcd)\nExecStart=etcd\n",
                    "kubelet.service": "[Service]\nExecStart=kubelet \(kubelet)\n",
                ]))["network.listen.control"]?.texts
        }
        #expect(try facts("", "--port=1") == ["etcd", "kubelet"])
        #expect(try facts("Environment=ETCD_CLIENT_CERT_AUTH=1", "--anonymous-auth=false") == [])
        #expect(try facts("Environment=ETCD_CLIENT_CERT_AUTH=", "--config=\(store)kubelet-config") == ["etcd"])
    }

    @Test func portMapping() throws {
        let facts = try NetworkSupport.network(NetworkSupport.units(["miniupnpd.service": "[Service]\nExecStart=x\n"]))
        #expect(facts["network.services.port-mapping"]?.texts == ["miniupnpd"])
        #expect(facts["network.services.discovery"]?.texts == [])
    }

    @Test func declaredWithoutUnitsIsADoubt() throws {
        let tree = try NetworkSupport.options(#"{"services": {"redis": {"servers": {}}}}"#)
        let facts = try NetworkFacts.declared(
            tree, knowledge: try NetworkSupport.knowledge.get(), context: SystemContext()
        ).facts
        #expect(facts["network.listen.cache"]?.isUnavailable == true)
        #expect(facts["network.services.clear-text"]?.isUnavailable == true)
    }
}
