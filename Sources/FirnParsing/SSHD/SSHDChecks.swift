extension SSHDConfiguration {
    /// Everything for which sshd refuses to start: lines it cannot read, and what does not go together
    /// (the checks of sshd.c after the configuration is read).
    public func refusals() -> [SSHDProblem] {
        let answers = effective()
        var found = problems
        func report(_ keyword: String, _ message: String) {
            let location = answers[keyword]?.locations.first ?? SSHDLocation(file: "", line: 0, text: keyword)
            found.append(SSHDProblem(location: location, message: message, isUncertain: false))
        }
        for command in ["AuthorizedKeysCommand", "AuthorizedPrincipalsCommand"] {
            guard let value = answers[command]?.values?.first, value.lowercased() != "none" else { continue }
            if answers[command + "User"]?.values == ["none"], answers[command + "User"]?.locations.isEmpty == true {
                report(command, "\(command) is set without \(command)User")
            }
        }
        if let methods = answers["AuthenticationMethods"]?.values, methods != ["any"],
            !methods.contains(where: { Self.isSatisfiable($0, answers) })
        {
            report("AuthenticationMethods", "AuthenticationMethods names no list whose methods are all enabled")
        }
        if let family = answers["AddressFamily"]?.values?.first, family != "any" {
            for entry in answers["ListenAddress"]?.values ?? [] {
                guard let address = SSHDAddress(entry.prefix { $0 != " " }) else { continue }
                if (address.bytes.count == 4) != (family == "inet") {
                    report("ListenAddress", "ListenAddress \(address.text) is not of AddressFamily \(family)")
                }
            }
        }
        return found
    }

    private static let switches: [String: String] = [
        "publickey": "PubkeyAuthentication", "password": "PasswordAuthentication",
        "keyboard-interactive": "KbdInteractiveAuthentication", "hostbased": "HostbasedAuthentication",
        "gssapi-with-mic": "GSSAPIAuthentication", "gssapi-keyex": "GSSAPIAuthentication",
    ]

    private static func isSatisfiable(_ list: String, _ answers: [String: SSHDAnswer]) -> Bool {
        list.split(separator: ",").allSatisfy { method in
            let name = String(method.prefix { $0 != ":" })
            guard let keyword = switches[name] else { return name == "none" }
            return answers[keyword]?.values != ["no"]
        }
    }

    /// Where sshd listens, as `address:port`, wildcards as `0.0.0.0` and `[::]`; nil where it cannot be told. Host names
    /// stay as they are. `ports` replaces the Port lines, as `sshd -p` does.
    public func listeners(_ answers: [String: SSHDAnswer], ports override: [String] = []) -> [String]? {
        guard let configured = answers["Port"]?.values, let family = answers["AddressFamily"]?.values?.first,
            let addresses = answers["ListenAddress"]?.values
        else { return nil }
        let ports = override.isEmpty ? configured : override
        var result: [String] = []
        func add(_ text: String) {
            if !result.contains(text) { result.append(text) }
        }
        if addresses.isEmpty {
            for port in ports {
                if family != "inet6" { add("0.0.0.0:" + port) }
                if family != "inet" { add("[::]:" + port) }
            }
        }
        for entry in addresses {
            let parts = entry.split(separator: " ")
            guard parts.count == 2 else { return nil }
            for port in parts[1] == "0" ? ports : [String(parts[1])] {
                if let address = SSHDAddress(parts[0]) {
                    add(address.bytes.count == 16 ? "[\(address.text)]:\(port)" : "\(address.text):\(port)")
                } else {
                    add("\(parts[0]):\(port)")
                }
            }
        }
        return result
    }
}
