import FirnModel
import FirnParsing

/// What file services give to whom: NFS exports, Samba shares, anonymous FTP; and the Docker API over TCP.
///
/// Facts of a service that is not started are absent: there is nothing to judge.
struct FileServiceFacts {
    static let nfsKeys: [FactKey] = [
        "network.nfs.no_root_squash", "network.nfs.everyone", "network.nfs.insecure", "network.nfs.unauthenticated",
    ]
    static let sambaKeys: [FactKey] = [
        "network.samba.guest", "network.samba.server-min-protocol", "network.samba.server-signing",
        "network.samba.map-to-guest", "network.samba.encrypt",
    ]

    /// Facts that begin with whether the service is started.
    static func gated(
        _ enabledKey: FactKey, _ keys: [FactKey], units: [String], _ source: some ServiceSource,
        _ body: () throws(ServiceDoubt) -> [FactKey: Fact]
    ) -> [FactKey: Fact] {
        var facts: [FactKey: Fact] = [:]
        do throws(ServiceDoubt) {
            let started = try source.started()
            let own = units.filter(started.contains)
            facts[enabledKey] = .known(.boolean(!own.isEmpty), own.map(source.place))
            if own.isEmpty {
                for key in keys { facts[key] = .absent([]) }
            } else {
                facts.merge(try body()) { _, new in new }
            }
        } catch {
            if facts[enabledKey] == nil { facts[enabledKey] = error.fact }
            for key in keys { facts[key] = error.fact }
        }
        return facts
    }

    /// The lists about one text of exports(5).
    static func exports(_ file: ExportsFile, path: String) -> [FactKey: Fact] {
        func list(_ test: (ExportsFile.Export) -> Bool) -> Fact {
            let found = file.exports.filter(test)
            return .known(
                .strings(Set(found.map { "\($0.path) \($0.client)" }).sorted()),
                found.map {
                    Evidence(
                        path: path, line: $0.line, text: "\($0.path) \($0.client)(\($0.options.joined(separator: ",")))"
                    )
                })
        }
        return [
            "network.nfs.no_root_squash": list {
                $0.last(of: ["no_root_squash", "root_squash", "all_squash"]) == "no_root_squash"
            },
            "network.nfs.everyone": list {
                isEveryone($0.client) && !$0.flavours.allSatisfy { $0.hasPrefix("krb5") }
            },
            "network.nfs.insecure": list { $0.last(of: ["insecure", "secure"]) == "insecure" },
            "network.nfs.unauthenticated": list {
                !$0.client.hasPrefix("gss/") && !$0.flavours.allSatisfy { $0.hasPrefix("krb5") }
            },
        ]
    }

    private static func isEveryone(_ client: String) -> Bool {
        ["*", "*.*", "0.0.0.0/0", "::/0", "0.0.0.0/0.0.0.0"].contains(client)
    }

    /// The facts of one smb.conf; the defaults are those of Samba 4.11 and later (smb.conf(5)).
    static func samba(_ file: SectionedText, path: String) -> [FactKey: Fact] {
        func global(_ keys: Set<String>, _ byDefault: String) -> Fact {
            guard let setting = file.last("global", keys) else {
                return .known(.string(byDefault), [Evidence(path: path, text: "not set: the default counts")])
            }
            return .known(
                .string(setting.value.lowercased()),
                [Evidence(path: path, line: setting.line, text: "\(setting.key) = \(setting.value)")])
        }
        let guestKeys: Set<String> = ["guest ok", "public", "guest only", "only guest"]
        let globalGuest = file.last("global", guestKeys).map { isYes($0.value) } ?? false
        var guests: [String] = []
        var evidence: [Evidence] = []
        for section in file.sections where section.lowercased() != "global" {
            let own = file.last(section.lowercased(), guestKeys)
            if let own, isYes(own.value) {
                guests.append(section)
                evidence.append(Evidence(path: path, line: own.line, text: "[\(section)] \(own.key) = \(own.value)"))
            } else if own == nil, globalGuest {
                guests.append(section)
                evidence.append(Evidence(path: path, text: "[\(section)] by the global section"))
            }
        }
        return [
            "network.samba.guest": .known(.strings(Set(guests).sorted()), evidence),
            "network.samba.server-min-protocol": global(["server min protocol", "min protocol"], "smb2_02"),
            "network.samba.server-signing": global(["server signing"], "default"),
            "network.samba.map-to-guest": global(["map to guest"], "never"),
            "network.samba.encrypt": global(["server smb encrypt", "smb encrypt"], "default"),
        ]
    }

    static func isYes(_ text: String) -> Bool { ["yes", "true", "1", "on"].contains(text.lowercased()) }

    static let sambaUnits = ["samba-smbd.service", "smbd.service", "samba.service", "samba.target"]
    static let nfsUnits = ["nfs-server.service", "nfs-mountd.service", "nfsd.service"]

    static func built(_ system: SystemView, _ source: BuiltServices) -> [FactKey: Fact] {
        var facts = gated("network.nfs.enabled", nfsKeys, units: nfsUnits, source) { () throws(ServiceDoubt) in
            var all = ExportsFile(exports: [])
            var names = ["exports"]
            do throws(TreeError) {
                names += try system.listEtc("exports.d").filter { $0.hasSuffix(".exports") }.map { "exports.d/" + $0 }
            } catch {
                if !error.isAbsence { throw ServiceDoubt(error.description) }
            }
            for name in names {
                do {
                    all.exports += try ExportsFile.parse(try system.readEtc(name, limit: 1 << 20)).exports
                } catch let error as TreeError {
                    if !error.isAbsence { throw ServiceDoubt(error.description) }
                } catch let error as ParseError {
                    throw ServiceDoubt("/etc/\(name): \(error)", [Evidence(path: "/etc/" + name, line: error.line)])
                } catch {
                    throw ServiceDoubt("/etc/\(name): \(error)")
                }
            }
            return exports(all, path: "/etc/exports")
        }
        facts.merge(
            gated("network.samba.enabled", sambaKeys, units: sambaUnits, source) { () throws(ServiceDoubt) in
                do {
                    let file = try SectionedText.parse(try system.readEtc("samba/smb.conf", limit: 1 << 20))
                    guard !file.settings.contains(where: { $0.key == "include" || $0.key == "config file" }) else {
                        throw ServiceDoubt("smb.conf includes another file", [Evidence(path: "/etc/samba/smb.conf")])
                    }
                    return samba(file, path: "/etc/samba/smb.conf")
                } catch let error as ServiceDoubt {
                    throw error
                } catch let error as TreeError {
                    throw ServiceDoubt(error.description, [Evidence(path: "/etc/samba/smb.conf")])
                } catch {
                    throw ServiceDoubt("/etc/samba/smb.conf: \(error)")
                }
            }
        ) { _, new in new }
        facts.merge(
            gated("network.vsftpd.enabled", ["network.vsftpd.anonymous"], units: ["vsftpd.service"], source) {
                () throws(ServiceDoubt) in
                var value = "yes"
                var evidence: [Evidence] = []
                for (bytes, path) in try source.file("vsftpd.conf", of: "vsftpd.service") {
                    evidence.append(Evidence(path: path, text: "not set: the default counts"))
                    for line in TextFile.lines(String(decoding: bytes, as: UTF8.self))
                    where line.text.hasPrefix("anonymous_enable=") {
                        value = String(line.text.dropFirst(17)).lowercased()
                        evidence = [Evidence(path: path, line: line.number, text: String(line.text))]
                    }
                }
                guard !evidence.isEmpty else { throw ServiceDoubt("vsftpd.service names no vsftpd.conf") }
                return ["network.vsftpd.anonymous": .known(.boolean(isYes(value)), evidence)]
            }
        ) { _, new in new }
        facts["network.docker.tcp-without-tls"] = dockerBuilt(source)
        facts.merge(trustBuilt(source)) { _, new in new }
        facts["network.avahi.publish"] = avahiBuilt(source)
        return facts
    }

    static func declared(_ options: OptionTree, _ source: DeclaredServices) -> [FactKey: Fact] {
        var facts = gated("network.nfs.enabled", nfsKeys, units: nfsUnits, source) { () throws(ServiceDoubt) in
            let path = ["services", "nfs", "server", "exports"]
            guard case .value(let text, let evidence) = options.readString(path) else {
                throw ServiceDoubt("services.nfs.server.exports is not in the export", [options.evidence(path)])
            }
            do {
                return exports(try ExportsFile.parse(Array(text.utf8)), path: evidence.path)
            } catch {
                throw ServiceDoubt("\(evidence.path): \(error)", [evidence])
            }
        }
        facts.merge(
            gated("network.samba.enabled", sambaKeys, units: sambaUnits, source) { () throws(ServiceDoubt) in
                let path = ["services", "samba", "settings"]
                guard let sections = options.readMembers(path).value else {
                    throw ServiceDoubt("services.samba.settings is not in the export", [options.evidence(path)])
                }
                var file = SectionedText(settings: [], sections: [])
                for section in sections {
                    file.sections.append(section.key)
                    for setting in section.node.object?.members ?? [] {
                        let value =
                            setting.node.string ?? setting.node.boolean.map { $0 ? "yes" : "no" }
                            ?? setting.node.integer.map(String.init)
                        guard let value else { continue }
                        file.settings.append(
                            .init(
                                section: section.key.lowercased(), key: setting.key.lowercased(), value: value,
                                line: setting.node.line))
                    }
                }
                return samba(file, path: "services.samba.settings")
            }
        ) { _, new in new }
        facts.merge(
            gated("network.vsftpd.enabled", ["network.vsftpd.anonymous"], units: ["vsftpd.service"], source) {
                () throws(ServiceDoubt) in
                let path = ["services", "vsftpd", "anonymousUser"]
                guard case .value(let truth, let evidence) = options.readBoolean(path) else {
                    throw ServiceDoubt("services.vsftpd.anonymousUser is not in the export", [options.evidence(path)])
                }
                return ["network.vsftpd.anonymous": .known(.boolean(truth), [evidence])]
            }
        ) { _, new in new }
        facts["network.docker.tcp-without-tls"] = dockerDeclared(options, source)
        facts.merge(trustDeclared(options, source)) { _, new in new }
        facts["network.avahi.publish"] = avahiDeclared(options, source)
        return facts
    }
}
