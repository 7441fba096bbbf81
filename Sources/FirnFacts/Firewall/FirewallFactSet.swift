import FirnModel

/// What is known of a firewall before its rules are asked.
struct FirewallSituation {
    /// `firewall.enabled`, when it does not depend on the rules: iptables and firewalld are on when their unit is
    /// wanted, nftables only when its rules refuse something.
    var isEnabled: Bool?
    /// The backend when it is on.
    var backend: String
    /// Where that was seen.
    var evidence: [Evidence]
    /// The ports of the ssh daemon.
    var sshPorts: [Int]
}

/// The facts of the firewall family, from the model.
enum FirewallFactSet {
    static let keys: [FactKey] = [
        "firewall.enabled", "firewall.backend", "firewall.input.default", "firewall.forward.default",
        "firewall.open.tcp", "firewall.open.tcp.count", "firewall.open.tcp.widest", "firewall.open.udp",
        "firewall.open.udp.count", "firewall.open.udp.widest", "firewall.open.other", "firewall.open.sensitive",
        "firewall.open.by-interface", "firewall.open.by-source", "firewall.open.link-local",
        "firewall.trusted-interfaces", "firewall.icmp.echo", "firewall.reverse-path", "firewall.log-refused",
        "firewall.log-reverse-path", "firewall.rate-limit.ssh", "firewall.forwards", "firewall.masquerade",
        "firewall.extra-rules",
    ]

    /// All facts unavailable for one reason.
    static func unavailable(_ reason: String, _ evidence: [Evidence]) -> FactBatch {
        FactBatch(
            facts: Dictionary(
                uniqueKeysWithValues: keys.map { ($0, .unavailable(reason: reason, evidence)) }))
    }

    static func facts(
        _ ruleset: FilterRuleset, _ situation: FirewallSituation, knowledge: FirewallKnowledge
    ) -> FactBatch {
        var answers = FirewallAnswers(ruleset)
        var batch = FactBatch()
        if let problem = answers.problem {
            return unknown(problem, situation)
        }
        defaults(&answers, situation, &batch)
        openings(&answers, knowledge, &batch)
        others(&answers, situation, &batch)
        if let problem = answers.problem { return unknown(problem, situation) }
        return batch
    }

    /// The rules were not understood: only what does not depend on them is known.
    private static func unknown(_ problem: FilterRuleset.Problem, _ situation: FirewallSituation) -> FactBatch {
        let place = problem.evidence.line.map { "\(problem.evidence.path):\($0)" } ?? problem.evidence.path
        var batch = unavailable("\(place): \(problem.reason)", [problem.evidence])
        if situation.isEnabled == true {
            batch.facts["firewall.enabled"] = .known(.boolean(true), situation.evidence)
            batch.facts["firewall.backend"] = .known(.string(situation.backend), situation.evidence)
        }
        return batch
    }

    private static func defaults(
        _ answers: inout FirewallAnswers, _ situation: FirewallSituation, _ batch: inout FactBatch
    ) {
        let (input, inputEvidence) = answers.fate([.prerouting, .input], protocols: ["tcp", "udp", "other"])
        let (forward, forwardEvidence) = answers.fate([.prerouting, .forward], protocols: ["tcp", "udp"])
        let undecided = "a rule accepts packets under a condition that is not known"
        batch.facts["firewall.input.default"] =
            input.map { .known(.string($0), inputEvidence.isEmpty ? situation.evidence : inputEvidence) }
            ?? .unavailable(reason: reason(undecided, inputEvidence), inputEvidence)
        batch.facts["firewall.forward.default"] =
            forward.map {
                .known(
                    .string($0 == "reject" ? "drop" : $0),
                    forwardEvidence.isEmpty ? situation.evidence : forwardEvidence)
            } ?? .unavailable(reason: reason(undecided, forwardEvidence), forwardEvidence)
        let isEnabled: Bool? = situation.isEnabled ?? input.map { $0 != "accept" }
        if let isEnabled {
            batch.facts["firewall.enabled"] = .known(.boolean(isEnabled), situation.evidence)
            batch.facts["firewall.backend"] = .known(
                .string(isEnabled ? situation.backend : "none"), situation.evidence)
        } else {
            let fact = Fact.unavailable(reason: reason(undecided, inputEvidence), inputEvidence)
            batch.facts["firewall.enabled"] = fact
            batch.facts["firewall.backend"] = fact
        }
    }

    private static func reason(_ text: String, _ evidence: [Evidence]) -> String {
        guard let first = evidence.first else { return text }
        let place = first.line.map { "\(first.path):\($0)" } ?? first.path
        return "\(place): \(text)" + (first.text.map { ": \($0)" } ?? "")
    }

    // MARK: Openings

    private static func openings(
        _ answers: inout FirewallAnswers, _ knowledge: FirewallKnowledge, _ batch: inout FactBatch
    ) {
        var anyone: [String: FirewallAnswers.Opening] = [:]
        for name in ["tcp", "udp", "other"] + answers.protocols { anyone[name] = answers.opening(name) }
        let base = answers.ruleset.evidence
        for name in ["tcp", "udp"] {
            let opening = anyone[name] ?? FirewallAnswers.Opening()
            let key = "firewall.open." + name
            if let unknown = uncertain(opening) {
                for suffix in ["", ".count", ".widest"] { batch.facts[FactKey(key + suffix)] = unknown }
                continue
            }
            let found = FirewallAnswers.evidence(opening.hits, in: opening.certain)
            let evidence = found.isEmpty ? base : found
            batch.facts[FactKey(key)] = .known(.strings(opening.certain.texts), evidence)
            batch.facts[FactKey(key + ".count")] = .known(.integer(Int64(opening.certain.count)), evidence)
            batch.facts[FactKey(key + ".widest")] = .known(.integer(Int64(opening.certain.widest)), evidence)
        }
        sensitive(anyone, knowledge, base, &batch)

        var entries: [Entry] = []
        var unknown: Fact?
        for name in answers.protocols + ["other"] {
            let opening = anyone[name] ?? FirewallAnswers.Opening()
            if let fact = uncertain(opening) { unknown = unknown ?? fact }
            entries += Entry.list(subject: "", name, opening)
        }
        batch.facts["firewall.open.other"] = unknown ?? Entry.fact(entries, base)

        named(&answers, anyone, base, &batch)

        entries = []
        unknown = nil
        for name in ["tcp", "udp", "other"] + answers.protocols {
            var opening = answers.opening(name, isLinkOnly: true)
            reduce(&opening, by: anyone[name])
            if let fact = uncertain(opening) { unknown = unknown ?? fact }
            entries += Entry.list(subject: "", name, opening)
        }
        batch.facts["firewall.open.link-local"] = unknown ?? Entry.fact(entries, base)
    }

    /// The fact of an opening that cannot be told.
    private static func uncertain(_ opening: FirewallAnswers.Opening) -> Fact? {
        guard !opening.possible.isEmpty else { return nil }
        let evidence = FirewallAnswers.evidence(opening.hits.filter { !$0.isCertain }, in: opening.possible)
        return .unavailable(
            reason: reason("what a rule opens under a condition that is not known cannot be told", evidence), evidence)
    }

    private static func reduce(
        _ opening: inout FirewallAnswers.Opening, by other: FirewallAnswers.Opening?
    ) {
        guard let other else { return }
        opening.certain = opening.certain.subtracting(other.certain)
        opening.possible = opening.possible.subtracting(other.certain).subtracting(other.possible)
    }

    /// What is open to some interfaces or senders only.
    private static func named(
        _ answers: inout FirewallAnswers, _ anyone: [String: FirewallAnswers.Opening], _ base: [Evidence],
        _ batch: inout FactBatch
    ) {
        let names = ["tcp", "udp", "other"] + answers.protocols
        let isOpenToAll = ["tcp", "udp", "other"].allSatisfy { anyone[$0]?.certain.isAll ?? false }
        var trusted: [String] = isOpenToAll || answers.isTrusted(interface: nil) ? ["*"] : []
        var trustedEvidence: [Evidence] = []
        var byInterface: [Entry] = []
        var bySource: [Entry] = []
        var unknownInterface: Fact?
        var unknownSource: Fact?
        var ofInterface: [String: [String: FirewallAnswers.Opening]] = [:]
        for interface in answers.interfaces {
            let isTrusted = trusted != ["*"] && answers.isTrusted(interface: interface)
            for name in names {
                var opening = answers.opening(name, interface: interface)
                ofInterface[interface, default: [:]][name] = opening
                reduce(&opening, by: anyone[name])
                if isTrusted {
                    let hits = opening.hits.filter { !$0.ports.intersection(opening.certain).isEmpty }
                    trustedEvidence += hits.map(\.evidence)
                    continue
                }
                if let fact = uncertain(opening) { unknownInterface = unknownInterface ?? fact }
                byInterface += Entry.list(subject: interface, name, opening)
            }
            if isTrusted { trusted.append(interface) }
        }
        for source in answers.sources {
            let isTrusted = !isOpenToAll && answers.isTrusted(interface: nil, source: source)
            var own: [String: FirewallAnswers.Opening] = [:]
            for name in names {
                var opening = answers.opening(name, source: source)
                own[name] = opening
                reduce(&opening, by: anyone[name])
                if let fact = uncertain(opening) { unknownSource = unknownSource ?? fact }
                if !isTrusted { bySource += Entry.list(subject: source, name, opening) }
            }
            if isTrusted {
                bySource.append(
                    Entry(
                        subject: source, protocolName: "any", range: nil,
                        evidence: FirewallAnswers.evidence(own["tcp"]?.hits ?? [], in: .all)))
                continue
            }
            for interface in answers.interfaces where !trusted.contains(interface) {
                for name in names {
                    var opening = answers.opening(name, interface: interface, source: source)
                    reduce(&opening, by: anyone[name])
                    reduce(&opening, by: own[name])
                    reduce(&opening, by: ofInterface[interface]?[name])
                    if let fact = uncertain(opening) { unknownSource = unknownSource ?? fact }
                    bySource += Entry.list(subject: "\(source) on \(interface)", name, opening)
                }
            }
        }
        batch.facts["firewall.trusted-interfaces"] =
            unknownInterface
            ?? .known(
                .strings(trusted.sorted()), trustedEvidence.isEmpty ? base : FirewallAnswers.unique(trustedEvidence))
        batch.facts["firewall.open.by-interface"] = unknownInterface ?? Entry.fact(byInterface, base)
        batch.facts["firewall.open.by-source"] = unknownSource ?? Entry.fact(bySource, base)
    }

    /// One line of a list of openings.
    private struct Entry: Hashable {
        var subject: String
        var protocolName: String
        var range: ClosedRange<Int>?
        var evidence: [Evidence]

        var text: String {
            [subject, protocolName, range.map(PortSet.text) ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        }

        static func list(
            subject: String, _ protocolName: String, _ opening: FirewallAnswers.Opening
        ) -> [Entry] {
            let evidence = { (range: ClosedRange<Int>) in
                FirewallAnswers.evidence(opening.hits, in: PortSet([range]))
            }
            if !FirewallWalk.hasPorts(protocolName) {
                guard !opening.certain.isEmpty else { return [] }
                let name = protocolName == "other" ? "any other protocol" : protocolName
                return [Entry(subject: subject, protocolName: name, range: nil, evidence: evidence(0...65535))]
            }
            return opening.certain.ranges.map {
                Entry(subject: subject, protocolName: protocolName, range: $0, evidence: evidence($0))
            }
        }

        static func fact(_ entries: [Entry], _ base: [Evidence]) -> Fact {
            let sorted = entries.sorted { left, right in
                (left.subject, left.protocolName, left.range?.lowerBound ?? -1)
                    < (right.subject, right.protocolName, right.range?.lowerBound ?? -1)
            }
            let evidence = FirewallAnswers.unique(sorted.flatMap(\.evidence))
            return .known(.strings(sorted.map(\.text)), evidence.isEmpty ? base : evidence)
        }
    }

    private static func sensitive(
        _ anyone: [String: FirewallAnswers.Opening], _ knowledge: FirewallKnowledge, _ base: [Evidence],
        _ batch: inout FactBatch
    ) {
        let key: FactKey = "firewall.open.sensitive"
        var names: [String] = []
        var evidence: [Evidence] = []
        for service in knowledge.sensitive {
            for (protocolName, ports) in [("tcp", service.tcp), ("udp", service.udp)] where !ports.isEmpty {
                guard let opening = anyone[protocolName] else { continue }
                if !opening.possible.intersection(ports).isEmpty,
                    opening.certain.intersection(ports).isEmpty
                {
                    if let fact = uncertain(opening) { batch.facts[key] = fact }
                    return
                }
                guard !opening.certain.intersection(ports).isEmpty else { continue }
                if !names.contains(service.name) { names.append(service.name) }
                evidence += FirewallAnswers.evidence(opening.hits, in: ports)
            }
        }
        batch.facts[key] = .known(.strings(names), evidence.isEmpty ? base : FirewallAnswers.unique(evidence))
    }

    // MARK: The rest

    private static func others(
        _ answers: inout FirewallAnswers, _ situation: FirewallSituation, _ batch: inout FactBatch
    ) {
        let base = answers.ruleset.evidence.isEmpty ? situation.evidence : answers.ruleset.evidence
        let echo = answers.walk(
            PacketClass(family: .v4, protocolName: "icmp", icmpType: "echo-request"))
        let hits = FirewallAnswers.evidence(echo.acceptedBy, in: .all)
        if echo.accepted.certain.isEmpty, !echo.accepted.possible.isEmpty {
            batch.facts["firewall.icmp.echo"] = .unavailable(
                reason: reason("whether an echo request is answered cannot be told", hits), hits)
        } else {
            let answer =
                echo.accepted.certain.isEmpty
                ? "drop" : (echo.accepted.unlimited.isEmpty || !echo.rateDropped.isEmpty ? "limited" : "accept")
            let refused = FirewallAnswers.evidence(echo.refusedBy, in: .all)
            batch.facts["firewall.icmp.echo"] = .known(
                .string(answer), answer == "drop" ? (refused.isEmpty ? base : refused) : (hits.isEmpty ? base : hits))
        }
        reversePath(&answers, base, &batch)
        logging(&answers, base, &batch)
        rateLimit(&answers, situation, base, &batch)
        translations(answers, base, &batch)
        batch.facts["firewall.extra-rules"] = .known(
            .boolean(answers.ruleset.hasExtraRules),
            answers.ruleset.hasExtraRules ? extraEvidence(answers.ruleset, base) : base)
    }

    private static func extraEvidence(_ ruleset: FilterRuleset, _ base: [Evidence]) -> [Evidence] {
        let rules = ruleset.chains.sorted { $0.key < $1.key }.flatMap(\.value.rules)
        let found = FirewallAnswers.unique(rules.filter { !$0.isStandard }.map(\.evidence))
        return found.isEmpty ? base : found
    }

    private static func reversePath(
        _ answers: inout FirewallAnswers, _ base: [Evidence], _ batch: inout FactBatch
    ) {
        func refused(_ way: PacketClass.ReversePath) -> (Bool?, Bool, [Evidence]) {
            var isLogged = true
            var isRefused: Bool? = true
            var evidence: [Evidence] = []
            for family in answers.families {
                let walk = answers.walk(PacketClass(family: family, reversePath: way), [.prerouting])
                let ports = answers.generic.isEmpty ? PortSet.all : answers.generic
                if !walk.accepted.certain.intersection(ports).isEmpty {
                    isRefused = false
                } else if !walk.accepted.possible.intersection(ports).isEmpty, isRefused == true {
                    isRefused = nil
                }
                if walk.logged.intersection(ports).isEmpty { isLogged = false }
                evidence += FirewallAnswers.evidence(walk.refusedBy + walk.loggedBy, in: ports)
            }
            return (isRefused, isLogged, FirewallAnswers.unique(evidence))
        }
        let strict = refused(.otherInterface)
        let loose = refused(.none)
        let key: FactKey = "firewall.reverse-path"
        let logKey: FactKey = "firewall.log-reverse-path"
        guard let isStrict = strict.0, let isLoose = loose.0 else {
            let fact = Fact.unavailable(
                reason: "whether spoofed packets are refused depends on a condition that is not known", base)
            batch.facts[key] = fact
            batch.facts[logKey] = fact
            return
        }
        let value = isStrict ? "strict" : (isLoose ? "loose" : "off")
        let off = answers.ruleset.reversePathEvidence.isEmpty ? base : answers.ruleset.reversePathEvidence
        batch.facts[key] = .known(.string(value), value == "off" ? off : (isStrict ? strict.2 : loose.2))
        let answer = isStrict ? strict : loose
        batch.facts[logKey] = .known(
            .boolean(value != "off" && answer.1), value == "off" || answer.2.isEmpty ? base : answer.2)
    }

    private static func logging(
        _ answers: inout FirewallAnswers, _ base: [Evidence], _ batch: inout FactBatch
    ) {
        var isLogged = true
        var evidence: [Evidence] = []
        for family in answers.families {
            let walk = answers.walk(PacketClass(family: family))
            let refused = walk.dropped.union(walk.rejected).subtracting(walk.accepted.certain)
            let ports = refused.intersection(answers.generic.isEmpty ? refused : answers.generic)
            if ports.isEmpty || !ports.subtracting(walk.logged).isEmpty { isLogged = false }
            evidence += FirewallAnswers.evidence(walk.loggedBy, in: ports)
        }
        batch.facts["firewall.log-refused"] = .known(
            .boolean(isLogged), evidence.isEmpty ? base : FirewallAnswers.unique(evidence))
    }

    /// True when every way to the ssh ports that is open has a limit, over IPv4 and IPv6.
    private static func rateLimit(
        _ answers: inout FirewallAnswers, _ situation: FirewallSituation, _ base: [Evidence], _ batch: inout FactBatch
    ) {
        var limited = 0
        var open = 0
        var evidence: [Evidence] = []
        for family in answers.families {
            let walk = answers.walk(PacketClass(family: family))
            for port in situation.sshPorts {
                let isOpen = walk.accepted.certain.contains(port) || walk.accepted.possible.contains(port)
                guard isOpen else { continue }
                open += 1
                if walk.rateDropped.contains(port) || !walk.accepted.unlimited.contains(port) { limited += 1 }
                evidence += FirewallAnswers.evidence(walk.acceptedBy, in: PortSet([port...port]))
            }
        }
        batch.facts["firewall.rate-limit.ssh"] = .known(
            .boolean(open > 0 && limited == open), evidence.isEmpty ? base : FirewallAnswers.unique(evidence))
    }

    private static func translations(
        _ answers: FirewallAnswers, _ base: [Evidence], _ batch: inout FactBatch
    ) {
        var forwards: [String] = []
        var forwardEvidence: [Evidence] = []
        for rule in answers.reachable([.prerouting], nat: true) {
            for translation in rule.translations {
                guard case .destination(let target) = translation.kind else { continue }
                var interface: [String] = []
                var protocols = translation.protocols
                var ports = translation.ports
                for condition in rule.alternatives.first?.conditions ?? [] {
                    switch condition {
                    case .inInterface(let names, false): interface = names
                    case .protocols(let names, false): protocols = names
                    case .ports(let set): ports = set
                    default: break
                    }
                }
                let parts = [
                    interface.joined(separator: ","), protocols.joined(separator: ","),
                    ports?.texts.joined(separator: ",") ?? "",
                ]
                let text = (parts.filter { !$0.isEmpty } + ["->", target]).joined(separator: " ")
                if !forwards.contains(text) { forwards.append(text) }
                forwardEvidence.append(rule.evidence)
            }
        }
        batch.facts["firewall.forwards"] = .known(
            .strings(forwards.sorted()), forwardEvidence.isEmpty ? base : FirewallAnswers.unique(forwardEvidence))
        let hiding = answers.reachable([.postrouting], nat: true).filter { rule in
            rule.translations.contains { $0.kind == .source }
        }
        batch.facts["firewall.masquerade"] = .known(
            .boolean(!hiding.isEmpty), hiding.isEmpty ? base : FirewallAnswers.unique(hiding.map(\.evidence)))
    }
}
