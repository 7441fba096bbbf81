import FirnModel
import FirnParsing

/// PAM's files as the options describe them.
///
/// `environment.etc` says which files there are; the text of those that NixOS writes stands in
/// `security.pam.services.<name>.text`, that of a user's own in `environment.etc`.
struct PamDeclared: PamSource {
    let options: OptionTree
    /// Files below `/etc`: their names in `environment.etc` by the path they get.
    private let files: [String: String]
    /// Why `environment.etc` cannot be read.
    private let problem: PamProblem?

    init(_ options: OptionTree) {
        self.options = options
        var files: [String: String] = [:]
        switch options.readMembers(["environment", "etc"]) {
        case .value(let members, _):
            for member in members where member.node["enable"]?.boolean != false {
                files[member.node["target"]?.string ?? member.key] = member.key
            }
            problem = nil
        case .null(let evidence), .missing(let evidence):
            problem = PamProblem(reason: "environment.etc is not in the options", evidence: [evidence])
        case .unavailable(let reason, let evidence):
            problem = PamProblem(reason: reason, evidence: [evidence])
        }
        self.files = files
    }

    func services() throws(PamProblem) -> [String] {
        if let problem { throw problem }
        if let reason = directory(of: "pam.d/x") { throw PamProblem(reason: reason) }
        let names = files.keys.filter { $0.hasPrefix("pam.d/") }.map { String($0.dropFirst(6)) }
        guard !names.isEmpty else {
            throw PamProblem(
                reason: "environment.etc has no pam.d", evidence: [options.evidence(["environment", "etc"])])
        }
        return names.sorted()
    }

    func service(_ name: String) -> PamReading {
        let target = "pam.d/" + name
        guard let key = files[target] else { return missing(target) }
        let path = ["environment", "etc", key]
        if case .value(let text, let evidence) = options.readString(path + ["text"]) {
            return .bytes(Array(text.utf8), .option(evidence))
        }
        guard let source = options.readString(path + ["source"]).value, source.hasSuffix("-\(name).pam") else {
            return .unavailable("\(OptionTree.spelled(path + ["source"])): its text is not in the options")
        }
        switch options.readString(["security", "pam", "services", name, "text"]) {
        case .value(let text, let evidence): return .bytes(Array(text.utf8), .option(evidence))
        case .null(let evidence), .missing(let evidence):
            return .unavailable("\(evidence.path) is not in the options")
        case .unavailable(let reason, _): return .unavailable(reason)
        }
    }

    func file(_ path: String) -> PamReading {
        guard path.hasPrefix("/etc/") else { return .unavailable("\(path): its text is not in the options") }
        if path.hasPrefix("/etc/pam.d/") { return service(String(path.dropFirst(11))) }
        let target = String(path.dropFirst(5))
        guard let key = files[target] else { return missing(target) }
        let place = ["environment", "etc", key, "text"]
        if case .value(let text, let evidence) = options.readString(place) {
            return .bytes(Array(text.utf8), .option(evidence))
        }
        return .unavailable("\(OptionTree.spelled(place)): its text is not in the options")
    }

    /// What is not named in `environment.etc`: not there, unless a whole directory is.
    private func missing(_ target: String) -> PamReading {
        if let problem { return .unavailable(problem.reason) }
        if let reason = directory(of: target) { return .unavailable(reason) }
        return files.keys.contains { $0.hasPrefix(target + "/") }
            ? .unavailable("/etc/\(target) is a directory") : .absent
    }

    private func directory(of target: String) -> String? {
        var parts = target.split(separator: "/")
        while parts.count > 1 {
            parts.removeLast()
            let name = parts.joined(separator: "/")
            if files[name] != nil { return "/etc/\(name) comes from a directory that is not in the options" }
        }
        return nil
    }

    func limits(_ path: String, service: String) -> PamReading {
        guard path.hasPrefix("/nix/store/"), path.hasSuffix("-limits.conf") else { return file(path) }
        let own = ["security", "pam", "services", service, "limits"]
        let common = ["security", "pam", "loginLimits"]
        var place = common
        if case .value = options.lookup(own) { place = own }
        switch options.reading(place, \.array) {
        case .value(let entries, let evidence):
            var text = ""
            for entry in entries {
                let value = entry["value"]?.string ?? entry["value"]?.integer.map(String.init)
                guard let domain = entry["domain"]?.string, let type = entry["type"]?.string,
                    let item = entry["item"]?.string, let value
                else { return .unavailable("\(evidence.path) has another form than expected") }
                text += "\(domain) \(type) \(item) \(value)\n"
            }
            return .bytes(Array(text.utf8), .option(evidence))
        case .null(let evidence), .missing(let evidence):
            return .unavailable("\(evidence.path) is not in the options")
        case .unavailable(let reason, _): return .unavailable(reason)
        }
    }

    func encryptMethod() throws(PamProblem) -> String? {
        let path = ["security", "loginDefs", "settings", "ENCRYPT_METHOD"]
        switch options.readString(path) {
        case .value(let method, _): return method
        case .null: return nil
        case .missing(let evidence):
            throw PamProblem(reason: "\(evidence.path) is not in the options", evidence: [evidence])
        case .unavailable(let reason, let evidence): throw PamProblem(reason: reason, evidence: [evidence])
        }
    }
}
