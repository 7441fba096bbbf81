import FirnModel
import FirnReportCore
import FirnReports
import Glibc

/// Evaluates NixOS configurations with `nix-instantiate` from PATH.
struct NixEvaluation {
    /// The largest option JSON that is taken.
    static let limit = 256 << 20
    /// How many options may end an evaluation before it is given up.
    static let repetitions = 6
    /// The heap that Nix begins with, unless the environment says: it collects garbage several times while a small one grows.
    private static let heap = (name: "GC_INITIAL_HEAP_SIZE", value: "2G")
    /// What of the environment the evaluation sees; a token in another variable stays out.
    private static let passed = [
        "PATH", "HOME", "USER", "LANG", "TMPDIR", "NIX_PATH", "NIXPKGS", "NIX_CONFIG", "NIX_CONF_DIR",
        "NIX_USER_CONF_FILES",
        "NIX_REMOTE", "NIX_STATE_DIR", "NIX_STORE_DIR", "NIX_SSL_CERT_FILE", "SSL_CERT_FILE", "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "XDG_STATE_HOME",
    ]

    private let nixpkgs: String
    private let system: String?
    private let timeout: Int

    init(nixpkgs: String?, system: String?, timeout: Int) throws(CommandFailure) {
        guard NixProgram.path("nix-instantiate") != nil else {
            throw CommandFailure(
                "--verify needs nix-instantiate in PATH; install Nix (Debian: nix-bin), or leave --verify out")
        }
        self.system = system
        self.timeout = timeout
        let given = nixpkgs ?? getenv("NIXPKGS").map { String(cString: $0) }
        guard let given else {
            self.nixpkgs = "<nixpkgs>"
            return
        }
        guard let resolved = realpath(given, nil) else {
            throw CommandFailure("\(given): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        self.nixpkgs = Self.pathExpression(String(cString: resolved))
    }

    /// An absolute path as a Nix expression, whatever characters it has.
    static func pathExpression(_ path: String) -> String {
        "(/. + " + NixLiteral.render(.string(path)) + ")"
    }

    /// The option JSON of a configuration, with a module on top.
    ///
    /// The expression goes to Nix on standard input and the options come back through a pipe: they hold passwords, and
    /// nothing of them, and no file of ours, is ever on a disk.
    /// What Nix cannot catch (abort, infinite recursion, a missing file) ends an evaluation. It is then repeated without the
    /// option it ended at, which becomes unavailable; so does what depends on it, one option a repetition.
    func options(of configuration: String, module: String?) throws(CommandFailure) -> [UInt8] {
        var omitted: [String] = []
        var result = try run(configuration, module: module, omit: omitted)
        while result.code != 0, omitted.count < Self.repetitions,
            let option = Self.culprit(String(decoding: result.err, as: UTF8.self)), !omitted.contains(option)
        {
            omitted.append(option)
            result = try run(configuration, module: module, omit: omitted)
        }
        guard result.code == 0 else {
            let text = String(decoding: result.err, as: UTF8.self)
            let what = module == nil ? "the configuration does not evaluate" : "with the module it does not evaluate"
            throw CommandFailure("\(configuration): \(what):\n" + Self.tail(text))
        }
        return result.out
    }

    private func run(
        _ configuration: String, module: String?, omit: [String]
    ) throws(CommandFailure) -> NixProgram.Ended {
        var program = NixProgram.Run(
            arguments: ["nix-instantiate", "--eval", "--strict", "--json", "--readonly-mode", "--show-trace", "-"])
        program.input = Array(expression(configuration, module: module, omit: omit).utf8)
        program.environment = Self.passed.compactMap { name in
            getenv(name).map { name + "=" + String(cString: $0) }
        }
        let heap = getenv(Self.heap.name).map { String(cString: $0) } ?? Self.heap.value
        program.environment.append(Self.heap.name + "=" + heap)
        program.timeout = timeout
        program.limit = Self.limit
        return try program.run()
    }

    /// The option the exporter was at when Nix gave up, as its trace names it.
    static func culprit(_ text: String) -> String? {
        let mark = "firn exports the option "
        for line in text.split(separator: "\n") {
            if let range = line.firstRange(of: mark) { return String(line[range.upperBound...]) }
        }
        return nil
    }

    private func expression(_ configuration: String, module: String?, omit: [String]) -> String {
        var arguments = "nixpkgs = \(nixpkgs);\n  configuration = \(Self.pathExpression(configuration));\n"
        if let system { arguments += "  system = \(NixLiteral.render(.string(system)));\n" }
        if let module {
            // Nix names the file of a definition that is wrong.
            arguments += "  extraModules = [ { _file = \"hardening-fix.nix\"; imports = [ (\n\(module)\n) ]; } ];\n"
        }
        let reason = NixLiteral.render(.string("its evaluation ends with an error that cannot be caught"))
        let pairs = omit.map { "${\(NixLiteral.render(.string($0)))} = \(reason);" }
        arguments += "  omit = { \(pairs.joined(separator: " ")) };\n"
        for (name, text) in [("exported", NixExporter.exportedOptions), ("secrets", NixExporter.secrets)] {
            arguments += "  \(name) = builtins.fromTOML \(NixLiteral.render(.string(text)));\n"
        }
        arguments += "  optionSecrets = (\n\(NixExporter.optionSecrets)\n);\n"
        // Who defines an option is of no use here.
        arguments += "  fixPaths = [ ];\n"
        return "(\n\(NixExporter.text)\n) {\n  withToplevel = false;\n  \(arguments)}\n"
    }

    /// The end of what Nix said, from its last `error:` on.
    private static func tail(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { VisibleText.escape(String($0)) }
        let start = lines.lastIndex { $0.contains("error:") } ?? max(lines.count - 8, 0)
        return lines[start...].prefix(12).joined(separator: "\n")
    }
}
