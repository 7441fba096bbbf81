import FirnModel
import FirnParsing

/// What an evaluated configuration tells of old and insecure packages.
struct AgeDeclared {
    let options: OptionTree

    func openSSH(_ table: EndOfLifeTable) -> Fact {
        let enable = ["services", "openssh", "enable"]
        switch options.readBoolean(enable) {
        case .value(false, let evidence): return .absent([evidence])
        case .value(true, _), .null, .missing: break
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
        var places: [Evidence] = []
        for unit in ["sshd", "sshd@"] {
            let path = ["systemd", "services", unit, "serviceConfig", "ExecStart"]
            guard case .value(let node) = options.lookup(path) else { continue }
            guard let command = node.string ?? node.array?.compactMap(\.string).last else { continue }
            var program = command.split(separator: " ").first.map(String.init) ?? ""
            while let mark = program.first, "@-:+!|".contains(mark) { program.removeFirst() }
            places.append(options.evidence(path, text: program))
            if let fact = AgeFacts.openSSH(program: program, places, table) { return fact }
        }
        guard places.isEmpty else {
            return .unavailable(reason: "the path of sshd names no release of OpenSSH", places)
        }
        return .unavailable(reason: "the export does not show which sshd is started", [options.evidence(enable)])
    }

    /// `nixpkgs.config`: attributes that nobody set are not there, so their absence from a present set says that they
    /// have their default. Packages that were handed in ready made (`nixpkgs.pkgs`) have a configuration of their own.
    func nixpkgs(release: String?) -> FactBatch {
        var batch = FactBatch()
        let path = ["nixpkgs", "config"]
        let keys: [FactKey] = ["age.permitted-insecure", "age.insecure-predicate", "age.allow-broken"]
        func all(_ reason: String, _ evidence: Evidence) {
            for key in keys { batch.facts[key] = .unavailable(reason: reason, [evidence]) }
        }
        switch options.reading(path, \.object) {
        case .missing(let evidence): all("the export does not hold nixpkgs.config", evidence)
        case .null(let evidence): all("nixpkgs.config is null", evidence)
        case .unavailable(let reason, let evidence): all(reason, evidence)
        case .value(_, let evidence):
            let given = ["nixpkgs", "pkgs"]
            switch options.lookup(given) {
            case .missing:
                batch.facts["age.permitted-insecure"] = list(path + ["permittedInsecurePackages"])
                batch.facts["age.insecure-predicate"] = presence(path + ["allowInsecurePredicate"])
                batch.facts["age.allow-broken"] = truth(path + ["allowBroken"])
            case .value(let node) where node.isNull:
                batch.facts["age.permitted-insecure"] = list(path + ["permittedInsecurePackages"])
                batch.facts["age.insecure-predicate"] = presence(path + ["allowInsecurePredicate"])
                batch.facts["age.allow-broken"] = truth(path + ["allowBroken"])
            case .value, .unavailable:
                all("nixpkgs.pkgs brings a configuration of its own", evidence)
            }
        }
        batch.facts["age.state-version-ahead"] = stateVersion(release)
        return batch
    }

    private func list(_ path: [String]) -> Fact {
        switch options.readStrings(path) {
        case .value(let names, let evidence):
            var place = evidence
            place.text = names.isEmpty ? "[]" : names.joined(separator: ", ")
            return .known(.strings(names), [place])
        case .null(let evidence), .missing(let evidence): return .known(.strings([]), [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }

    /// A function cannot be written as JSON: an exporter leaves a note in its place.
    private func presence(_ path: [String]) -> Fact {
        let evidence = options.evidence(path)
        switch options.lookup(path) {
        case .missing: return .known(.boolean(false), [evidence])
        case .value(let node): return .known(.boolean(!node.isNull), [evidence])
        case .unavailable:
            if options.unavailable[OptionTree.spelled(path)] != nil { return .known(.boolean(true), [evidence]) }
            return .unavailable(reason: "nixpkgs.config could not be evaluated", [evidence])
        }
    }

    private func truth(_ path: [String]) -> Fact {
        switch options.readBoolean(path) {
        case .value(let truth, let evidence): return .known(.boolean(truth), [evidence])
        case .null(let evidence), .missing(let evidence): return .known(.boolean(false), [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }

    private func stateVersion(_ release: String?) -> Fact {
        switch options.readString(["system", "stateVersion"]) {
        case .value(let text, let evidence):
            var place = evidence
            place.text = text
            guard let state = DottedVersion(text), let release, let version = DottedVersion(release) else {
                return .unavailable(reason: "\(text) cannot be compared with the release", [place])
            }
            return .known(.boolean(state > version), [place])
        case .null(let evidence), .missing(let evidence):
            return .unavailable(reason: "the export does not hold system.stateVersion", [evidence])
        case .unavailable(let reason, let evidence): return .unavailable(reason: reason, [evidence])
        }
    }
}
