public import FirnFacts
public import FirnModel

/// A built NixOS system in a directory: a root file system, or a bare toplevel beside its store.
public struct SystemClosure: FactSource {
    /// The layer.
    public let kind = SourceKind.built
    /// The name for reports.
    public let name: String
    /// The system.
    public let system: SystemView
    private let knowledge: Knowledge
    /// Called while all text of the closure is searched for secrets; nil where only what the configuration generated is.
    public var deepScan: (@Sendable (DeepScanProgress) -> Void)?

    /// Creates a source of a system found by ``find(directory:name:knowledge:)``.
    public init(name: String, system: SystemView, knowledge: Knowledge) {
        self.name = name
        self.system = system
        self.knowledge = knowledge
    }

    /// The nixpkgs it was built from.
    public var build: NixOSBuild { NixOSBuild(system) }

    /// Collects every fact.
    public func collect(now: Int64) throws(SourceError) -> Snapshot {
        let findings = SystemFacts.built(system)
        var batch = findings.batch
        var context = findings.context
        context.isDeep = deepScan != nil
        do {
            batch.merge(try FactFamilies.built(system, knowledge: knowledge, context: context, run: WorkerThreads.run))
            if let deepScan {
                batch.merge(try DeepScan.facts(system, knowledge: knowledge, progress: deepScan))
            }
        } catch {
            throw SourceError(target: error.file, line: error.line, reason: error.message)
        }
        return Snapshot(source: kind, identity: findings.identity, collectedAt: now, batch: batch)
    }

    /// The systems of a directory: the one that boots, then each of its specialisations, which are boot entries too and
    /// may be weaker, then the systems within it: containers and microVMs. With `allGenerations`, the same of every
    /// other generation and loader entry of a root directory.
    public static func find(
        directory: String, name: String, knowledge: Knowledge, allGenerations: Bool = false
    ) throws(SourceError) -> [SystemClosure] {
        let (tree, toplevel, isRoot) = try locate(directory: directory, name: name)
        guard isRoot || !allGenerations else {
            throw SourceError(
                target: name, reason: "--all-generations needs a root directory; this is one system and its store")
        }
        var search = Search(tree: tree, knowledge: knowledge, formerEtc: isRoot ? "/etc" : nil)
        let etcRoot = try chooseEtc(tree: tree, toplevel: toplevel, name: name)
        try search.add(toplevel, etcRoot: etcRoot, name: name, label: [], target: name)
        guard allGenerations else { return search.found }
        let entries: [BootEntries.Entry]
        do {
            entries = try BootEntries.find(in: tree)
        } catch {
            throw SourceError(target: name, reason: error.description)
        }
        // What is lost is the fact boot.entries.dangling.
        for entry in entries {
            guard case .found(let own) = entry.toplevel else { continue }
            try search.add(own, etcRoot: join(own, "etc"), name: name, label: [entry.title], target: name)
        }
        return search.found
    }

    /// Collects systems, each toplevel once.
    private struct Search {
        let tree: any RootTree
        let knowledge: Knowledge
        let formerEtc: String?
        var found: [SystemClosure] = []
        var seen: Set<String> = []

        /// Adds a system with its specialisations and what is nested in it. `label` says what it is within the target.
        mutating func add(
            _ toplevel: String, etcRoot: String, name: String, label: [String], target: String, isNested: Bool = false
        ) throws(SourceError) {
            guard seen.insert(toplevel).inserted else { return }
            // The /etc of the root is not that of a container.
            let formerEtc = isNested || etcRoot == "/etc" ? nil : formerEtc
            let view = SystemView(
                tree: tree, toplevel: toplevel, etcRoot: etcRoot, formerEtc: formerEtc,
                isSpecialisation: label.last?.hasPrefix("specialisation ") == true)
            let title = label.isEmpty ? name : "\(name) (\(label.joined(separator: ", ")))"
            found.append(SystemClosure(name: title, system: view, knowledge: knowledge))
            let directory = join(toplevel, "specialisation")
            var names: [String] = []
            do {
                names = try tree.list(directory)
            } catch {
                if !error.isAbsence { throw SourceError(target: target, reason: error.description) }
            }
            for specialisation in names {
                let own: String
                do {
                    own = try tree.resolve(join(directory, specialisation))
                } catch {
                    throw SourceError(
                        target: target, reason: "specialisation \(specialisation) cannot be read: \(error.description)")
                }
                try add(
                    own, etcRoot: join(own, "etc"), name: name, label: label + ["specialisation \(specialisation)"],
                    target: target, isNested: isNested)
            }
            // Containers can hold containers; four levels are more than anybody runs.
            guard label.count < 4 else { return }
            let nested: [NestedSystems.Nested]
            do {
                nested = try NestedSystems.find(in: view)
            } catch {
                // The fact boot.nested-systems of this system says so.
                return
            }
            for one in nested {
                guard case .found(let own) = one.toplevel else { continue }
                try add(
                    own, etcRoot: join(own, "etc"), name: name, label: label + [one.title], target: target,
                    isNested: true)
            }
        }
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }

    private static func isToplevel(_ tree: any RootTree, _ path: String) -> Bool {
        tree.exists(join(path, "nixos-version")) && tree.exists(join(path, "activate"))
    }

    private static func locate(
        directory: String, name: String
    ) throws(SourceError) -> (tree: any RootTree, toplevel: String, isRoot: Bool) {
        let own = RememberingTree(DirectoryTree(root: directory))
        if isToplevel(own, "/") || isDanglingToplevel(own) {
            // A bare toplevel: its store is the directory it lies in, when that is a Nix store.
            let marker = "/nix/store/"
            if let range = directory.firstRange(of: marker) {
                let root = String(directory[..<range.lowerBound])
                return (
                    RememberingTree(DirectoryTree(root: root.isEmpty ? "/" : root)),
                    String(directory[range.lowerBound...]), false
                )
            }
            return (own, "/", false)
        }
        for link in ["/nix/var/nix/profiles/system", "/run/current-system"] {
            let toplevel: String
            do {
                toplevel = try own.resolve(link)
            } catch {
                if error.isAbsence { continue }
                throw SourceError(target: name, reason: error.description)
            }
            guard isToplevel(own, toplevel) else {
                throw SourceError(target: name, reason: "\(link) leads to \(toplevel), which is no NixOS toplevel")
            }
            return (own, toplevel, true)
        }
        throw SourceError(
            target: name,
            reason: "this directory is no NixOS system: it has neither /nix/var/nix/profiles/system nor "
                + "/run/current-system, and is no toplevel itself")
    }

    /// `etc` of a toplevel is an absolute link, which dangles when the toplevel is looked at as a root of its own.
    private static func isDanglingToplevel(_ tree: any RootTree) -> Bool {
        tree.exists("/nixos-version") && tree.exists("/init-interface-version")
    }

    /// `/etc` of an activated root belongs to the system when `/etc/static` leads to this toplevel's `etc`, or, with an
    /// overlay (no `/etc/static`), when `/etc/os-release` is the toplevel's. Else the toplevel's own `etc` is read.
    private static func chooseEtc(
        tree: any RootTree, toplevel: String, name: String
    ) throws(SourceError) -> String {
        let own = join(toplevel, "etc")
        if toplevel == "/" { return own }
        do {
            let ownEtc = try tree.resolve(own)
            if tree.exists("/etc/static") {
                return try tree.resolve("/etc/static") == ownEtc ? "/etc" : own
            }
            if tree.exists("/etc/os-release"), tree.exists(join(own, "os-release")) {
                return try tree.resolve("/etc/os-release") == tree.resolve(join(own, "os-release")) ? "/etc" : own
            }
            return own
        } catch {
            throw SourceError(target: name, reason: error.description)
        }
    }
}
