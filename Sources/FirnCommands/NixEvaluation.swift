import FirnModel
import FirnReportCore
import FirnReports
import Glibc

/// Evaluates NixOS configurations with `nix-instantiate` from PATH.
struct NixEvaluation {
    /// The largest option JSON that is taken.
    static let limit = 256 << 20
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
    func options(of configuration: String, module: String?) throws(CommandFailure) -> [UInt8] {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/firn-fix-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure("\(base): \(String(cString: strerror(errno)))")
        }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let names = ["evaluated-config.nix", "hardening-fix.nix", "stdout", "stderr"]
        defer {
            // The options hold passwords: nothing of them stays behind.
            for name in names { unlink(directory + "/" + name) }
            rmdir(directory)
        }
        try FileOutput.writeAtomically(NixExporter.text, to: directory + "/" + names[0])
        var arguments = [
            "nix-instantiate", "--eval", "--strict", "--json", "--readonly-mode", directory + "/" + names[0],
            "--arg", "nixpkgs", nixpkgs, "--arg", "configuration", Self.pathExpression(configuration),
        ]
        if let system { arguments += ["--argstr", "system", system] }
        if let module {
            try FileOutput.writeAtomically(module, to: directory + "/" + names[1])
            arguments += ["--arg", "extraModules", "[ \(Self.pathExpression(directory + "/" + names[1])) ]"]
        }
        let code = try spawn(arguments, out: directory + "/stdout", err: directory + "/stderr")
        guard code == 0 else {
            let text = String(decoding: try SmallFile.read(directory + "/stderr", limit: 64 << 20), as: UTF8.self)
            let what = module == nil ? "the configuration does not evaluate" : "with the module it does not evaluate"
            throw CommandFailure("\(configuration): \(what):\n" + Self.tail(text))
        }
        return try SmallFile.read(directory + "/stdout", limit: Self.limit)
    }

    /// The end of what Nix said, from its last `error:` on.
    private static func tail(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { VisibleText.escape(String($0)) }
        let start = lines.lastIndex { $0.contains("error:") } ?? max(lines.count - 8, 0)
        return lines[start...].prefix(12).joined(separator: "\n")
    }

    private func spawn(_ arguments: [String], out: String, err: String) throws(CommandFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let environment = Self.passed.compactMap { name in
            getenv(name).map { name + "=" + String(cString: $0) }
        }
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw CommandFailure("\(arguments[0]): \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        var waited = 0
        while true {
            let result = waitpid(pid, &status, WNOHANG)
            if result == pid { break }
            if result < 0, errno != EINTR {
                throw CommandFailure("nix-instantiate: \(String(cString: strerror(errno)))")
            }
            guard waited < timeout * 100 else {
                kill(-pid, SIGKILL)
                waitpid(pid, &status, 0)
                throw CommandFailure("nix-instantiate did not finish within \(timeout) seconds (--timeout)")
            }
            usleep(10_000)
            waited += 1
        }
        // WIFEXITED and WEXITSTATUS are macros.
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}

/// Programs in PATH.
enum NixProgram {
    /// Where a program is, or nil.
    static func path(_ name: String) -> String? {
        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for directory in search.split(separator: ":") {
            let path = "\(directory)/\(name)"
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 { return path }
        }
        return nil
    }
}
