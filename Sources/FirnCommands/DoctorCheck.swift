import FirnCatalogue
import Glibc

/// One thing that `firn doctor` looks at.
struct DoctorCheck {
    /// What looking gave.
    enum State: String {
        case good, missing, broken

        var symbol: String {
            switch self {
            case .good: "✓"
            case .missing: "!"
            case .broken: "✗"
            }
        }

        /// The same where the locale has no such characters.
        var asciiSymbol: String {
            switch self {
            case .good: "+"
            case .missing: "!"
            case .broken: "x"
            }
        }
    }

    var state: State
    var name: String
    /// The commands and options that need it.
    var neededBy: String
    var found: String
    /// What to do; shown unless all is good.
    var help: String?

    private init(_ state: State, _ name: String, for neededBy: String, found: String, help: String? = nil) {
        self.state = state
        self.name = name
        self.neededBy = neededBy
        self.found = found
        self.help = help
    }

    /// All checks, in the order in which they are shown.
    static func all(_ console: Console, _ machine: DoctorMachine) -> [DoctorCheck] {
        [
            DoctorCheck(.good, "firn", for: "all", found: FirnCommand.version), catalogue,
            nix(machine), nixpkgs(machine), temporary(machine), nixDatabase(machine), history(machine),
            curl(machine),
            terminal(console), colour(console), locale(machine), zone(machine),
            proc(machine), capabilities(machine), audit(machine), program("sshd", machine), program("nft", machine),
        ]
    }

    // MARK: - Firn itself

    private static var catalogue: DoctorCheck {
        do {
            let catalogue = try Catalogue.embedded()
            return DoctorCheck(
                .good, "catalogue", for: "all",
                found: "\(catalogue.orderedRules.count) rules, digest \(catalogue.digest)")
        } catch {
            return DoctorCheck(
                .broken, "catalogue", for: "all", found: error.description,
                help: "install firn again: its own data is damaged")
        }
    }

    // MARK: - Nix and files

    private static func nix(_ machine: DoctorMachine) -> DoctorCheck {
        let path = machine.program("nix-instantiate")
        return DoctorCheck(
            path == nil ? .missing : .good, "nix-instantiate", for: "fix --verify", found: path ?? "not in PATH",
            help: "install nix (nixpkgs: nix; Debian: nix-bin)")
    }

    private static func nixpkgs(_ machine: DoctorMachine) -> DoctorCheck {
        func check(_ state: State, _ found: String) -> DoctorCheck {
            DoctorCheck(
                state, "nixpkgs", for: "fix --verify", found: found,
                help: "set NIXPKGS to a directory of nixpkgs, or give --nixpkgs DIR")
        }
        if let path = machine.variable("NIXPKGS"), !path.isEmpty {
            let denial = machine.denial(path + "/default.nix", R_OK)
            return check(denial == nil ? .good : .missing, "NIXPKGS=\(path)" + (denial.map { ": \($0)" } ?? ""))
        }
        guard let search = machine.variable("NIX_PATH"), !search.isEmpty else {
            return check(.missing, "neither NIXPKGS nor NIX_PATH is set")
        }
        // Entries are name=path, or a directory with nixpkgs in it. A path may be a URL, which only Nix can judge.
        let entries = search.split(separator: ":")
        let isThere = entries.contains { entry in
            entry.hasPrefix("nixpkgs=")
                || entry.hasPrefix("/") && machine.denial(entry + "/nixpkgs/default.nix", R_OK) == nil
        }
        return check(isThere ? .good : .missing, "NIX_PATH=\(search)" + (isThere ? "" : ": no nixpkgs in it"))
    }

    private static func temporary(_ machine: DoctorMachine) -> DoctorCheck {
        let path = machine.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let denial = machine.denial(path, W_OK | X_OK)
        return DoctorCheck(
            denial == nil ? .good : .missing, "temporary files", for: "fix --verify, report --closure",
            found: denial.map { "\(path): \($0)" } ?? path, help: "set TMPDIR to a directory you may write to")
    }

    /// The version of the schema of Nix's database that Firn can read.
    private static let nixSchema = "10"

    private static func nixDatabase(_ machine: DoctorMachine) -> DoctorCheck {
        let directory = "/nix/var/nix/db"
        func check(_ state: State, _ found: String, _ help: String? = nil) -> DoctorCheck {
            DoctorCheck(state, "nix database", for: "report --closure (SBOM)", found: found, help: help)
        }
        if let denial = machine.denial(directory + "/db.sqlite", R_OK) {
            return check(
                .missing, "\(directory)/db.sqlite: \(denial)",
                "run where Nix is, or on a root directory that has its own")
        }
        let schema = machine.text(directory + "/schema").map { $0.filter(\.isNumber) } ?? ""
        guard schema == nixSchema else {
            return check(
                .missing, "schema " + (schema.isEmpty ? "unreadable" : schema), "only schema \(nixSchema) is known")
        }
        return check(.good, "\(directory)/db.sqlite, schema \(schema)")
    }

    private static func history(_ machine: DoctorMachine) -> DoctorCheck {
        let directory = machine.variable("STATE_DIRECTORY").flatMap { $0.isEmpty ? nil : $0 } ?? "."
        let shown = directory == "." ? "the working directory" : directory
        let failure = machine.historyFailure(directory)
        return DoctorCheck(
            failure == nil ? .good : .missing, "history database", for: "history add",
            found: failure.map { "not in \(shown): \($0)" } ?? "can be made in \(shown)",
            help: "give --database a file in a directory you may write to")
    }

    private static func curl(_ machine: DoctorMachine) -> DoctorCheck {
        // Only PATH: that is where `firn updates` looks.
        let path = machine.program("curl")
        return DoctorCheck(
            path == nil ? .missing : .good, "curl", for: "updates (not --offline)", found: path ?? "not in PATH",
            help: "install curl, or use updates --offline")
    }

    // MARK: - What is shown

    private static func terminal(_ console: Console) -> DoctorCheck {
        let isNarrow = console.isTerminal && console.columns < 60
        return DoctorCheck(
            isNarrow ? .missing : .good, "terminal", for: "text reports",
            found: (console.isTerminal ? "a terminal" : "no terminal") + ", \(console.columns) columns",
            help: "text wants 60 columns; use --format html")
    }

    private static func colour(_ console: Console) -> DoctorCheck {
        DoctorCheck(
            .good, "colour", for: "text reports",
            found: ColorChoice.auto.isOn(console) ? "on" : "off (no terminal, NO_COLOR or TERM=dumb)")
    }

    private static func locale(_ machine: DoctorMachine) -> DoctorCheck {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let value = names.lazy.compactMap { machine.variable($0) }.first { !$0.isEmpty }
        let text = (value ?? "").lowercased()
        let isUTF8 = text.contains("utf-8") || text.contains("utf8")
        return DoctorCheck(
            isUTF8 ? .good : .missing, "locale", for: "text reports", found: value ?? "not set",
            help: "symbols are UTF-8; set LANG=C.UTF-8 if they look wrong")
    }

    private static func zone(_ machine: DoctorMachine) -> DoctorCheck {
        DoctorCheck(
            .good, "time zone", for: "none",
            found: "every time is printed in UTC (TZ is \(machine.variable("TZ") ?? "not set"))")
    }

    // MARK: - What the live host will need

    private static let live = "live checks (to come)"

    private static func proc(_ machine: DoctorMachine) -> DoctorCheck {
        for path in ["/proc/self/status", "/proc/sys/kernel/osrelease", "/proc/1/stat"] {
            if let denial = machine.denial(path, R_OK) {
                return DoctorCheck(
                    .missing, "/proc", for: live, found: "\(path): \(denial)",
                    help: "mount proc; without hidepid for users other than root")
            }
        }
        return DoctorCheck(.good, "/proc", for: live, found: "readable")
    }

    /// linux/capability.h.
    private static let wanted: [(name: String, bit: UInt64)] = [("CAP_AUDIT_CONTROL", 30), ("CAP_AUDIT_READ", 37)]

    private static func capabilities(_ machine: DoctorMachine) -> DoctorCheck {
        let help = "run as root, or as a service with AmbientCapabilities"
        let line = machine.text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " }).last
        guard let digits, let effective = UInt64(digits, radix: 16) else {
            return DoctorCheck(
                .missing, "capabilities", for: live, found: "/proc/self/status names none", help: help)
        }
        let missing = wanted.filter { effective >> $0.bit & 1 == 0 }.map(\.name)
        let names =
            missing.isEmpty ? wanted.map(\.name).joined(separator: ", ") : "no " + missing.joined(separator: ", ")
        return DoctorCheck(missing.isEmpty ? .good : .missing, "capabilities", for: live, found: names, help: help)
    }

    private static func audit(_ machine: DoctorMachine) -> DoctorCheck {
        let failure = machine.auditFailure()
        return DoctorCheck(
            failure == nil ? .good : .missing, "audit netlink", for: live, found: failure ?? "the kernel answers",
            help: "wants CAP_AUDIT_CONTROL, a kernel with CONFIG_AUDIT, and no container")
    }

    private static func program(_ name: String, _ machine: DoctorMachine) -> DoctorCheck {
        // Not every PATH has the directories of root.
        let places = ["/run/current-system/sw/bin/", "/usr/sbin/"].map { $0 + name }
        let path = machine.program(name) ?? places.first { machine.denial($0, X_OK) == nil }
        return DoctorCheck(
            path == nil ? .missing : .good, name, for: live, found: path ?? "not found",
            help: "not needed where the host has no \(name)")
    }
}
