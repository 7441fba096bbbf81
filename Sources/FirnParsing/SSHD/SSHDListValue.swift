/// Keywords that take several arguments of one kind.
enum SSHDListValue {
    static func read(
        _ keyword: SSHDKeyword, _ arguments: [String], dialect: SSHDDialect
    ) throws(SSHDRefusal) -> [String] {
        if keyword.kind == .keyOptions { return [try keyOptions(keyword, arguments)] }
        guard !arguments.isEmpty else { throw SSHDValue.missing(keyword) }
        if arguments.contains("") { throw SSHDRefusal("\(keyword.name) has an empty argument") }
        switch keyword.kind {
        case .listOrNone, .channelTimeouts:
            if arguments.contains(where: { $0.lowercased() == "none" }) {
                guard arguments.count == 1 else { throw SSHDRefusal("none must stand alone in \(keyword.name)") }
            } else if keyword.kind == .channelTimeouts {
                for argument in arguments { try channelTimeout(argument) }
            }
        case .users:
            for argument in arguments {
                guard let at = argument.firstIndex(of: "@") else { continue }
                guard SSHDPattern.addresses(nil, String(argument[argument.index(after: at)...])) != nil else {
                    throw SSHDRefusal("\(argument) is no pattern of \(keyword.name)")
                }
            }
        case .environmentNames:
            if let wrong = arguments.first(where: { $0.contains("=") }) {
                throw SSHDRefusal("\(wrong) is no name of an environment variable")
            }
        case .environment: return try environment(arguments)
        case .penalties:
            for argument in arguments { try penalty(argument, alone: arguments.count == 1, dialect: dialect) }
        case .methods: try methods(arguments)
        case .permittedOpens, .permittedListens: return try permitted(keyword, arguments)
        default: break
        }
        return arguments
    }

    private static func keyOptions(_ keyword: SSHDKeyword, _ arguments: [String]) throws(SSHDRefusal) -> String {
        var touch = false
        var verify = false
        for argument in arguments {
            switch argument.lowercased() {
            case "none": continue
            case "touch-required": touch = true
            case "verify-required": verify = true
            default: throw SSHDRefusal("\(argument) is no value of \(keyword.name)")
            }
        }
        let words = (touch ? ["touch-required"] : []) + (verify ? ["verify-required"] : [])
        return words.isEmpty ? "none" : words.joined(separator: " ")
    }

    private static func channelTimeout(_ argument: String) throws(SSHDRefusal) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex,
            SSHDValue.seconds(String(argument[argument.index(after: equals)...])) != nil
        else { throw SSHDRefusal("\(argument) is no channel timeout") }
    }

    /// The first value of a name counts.
    private static func environment(_ arguments: [String]) throws(SSHDRefusal) -> [String] {
        var seen: Set<Substring> = []
        var result: [String] = []
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "=") else {
                throw SSHDRefusal("SetEnv has an argument without '='")
            }
            if seen.insert(argument[..<equals]).inserted { result.append(argument) }
        }
        return result
    }

    private static let timePenalties: Set<String> = [
        "crash", "authfail", "invaliduser", "noauth", "grace-exceeded", "refuseconnection", "max", "min",
    ]

    private static func penalty(_ argument: String, alone: Bool, dialect: SSHDDialect) throws(SSHDRefusal) {
        let refusal = SSHDRefusal("\(argument) is no value of PerSourcePenalties")
        let lower = argument.lowercased()
        if lower == "yes" || lower == "no" {
            guard alone else { throw SSHDRefusal("\(argument) must stand alone in PerSourcePenalties") }
            return
        }
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw refusal }
        switch parts[0] {
        case "overflow", "overflow6":
            guard parts[1] == "deny-all" || parts[1] == "permissive" else { throw refusal }
        case "max-sources4", "max-sources6":
            guard SSHDValue.number(parts[1]) != nil else { throw refusal }
        default:
            guard timePenalties.contains(parts[0]) else { throw refusal }
            // 10.3 and later take fractions of a second.
            let whole = parts[1].split(separator: ".", maxSplits: 1).first.map(String.init) ?? parts[1]
            guard SSHDValue.seconds(parts[1]) != nil || SSHDValue.seconds(whole) != nil else { throw refusal }
        }
    }

    private static let methodNames: Set<String> = [
        "none", "publickey", "password", "keyboard-interactive", "hostbased", "gssapi-with-mic", "gssapi-keyex",
    ]

    private static func methods(_ arguments: [String]) throws(SSHDRefusal) {
        if arguments.contains("any") {
            guard arguments.count == 1 else { throw SSHDRefusal("any must stand alone in AuthenticationMethods") }
            return
        }
        for argument in arguments {
            for method in argument.split(separator: ",", omittingEmptySubsequences: false) {
                let name = method.prefix { $0 != ":" }
                guard methodNames.contains(String(name)) else {
                    throw SSHDRefusal("\(argument) is no list of authentication methods")
                }
            }
        }
    }

    private static func permitted(_ keyword: SSHDKeyword, _ arguments: [String]) throws(SSHDRefusal) -> [String] {
        if let first = arguments.first, first == "any" || first == "none" {
            guard arguments.count == 1 else { throw SSHDRefusal("\(first) must stand alone in \(keyword.name)") }
            return arguments
        }
        var result: [String] = []
        for argument in arguments {
            if keyword.kind == .permittedListens, !argument.contains(":") {
                guard argument == "*" || (SSHDValue.portNumber(argument) ?? 0) > 0 else {
                    throw SSHDRefusal("\(argument) is no port")
                }
                result.append("*:" + argument)
                continue
            }
            guard let place = SSHDPlace(argument), let port = place.port else {
                throw SSHDRefusal("\(argument) is no host and port")
            }
            guard port == "*" || (SSHDValue.portNumber(port) ?? 0) > 0 else {
                throw SSHDRefusal("\(port) is no port")
            }
            result.append(argument)
        }
        return result
    }
}

/// `host:port`, `[address]:port` or a host alone, as `hpdelim` cuts it.
struct SSHDPlace: Hashable {
    /// The host or address without brackets.
    var host: String
    /// What follows the colon.
    var port: String?

    init?(_ text: String) {
        guard !text.contains("/") else { return nil }
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<close])
            let after = text[text.index(after: close)...]
            if after.isEmpty { return }
            guard after.hasPrefix(":") else { return nil }
            port = String(after.dropFirst())
            return
        }
        guard let colon = text.firstIndex(of: ":") else {
            host = text
            return
        }
        host = String(text[..<colon])
        port = String(text[text.index(after: colon)...])
    }
}
