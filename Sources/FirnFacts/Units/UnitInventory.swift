import FirnParsing

/// The services and sockets of one system, and what starts them.
///
/// Other families may ask it; it reads each unit once, through the shared cache of ``SystemView``.
public struct UnitInventory: Sendable {
    /// The services, by name.
    public var services: [String: ServiceUnit] = [:]
    /// The sockets, by name.
    public var sockets: [String: SocketUnit] = [:]
    /// Services, sockets, timers and paths that can never start.
    public var masked: Set<String> = []
    /// Units that something starts and that cannot be read, and why.
    public var unreadable: [String: String] = [:]
    /// Timers of the configuration that nothing starts.
    public var idleTimers: Set<String> = []

    /// Creates an empty inventory.
    public init() {}

    /// The units of a closure or root.
    public init(_ system: SystemView, exposure: UnitExposure) throws(TreeError) {
        var walk = UnitWalk(system: system, exposure: exposure)
        self = try walk.inventory()
    }
}

/// Follows what starts what, from the targets of the boot on.
struct UnitWalk {
    let system: SystemView
    let exposure: UnitExposure
    private var result = UnitInventory()
    private var startedBy: [String: [String]] = [:]
    private var waiting: [String] = []
    private var links: [String: String] = [:]
    private var children: [String: [String]] = [:]

    init(system: SystemView, exposure: UnitExposure) {
        self.system = system
        self.exposure = exposure
    }

    mutating func inventory() throws(TreeError) -> UnitInventory {
        links = try system.unitLinks()
        try readPullers()
        while let name = waiting.popLast() { try visit(name) }
        for name in links.keys where name.hasSuffix(".service") || name.hasSuffix(".socket") {
            guard try system.canonicalUnit(name) == name else { continue }
            add(name)
        }
        for (name, link) in links where name.hasSuffix(".timer") || name.hasSuffix(".path") {
            if link == "/dev/null" {
                result.masked.insert(name)
            } else if name.hasSuffix(".timer"), startedBy[name] == nil, origin(name) == .configuration {
                result.idleTimers.insert(name)
            }
        }
        // An instance is judged as its template, unless drop-ins of its own make it another.
        for (name, starters) in startedBy where links[name] == nil {
            guard name.hasSuffix(".service"), let template = SystemView.template(of: name) else { continue }
            let canonical = try system.canonicalUnit(template)
            let entries = try system.unitEntries()
            if entries.contains(name + ".d") {
                add(name, starters)
            } else {
                result.services[canonical]?.startedBy += starters
            }
        }
        return result
    }

    /// The links in `.wants`, `.requires` and `.upholds`; targets that have some are where the walk starts.
    private mutating func readPullers() throws(TreeError) {
        for entry in try system.unitEntries() {
            guard let suffix = [".wants", ".requires", ".upholds"].first(where: entry.hasSuffix) else { continue }
            let puller = String(entry.dropLast(suffix.count))
            guard !SystemView.targetsBesideTheBoot.contains(puller) else { continue }
            children[puller, default: []] += try system.unitEntries(of: entry)
            if puller.hasSuffix(".target") { start(puller, by: "the boot") }
        }
        if links["default.target"] != nil { start("default.target", by: "the boot") }
    }

    private mutating func start(_ name: String, by starter: String) {
        if startedBy[name] == nil { waiting.append(name) }
        if startedBy[name]?.contains(starter) != true { startedBy[name, default: []].append(starter) }
    }

    private mutating func visit(_ name: String) throws(TreeError) {
        guard !SystemView.targetsBesideTheBoot.contains(name) else { return }
        for child in children[name] ?? [] { start(child, by: name) }
        let canonical = try system.canonicalUnit(name)
        if canonical != name {
            if SystemView.template(of: name) == nil {
                start(canonical, by: startedBy[name]?.first ?? name)
                return
            }
            for child in children[canonical] ?? [] { start(child, by: canonical) }
        }
        guard case .unit(let unit, _) = system.unit(name) else { return }
        for key in ["Wants", "Requires", "BindsTo", "Upholds"] {
            for assignment in unit.values("Unit", key) {
                for word in ServiceSandbox.words(assignment.value) { start(word, by: name) }
            }
        }
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        switch SystemView.unitType(name) {
        case ".socket":
            start(SocketUnit(name: name, unit: unit, startedBy: []).service, by: name)
        case ".timer":
            start(unit.value("Timer", "Unit")?.value ?? stem + ".service", by: name)
        case ".path":
            start(unit.value("Path", "Unit")?.value ?? stem + ".service", by: name)
        default: break
        }
    }

    private mutating func add(_ name: String, _ starters: [String]? = nil) {
        let starters = starters ?? startedBy[name] ?? []
        switch system.unit(name) {
        case .missing: break
        case .masked: result.masked.insert(name)
        case .unavailable(let reason): if !starters.isEmpty { result.unreadable[name] = reason }
        case .unit(let unit, let path):
            if name.hasSuffix(".socket") {
                result.sockets[name] = SocketUnit(name: name, unit: unit, startedBy: starters)
                return
            }
            let sandbox = exposure.sandbox(unit, instance: name.utf8.contains(UInt8(ascii: "@")) ? "i" : "")
            var by = starters
            if by.isEmpty, let bus = unit.value("Service", "BusName") { by = ["the bus name \(bus.value)"] }
            result.services[name] = ServiceUnit(
                name: name, path: path, origin: origin(name), unit: unit, sandbox: sandbox, startedBy: by)
        }
    }

    /// NixOS keeps a unit that it made in a store directory of its own, `<hash>-unit-<name>`.
    private func origin(_ name: String) -> ServiceUnit.Origin {
        guard let link = links[name] ?? SystemView.template(of: name).flatMap({ links[$0] }), link.hasPrefix("/") else {
            return .configuration
        }
        let parts = link.split(separator: "/")
        guard parts.count > 3, parts[0] == "nix", parts[1] == "store" else { return .configuration }
        let package = parts[2].drop(while: { $0 != "-" }).dropFirst()
        if package.hasPrefix("unit-") { return .configuration }
        if package.hasPrefix("systemd-"), package.dropFirst(8).first?.isNumber == true { return .systemd }
        return .package
    }
}
