import ArgumentParser
import FirnCatalogue
import FirnReportCore
import Glibc

/// `firn doctor`: what this machine has and lacks for which command.
struct DoctorCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this machine lacks for which command.",
        discussion: """
            ✓ is there; ! a command or option that needs it will not work; ✗ Firn itself is broken.

            Example:
              firn doctor --format json

            Exit codes: 0 Firn works (whatever optional is missing), 2 something Firn itself needs is broken.
            """)

    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format: ListFormat = .text

    mutating func run(_ console: Console) throws -> Int32 {
        let checks = DoctorCheck.all(console)
        switch format {
        case .text:
            var columns = Columns()
            for check in checks {
                let help = check.help.map { "; " + $0 } ?? ""
                columns.add(
                    check.state.symbol, check.name, check.neededBy,
                    VisibleText.escape(check.found) + (check.state == .good ? "" : help))
            }
            console.out(columns.render(width: console.columns))
        case .json:
            console.out(
                JSONWriter.document { writer in
                    writer.array(checks) { writer, check in
                        writer.object { writer in
                            writer.member("name", check.name)
                            writer.member("state", check.state.rawValue)
                            writer.member("neededBy", check.neededBy)
                            writer.member("found", check.found)
                            writer.member("help", check.help)
                        }
                    }
                })
        }
        return checks.contains { $0.state == .broken } ? 2 : 0
    }
}

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
    }

    var state: State
    var name: String
    var neededBy: String
    var found: String
    var help: String?

    static func all(_ console: Console) -> [DoctorCheck] {
        [
            DoctorCheck(state: .good, name: "firn", neededBy: "all", found: FirnCommand.version),
            catalogue, nix, nixpkgs, temporary, terminal(console), colour(console), locale, zone,
        ]
    }

    private static var catalogue: DoctorCheck {
        do {
            let catalogue = try Catalogue.embedded()
            return DoctorCheck(
                state: .good, name: "catalogue", neededBy: "all",
                found: "\(catalogue.orderedRules.count) rules, digest \(catalogue.digest)")
        } catch {
            return DoctorCheck(
                state: .broken, name: "catalogue", neededBy: "all", found: error.description,
                help: "install firn again: its own data is damaged")
        }
    }

    private static var nix: DoctorCheck {
        let path = NixProgram.path("nix-instantiate")
        return DoctorCheck(
            state: path == nil ? .missing : .good, name: "nix-instantiate", neededBy: "fix --verify",
            found: path ?? "not in PATH", help: "install nix (nixpkgs: nix; Debian: nix-bin)")
    }

    private static var nixpkgs: DoctorCheck {
        for name in ["NIXPKGS", "NIX_PATH"] {
            if let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty {
                return DoctorCheck(
                    state: .good, name: "nixpkgs", neededBy: "fix --verify", found: "\(name)=\(value)")
            }
        }
        return DoctorCheck(
            state: .missing, name: "nixpkgs", neededBy: "fix --verify", found: "neither NIXPKGS nor NIX_PATH is set",
            help: "set one, or give --nixpkgs DIR")
    }

    private static var temporary: DoctorCheck {
        let path = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let isWritable = access(path, W_OK | X_OK) == 0
        return DoctorCheck(
            state: isWritable ? .good : .missing, name: "temporary files", neededBy: "fix --verify",
            found: isWritable ? path : "\(path): \(String(cString: strerror(errno)))",
            help: "set TMPDIR to a directory you may write to")
    }

    private static func terminal(_ console: Console) -> DoctorCheck {
        DoctorCheck(
            state: .good, name: "terminal", neededBy: "text reports",
            found: (console.isTerminal ? "a terminal" : "no terminal") + ", \(console.columns) columns")
    }

    private static func colour(_ console: Console) -> DoctorCheck {
        DoctorCheck(
            state: .good, name: "colour", neededBy: "text reports",
            found: ColorChoice.auto.isOn(console) ? "on" : "off (no terminal, NO_COLOR or TERM=dumb)")
    }

    private static var locale: DoctorCheck {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let value = names.lazy.compactMap { getenv($0).map { String(cString: $0) } }.first { !$0.isEmpty }
        let text = (value ?? "").lowercased()
        let isUTF8 = text.contains("utf-8") || text.contains("utf8")
        return DoctorCheck(
            state: isUTF8 ? .good : .missing, name: "locale", neededBy: "text reports", found: value ?? "not set",
            help: "symbols are UTF-8; set LANG=C.UTF-8 if they look wrong")
    }

    private static var zone: DoctorCheck {
        DoctorCheck(
            state: .good, name: "time zone", neededBy: "none",
            found: "every time is printed in UTC (TZ is \(getenv("TZ").map { String(cString: $0) } ?? "not set"))")
    }
}
