public import FirnFacts
public import FirnModel
import FirnParsing

/// The evaluated options of a NixOS configuration, as JSON.
public struct EvaluatedConfiguration: FactSource {
    /// The layer.
    public let kind = SourceKind.declared
    /// The name for reports.
    public let name: String
    private let options: OptionTree
    private let toplevel: String?
    private let release: String?
    private let system: String?
    private let knowledge: Knowledge

    /// Reads either form: the exporter's document (`format: "firn-options"`), or a bare tree of options.
    public init(json: [UInt8], name: String, knowledge: Knowledge) throws(SourceError) {
        let document: JSONNode
        do {
            document = try JSONParser.parse(json)
        } catch {
            throw SourceError(target: name, line: error.line, reason: error.message)
        }
        guard document.object != nil else {
            throw SourceError(target: name, line: 1, reason: "the JSON is no object, so it holds no NixOS options")
        }
        self.name = name
        self.knowledge = knowledge
        if let format = document["format"]?.string {
            guard format == "firn-options" else {
                throw SourceError(target: name, line: 1, reason: "the format \"\(format)\" is not known")
            }
            guard document["version"]?.integer == 1 else {
                throw SourceError(
                    target: name, line: document["version"]?.line ?? 1,
                    reason: "only version 1 of the format firn-options is known")
            }
            guard let values = document["values"], values.object != nil else {
                throw SourceError(target: name, line: 1, reason: "the option JSON has no \"values\"")
            }
            var unavailable: [String: String] = [:]
            // Not to know what could not be evaluated would make it absent.
            if let node = document["unavailable"], node.object == nil {
                throw SourceError(target: name, line: node.line, reason: "\"unavailable\" must be an object")
            }
            for member in document["unavailable"]?.object?.members ?? [] {
                unavailable[member.key] = member.node.string ?? "the exporter could not evaluate it"
            }
            let definitions: OptionDefinitions
            do {
                definitions = try OptionDefinitions(
                    definitions: document["definitions"], enforced: document["enforced"])
            } catch {
                throw SourceError(target: name, line: error.line, reason: error.message)
            }
            options = OptionTree(name: name, values: values, unavailable: unavailable, definitions: definitions)
            toplevel = document["toplevel"]?.string
            release = document["release"]?.string
            system = document["system"]?.string
        } else {
            options = OptionTree(name: name, values: document)
            toplevel = document["_fixture"]?["toplevel"]?.string ?? document["system"]?["build"]?["toplevel"]?.string
            release = nil
            system = nil
        }
        // Every NixOS has these; without them this is some other JSON, and saying "nothing found" would be a pass.
        for key in ["boot", "networking", "services"] where options.values[key]?.object == nil {
            throw SourceError(
                target: name, line: 1, reason: "this JSON is no NixOS option tree: it has no \"\(key)\" options")
        }
    }

    /// The nixpkgs it was evaluated with.
    public var build: NixOSBuild { NixOSBuild(options, release: release) }

    /// Collects every fact.
    public func collect(now: Int64) throws(SourceError) -> Snapshot {
        let findings = SystemFacts.declared(options, toplevel: toplevel, release: release, system: system)
        var batch = findings.batch
        do {
            batch.merge(
                try FactFamilies.declared(
                    options, knowledge: knowledge, context: findings.context, run: WorkerThreads.run))
        } catch {
            throw SourceError(target: error.file, line: error.line, reason: error.message)
        }
        batch.addOverridden(options.definitions)
        batch.addEnforcements(options.definitions, options: options)
        return Snapshot(source: kind, identity: findings.identity, collectedAt: now, batch: batch)
    }
}
