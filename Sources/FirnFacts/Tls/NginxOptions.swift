import FirnModel
import FirnParsing

/// `services.nginx` as the directives that the module writes from it (nixos/modules/services/web-servers/nginx), as far as
/// TLS, redirects and listings are concerned.
struct NginxOptions {
    let options: OptionTree

    private static let root = ["services", "nginx"]

    func directives() throws(ServiceDoubt) -> [NginxDirective] {
        let whole = try fragment(Self.root + ["config"])
        let http = try fragment(Self.root + ["httpConfig"])
        if !whole.isEmpty || !http.isEmpty {
            return whole + (http.isEmpty ? [] : [block("http", [], http, Self.root + ["httpConfig"])])
        }
        var body = [
            directive("ssl_protocols", words(try required("sslProtocols")), Self.root + ["sslProtocols"])
        ]
        let ciphers = Self.root + ["sslCiphers"]
        switch options.reading(ciphers, { $0.string ?? $0.array?.compactMap(\.string).joined(separator: ":") }) {
        case .value(let text, _): body.append(directive("ssl_ciphers", [text], ciphers))
        case .null: break
        case .missing: throw missing(ciphers)
        case .unavailable(let reason, let place): throw ServiceDoubt(reason, [place])
        }
        let tokens = Self.root + ["serverTokens"]
        guard let shown = options.boolean(tokens) else { throw missing(tokens) }
        body.append(directive("server_tokens", [shown ? "on" : "off"], tokens))
        body += try fragment(Self.root + ["commonHttpConfig"])
        let hosts = Self.root + ["virtualHosts"]
        guard let members = options.readMembers(hosts).value else { throw missing(hosts) }
        for member in members { body += try servers(member.key, member.node, hosts + [member.key]) }
        body += try fragment(Self.root + ["appendHttpConfig"])
        return [block("http", [], body, Self.root)] + (try fragment(Self.root + ["appendConfig"]))
    }

    private func missing(_ path: [String]) -> ServiceDoubt {
        ServiceDoubt("\(OptionTree.spelled(path)) is not in the export", [options.evidence(path)])
    }

    private func required(_ name: String) throws(ServiceDoubt) -> String {
        guard case .value(let text, _) = options.readString(Self.root + [name]) else {
            throw missing(Self.root + [name])
        }
        return text
    }

    private func words(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).map(String.init)
    }

    private func directive(_ name: String, _ arguments: [String], _ path: [String]) -> NginxDirective {
        let place = options.evidence(path)
        return NginxDirective(name: name, arguments: arguments, block: nil, line: place.line ?? 1, file: place.path)
    }

    private func block(
        _ name: String, _ arguments: [String], _ body: [NginxDirective], _ path: [String]
    ) -> NginxDirective {
        var result = directive(name, arguments, path)
        result.block = body
        return result
    }

    /// Free text of an option; nothing where it is null, empty or an option that the release does not have.
    private func fragment(_ path: [String]) throws(ServiceDoubt) -> [NginxDirective] {
        switch options.readString(path) {
        case .value(let text, let place): return try parse(text, place)
        case .null, .missing: return []
        case .unavailable(let reason, let place): throw ServiceDoubt(reason, [place])
        }
    }

    private func fragment(_ node: JSONNode?, _ path: [String]) throws(ServiceDoubt) -> [NginxDirective] {
        try parse(node?.string ?? "", options.evidence(path))
    }

    private func parse(_ text: String, _ place: Evidence) throws(ServiceDoubt) -> [NginxDirective] {
        if text.isEmpty { return [] }
        do {
            return try NginxDirective.parse(Array(text.utf8), file: place.path)
        } catch {
            throw ServiceDoubt("\(place.path): \(error)", [place])
        }
    }

    private struct Listen {
        var address: String
        var isTLS: Bool
        var arguments: [String]
    }

    /// The one or two `server` blocks of a virtual host: with `forceSSL` another one redirects.
    private func servers(_ key: String, _ host: JSONNode, _ path: [String]) throws(ServiceDoubt) -> [NginxDirective] {
        func isSet(_ name: String) -> Bool { host[name]?.boolean == true }
        let hasTLS = isSet("onlySSL") || isSet("addSSL") || isSet("forceSSL")
        let listens = listens(host, hasTLS: hasTLS)
        let name = directive("server_name", [host["serverName"]?.string ?? key], path)
        func lines(_ of: [Listen]) -> [NginxDirective] { of.map { directive("listen", $0.arguments, path) } }
        var blocks: [NginxDirective] = []
        let code = host["redirectCode"]?.integer ?? 301
        if isSet("forceSSL") {
            let redirect = block(
                "location", ["/"], [directive("return", [String(code), "https://$host$request_uri"], path)], path)
            blocks.append(block("server", [], lines(listens.filter { !$0.isTLS }) + [name, redirect], path))
        }
        var body = lines(isSet("forceSSL") ? listens.filter(\.isTLS) : listens) + [name]
        if isSet("rejectSSL") { body.append(directive("ssl_reject_handshake", ["on"], path)) }
        if let target = host["globalRedirect"]?.string {
            let address = "http\(hasTLS ? "s" : "")://\(target)$request_uri"
            body.append(block("location", ["/"], [directive("return", [String(code), address], path)], path))
        }
        for location in host["locations"]?.object?.members ?? [] {
            let own = path + ["locations", location.key]
            var inner: [NginxDirective] = []
            if let text = location.node["return"]?.string { inner.append(directive("return", words(text), own)) }
            inner += try fragment(location.node["extraConfig"], own + ["extraConfig"])
            body.append(block("location", words(location.key), inner, own))
        }
        body += try fragment(host["extraConfig"], path + ["extraConfig"])
        blocks.append(block("server", [], body, path))
        return blocks
    }

    private func listens(_ host: JSONNode, hasTLS: Bool) -> [Listen] {
        func listen(_ address: String, _ port: Int64?, _ isTLS: Bool) -> Listen {
            let place = port.map { "\(address):\($0)" } ?? address
            return Listen(address: place, isTLS: isTLS, arguments: [place] + (isTLS ? ["ssl"] : []))
        }
        func integer(_ name: String) -> Int64? {
            options.reading(Self.root + [name], { $0.integer }).value
        }
        let tlsPort = integer("defaultSSLListenPort") ?? 443
        let plainPort = integer("defaultHTTPListenPort") ?? 80
        let own = host["listen"]?.array ?? []
        if !own.isEmpty {
            return own.map { listen($0["addr"]?.string ?? "*", $0["port"]?.integer, $0["ssl"]?.boolean == true) }
        }
        var entries: [(address: String, port: Int64?, isTLS: Bool?)] = []
        let common = options.reading(Self.root + ["defaultListen"], { $0.array }).value ?? []
        let addresses = (host["listenAddresses"]?.array ?? []).compactMap(\.string)
        if !common.isEmpty {
            entries = common.map { ($0["addr"]?.string ?? "*", $0["port"]?.integer, $0["ssl"]?.boolean) }
        } else if !addresses.isEmpty {
            entries = addresses.map { ($0, nil, nil) }
        } else {
            let all = options.readStrings(Self.root + ["defaultListenAddresses"]).value ?? ["0.0.0.0"]
            entries = all.map { ($0, nil, nil) }
        }
        var result: [Listen] = []
        func port(_ entry: (address: String, port: Int64?, isTLS: Bool?), _ usual: Int64) -> Int64? {
            entry.port ?? (entry.address.hasPrefix("unix:") ? nil : usual)
        }
        if hasTLS || host["rejectSSL"]?.boolean == true {
            for entry in entries where entry.isTLS != false {
                result.append(listen(entry.address, port(entry, tlsPort), true))
            }
        }
        if host["onlySSL"]?.boolean != true {
            for entry in entries where entry.isTLS != true {
                result.append(listen(entry.address, port(entry, plainPort), false))
            }
        }
        return result
    }
}
