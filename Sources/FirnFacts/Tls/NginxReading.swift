import FirnModel
import FirnParsing

/// What an nginx configuration means for each virtual host: directives of a block count in the blocks inside it until one
/// of them sets its own.
struct NginxReading {
    /// One `server` block.
    struct Server {
        var name: String
        var place: Evidence
        var listens: [[String]]
        var settings: [String: NginxDirective]
        var headers: [NginxDirective]
        var body: [NginxDirective]

        /// Whether it speaks TLS on some address.
        var hasTLS: Bool {
            listens.contains { $0.contains("ssl") || $0.contains("quic") } || settings["ssl"]?.arguments == ["on"]
        }

        /// Whether it also listens without TLS beyond loopback.
        var isPlain: Bool {
            if settings["ssl"]?.arguments == ["on"] { return false }
            return (listens.isEmpty ? [["80"]] : listens).contains { words in
                guard let address = words.first, !words.contains("ssl"), !words.contains("quic") else { return false }
                return ListenAddress.isPublic(address) ?? true
            }
        }
    }

    var servers: [Server] = []
    var global: [String: NginxDirective] = [:]
    let table: TlsKnowledge

    /// The directives whose innermost value counts.
    private static let inherited: Set<String> = [
        "ssl", "ssl_protocols", "ssl_ciphers", "ssl_prefer_server_ciphers", "ssl_session_tickets", "server_tokens",
        "autoindex",
    ]

    init(_ directives: [NginxDirective], table: TlsKnowledge) {
        self.table = table
        let http = directives.filter { $0.name == "http" }.flatMap { $0.block ?? [] }
        let scope = http.isEmpty ? directives : http
        var headers: [NginxDirective] = []
        for directive in scope {
            if Self.inherited.contains(directive.name) { global[directive.name] = directive }
            if directive.name == "add_header" { headers.append(directive) }
        }
        for directive in scope where directive.name == "server" {
            guard let body = directive.block else { continue }
            var server = Server(
                name: "_", place: Evidence(path: directive.file, line: directive.line), listens: [], settings: global,
                headers: [], body: body)
            for own in body {
                switch own.name {
                case "server_name": server.name = own.arguments.first { !$0.isEmpty } ?? "_"
                case "listen": server.listens.append(own.arguments)
                case "add_header": server.headers.append(own)
                default: if Self.inherited.contains(own.name) { server.settings[own.name] = own }
                }
            }
            // add_header is inherited only where a level sets none of its own.
            if server.headers.isEmpty { server.headers = headers }
            servers.append(server)
        }
    }

    static let keys = ["protocols", "ciphers", "plain-http", "hsts", "server_tokens", "autoindex"]

    func facts() -> [FactKey: Fact] {
        let tls = servers.filter(\.hasTLS)
        return [
            // Without the directive the version of nginx decides; NixOS always writes it.
            "tls.nginx.protocols": list(tls) { server in
                guard let setting = server.settings["ssl_protocols"] else { return nil }
                return table.weakProtocols(setting.arguments).map { weak in
                    weak.map { ("\(server.name) \($0)", place(setting)) }
                }
            },
            "tls.nginx.ciphers": list(tls) { server in
                guard let setting = server.settings["ssl_ciphers"] else { return [] }
                return table.weakCiphers(setting.arguments.joined(separator: ":")).map { weak in
                    weak.map { ("\(server.name) \($0)", place(setting)) }
                }
            },
            "tls.nginx.plain-http": list(servers) { server in
                server.isPlain && !redirects(server.body) ? [(server.name, server.place)] : []
            },
            "tls.nginx.hsts": list(tls) { server in
                let isSet = server.headers.contains {
                    $0.arguments.first?.lowercased() == "strict-transport-security" && $0.arguments.count > 1
                        && !$0.arguments[1].contains("max-age=0")
                }
                return isSet || redirects(server.body) ? [] : [(server.name, server.place)]
            },
            "tls.nginx.server_tokens": .known(
                .string(global["server_tokens"]?.arguments.first ?? "on"),
                global["server_tokens"].map { [place($0)] } ?? []),
            "tls.nginx.autoindex": list(servers) { server in
                indexed(server.body, server.settings["autoindex"], server.name)
            },
        ]
    }

    private func place(_ directive: NginxDirective) -> Evidence {
        Evidence(
            path: directive.file, line: directive.line,
            text: "\(directive.name) \(directive.arguments.joined(separator: " "))")
    }

    private func list(_ servers: [Server], _ find: (Server) -> [(String, Evidence)]?) -> Fact {
        var names: Set<String> = []
        var evidence: [Evidence] = []
        var doubt: Server?
        for server in servers {
            guard let found = find(server) else {
                doubt = doubt ?? server
                continue
            }
            for (name, place) in found {
                names.insert(name)
                evidence.append(place)
            }
        }
        if names.isEmpty, let doubt {
            return .unavailable(
                reason: "a word in the settings of \(doubt.name) is not known, or they are not set", [doubt.place])
        }
        return .known(.strings(names.sorted()), evidence)
    }

    /// `return 301 https://...` for the whole server, or in its `location /`.
    private func redirects(_ body: [NginxDirective]) -> Bool {
        func isRedirect(_ directive: NginxDirective) -> Bool {
            if directive.name == "return" {
                let code = directive.arguments.first ?? ""
                return ["400", "403", "404", "410", "421", "444"].contains(code)
                    || directive.arguments.contains { $0.hasPrefix("https://") }
            }
            return directive.name == "ssl_reject_handshake" && directive.arguments == ["on"]
        }
        if body.contains(where: isRedirect) { return true }
        let locations = body.filter { $0.name == "location" }
        guard let root = locations.first(where: { $0.arguments == ["/"] }) else { return false }
        guard (root.block ?? []).contains(where: isRedirect) else { return false }
        // Other locations are for the certificate authority's challenge alone.
        return locations.allSatisfy {
            // Named locations are reached from inside only.
            $0 == root || $0.arguments.contains { $0.contains("/.well-known/acme-challenge") || $0.hasPrefix("@") }
        }
    }

    private func indexed(_ body: [NginxDirective], _ inherited: NginxDirective?, _ name: String) -> [(String, Evidence)]
    {
        var found: [(String, Evidence)] = []
        let own = body.last { $0.name == "autoindex" } ?? inherited
        if let own, own.arguments.first == "on" { found.append((name, place(own))) }
        for location in body where location.name == "location" {
            let path = location.arguments.last ?? ""
            if let set = location.block?.last(where: { $0.name == "autoindex" }), set.arguments.first == "on" {
                found.append(("\(name)\(path.hasPrefix("/") ? path : " \(path)")", place(set)))
            }
        }
        return found
    }
}
