import FirnModel
import FirnParsing

/// What a source found of sshd, in the form from which both sources make the same facts.
struct SSHState {
    /// The text of sshd_config and where each of its lines comes from.
    struct Text {
        var bytes: [UInt8]
        var evidence: (SSHDLocation) -> Evidence
        var includes: (String) -> SSHDIncludes
    }

    /// The text, or why it cannot be read.
    enum Configuration {
        case text(Text)
        case unavailable(String)
    }

    /// The command that starts sshd, its arguments, and where it stands.
    struct Command {
        var words: [String]
        var evidence: [Evidence]
    }

    /// Whether sshd is set up at all, as a boolean fact.
    var configured: Fact
    /// Whether it is started at boot, as a boolean fact.
    var enabled: Fact
    /// Whether connections come through a socket unit.
    var usesSocket: Bool
    /// The evidence for that.
    var activation: [Evidence]
    /// What the socket unit listens on (`22`, `10.0.0.1:22`).
    var listenStreams: [String]
    /// The command.
    var command: Command?
    /// Paths in the store that may name the package, best first.
    var packagePaths: [String]
    /// The configuration.
    var configuration: Configuration
    /// Whether fail2ban is started at boot, as a boolean fact.
    var fail2ban: Fact
}

/// What the command line of sshd adds to its configuration (sshd(8)).
struct SSHCommandLine {
    /// The configuration file.
    var file = "/etc/ssh/sshd_config"
    /// Lines given with `-o`, which come before the file.
    var options: [String] = []
    /// Ports given with `-p`, which replace all Port lines.
    var ports: [String] = []
    /// Why the words do not tell what sshd is started with; nil when they do.
    var obstacle: String?

    init(_ parts: [String]) {
        let words = Self.unquoted(parts)
        if let program = words.first {
            // systemd replaces variables and specifiers when it starts the program (systemd.service(5)).
            if program.split(separator: "/").last != "sshd" {
                obstacle = "sshd is started by \(program), which is not followed"
            } else if words.contains(where: { $0.contains { "$%".contains($0) } }) {
                obstacle = "an argument of sshd is filled in by systemd when it starts"
            }
        }
        var pending = words.dropFirst()
        while let word = pending.popFirst() {
            guard word.hasPrefix("-"), word.utf8.count >= 2 else { continue }
            if word == "-4" || word == "-6" {
                options.append("AddressFamily " + (word == "-4" ? "inet" : "inet6"))
                continue
            }
            // Flags may stand together; the first that takes an argument ends them.
            guard let index = word.firstIndex(where: { "foph".contains($0) || "bCcEgku".contains($0) }),
                index != word.startIndex
            else { continue }
            let attached = String(word[word.index(after: index)...])
            let argument = attached.isEmpty ? pending.popFirst() ?? "" : attached
            switch word[index] {
            case "f": file = argument
            case "o": options.append(argument)
            case "p": ports.append(argument)
            case "h": options.append("HostKey " + argument)
            default: continue
            }
        }
    }
}

extension SSHCommandLine {
    /// The words with systemd's quotes taken away (systemd.service(5), "Command lines").
    fileprivate static func unquoted(_ parts: [String]) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isOpen = false
        for character in parts.joined(separator: " ") {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                isOpen = true
            } else if character == " " {
                if isOpen || !word.isEmpty { words.append(word) }
                word = ""
                isOpen = false
            } else {
                word.append(character)
            }
        }
        if isOpen || !word.isEmpty { words.append(word) }
        return words
    }
}

/// Reads the release of OpenSSH out of a path in the Nix store: `/nix/store/<hash>-openssh-10.3p1/bin/sshd`. The text has
/// the portable patch too (`10.3p1`).
enum SSHPackage {
    static func release(_ path: String) -> (version: SSHDVersion, text: String)? {
        let parts = path.split(separator: "/")
        guard parts.count >= 3, parts[0] == "nix", parts[1] == "store" else { return nil }
        let words = parts[2].split(separator: "-").dropFirst()
        guard words.first?.hasPrefix("openssh") == true else { return nil }
        for word in words {
            if word.contains("p"), word.first?.isNumber == true, let version = SSHDVersion(word) {
                return (version, String(word))
            }
        }
        return nil
    }
}
