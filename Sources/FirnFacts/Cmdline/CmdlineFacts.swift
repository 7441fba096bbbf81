public import FirnModel
import FirnParsing

/// Facts about the kernel command line: `cmdline.<parameter>` as the parameter's handler reads it.
///
/// | fact | value |
/// |---|---|
/// | `cmdline.<name>` | per `profiles/knowledge/cmdline.toml`; a parameter without an entry there is unavailable |
/// | `cmdline.sysctl.<key>` | the text set by `sysctl.<key>=`; absent where none is |
/// | `cmdline.smt` | `forceoff`, `off`, `conditional` (off only where the processor needs it) or `on` |
/// | `cmdline.major-lsm` | the exclusive security module that `lsm=` or `security=` leaves active, or `none` |
/// | `cmdline.disabled-mitigations` | the mitigations that are off, whether by name or through `mitigations=` |
public enum CmdlineFacts {
    private static let prefix = "cmdline."
    private static let sysctlPrefix = "cmdline.sysctl."

    /// The facts of a system's closure: `kernel-params` (read by GRUB's installer) and `boot.json` (read by those of
    /// systemd-boot and lanzaboote). Where both are there, they must agree.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try CmdlineTable(knowledge)
        if context.hasOwnKernel == false { return allUnavailable(withoutKernel) }
        var configuration: KernelConfiguration?
        if case .known(let found) = try system.kernelConfiguration(knowledge, context) { configuration = found }
        let path = system.toplevel + "/kernel-params"
        let line: KernelCommandLine
        do {
            line = try KernelCommandLine.parse(try system.tree.read(path, limit: 64 << 10))
        } catch {
            return allUnavailable(reason(error, path), Evidence(path: path))
        }
        let batch = facts(of: line, table, context, configuration) { Evidence(path: path, line: 1, text: $0) }
        let bootPath = system.toplevel + "/boot.json"
        let parameters: [BootspecParameter]
        do {
            guard let found = try bootspec(system, bootPath) else { return batch }
            parameters = found
        } catch {
            return allUnavailable(
                "it may be what the boot loader gets: \(reason(error, bootPath))", Evidence(path: bootPath))
        }
        let other: FactBatch
        do {
            let text = parameters.map(\.text).joined(separator: " ")
            other = facts(of: try KernelCommandLine.parse(Array(text.utf8)), table, context, configuration) { text in
                Evidence(
                    path: bootPath, line: parameters.first { $0.text == text }?.line ?? parameters.first?.line,
                    text: text)
            }
        } catch {
            return allUnavailable(
                "it may be what the boot loader gets: \(reason(error, bootPath))", Evidence(path: bootPath))
        }
        return merged(batch, other, paths: (path, bootPath))
    }

    /// The facts of the option `boot.kernelParams`.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let table = try CmdlineTable(knowledge)
        if context.hasOwnKernel == false { return allUnavailable(withoutKernel) }
        let path = ["boot", "kernelParams"]
        let node: JSONNode
        switch options.lookup(path) {
        case .value(let value): node = value
        case .missing: return allUnavailable("the export has no option boot.kernelParams")
        case .unavailable(let reason): return allUnavailable(reason, options.evidence(path))
        }
        guard let elements = node.array, elements.allSatisfy({ $0.string != nil }) else {
            return allUnavailable("boot.kernelParams is not a list of strings", options.evidence(path))
        }
        let lines = elements.map { ($0.string ?? "", $0.line) }
        let line: KernelCommandLine
        do {
            line = try KernelCommandLine.parse(Array(lines.map(\.0).joined(separator: " ").utf8))
        } catch {
            return allUnavailable("boot.kernelParams: \(error.message)", options.evidence(path))
        }
        return facts(of: line, table, context, nil) { text in
            var evidence = options.evidence(path, text: text)
            if let text, let own = lines.first(where: { $0.0 == text }) { evidence.line = own.1 }
            return evidence
        }
    }

    private static let withoutKernel = "the system has no kernel of its own, so no kernel command line"

    private static func allUnavailable(_ reason: String, _ evidence: Evidence...) -> FactBatch {
        FactBatch(families: [FactFamily(prefix: prefix, missing: .unavailable(reason: reason, evidence))])
    }

    private static func reason(_ error: any Error, _ path: String) -> String {
        if let error = error as? TreeError { return error.description }
        if let error = error as? ParseError { return "\(path): \(error.message)" }
        return "\(path): \(error)"
    }

    // MARK: Bootspec

    private struct BootspecParameter {
        var text: String
        var line: Int
    }

    /// The parameters in `boot.json` (RFC 125; the first form had a top level `v1`), or nil when there is no such file.
    private static func bootspec(_ system: SystemView, _ path: String) throws -> [BootspecParameter]? {
        let bytes: [UInt8]
        do {
            bytes = try system.tree.read(path, limit: 4 << 20)
        } catch {
            if error.isAbsence { return nil }
            throw error
        }
        let root = try JSONParser.parse(bytes)
        guard let document = root["org.nixos.bootspec.v1"] ?? root["v1"] else {
            throw ParseError(.malformed, line: 1, "it has no bootspec version 1")
        }
        guard let elements = document["kernelParams"]?.array else {
            throw ParseError(.malformed, line: document.line, "its bootspec has no list kernelParams")
        }
        var result: [BootspecParameter] = []
        for element in elements {
            guard let text = element.string else {
                throw ParseError(.malformed, line: element.line, "kernelParams holds something else than strings")
            }
            result.append(BootspecParameter(text: text, line: element.line))
        }
        return result
    }

    /// Facts that both files give alike, and unavailable where they differ.
    private static func merged(_ first: FactBatch, _ second: FactBatch, paths: (String, String)) -> FactBatch {
        // A batch without facts says that nothing of its line is known, which then goes for the whole.
        if first.facts.isEmpty { return first }
        if second.facts.isEmpty { return second }
        var result = first
        for key in Set(first.facts.keys).union(second.facts.keys) {
            let left = first.facts[key] ?? .absent([])
            let right = second.facts[key] ?? .absent([])
            guard !isSame(left, right) else { continue }
            result.facts[key] = .unavailable(
                reason: "\(paths.0) (used with GRUB) and \(paths.1) (used with systemd-boot and lanzaboote) differ",
                left.evidence + right.evidence)
        }
        return result
    }

    /// Whether two facts say the same, whatever their evidence.
    private static func isSame(_ left: Fact, _ right: Fact) -> Bool {
        switch (left, right) {
        case (.known(let first, _), .known(let second, _)): first == second
        case (.absent, .absent), (.unavailable, .unavailable): true
        default: false
        }
    }

    // MARK: Facts of one line

    private static func facts(
        of line: KernelCommandLine, _ table: CmdlineTable, _ context: SystemContext,
        _ configuration: KernelConfiguration?, evidence: (String?) -> Evidence
    ) -> FactBatch {
        let names = Set(line.parameters.map { KernelCommandLine.canonicalName($0.name) })
        if let source = table.unseenSources.first(where: names.contains) {
            return allUnavailable("\(source) adds parameters that are not on the line", evidence(source))
        }
        let evaluator = CmdlineEvaluator(
            table: table, line: line, version: context.kernelVersion.flatMap { KernelVersion($0) },
            configuration: configuration)
        var batch = FactBatch()
        func supply(_ name: String, _ reading: CmdlineReading) {
            batch.facts[FactKey(prefix + name)] = fact(reading, table.parameters[name]?.first, evidence)
        }
        for name in table.names { supply(name, evaluator.reading(name)) }
        supply("smt", evaluator.siblingThreads())
        supply("major-lsm", evaluator.majorSecurityModule())
        supply("disabled-mitigations", evaluator.disabledMitigations())
        for (key, reading) in evaluator.sysctls() { supply("sysctl." + key, reading) }
        batch.families = [
            FactFamily(
                prefix: prefix,
                missing: .unavailable(
                    reason: "its handler is not in the table of kernel parameters", [evidence(nil)])),
            FactFamily(prefix: sysctlPrefix, missing: .absent([evidence(nil)])),
        ]
        return batch
    }

    private static func fact(
        _ reading: CmdlineReading, _ handler: CmdlineParameter?, _ evidence: (String?) -> Evidence
    ) -> Fact {
        var places = reading.words.map { word in
            // The values of assigned variables may be secrets; their names are what is asked for.
            guard handler?.kind == .assignments else { return evidence(word.text) }
            var place = evidence(word.text)
            place.text = "\(word.name)=\((word.value ?? "").prefix { $0 != "=" })=..."
            return place
        }
        if places.isEmpty { places = [evidence(nil)] }
        if let configuration = reading.configuration { places.append(configuration) }
        if let note = reading.note, let text = places[0].text { places[0].text = "\(text) (\(note))" }
        switch reading.state {
        case .known(let value): return .known(value, places)
        case .absent: return .absent(places)
        case .unclear(let reason): return .unavailable(reason: reason, places)
        }
    }
}
