import FirnModel
import FirnParsing

/// Whether anything counts failed logins with pam_faillock: without it there are no records to watch.
enum AuditFaillock {
    /// The text of a PAM service.
    enum Text {
        case absent
        case lines([TextLine], Evidence)
        case unavailable(String, Evidence)
    }

    /// Asks the `services`, of `profiles/knowledge/pam-services.toml`, in their order.
    static func fact(_ services: [String], _ text: (String) -> Text) -> Fact {
        var doubt: Fact?
        for service in services {
            switch text(service) {
            case .absent: continue
            case .unavailable(let reason, let evidence):
                if doubt == nil { doubt = .unavailable(reason: reason, [evidence]) }
            case .lines(let lines, let evidence):
                guard let line = lines.first(where: { names($0.text) }) else { continue }
                var place = evidence
                if place.line == nil { place.line = line.number }
                place.text = String(line.text)
                return .known(.boolean(true), [place])
            }
        }
        return doubt ?? .known(.boolean(false), [Evidence(path: "/etc/pam.d", text: "no service uses pam_faillock")])
    }

    private static func names(_ line: Substring) -> Bool {
        guard line.utf8.first != UInt8(ascii: "#") else { return false }
        return line.firstRange(of: "pam_faillock") != nil
    }
}
