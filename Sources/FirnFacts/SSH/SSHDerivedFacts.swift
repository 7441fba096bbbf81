import FirnModel
import FirnParsing

/// Facts that several keywords decide together.
struct SSHDerivedFacts {
    let tables: SSHKnowledge
    let reading: SSHFactBuilder.Reading
    let state: SSHState

    private var dialect: SSHDDialect { reading.configuration.dialect }

    func add(to batch: inout FactBatch) {
        hostKeys(into: &batch)
        for keyword in ["PubkeyAcceptedAlgorithms", "CASignatureAlgorithms", "HostbasedAcceptedAlgorithms"] {
            broken(keyword, into: &batch)
        }
        terrapin(into: &batch)
        rateLimit(into: &batch)
    }

    private func evidence(_ keyword: String) -> [Evidence] {
        reading.answers[keyword].map { SSHFactBuilder.evidence($0, keyword, reading) } ?? []
    }

    private func undetermined(_ keyword: String) -> Fact {
        if case .undetermined(let reason, _)? = reading.answers[keyword] {
            return .unavailable(reason: reason, evidence(keyword))
        }
        return .unavailable(reason: "\(keyword) cannot be told", evidence(keyword))
    }

    /// The types in the usual names of host key files, and the algorithms that keys of these types can serve: sshd offers
    /// no other, whatever HostKeyAlgorithms lists.
    private func hostKeys(into batch: inout FactBatch) {
        guard let files = reading.answers["HostKey"]?.values else {
            batch.facts["ssh.host-keys"] = undetermined("HostKey")
            batch.facts["ssh.HostKeyAlgorithms.offered"] = undetermined("HostKey")
            return
        }
        var types: [String] = []
        for file in files where file != "none" {
            let name = file.split(separator: "/").last.map(String.init) ?? file
            let isUsual = name.hasPrefix("ssh_host_") && name.hasSuffix("_key") && name.utf8.count > 13
            types.append(isUsual ? String(name.dropFirst(9).dropLast(4)) : name)
        }
        batch.facts["ssh.host-keys"] = .known(.strings(types), evidence("HostKey"))
        guard let listed = reading.answers["HostKeyAlgorithms"]?.values else {
            batch.facts["ssh.HostKeyAlgorithms.offered"] = undetermined("HostKeyAlgorithms")
            return
        }
        var offered = listed
        let usesAgent = reading.answers["HostKeyAgent"]?.values != ["none"]
        if !usesAgent, types.allSatisfy({ tables.keyTypes[$0] != nil }) {
            let hasCertificates = reading.answers["HostCertificate"]?.values != []
            let possible = types.reduce(into: Set<String>()) { $0.formUnion(tables.keyTypes[$1] ?? []) }
            offered = listed.filter { possible.contains($0) && (hasCertificates || !$0.contains("-cert-v0")) }
        }
        batch.facts["ssh.HostKeyAlgorithms.offered"] = .known(
            .strings(offered), evidence("HostKeyAlgorithms") + evidence("HostKey"))
    }

    /// What of a list of signature algorithms is practically broken.
    private func broken(_ keyword: String, into batch: inout FactBatch) {
        let key = FactKey("ssh.\(keyword).broken")
        guard dialect.keywords[keyword] != nil else { return }
        guard let listed = reading.answers[keyword]?.values else {
            batch.facts[key] = undetermined(keyword)
            return
        }
        var found: [String] = []
        for name in listed {
            guard let isBroken = tables.isBroken(name) else {
                batch.facts[key] = .unavailable(
                    reason: "\(name) is not in the table of algorithms", evidence(keyword))
                return
            }
            if isBroken { found.append(name) }
        }
        batch.facts[key] = .known(.strings(found), evidence(keyword))
    }

    /// Prefix truncation (CVE-2023-48795): strict key exchange, which prevents it, came with OpenSSH 9.6. Before, a
    /// server is open to it when it offers ChaCha20-Poly1305, or a CBC cipher with an encrypt-then-MAC code.
    private func terrapin(into batch: inout FactBatch) {
        let key: FactKey = "ssh.terrapin"
        let places = evidence("Ciphers") + evidence("MACs")
        if let version = dialect.version, version >= SSHDVersion(9, 6) {
            batch.facts[key] = .known(.boolean(false), state.command?.evidence ?? [])
            return
        }
        guard let ciphers = reading.answers["Ciphers"]?.values, let macs = reading.answers["MACs"]?.values else {
            batch.facts[key] = undetermined(reading.answers["Ciphers"]?.values == nil ? "Ciphers" : "MACs")
            return
        }
        let isOpen =
            ciphers.contains("chacha20-poly1305@openssh.com")
            || (ciphers.contains { $0.hasSuffix("-cbc") } && macs.contains { $0.contains("-etm@") })
        if isOpen, dialect.version == nil {
            batch.facts[key] = .unavailable(reason: "the release of OpenSSH is not known", places)
        } else {
            batch.facts[key] = .known(.boolean(isOpen), places)
        }
    }

    /// What slows down guessing. Penalties and MaxStartups are kept by the listening sshd: where systemd listens and
    /// starts one sshd a connection, neither is in force.
    private func rateLimit(into batch: inout FactBatch) {
        batch.facts["ssh.rate-limit.fail2ban"] = state.fail2ban
        let penalties: FactKey = "ssh.rate-limit.penalties"
        let startups: FactKey = "ssh.rate-limit.max-startups"
        guard !state.usesSocket else {
            batch.facts[penalties] = .known(.boolean(false), state.activation)
            batch.facts[startups] = .known(.boolean(false), state.activation)
            return
        }
        if dialect.version == nil {
            batch.facts[penalties] = .unavailable(reason: "the release of OpenSSH is not known", [])
        } else if dialect.keywords["PerSourcePenalties"] == nil {
            batch.facts[penalties] = .known(.boolean(false), state.command?.evidence ?? [])
        } else if let value = reading.answers["PerSourcePenalties"]?.values?.first {
            // A failed login that costs nothing, or senders that are all exempt, leave guessing as fast as it was.
            let isFree = value.split(separator: " ").contains {
                $0.hasPrefix("authfail:") && !$0.contains { "123456789".contains($0) }
            }
            let exempt = reading.answers["PerSourcePenaltyExemptList"]?.values ?? []
            let isExempt = exempt.flatMap { $0.split(separator: ",") }.contains { $0.hasSuffix("/0") }
            batch.facts[penalties] = .known(
                .boolean(value != "no" && !isFree && !isExempt),
                evidence("PerSourcePenalties") + (isExempt ? evidence("PerSourcePenaltyExemptList") : []))
        } else {
            batch.facts[penalties] = undetermined("PerSourcePenalties")
        }
        if let value = reading.answers["MaxStartups"]?.values?.first {
            let numbers = value.split(separator: ":").compactMap { Int($0) }
            let dropsEarly = numbers.count == 3 && numbers[0] < numbers[2]
            batch.facts[startups] = .known(.boolean(dropsEarly), evidence("MaxStartups"))
        } else {
            batch.facts[startups] = undetermined("MaxStartups")
        }
    }
}
