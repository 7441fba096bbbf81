import FirnModel
import FirnParsing

/// All files of modprobe.d of one system, in the order kmod reads them, and what they make of a module.
struct ModprobeRules: Sendable {
    /// A statement and where it stands.
    private struct Place: Sendable {
        var line: ModprobeFile.Line
        var evidence: Evidence
    }

    /// What becomes of a request for a module.
    enum Way: Sendable, Hashable {
        /// It does not load.
        case stopped
        /// Nothing stops it.
        case open
        /// It cannot be told, and why.
        case unknown(String)
    }

    private var blacklist: [String: Evidence] = [:]
    /// `install` lines; the first that matches counts.
    private var installs: [(pattern: String, command: String, evidence: Evidence)] = []
    private var aliases: [(pattern: String, module: String, evidence: Evidence)] = []
    /// `module_blacklist=` of the kernel, which refuses the module whoever asks.
    private var refused: [String: Evidence] = [:]
    /// Why a file cannot be read; it may say anything.
    private(set) var hidden: (reason: String, evidence: Evidence)?

    /// Adds a file; files are added in the order of their names.
    mutating func add(_ file: ModprobeFile, _ evidence: (Int, String) -> Evidence) {
        for line in file.lines {
            switch line.command {
            case .blacklist(let module):
                if blacklist[module] == nil { blacklist[module] = evidence(line.number, "blacklist \(module)") }
            case .install(let pattern, let command):
                installs.append((pattern, command, evidence(line.number, "install \(pattern) \(command)")))
            case .alias(let pattern, let module):
                aliases.append((pattern, module, evidence(line.number, "alias \(pattern) \(module)")))
            case .options, .remove, .softdep: continue
            }
        }
    }

    /// Notes that a file cannot be read.
    mutating func hide(_ reason: String, _ evidence: Evidence) {
        if hidden == nil { hidden = (reason, evidence) }
    }

    /// Adds the kernel's command line: `modprobe.blacklist=` is read by kmod, `module_blacklist=` by the kernel.
    mutating func add(parameters: [String], _ path: String) {
        for word in parameters {
            guard let equals = word.firstIndex(of: "=") else { continue }
            let name = word[..<equals]
            let evidence = Evidence(path: path, line: nil, text: String(word.prefix(200)))
            let modules = word[word.index(after: equals)...].split(separator: ",").compactMap {
                ModprobeFile.name(underscored: String($0))
            }
            // The kernel takes - and _ for the same in names of parameters.
            switch name.replacing("-", with: "_") {
            case "modprobe.blacklist":
                for module in modules where blacklist[module] == nil { blacklist[module] = evidence }
            // A later module_blacklist= replaces an earlier one (kernel/module/main.c, core_param).
            case "module_blacklist": refused = Dictionary(modules.map { ($0, evidence) }) { $1 }
            default: continue
            }
        }
    }

    /// What becomes of a module that is asked for by its name and by its aliases, and the lines that decide.
    ///
    /// The blacklist stops aliases before any command runs; the name runs the command of the first line that matches.
    func ways(_ module: String, aliases names: [String]) -> (name: Way, alias: Way, evidence: [Evidence]) {
        if let evidence = refused[module] { return (.stopped, .stopped, [evidence]) }
        var places = blacklist[module].map { [$0] } ?? []
        var name = Way.open
        if let install = installs.first(where: { ModprobePattern.matches($0.pattern, module) }) {
            places.insert(install.evidence, at: 0)
            name =
                Self.loadsNothing(install.command)
                ? .stopped : .unknown("\(module) is loaded by a command of its own, which is not understood")
        }
        if blacklist[module] != nil { return (name, .stopped, places) }
        guard name == .open, !names.isEmpty else { return (name, name, places) }
        for alias in names {
            guard let elsewhere = leadsElsewhere(Self.underscored(alias), module) else { return (.open, .open, []) }
            places += elsewhere
        }
        return (.open, .stopped, places)
    }

    /// The lines that take an alias away from its module; nil where it still leads there. An alias of the files comes
    /// before a command for the alias' name, and that before the aliases of the modules themselves.
    private func leadsElsewhere(_ alias: String, _ module: String) -> [Evidence]? {
        let found = aliases.filter { ModprobePattern.matches($0.pattern, alias) }
        if !found.isEmpty { return found.contains { $0.module == module } ? nil : found.map(\.evidence) }
        guard let install = installs.first(where: { ModprobePattern.matches($0.pattern, alias) }),
            Self.loadsNothing(install.command)
        else { return nil }
        return [install.evidence]
    }

    /// `install` lines whose command does something.
    var commands: [(text: String, evidence: Evidence)] {
        installs.filter { !Self.loadsNothing($0.command) }.map { ("\($0.pattern): \($0.command)", $0.evidence) }
    }

    private static func underscored(_ name: String) -> String { ModprobeFile.name(underscored: name) ?? name }

    /// Whether a command surely does nothing: `false` or `true` by whatever path, with nothing the shell would run
    /// besides. A path that is not there does nothing either.
    static func loadsNothing(_ command: String) -> Bool {
        let harmless = command.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "/.-_+: ".utf8.contains(byte)
        }
        guard harmless, let program = command.split(separator: " ").first else { return false }
        let name = program.split(separator: "/").last ?? ""
        return ["false", "true", ":"].contains(name)
    }
}
