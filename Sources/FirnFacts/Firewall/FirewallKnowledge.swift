import FirnModel

/// `profiles/knowledge/firewall.toml`: services that have no place in the open, and the ports names stand for.
struct FirewallKnowledge: Sendable, Hashable {
    /// A service that should not be open to anyone.
    struct Service: Sendable, Hashable {
        var name: String
        var tcp: PortSet
        var udp: PortSet
    }

    var sensitive: [Service]
    var names: FirewallNames

    private static let file = "profiles/knowledge/firewall.toml"

    init(_ knowledge: Knowledge) throws(DataError) {
        sensitive = []
        names = FirewallNames(services: [:])
        guard let table = knowledge.tables["firewall"] else {
            throw DataError(file: Self.file, line: 0, message: "the table is missing")
        }
        for node in table["service"]?.elements ?? [] {
            guard let name = node["name"]?.string, !name.isEmpty, node["why"]?.string != nil else {
                throw DataError(file: Self.file, line: node.line, message: "a service needs a name and a why")
            }
            let tcp = try Self.ports(node["tcp"])
            let udp = try Self.ports(node["udp"])
            guard !tcp.isEmpty || !udp.isEmpty else {
                throw DataError(file: Self.file, line: node.line, message: "the service \(name) has no port")
            }
            sensitive.append(Service(name: name, tcp: tcp, udp: udp))
        }
        for entry in table["port-names"]?.entries ?? [] {
            guard let number = entry.node.integer, (1...65535).contains(number) else {
                throw DataError(file: Self.file, line: entry.node.line, message: "\(entry.key) is no port")
            }
            names.services[entry.key] = Int(number)
        }
        guard !sensitive.isEmpty, !names.services.isEmpty else {
            throw DataError(file: Self.file, line: 0, message: "services or port names are missing")
        }
    }

    private static func ports(_ node: DataNode?) throws(DataError) -> PortSet {
        guard let node else { return .empty }
        guard let texts = node.strings, let set = FirewallNames(services: [:]).ports(texts, separator: "-") else {
            throw DataError(file: file, line: node.line, message: "ports must be a list of texts such as \"512-514\"")
        }
        return set
    }
}
