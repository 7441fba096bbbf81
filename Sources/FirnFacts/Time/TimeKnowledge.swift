import FirnModel

/// `profiles/knowledge/time.toml`.
struct TimeKnowledge {
    /// A program that sets the clock.
    struct Service: Sendable, Hashable {
        var name: String
        var unit: String
        var style: String
        var option: String?
        var servers: [String]
        var nts: String?
    }

    let services: [Service]

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/time.toml"
        var services: [Service] = []
        for node in knowledge.tables["time"]?["service"]?.elements ?? [] {
            guard let name = node["name"]?.string, let unit = node["unit"]?.string, let style = node["style"]?.string
            else { throw DataError(file: file, line: node.line, message: "a service needs name, unit and style") }
            services.append(
                Service(
                    name: name, unit: unit, style: style, option: node["option"]?.string,
                    servers: node["servers"]?.strings ?? [], nts: node["nts"]?.string))
        }
        guard !services.isEmpty else { throw DataError(file: file, line: 0, message: "there are no services") }
        self.services = services
    }
}
