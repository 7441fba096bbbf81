import FirnModel

/// The lists `network.services.<presence>` and `network.listen.<kind>`: the services that are started at boot, and those
/// that another machine can reach, by name; multi-instance services by the name of their unit.
struct ServiceFacts<Source: ServiceSource> {
    let source: Source
    let table: ServiceTable

    private enum Reach {
        case beyond([Evidence])
        case loopback([Evidence])
    }

    func facts() -> [FactKey: Fact] {
        var facts: [FactKey: Fact] = [:]
        for presence in table.presences {
            facts[FactKey("network.services.\(presence)")] = list(table.services.filter { $0.presence == presence }) {
                (unit, _) throws(ServiceDoubt) in .beyond([source.place(unit)])
            }
        }
        for kind in table.kinds {
            facts[FactKey("network.listen.\(kind)")] = list(
                table.services.filter { $0.kind == kind }, reach: reach)
        }
        return facts
    }

    private func list(
        _ services: [ServiceTable.Service],
        reach: (String, ServiceTable.Service) throws(ServiceDoubt) -> Reach
    ) -> Fact {
        var names: [String] = []
        var evidence: [Evidence] = []
        var harmless: [Evidence] = []
        var doubt: ServiceDoubt?
        for service in services {
            let units: [String]
            do {
                units = try source.started(service)
            } catch {
                return error.fact
            }
            // A socket and its service are one: what the first tells is enough where it is bad.
            for unit in units {
                do {
                    switch try reach(unit, service) {
                    case .beyond(let places):
                        let name = instance(unit, service)
                        if !names.contains(name) { names.append(name) }
                        evidence += places
                    case .loopback(let places): harmless += places
                    }
                } catch {
                    doubt = doubt ?? error
                }
            }
            if !service.superServed.isEmpty {
                do {
                    for place in try source.superServed() where service.superServed.contains(place.text.lowercased()) {
                        if !names.contains(service.name) { names.append(service.name) }
                        evidence.append(place.evidence)
                    }
                } catch {
                    doubt = doubt ?? error
                }
            }
        }
        // What is known to be reachable decides; a doubt about another service cannot make it better.
        if names.isEmpty, let doubt { return doubt.fact }
        return .known(.strings(names.sorted()), names.isEmpty ? harmless : evidence)
    }

    private func instance(_ unit: String, _ service: ServiceTable.Service) -> String {
        guard service.units.contains(where: { $0.contains("*") }), !service.units.contains(unit),
            let dot = unit.lastIndex(of: ".")
        else { return service.name }
        return String(unit[..<dot])
    }

    private func reach(_ unit: String, _ service: ServiceTable.Service) throws(ServiceDoubt) -> Reach {
        if let proof = try source.proof(service, unit) { return .loopback([proof.evidence]) }
        var places: [PlacedText] = []
        var doubt: ServiceDoubt?
        // Several places may each open the service; one that cannot be read leaves a doubt unless another is bad already.
        func add(_ found: () throws(ServiceDoubt) -> [PlacedText]) {
            do throws(ServiceDoubt) {
                places += try found()
            } catch {
                doubt = doubt ?? error
            }
        }
        if unit.hasSuffix(".socket") {
            let recipe = service.recipes.first { $0.socket == unit }
            add { () throws(ServiceDoubt) in try streams(unit, recipe) }
        } else {
            for recipe in service.recipes {
                if let socket = recipe.socket {
                    if try source.started().contains(socket) {
                        add { () throws(ServiceDoubt) in try streams(socket, recipe) }
                    }
                    continue
                }
                if !recipe.flags.isEmpty {
                    add { () throws(ServiceDoubt) in
                        try source.commands(unit).flatMap { text in
                            CommandWords.values(recipe.flags, in: text.text).map {
                                PlacedText(
                                    text: $0,
                                    evidence: Evidence(path: text.evidence.path, line: text.evidence.line, text: $0))
                            }
                        }
                    }
                }
                for variable in recipe.variables {
                    add { () throws(ServiceDoubt) in try source.variable(variable, unit).map { [$0] } ?? [] }
                }
                add { () throws(ServiceDoubt) in try source.configured(recipe, unit) }
            }
        }
        var open: [Evidence] = []
        var closed: [Evidence] = []
        for place in places {
            for part in place.text.split(separator: ",") {
                guard let isPublic = ListenAddress.isPublic(part) else {
                    doubt = ServiceDoubt("the address of \(service.name) depends on a variable", [place.evidence])
                    continue
                }
                if isPublic { open.append(place.evidence) } else { closed.append(place.evidence) }
            }
        }
        if !open.isEmpty { return .beyond(open) }
        if let doubt { throw doubt }
        if !closed.isEmpty { return .loopback(closed) }
        let evidence = Evidence(
            path: source.place(unit).path, text: "no address is set: the program's own default counts")
        return service.isPublicByDefault ? .beyond([evidence]) : .loopback([evidence])
    }

    /// The addresses of a socket unit, or what the options say of them where an export has no socket units.
    private func streams(_ socket: String, _ recipe: ServiceTable.Recipe?) throws(ServiceDoubt) -> [PlacedText] {
        do throws(ServiceDoubt) {
            let places = try source.streams(socket)
            if !places.isEmpty { return places }
            throw ServiceDoubt("\(socket) has no address", [source.place(socket)])
        } catch {
            guard let recipe, !recipe.options.isEmpty else { throw error }
            return try source.configured(recipe, socket)
        }
    }
}
