public import FirnFacts
public import FirnModel
import FirnSources
import Glibc

/// A running host: what is in force, the third source.
public struct LiveHost: FactSource {
    /// The layer.
    public let kind = SourceKind.live
    /// The machine.
    public let host: HostView
    private let knowledge: Knowledge

    /// Creates a source of a machine.
    public init(host: HostView, knowledge: Knowledge) {
        self.host = host
        self.knowledge = knowledge
    }

    /// The machine this process runs on, or one whose root directory is given.
    ///
    /// - Parameter root: The directory its files are read from; `/` for this machine.
    public static func open(root: String = "/", knowledge: Knowledge) throws(SourceError) -> LiveHost {
        let tree = RememberingTree(DirectoryTree(root: root))
        guard tree.exists("/proc/self") || tree.exists("/proc/sys") else {
            throw SourceError(target: root, reason: "there is no /proc in it: this is no running machine")
        }
        let current = try HostSystem.current(tree, name: root)
        let system = SystemView(tree: tree, toplevel: current ?? HostSystem.link, etcRoot: "/etc")
        return LiveHost(
            host: HostView(
                tree: tree, root: root, isThisMachine: root == "/", system: system, isNixOS: current != nil,
                container: HostSystem.container(tree), effectiveUser: geteuid()),
            knowledge: knowledge)
    }

    /// Collects every fact.
    public func collect(now: Int64) throws(SourceError) -> Snapshot {
        let findings = LiveSystem.facts(host)
        var batch = findings.batch
        let families = LiveFamilies.fromFiles(isNixOS: host.isNixOS)
        do {
            var files = try FactFamilies.built(
                host.system, knowledge: knowledge, context: findings.context, families: families)
            // What is found by the files of the toplevel stands in for nothing that runs.
            for prefix in LiveFamilies.all.flatMap(\.owns) { files.drop(prefix: prefix) }
            batch.merge(files)
            for family in LiveFamilies.all {
                batch.merge(try family.facts(host, knowledge, findings.context))
            }
        } catch {
            throw SourceError(target: error.file, line: error.line, reason: error.message)
        }
        FactFamilies.finish(&batch)
        if !host.isNixOS { LiveFamilies.markForeign(&batch) }
        return Snapshot(source: kind, identity: findings.identity, collectedAt: now, batch: batch)
    }
}
