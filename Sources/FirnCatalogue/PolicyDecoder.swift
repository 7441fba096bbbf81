import Crypto
public import FirnModel

/// Decodes a policy of the gate.
enum PolicyDecoder {
    /// The longest age a report may be allowed, in days: a verdict must come to an end.
    static let longestAge: Int64 = 366

    static func decode(file: String, root: DataNode) -> (policy: GatePolicy?, errors: [DataError]) {
        var reader = TableReader(root, file: file)
        let id = reader.text("id")
        let title = reader.text("title")
        let profile = reader.text("profile")
        let failOn: Severity? = reader.word("fail-on")
        let sources = sources("sources", &reader, isRequired: true)
        let signed = self.sources("must-be-signed", &reader, isRequired: false)
        let challenged = self.sources("must-answer-challenge", &reader, isRequired: false)
        let drift = drift(&reader)
        let ages = ages(&reader, needed: sources)
        let sizes = sizes(&reader)
        let isVerified = isVerified(&reader)
        let keys = keys(&reader)
        if keys.isEmpty, !(signed + challenged).isEmpty {
            reader.fail(
                "reports must be signed, and there is no [[agent-key]] whose signature would be accepted",
                at: (root["must-be-signed"] ?? root["must-answer-challenge"])?.line)
        }
        reader.finish()
        guard reader.errors.isEmpty, let id, let title, let profile, let failOn, let drift else {
            return (nil, reader.errors)
        }
        var policy = GatePolicy(
            id: id, title: title, profile: profile, failOn: failOn, sources: sources, maximumAge: ages,
            sizeLimits: sizes, isVerifiedArtifactRequired: isVerified, signed: signed, challenged: challenged,
            agentKeys: keys, drift: drift, file: file)
        policy.digest = digest(of: policy)
        return (policy, [])
    }

    private static func sources(_ key: String, _ reader: inout TableReader, isRequired: Bool) -> [SourceKind] {
        let line = reader.node[key]?.line
        guard isRequired || reader.node[key] != nil else {
            _ = reader.optional(key)
            return []
        }
        guard let node = reader.required(key) else { return [] }
        guard let words = node.strings, !words.isEmpty else {
            reader.fail("\"\(key)\" must be a list of declared, built and live, and not empty", at: line)
            return []
        }
        var sources: Set<SourceKind> = []
        for (word, element) in zip(words, node.elements ?? []) {
            guard let source = SourceKind(rawValue: word) else {
                reader.fail(
                    "\"\(key)\" names the source \"\(word)\", it must be one of declared, built, live",
                    at: element.line)
                continue
            }
            if !sources.insert(source).inserted {
                reader.fail("\"\(key)\" names \(word) twice", at: element.line)
            }
        }
        return sources.sorted()
    }

    private static func drift(_ reader: inout TableReader) -> GatePolicy.DriftMatter? {
        guard let node = reader.required("drift") else { return nil }
        switch node.string {
        case "all": return .all
        case "none": return GatePolicy.DriftMatter.none
        default: break
        }
        guard node.entries != nil else {
            reader.fail(
                "\"drift\" must be \"all\", \"none\" or { families = [...], severity = \"...\" }", at: node.line)
            return nil
        }
        var own = TableReader(node, file: reader.file)
        let families = own.strings("families") ?? []
        let severity: Severity? = own.word("severity", required: false)
        if own.node["families"] == nil, own.node["severity"] == nil {
            own.fail("\"drift\" must name families or a severity")
        }
        if let list = own.node["families"], list.elements?.isEmpty == true {
            own.fail("\"families\" is empty; write drift = \"none\" where no drift matters", at: list.line)
        }
        own.finish()
        reader.absorb(own.errors)
        return .some(families: families.sorted(), severity: severity ?? .info)
    }

    private static func ages(_ reader: inout TableReader, needed: [SourceKind]) -> [SourceKind: Int64] {
        guard let node = reader.required("maximum-age") else { return [:] }
        var own = TableReader(node, file: reader.file)
        var ages: [SourceKind: Int64] = [:]
        for source in SourceKind.allCases {
            guard let text = own.text(source.rawValue, required: needed.contains(source)) else { continue }
            if let age = seconds(text) {
                ages[source] = age
            } else {
                own.fail(
                    "\"\(source.rawValue)\" is \"\(text)\", it must be hours or days such as \"24h\" or \"30d\", at most "
                        + "\(longestAge)d", at: own.node[source.rawValue]?.line)
            }
        }
        own.finish()
        reader.absorb(own.errors)
        return ages
    }

    /// The seconds of `24h` or `30d`.
    private static func seconds(_ text: String) -> Int64? {
        guard let unit = text.last, unit == "h" || unit == "d" else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.count <= 5,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(digits), number > 0
        else { return nil }
        let seconds = number * (unit == "h" ? 3600 : 86_400)
        return seconds <= longestAge * 86_400 ? seconds : nil
    }

    private static func sizes(_ reader: inout TableReader) -> [GatePolicy.ArtifactKind: Int64] {
        var sizes = GatePolicy.defaultSizeLimits
        guard let node = reader.optional("size") else { return sizes }
        var own = TableReader(node, file: reader.file)
        for kind in GatePolicy.ArtifactKind.allCases {
            guard let value = own.optional(kind.rawValue) else { continue }
            guard let number = value.integer, (1...16_777_216).contains(number) else {
                own.fail("\"\(kind.rawValue)\" must be a size in MB, from 1 to 16777216", at: value.line)
                continue
            }
            sizes[kind] = number << 20
        }
        own.finish()
        reader.absorb(own.errors)
        return sizes
    }

    private static func isVerified(_ reader: inout TableReader) -> Bool {
        guard let node = reader.optional("artifact") else { return false }
        var own = TableReader(node, file: reader.file)
        var result = false
        if let value = own.required("verified") {
            if let truth = value.boolean {
                result = truth
            } else {
                own.fail("\"verified\" must be true or false", at: value.line)
            }
        }
        own.finish()
        reader.absorb(own.errors)
        return result
    }

    private static func keys(_ reader: inout TableReader) -> [GatePolicy.AgentKey] {
        guard let list = reader.optional("agent-key") else { return [] }
        guard let elements = list.elements else {
            reader.fail("\"agent-key\" must be an array of tables: [[agent-key]]", at: list.line)
            return []
        }
        var keys: [GatePolicy.AgentKey] = []
        for node in elements {
            var own = TableReader(node, file: reader.file)
            let name = own.text("name")
            let key = own.text("key")
            own.finish()
            reader.absorb(own.errors)
            guard let name, let key else { continue }
            if let other = keys.first(where: { $0.name == name || $0.key == key }) {
                reader.fail("the agent key \"\(name)\" is the same as \"\(other.name)\"", at: node.line)
            }
            keys.append(GatePolicy.AgentKey(name: name, key: key, line: node.line))
        }
        return keys
    }

    /// SHA-256 over one line for each thing the policy says, of quoted words; where its file lies is no part of it.
    static func digest(of policy: GatePolicy) -> String {
        var text = "firn-policy 1\n"
        func line(_ words: [String]) { text += words.joined(separator: " ") + "\n" }
        line(["id", CanonicalText.quote(policy.id)])
        line(["title", CanonicalText.quote(policy.title)])
        line(["profile", CanonicalText.quote(policy.profile)])
        line(["fail-on", policy.failOn.rawValue])
        line(["sources"] + policy.sources.map(\.rawValue))
        line(["signed"] + policy.signed.map(\.rawValue))
        line(["challenged"] + policy.challenged.map(\.rawValue))
        switch policy.drift {
        case .all: line(["drift", "all"])
        case .none: line(["drift", "none"])
        case .some(let families, let severity):
            line(["drift", severity.rawValue] + families.map(CanonicalText.quote))
        }
        for source in SourceKind.allCases {
            if let age = policy.maximumAge[source] { line(["age", source.rawValue, String(age)]) }
        }
        for kind in GatePolicy.ArtifactKind.allCases {
            if let size = policy.sizeLimits[kind] { line(["size", kind.rawValue, String(size)]) }
        }
        line(["verified", policy.isVerifiedArtifactRequired ? "true" : "false"])
        for key in policy.agentKeys { line(["key", CanonicalText.quote(key.name), CanonicalText.quote(key.key)]) }
        return Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}

extension Catalogue {
    /// A policy of this catalogue.
    public func policy(_ id: String) throws(CatalogueError) -> GatePolicy {
        guard let policy = policies[id] else {
            let known = policies.keys.sorted().joined(separator: ", ")
            throw CatalogueError([
                DataError(file: id, line: 0, message: "there is no policy \"\(id)\"; there are \(known)")
            ])
        }
        return policy
    }

    /// A policy of a file's data.
    package static func policy(_ root: DataNode, file: String) throws(CatalogueError) -> GatePolicy {
        let decoded = PolicyDecoder.decode(file: file, root: root)
        guard let policy = decoded.policy else { throw CatalogueError(decoded.errors) }
        return policy
    }
}
