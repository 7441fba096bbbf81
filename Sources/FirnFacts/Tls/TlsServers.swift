import FirnModel
import FirnParsing

/// The servers whose TLS is judged: their units, their facts, and where their configuration stands.
struct TlsServers {
    let table: TlsKnowledge

    enum Server: String, CaseIterable {
        case nginx, httpd, postfix, dovecot, haproxy

        var units: [String] {
            switch self {
            case .nginx: ["nginx.service"]
            case .httpd: ["httpd.service"]
            case .postfix: ["postfix.service"]
            case .dovecot: ["dovecot2.service", "dovecot.service"]
            case .haproxy: ["haproxy.service"]
            }
        }

        var keys: [String] {
            switch self {
            case .nginx: NginxReading.keys
            case .httpd: ["protocols", "ciphers"]
            case .postfix: ["receives", "smtpd", "smtp", "protocols", "relay"]
            case .dovecot: ["protocol", "ssl", "clear-text"]
            case .haproxy: ["version"]
            }
        }

        func key(_ name: String) -> FactKey { FactKey("tls.\(rawValue).\(name)") }

        /// The ends of the names of configuration files in the store, or their places below `/etc`.
        var files: [String] {
            switch self {
            case .nginx: ["nginx.conf", "/etc/nginx/nginx.conf"]
            case .httpd: ["httpd.conf"]
            case .postfix: ["main.cf", "postfix-main.cf"]
            case .dovecot: ["dovecot.conf", "/etc/dovecot/dovecot.conf"]
            case .haproxy: ["haproxy.cfg", "/etc/haproxy.cfg"]
            }
        }

        /// Options that hold the whole text.
        var textOptions: [[String]] {
            switch self {
            case .haproxy: [["services", "haproxy", "config"]]
            case .nginx, .httpd, .postfix, .dovecot: []
            }
        }
    }

    /// A configuration as text with the place it came from.
    struct Text {
        var bytes: [UInt8]
        var path: String
        var read: (String) throws(ServiceDoubt) -> [UInt8]
        /// What the options mean, where they hold no text.
        var directives: [NginxDirective]?
        var settings: PostfixSettings?
        /// The command of the service: its store path names the version.
        var command: String?
    }

    func facts(
        _ source: some ServiceSource, _ text: (Server) throws(ServiceDoubt) -> Text
    ) -> [FactKey: Fact] {
        var facts: [FactKey: Fact] = [:]
        for server in Server.allCases {
            facts.merge(
                FileServiceFacts.gated(
                    server.key("enabled"), server.keys.map(server.key), units: server.units, source
                ) { () throws(ServiceDoubt) in
                    var text = try text(server)
                    if server == .haproxy { text.command = command(source) }
                    return try own(server, text)
                }
            ) { _, new in new }
        }
        return facts
    }

    private func command(_ source: some ServiceSource) -> String? {
        do {
            return try source.commands("haproxy.service").map(\.text).joined(separator: " ")
        } catch {
            return nil
        }
    }

    func text(_ server: Server, _ source: BuiltServices) throws(ServiceDoubt) -> Text {
        let system = source.system
        // The module of Postfix links its files from a unit that prepares them.
        let units = server == .postfix ? server.units + ["postfix-setup.service"] : server.units
        for unit in units where try source.started().contains(unit) {
            for suffix in server.files {
                if suffix.hasPrefix("/etc/"), !system.tree.exists(system.etcPath(String(suffix.dropFirst(5)))) {
                    continue
                }
                guard let file = try source.file(suffix, of: unit).first else { continue }
                return Text(bytes: file.bytes, path: file.path) { (path: String) throws(ServiceDoubt) -> [UInt8] in
                    do throws(TreeError) {
                        let real = path.hasPrefix("/etc/") ? system.etcPath(String(path.dropFirst(5))) : path
                        return try system.tree.read(real, limit: 1 << 20)
                    } catch {
                        throw ServiceDoubt(error.description, [Evidence(path: path)])
                    }
                }
            }
        }
        throw ServiceDoubt("the unit of \(server.rawValue) names no configuration file in the store")
    }

    func text(_ server: Server, _ options: OptionTree) throws(ServiceDoubt) -> Text {
        var own = Text(bytes: [], path: "services.\(server.rawValue)") {
            (path: String) throws(ServiceDoubt) -> [UInt8] in
            throw ServiceDoubt(
                "the included file \(path) is not in the options", [options.evidence(["services", server.rawValue])])
        }
        if server == .nginx {
            own.directives = try NginxOptions(options: options).directives()
            return own
        }
        if server == .postfix {
            own.settings = try PostfixSettings(options)
            return own
        }
        for path in server.textOptions {
            if case .value(let text, let evidence) = options.readString(path), !text.isEmpty {
                return Text(bytes: Array(text.utf8), path: evidence.path) {
                    (path: String) throws(ServiceDoubt) -> [UInt8] in
                    throw ServiceDoubt("the included file \(path) is not in the options", [evidence])
                }
            }
        }
        let root = ["services", server.rawValue]
        throw ServiceDoubt(
            "the options do not hold the configuration of \(server.rawValue) as text", [options.evidence(root)])
    }

    private func own(_ server: Server, _ text: Text) throws(ServiceDoubt) -> [FactKey: Fact] {
        switch server {
        case .nginx: return NginxReading(try nginx(text, depth: 0), table: table).facts()
        case .httpd: return httpd(text)
        case .postfix: return postfix(text.settings ?? PostfixSettings(text.bytes, path: text.path), text.path)
        case .dovecot: return dovecot(text)
        case .haproxy: return haproxy(text)
        }
    }

    /// The directives with includes of the store put in their place.
    private func nginx(_ text: Text, depth: Int) throws(ServiceDoubt) -> [NginxDirective] {
        do {
            if depth == 0, let directives = text.directives { return try expand(directives, text, depth) }
            return try expand(try NginxDirective.parse(text.bytes, file: text.path), text, depth)
        } catch let error as ParseError {
            throw ServiceDoubt("\(text.path): \(error)", [Evidence(path: text.path, line: error.line)])
        } catch let error as ServiceDoubt {
            throw error
        } catch {
            throw ServiceDoubt("\(text.path): \(error)")
        }
    }

    private func expand(
        _ directives: [NginxDirective], _ text: Text, _ depth: Int
    ) throws(ServiceDoubt) -> [NginxDirective] {
        guard depth < 8 else { throw ServiceDoubt("\(text.path): includes are nested deeper than 8") }
        var result: [NginxDirective] = []
        for var directive in directives {
            if directive.name == "include", let path = directive.arguments.first {
                // Files of the package set types and parameters of protocols, no TLS.
                if ["mime.types", "fastcgi.conf", "fastcgi_params", "uwsgi_params", "scgi_params"].contains(
                    where: path.hasSuffix)
                {
                    continue
                }
                guard path.hasPrefix("/nix/store/") || path.hasPrefix("/etc/"), !path.contains("*") else {
                    throw ServiceDoubt(
                        "nginx includes \(path), which is not in the store",
                        [Evidence(path: directive.file, line: directive.line)])
                }
                var included = text
                included.bytes = try text.read(path)
                included.path = path
                result += try nginx(included, depth: depth + 1)
                continue
            }
            if let block = directive.block { directive.block = try expand(block, text, depth) }
            result.append(directive)
        }
        return result
    }

    private func words(_ line: Substring) -> [String] {
        line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    }

    /// SSLProtocol and SSLCipherSuite of Apache (mod_ssl): `all`, `+`, `-`.
    private func httpd(_ text: Text) -> [FactKey: Fact] {
        var protocols: (weak: [String]?, evidence: [Evidence]) = ([], [])
        var ciphers: (weak: [String]?, evidence: [Evidence]) = ([], [])
        for line in TextFile.lines(String(decoding: text.bytes, as: UTF8.self)) {
            let words = words(line.text)
            guard words.count > 1 else { continue }
            let evidence = Evidence(path: text.path, line: line.number, text: words.joined(separator: " "))
            switch words[0].lowercased() {
            case "sslprotocol":
                var active: Set<String> = []
                for word in words.dropFirst() {
                    let name = word.drop { $0 == "+" || $0 == "-" }
                    let names: Set<String> =
                        name.lowercased() == "all" ? ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] : [String(name)]
                    if word.hasPrefix("-") {
                        active = active.filter { one in !names.contains { $0.lowercased() == one.lowercased() } }
                    } else {
                        active.formUnion(names)
                    }
                }
                let weak = table.weakProtocols(active.sorted())
                protocols = (
                    weak.flatMap { found in protocols.weak.map { $0 + found } }, protocols.evidence + [evidence]
                )
            case "sslciphersuite":
                let weak = table.weakCiphers(words.dropFirst().joined(separator: ":").filter { $0 != "\"" })
                ciphers = (weak.flatMap { found in ciphers.weak.map { $0 + found } }, ciphers.evidence + [evidence])
            default: continue
            }
        }
        func fact(_ found: (weak: [String]?, evidence: [Evidence])) -> Fact {
            guard let weak = found.weak else {
                return .unavailable(reason: "\(text.path): a word is not known", found.evidence)
            }
            return .known(.strings(Set(weak).sorted()), found.evidence)
        }
        return ["tls.httpd.protocols": fact(protocols), "tls.httpd.ciphers": fact(ciphers)]
    }

    private func postfix(_ settings: PostfixSettings, _ path: String) -> [FactKey: Fact] {
        func string(_ key: String) -> Fact {
            guard let setting = settings.values[key], !setting.text.isEmpty else {
                return .known(.string("none"), [Evidence(path: path, text: "\(key) is not set")])
            }
            return .known(.string(setting.text), [setting.evidence])
        }
        // Postfix 3.6 and later: the default of the mandatory protocols is >=TLSv1.
        let mandatory = settings.values["smtpd_tls_mandatory_protocols"]
        let networks = settings.values["mynetworks"]
        let open = settings.words("mynetworks").filter { ["0.0.0.0/0", "[::]/0", "::/0"].contains($0) }
        let interfaces = settings.words("inet_interfaces")
        let isLocal =
            !interfaces.isEmpty
            && interfaces.allSatisfy { $0 == "loopback-only" || ListenAddress.isPublic($0) == false }
        return [
            "tls.postfix.receives": .known(
                .boolean(!isLocal),
                [
                    settings.values["inet_interfaces"]?.evidence
                        ?? Evidence(path: path, text: "inet_interfaces is not set")
                ]),
            "tls.postfix.smtpd": string("smtpd_tls_security_level"),
            "tls.postfix.smtp": string("smtp_tls_security_level"),
            "tls.postfix.protocols": postfixProtocols(
                mandatory?.text ?? ">=TLSv1",
                [
                    mandatory?.evidence
                        ?? Evidence(path: path, text: "smtpd_tls_mandatory_protocols = >=TLSv1 (default)")
                ]),
            "tls.postfix.relay": .known(.strings(open.sorted()), networks.map { [$0.evidence] } ?? []),
        ]
    }

    private func postfixProtocols(_ value: String, _ evidence: [Evidence]) -> Fact {
        let all = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
        var active = Set(all)
        let words = value.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" }).map(String.init)
        let plain = words.filter { !$0.hasPrefix("!") && !$0.hasPrefix(">=") && !$0.hasPrefix("<=") }
        if !plain.isEmpty { active = Set(plain) }
        for word in words {
            if word.hasPrefix("!") {
                active = active.filter { $0.lowercased() != word.dropFirst().lowercased() }
            } else if word.hasPrefix(">=") {
                guard let least = table.ranks[word.dropFirst(2).lowercased()] else {
                    return .unavailable(reason: "the protocol in \(word) is not known", evidence)
                }
                active = active.filter { (table.ranks[$0.lowercased()] ?? 0) >= least }
            }
        }
        guard let weak = table.weakProtocols(active.sorted()) else {
            return .unavailable(reason: "a protocol in \(value) is not known", evidence)
        }
        return .known(.strings(weak), evidence)
    }

    /// dovecot.conf: the last assignment outside blocks counts.
    private func dovecot(_ text: Text) -> [FactKey: Fact] {
        var settings: [String: (value: String, line: Int)] = [:]
        for line in TextFile.lines(String(decoding: text.bytes, as: UTF8.self)) {
            let content = line.text.trimmed
            guard !content.hasPrefix("#"), let equals = content.firstIndex(of: "=") else { continue }
            settings[String(content[..<equals].trimmed)] = (
                String(content[content.index(after: equals)...].trimmed).lowercased(), line.number
            )
        }
        func fact(_ key: String, _ byDefault: FactValue, _ make: (String) -> FactValue) -> Fact {
            guard let setting = settings[key] else {
                return .known(byDefault, [Evidence(path: text.path, text: "\(key) is not set: the default counts")])
            }
            return .known(
                make(setting.value), [Evidence(path: text.path, line: setting.line, text: "\(key) = \(setting.value)")])
        }
        let clear: Fact =
            settings["auth_allow_cleartext"] == nil
            ? fact("disable_plaintext_auth", .boolean(false)) { .boolean($0 == "no") }
            : fact("auth_allow_cleartext", .boolean(false)) { .boolean($0 == "yes") }
        return [
            "tls.dovecot.protocol": fact("ssl_min_protocol", .string("tlsv1.2")) { .string($0) },
            "tls.dovecot.ssl": fact("ssl", .string("yes")) { .string($0) }, "tls.dovecot.clear-text": clear,
        ]
    }

    /// haproxy.cfg: `ssl-default-bind-options ssl-min-ver TLSv1.2`; a bind line may set its own.
    private func haproxy(_ text: Text) -> [FactKey: Fact] {
        var lowest: (rank: Int64, word: String, line: Int?) = (12, "TLSv1.2", nil)
        var isSet = false
        for line in TextFile.lines(String(decoding: text.bytes, as: UTF8.self)) {
            let words = words(line.text)
            guard let first = words.first, first == "bind" || first == "ssl-default-bind-options" else { continue }
            for (index, word) in words.enumerated() where word == "ssl-min-ver" && index + 1 < words.count {
                guard let rank = table.ranks[words[index + 1].lowercased()] else { continue }
                if !isSet || rank < lowest.rank { lowest = (rank, words[index + 1], line.number) }
                isSet = true
            }
            for word in words {
                // `force-tlsv10` and its like fix one version.
                let versions = ["force-sslv3": "SSLv3", "force-tlsv10": "TLSv1.0", "force-tlsv11": "TLSv1.1"]
                if let version = versions[word], let rank = table.ranks[version.lowercased()] {
                    lowest = (rank, version, line.number)
                    isSet = true
                }
            }
        }
        if !isSet, let doubt = haproxyDefault(text.command) {
            return ["tls.haproxy.version": .unavailable(reason: doubt, [Evidence(path: text.path)])]
        }
        if !isSet, isOldHAProxy(text.command) { lowest = (10, "TLSv1.0", nil) }
        return [
            "tls.haproxy.version": .known(
                .string(lowest.word),
                [
                    Evidence(
                        path: text.path, line: lowest.line,
                        text: isSet ? "ssl-min-ver \(lowest.word)" : "not set: the default counts")
                ])
        ]
    }

    /// The version in the store path of the program.
    private func haproxyVersion(_ command: String?) -> DottedVersion? {
        guard let command else { return nil }
        for path in CommandWords.storePaths(in: command, ending: "haproxy") {
            let object = GeneratedText.object(path)
            guard object.hasPrefix("haproxy-") else { continue }
            if let version = DottedVersion(String(object.dropFirst(8))) { return version }
        }
        return nil
    }

    private func haproxyDefault(_ command: String?) -> String? {
        haproxyVersion(command) == nil
            ? "no ssl-min-ver is set, and the version of HAProxy, whose default counts, is not known" : nil
    }

    private func isOldHAProxy(_ command: String?) -> Bool {
        guard let version = haproxyVersion(command), let since = DottedVersion(table.haproxySince) else { return false }
        return version < since
    }
}
