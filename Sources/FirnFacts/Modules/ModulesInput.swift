import FirnModel
import FirnParsing

/// What decides which modules enter the kernel, from either source.
struct ModulesInput: Sendable {
    var rules = ModprobeRules()
    /// The modules that systemd-modules-load.service loads, with `_`, and where they stand; why they are not known.
    var atBoot: [(module: String, evidence: Evidence)] = []
    var atBootProblem: (reason: String, evidence: Evidence)?
    /// The types of the file systems that are mounted at boot.
    var fileSystems: Set<String> = []
    var fileSystemsProblem: (reason: String, evidence: Evidence)?
    /// The groups in use, and why.
    var used: [String: Evidence] = [:]
    /// The groups of which it is not known whether they are in use, and why.
    var usedProblem: [String: (reason: String, evidence: Evidence)] = [:]
    /// The modules of the kernel; nil where the target does not show them.
    var kernel: KernelModules?
    /// Whether loading is shut off after boot.
    var locked: Fact?

    /// The facts.
    func facts(_ table: ModulesTable, _ context: SystemContext) -> FactBatch {
        var batch = FactBatch()
        let version = context.kernelVersion.flatMap { DottedVersion($0) }
        for group in table.groups {
            let (autoloads, loadable) = self.facts(group, table, version)
            batch.facts[FactKey("modules.autoloads.\(group.name)")] = autoloads
            batch.facts[FactKey("modules.loadable.\(group.name)")] = loadable
        }
        batch.facts["modules.locked"] = locked
        if let (reason, evidence) = rules.hidden {
            batch.facts["modules.install-commands"] = .unavailable(reason: reason, [evidence])
        } else {
            let commands = rules.commands
            batch.facts["modules.install-commands"] = .known(
                .strings(commands.map(\.text)),
                commands.isEmpty ? [Evidence(path: "/etc/modprobe.d")] : commands.map(\.evidence))
        }
        if let (reason, evidence) = atBootProblem {
            batch.facts["modules.at-boot"] = .unavailable(reason: reason, [evidence])
        } else {
            var names: Set<String> = []
            var places: [Evidence] = []
            for (module, evidence) in atBoot where names.insert(module).inserted { places.append(evidence) }
            batch.facts["modules.at-boot"] = .known(.strings(names.sorted()), Array(places.prefix(40)))
        }
        return batch
    }

    private func facts(
        _ group: ModulesTable.Group, _ table: ModulesTable, _ version: DottedVersion?
    ) -> (autoloads: Fact, loadable: Fact) {
        if let evidence = used[group.name] {
            return (.known(.list([]), [evidence]), .known(.list([]), [evidence]))
        }
        if let (reason, evidence) = rules.hidden {
            let fact = Fact.unavailable(reason: "no readable file decides it, and \(reason)", [evidence])
            return (fact, fact)
        }
        if group.areFileSystems, let (reason, evidence) = fileSystemsProblem {
            let fact = Fact.unavailable(reason: reason, [evidence])
            return (fact, fact)
        }
        var autoloads = Offenders()
        var loadable = Offenders()
        for module in group.modules {
            let known = table.modules[module]
            if let until = known?.until, let version, version >= until { continue }
            if let since = known?.since, let version, version < since { continue }
            if group.areFileSystems, fileSystems.contains(module) { continue }
            switch kernel?.state(module) {
            case .missing?: continue
            case .builtIn(let evidence)?:
                // What is built in needs no loading, and nothing can keep it out.
                autoloads.add(module, .open, [evidence])
                loadable.add(module, .open, [evidence])
                continue
            case .module?, nil: break
            }
            // What is loaded at boot goes by its name; only a blacklist still keeps it out (systemd-modules-load(8)).
            let boot = atBoot.first { $0.module == module }.map { [$0.evidence] }
            var (name, alias, places) = rules.ways(module, aliases: boot == nil ? known?.aliases ?? [] : [])
            for needed in known?.needs ?? [] where name != .stopped {
                let other = rules.ways(needed, aliases: [])
                if other.name == .stopped { (name, alias, places) = (.stopped, .stopped, other.evidence) }
            }
            autoloads.add(module, alias, alias == .open ? boot ?? places : places)
            loadable.add(module, name, name == .open && alias == .open ? boot ?? places : places)
        }
        guard let (reason, evidence) = usedProblem[group.name] else { return (autoloads.fact, loadable.fact) }
        // Where nothing is open it does not matter whether the group is in use.
        let doubt = Fact.unavailable(reason: reason, [evidence])
        return (autoloads.names.isEmpty ? autoloads.fact : doubt, loadable.names.isEmpty ? loadable.fact : doubt)
    }

    /// Modules that nothing stops, while they are collected.
    private struct Offenders {
        var names: [String] = []
        var evidence: [Evidence] = []
        /// Those that no line speaks of.
        var unnamed: [String] = []
        /// The lines that stop the others.
        var places: [Evidence] = []
        var problem: (reason: String, evidence: [Evidence])?

        mutating func add(_ name: String, _ way: ModprobeRules.Way, _ lines: [Evidence]) {
            switch way {
            case .stopped: places += lines
            case .open:
                names.append(name)
                evidence += lines
                if lines.isEmpty { unnamed.append(name) }
            case .unknown(let reason): if problem == nil { problem = (reason, lines) }
            }
        }

        /// One that is surely not stopped decides; else a doubt does.
        var fact: Fact {
            if !names.isEmpty {
                let none =
                    unnamed.isEmpty
                    ? []
                    : [Evidence(path: "/etc/modprobe.d", text: "nothing keeps out \(unnamed.joined(separator: ", "))")]
                return .known(.strings(names), evidence + none)
            }
            if let problem { return .unavailable(reason: problem.reason, problem.evidence) }
            return .known(.list([]), places)
        }
    }
}

/// The modules a kernel has: `modules.dep` and `modules.builtin` of its module tree.
struct KernelModules: Sendable {
    /// What a module is in this kernel.
    enum State: Sendable, Hashable {
        case missing
        case module
        case builtIn(Evidence)
    }

    private let modules: Set<String>
    private let builtIn: Set<String>
    private let builtInPath: String

    /// Reads the two lists for the names that are asked about.
    init(dependencies: [UInt8], builtIn: [UInt8], builtInPath: String, asked: Set<String>) {
        modules = Self.names(dependencies, asked)
        self.builtIn = Self.names(builtIn, asked)
        self.builtInPath = builtInPath
    }

    func state(_ module: String) -> State {
        if builtIn.contains(module) {
            return .builtIn(Evidence(path: builtInPath, text: "\(module) is built into the kernel"))
        }
        return modules.contains(module) ? .module : .missing
    }

    /// The names of the files that begin the lines: `kernel/net/sctp/sctp.ko.xz: ...` is sctp.
    private static func names(_ bytes: [UInt8], _ asked: Set<String>) -> Set<String> {
        var found: Set<String> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let path = line.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: " ") }
            let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? path.startIndex
            let stem = path[start...].prefix { $0 != UInt8(ascii: ".") }
            guard stem.count <= 40 else { continue }
            let name = String(decoding: stem.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
            if asked.contains(name) { found.insert(name) }
        }
        return found
    }
}
