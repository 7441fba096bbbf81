import FirnModel
import FirnParsing

/// The Docker API over TCP, PostgreSQL's `trust`, what avahi announces.
extension FileServiceFacts {
    private static let dockerUnits = ["docker.service", "docker.socket"]

    /// TCP addresses of the Docker API, unless clients must show a certificate (`tlsverify`). Loopback counts as well: every
    /// local user could become root there.
    private static func docker(_ addresses: [PlacedText], isVerified: Bool) -> Fact {
        var found: [String] = []
        var evidence: [Evidence] = []
        for place in addresses where !isVerified {
            var text = Substring(place.text.trimmed)
            if ["fd://", "unix://", "npipe://", "/", "@", "ssh://"].contains(where: text.hasPrefix) || text.isEmpty {
                continue
            }
            if text.hasPrefix("tcp://") { text = text.dropFirst(6) }
            found.append(String(text))
            evidence.append(place.evidence)
        }
        return .known(.strings(Set(found).sorted()), evidence)
    }

    static func dockerBuilt(_ source: BuiltServices) -> Fact {
        do throws(ServiceDoubt) {
            let started = try source.started()
            guard dockerUnits.contains(where: started.contains) else { return .known(.list([]), []) }
            var addresses: [PlacedText] = []
            if started.contains("docker.socket") { addresses += try source.streams("docker.socket") }
            var isVerified = false
            if case .unit = source.system.unit("docker.service") {
                for text in try source.commands("docker.service") {
                    addresses += CommandWords.values(["-H", "--host"], in: text.text).map {
                        PlacedText(
                            text: $0, evidence: Evidence(path: text.evidence.path, line: text.evidence.line, text: $0))
                    }
                    isVerified =
                        isVerified
                        || CommandWords.split(text.text).contains { $0 == "--tlsverify" || $0 == "--tlsverify=true" }
                }
                let recipe = ServiceTable.Recipe(file: "daemon.json", syntax: .json, keys: ["hosts"])
                for (bytes, path) in try source.file("daemon.json", of: "docker.service") {
                    do {
                        isVerified = try isVerified || JSONParser.parse(bytes)["tlsverify"]?.boolean == true
                        addresses += try ConfiguredValues.find(recipe, in: bytes).map {
                            PlacedText(text: $0.value, evidence: Evidence(path: path, line: $0.line, text: $0.value))
                        }
                    } catch {
                        throw ServiceDoubt("\(path): \(error)", [Evidence(path: path)])
                    }
                }
            }
            return docker(addresses, isVerified: isVerified)
        } catch {
            return error.fact
        }
    }

    static func dockerDeclared(_ options: OptionTree, _ source: DeclaredServices) -> Fact {
        do throws(ServiceDoubt) {
            let started = try source.started()
            guard dockerUnits.contains(where: started.contains) else { return .known(.list([]), []) }
            let root = ["virtualisation", "docker"]
            guard case .value(let listen, let evidence) = options.readStrings(root + ["listenOptions"]) else {
                throw ServiceDoubt(
                    "virtualisation.docker.listenOptions is not in the export",
                    [options.evidence(root + ["listenOptions"])])
            }
            var addresses = listen.map {
                PlacedText(text: $0, evidence: Evidence(path: evidence.path, line: evidence.line, text: $0))
            }
            if case .value(let hosts, let place) = options.readStrings(root + ["daemon", "settings", "hosts"]) {
                addresses += hosts.map {
                    PlacedText(text: $0, evidence: Evidence(path: place.path, line: place.line, text: $0))
                }
            }
            var isVerified = options.boolean(root + ["daemon", "settings", "tlsverify"]) == true
            if case .value(let text, let place) = options.readString(root + ["extraOptions"]) {
                addresses += CommandWords.values(["-H", "--host"], in: text).map {
                    PlacedText(text: $0, evidence: Evidence(path: place.path, line: place.line, text: $0))
                }
                isVerified =
                    isVerified || CommandWords.split(text).contains { $0 == "--tlsverify" || $0 == "--tlsverify=true" }
            }
            return docker(addresses, isVerified: isVerified)
        } catch {
            return error.fact
        }
    }

    // MARK: PostgreSQL

    static let trustKeys: [FactKey] = ["network.postgresql.trust", "network.postgresql.local-trust"]

    /// Lines of pg_hba.conf that let somebody in without asking anything: from the network (`host all all 0.0.0.0/0 trust`),
    /// and, in a list of their own, from the machine itself (`local all all trust`).
    static func trust(_ text: String, path: String) -> [FactKey: Fact] {
        var found: [FactKey: (names: Set<String>, evidence: [Evidence])] = [:]
        for line in TextFile.lines(text) {
            let words = line.text.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 4 else { continue }
            let isLocal = words[0].lowercased() == "local"
            guard isLocal || words[0].lowercased().hasPrefix("host") && words.count >= 5 else { continue }
            // The address may be followed by a mask of its own.
            let isMasked = !isLocal && words.count > 5 && (words[4].contains(".") || words[4].contains(":"))
            let method = isLocal ? 3 : (isMasked ? 5 : 4)
            guard words[method].lowercased() == "trust" else { continue }
            // A certificate is asked for all the same.
            if words.contains(where: { $0.lowercased().hasPrefix("clientcert=verify") }) { continue }
            let address = isLocal ? "local" : words[3]
            let isLoopback =
                isLocal || address.hasPrefix("127.") || address.hasPrefix("::1") || address == "localhost"
            let key = trustKeys[isLoopback ? 1 : 0]
            found[key, default: ([], [])].names.insert("\(words[1]) \(words[2]) \(address)")
            found[key, default: ([], [])].evidence.append(
                Evidence(path: path, line: line.number, text: words.joined(separator: " ")))
        }
        var facts: [FactKey: Fact] = [:]
        for key in trustKeys {
            facts[key] = .known(.strings((found[key]?.names ?? []).sorted()), found[key]?.evidence ?? [])
        }
        return facts
    }

    private static func trustFacts(_ fact: Fact) -> [FactKey: Fact] {
        Dictionary(uniqueKeysWithValues: trustKeys.map { ($0, fact) })
    }

    static func trustBuilt(_ source: BuiltServices) -> [FactKey: Fact] {
        do throws(ServiceDoubt) {
            guard try source.started().contains("postgresql.service") else { return trustFacts(.absent([])) }
            var files = try source.file("pg_hba.conf", of: "postgresql.service")
            if files.isEmpty {
                // The main file names it: `hba_file = '/nix/store/...-pg_hba.conf'`.
                for (bytes, _) in try source.file("postgresql.conf", of: "postgresql.service") {
                    for path in CommandWords.storePaths(
                        in: String(decoding: bytes, as: UTF8.self), ending: "pg_hba.conf")
                    {
                        do {
                            files.append((try source.system.tree.read(path, limit: 1 << 20), path))
                        } catch {
                            throw ServiceDoubt(error.description, [Evidence(path: path)])
                        }
                    }
                }
            }
            guard let file = files.first else { throw ServiceDoubt("postgresql.service names no pg_hba.conf") }
            return trust(String(decoding: file.bytes, as: UTF8.self), path: file.path)
        } catch {
            return trustFacts(error.fact)
        }
    }

    static func trustDeclared(_ options: OptionTree, _ source: DeclaredServices) -> [FactKey: Fact] {
        do throws(ServiceDoubt) {
            guard try source.started().contains("postgresql.service") else { return trustFacts(.absent([])) }
            let path = ["services", "postgresql", "authentication"]
            guard case .value(let text, let evidence) = options.readString(path) else {
                throw ServiceDoubt("services.postgresql.authentication is not in the export", [options.evidence(path)])
            }
            return trust(text, path: evidence.path)
        } catch {
            return trustFacts(error.fact)
        }
    }

    // MARK: avahi

    private static let avahiUnits = ["avahi-daemon.service", "avahi-daemon.socket"]

    /// What avahi tells others about this machine: `addresses`, `hinfo`, `workstation`, `domain`, `user-services`.
    static func avahiBuilt(_ source: BuiltServices) -> Fact {
        do throws(ServiceDoubt) {
            let started = try source.started()
            guard avahiUnits.contains(where: started.contains) else { return .absent([]) }
            guard let (bytes, path) = try source.file("avahi-daemon.conf", of: "avahi-daemon.service").first else {
                throw ServiceDoubt("avahi-daemon.service names no avahi-daemon.conf")
            }
            let file: SectionedText
            do {
                file = try SectionedText.parse(bytes)
            } catch {
                throw ServiceDoubt("\(path): \(error)", [Evidence(path: path, line: error.line)])
            }
            func isSet(_ key: String, _ byDefault: Bool) -> Bool {
                file.last("publish", [key]).map { isYes($0.value) } ?? byDefault
            }
            guard !isSet("disable-publishing", false) else { return .known(.list([]), [Evidence(path: path)]) }
            // The defaults of avahi-daemon.conf(5).
            let known: [(String, Bool)] = [
                ("addresses", isSet("publish-addresses", true)), ("domain", isSet("publish-domain", true)),
                ("hinfo", isSet("publish-hinfo", false)), ("workstation", isSet("publish-workstation", false)),
                ("user-services", !isSet("disable-user-service-publishing", false)),
            ]
            let lines = file.settings.filter { $0.section == "publish" }.map {
                Evidence(path: path, line: $0.line, text: "\($0.key)=\($0.value)")
            }
            return .known(.strings(known.filter(\.1).map(\.0).sorted()), lines)
        } catch {
            return error.fact
        }
    }

    static func avahiDeclared(_ options: OptionTree, _ source: DeclaredServices) -> Fact {
        do throws(ServiceDoubt) {
            let started = try source.started()
            guard avahiUnits.contains(where: started.contains) else { return .absent([]) }
            let root = ["services", "avahi", "publish"]
            guard case .value(let isOn, let evidence) = options.readBoolean(root + ["enable"]) else {
                throw ServiceDoubt("services.avahi.publish.enable is not in the export", [options.evidence(root)])
            }
            if !isOn { return .known(.list([]), [evidence]) }
            let names = [
                "addresses": "addresses", "domain": "domain", "hinfo": "hinfo", "workstation": "workstation",
                "userServices": "user-services",
            ]
            var found: [String] = []
            for (option, name) in names where options.boolean(root + [option]) == true { found.append(name) }
            return .known(.strings(found.sorted()), [evidence])
        } catch {
            return error.fact
        }
    }
}
