import FirnModel
import FirnParsing

/// Makes the facts of the family from what either source found.
struct SSHFactBuilder {
    let tables: SSHKnowledge

    /// A configuration that was read, with what the command line adds.
    struct Reading {
        var configuration: SSHDConfiguration
        var answers: [String: SSHDAnswer]
        var evidence: (SSHDLocation) -> Evidence
        var ports: [String]
    }

    func batch(_ state: SSHState) throws(DataError) -> FactBatch {
        var batch = FactBatch()
        batch.facts["ssh.configured"] = state.configured
        batch.facts["ssh.enabled"] = state.enabled
        guard state.configured.value != .boolean(false) else {
            batch.families = [FactFamily(prefix: "ssh.", missing: .absent(Self.off(state)))]
            return batch
        }
        guard case .text(let text) = state.configuration, case .known = state.configured else {
            batch.families = [FactFamily(prefix: "ssh.", missing: Self.unavailable(state))]
            return batch
        }
        let release = Self.release(state, text)
        let dialect = try tables.dialect(release)
        let line = SSHCommandLine(state.command?.words ?? [])
        let reading: Reading
        do throws(ParseError) {
            reading = try Self.read(text, dialect: dialect, line: line)
        } catch {
            let reason = "\(line.file): \(error)"
            batch.families = [
                FactFamily(
                    prefix: "ssh.", missing: .unavailable(reason: reason, [Evidence(path: line.file, line: error.line)])
                )
            ]
            return batch
        }
        batch.facts["ssh.version"] =
            release.map { .known(.string($0.description), state.command?.evidence ?? []) }
            ?? .unavailable(reason: "no path names the release of OpenSSH", state.command?.evidence ?? [])
        batch.facts["ssh.activation"] = .known(.string(state.usesSocket ? "socket" : "service"), state.activation)
        keywordFacts(reading, into: &batch)
        validity(reading, into: &batch)
        listening(state, reading, into: &batch)
        SSHDerivedFacts(tables: tables, reading: reading, state: state).add(to: &batch)
        matchFacts(reading, into: &batch)
        return batch
    }

    private static func off(_ state: SSHState) -> [Evidence] {
        var evidence = state.configured.evidence.first ?? Evidence(path: SSHFacts.configurationFile)
        evidence.text = "sshd is not enabled"
        return [evidence]
    }

    private static func unavailable(_ state: SSHState) -> Fact {
        if case .unavailable(let reason) = state.configuration {
            return .unavailable(reason: reason, state.configured.evidence)
        }
        if case .unavailable = state.configured { return state.configured }
        return .unavailable(reason: "the configuration of sshd cannot be read", state.configured.evidence)
    }

    /// The release from the command, else from the path of a Subsystem in the text.
    private static func release(_ state: SSHState, _ text: SSHState.Text) -> SSHDVersion? {
        for path in state.packagePaths {
            if let release = SSHPackage.release(path) { return release.version }
        }
        for line in String(decoding: text.bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 3, words[0].lowercased() == "subsystem" else { continue }
            if let release = SSHPackage.release(String(words[2])) { return release.version }
        }
        return nil
    }

    private static func read(
        _ text: SSHState.Text, dialect: SSHDDialect, line: SSHCommandLine
    ) throws(ParseError) -> Reading {
        var configuration = try SSHDConfigurationParser.parse(
            text.bytes, file: line.file, dialect: dialect, includes: text.includes)
        if !line.options.isEmpty {
            let first = try SSHDConfigurationParser.parse(
                Array(line.options.joined(separator: "\n").utf8), file: "sshd -o", dialect: dialect,
                includes: { _ in .files([]) })
            configuration.statements = first.statements + configuration.statements
            configuration.problems = first.problems + configuration.problems
        }
        return Reading(
            configuration: configuration, answers: configuration.effective(), evidence: text.evidence, ports: line.ports
        )
    }

    // MARK: Keywords

    private func keywordFacts(_ reading: Reading, into batch: inout FactBatch) {
        for (name, keyword) in reading.configuration.dialect.keywords {
            guard let answer = reading.answers[name] else {
                batch.facts[FactKey("ssh." + name)] = .unavailable(
                    reason: "the default of \(name) is compiled into sshd", [])
                continue
            }
            batch.facts[FactKey("ssh." + name)] = fact(keyword, answer, reading)
        }
        batch.families.append(FactFamily(prefix: "ssh.", missing: .absent([])))
        startups(reading, into: &batch)
    }

    private func fact(_ keyword: SSHDKeyword, _ answer: SSHDAnswer, _ reading: Reading) -> Fact {
        let evidence = Self.evidence(answer, keyword.name, reading)
        if reading.configuration.dialect.version == nil, answer.locations.isEmpty {
            return .unavailable(reason: "the release of OpenSSH, whose default is in force, is not known", evidence)
        }
        switch answer {
        case .values(let values, _): return .known(Self.value(keyword, values), evidence)
        case .undetermined(let reason, _): return .unavailable(reason: reason, evidence)
        }
    }

    static func evidence(_ answer: SSHDAnswer, _ keyword: String, _ reading: Reading) -> [Evidence] {
        let places = answer.locations.map(reading.evidence)
        if !places.isEmpty { return places }
        let release = reading.configuration.dialect.version.map { "OpenSSH \($0)" } ?? "sshd"
        return [Evidence(path: SSHFacts.configurationFile, text: "\(keyword) is not set: default of \(release)")]
    }

    /// A value in the type of its keyword. Of environment variables only the names are facts, and of commands only the
    /// program: arguments may hold a token.
    static func value(_ keyword: SSHDKeyword, _ values: [String]) -> FactValue {
        if keyword.kind == .environment { return .strings(values.map { String($0.prefix { $0 != "=" }) }) }
        if keyword.kind == .port { return .list(values.map { Int64($0).map { .integer($0) } ?? .string($0) }) }
        if keyword.isList, keyword.kind != .penalties { return .strings(values) }
        let text = values.first ?? ""
        if keyword.isCommand {
            let program = text.prefix { $0 != " " && $0 != "\t" }
            return .string(program.count < text.count ? "\(program) (arguments not shown)" : text)
        }
        switch keyword.kind {
        case .integer, .seconds, .integerOrNone, .secondsOrNone:
            return Int64(text).map { .integer($0) } ?? .string(text)
        default:
            return .string(text)
        }
    }

    private func startups(_ reading: Reading, into batch: inout FactBatch) {
        guard let answer = reading.answers["MaxStartups"] else { return }
        let evidence = Self.evidence(answer, "MaxStartups", reading)
        let numbers = answer.values?.first?.split(separator: ":").compactMap { Int64($0) } ?? []
        for (index, part) in ["begin", "rate", "full"].enumerated() {
            let key = FactKey("ssh.MaxStartups." + part)
            if case .undetermined(let reason, _) = answer {
                batch.facts[key] = .unavailable(reason: reason, evidence)
            } else if numbers.indices.contains(index) {
                batch.facts[key] = .known(.integer(numbers[index]), evidence)
            }
        }
    }

    // MARK: Validity

    private func validity(_ reading: Reading, into batch: inout FactBatch) {
        let key: FactKey = "ssh.config-valid"
        let refusals = reading.configuration.refusals()
        func evidence(_ problems: [SSHDProblem]) -> [Evidence] {
            problems.prefix(20).map { problem in
                var evidence = reading.evidence(problem.location)
                evidence.text = "\(problem.location.text): \(problem.message)"
                return evidence
            }
        }
        let dialect = reading.configuration.dialect
        let certain = refusals.filter { !$0.isUncertain }
        if !refusals.isEmpty, dialect.version.map({ !tables.covers($0) }) ?? true {
            let release = dialect.version.map { "OpenSSH \($0)" } ?? "a release of OpenSSH that is not known"
            batch.facts[key] = .unavailable(
                reason: "a line may be one that only \(release) knows", evidence(refusals))
        } else if !certain.isEmpty {
            batch.facts[key] = .known(.boolean(false), evidence(certain))
        } else if !refusals.isEmpty {
            batch.facts[key] = .unavailable(reason: "a line needs a patched build of sshd", evidence(refusals))
        } else if let unresolved = reading.configuration.firstUnresolved {
            batch.facts[key] = .unavailable(reason: unresolved.reason, [reading.evidence(unresolved.location)])
        } else {
            batch.facts[key] = .known(.boolean(true), [Evidence(path: SSHFacts.configurationFile)])
        }
    }

    // MARK: Listening

    private func listening(_ state: SSHState, _ reading: Reading, into batch: inout FactBatch) {
        let listeners: [String]
        var evidence = reading.answers["Port"].map { Self.evidence($0, "Port", reading) } ?? []
        if state.usesSocket {
            listeners = state.listenStreams.flatMap { stream -> [String] in
                stream.allSatisfy(\.isNumber) ? ["0.0.0.0:" + stream, "[::]:" + stream] : [stream]
            }
            evidence = state.activation
        } else if let found = reading.configuration.listeners(reading.answers, ports: reading.ports) {
            listeners = found
            if let answer = reading.answers["ListenAddress"], !answer.locations.isEmpty {
                evidence += answer.locations.map(reading.evidence)
            }
        } else {
            let reason = "where sshd listens is decided in a file that cannot be seen"
            for key: FactKey in ["ssh.listen", "ssh.ports", "ssh.ListenAddress"] {
                batch.facts[key] = .unavailable(reason: reason, evidence)
            }
            return
        }
        batch.facts["ssh.listen"] = .known(.strings(listeners), evidence)
        if let configured = reading.configuration.listeners(reading.answers, ports: reading.ports) {
            batch.facts["ssh.ListenAddress"] = .known(.strings(configured), evidence)
        }
        var ports: [Int64] = []
        for listener in listeners {
            guard let port = listener.split(separator: ":").last.flatMap({ Int64($0) }), !ports.contains(port) else {
                continue
            }
            ports.append(port)
        }
        batch.facts["ssh.ports"] = .known(.list(ports.sorted().map { .integer($0) }), evidence)
    }

    // MARK: Match

    private func matchFacts(_ reading: Reading, into batch: inout FactBatch) {
        let blocks = SSHDMatchBlocks(reading.configuration)
        if let unresolved = reading.configuration.firstUnresolved {
            // A file that cannot be seen may hold Match blocks of its own, so what is known is not all.
            batch.families.append(
                FactFamily(
                    prefix: "ssh.match.",
                    missing: .unavailable(reason: unresolved.reason, [reading.evidence(unresolved.location)])))
            return
        }
        batch.families.append(FactFamily(prefix: "ssh.match.", missing: .absent([])))
        batch.facts["ssh.match.blocks"] = .known(
            .strings(blocks.blocks.map(\.criteria)), blocks.blocks.map { reading.evidence($0.location) })
        for (name, values) in blocks.values {
            let key = FactKey("ssh.match." + name)
            var distinct: [FactValue] = []
            var seen: Set<FactValue> = []
            var evidence: [Evidence] = []
            var missing: String?
            for value in values {
                guard let resolved = value.resolved(reading.configuration.dialect) else {
                    missing =
                        value.setting.refusal.map { "sshd refuses the line: \($0)" }
                        ?? "the default algorithms of this release are not known"
                    evidence.append(reading.evidence(value.setting.location))
                    continue
                }
                let elements: [FactValue]
                switch Self.value(value.setting.keyword, resolved) {
                case .list(let list): elements = list
                case let single: elements = [single]
                }
                for element in elements where seen.insert(element).inserted { distinct.append(element) }
                var place = reading.evidence(value.setting.location)
                place.text = "\(value.setting.location.text) (in Match \(value.criteria), line \(value.match.line))"
                evidence.append(place)
            }
            batch.facts[key] =
                missing.map { .unavailable(reason: $0, evidence) } ?? .known(.list(distinct), evidence)
        }
    }
}
