/// A running host that does not run, or was not booted from, the system the other layers are of.
///
/// It follows from the identities alone, so it needs no rule: every answer of the live layer about the kernel, its command
/// line and its modules is of the system that was booted, all others of the one that is active.
public struct HostGeneration: Sendable, Hashable {
    /// What is the matter.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The active system was switched to after the boot: kernel, initrd and command line are still the booted one's.
        case bootedAnother
        /// The host runs another system than the one that was declared or built for it.
        case runsAnother
    }

    /// How much it matters: as long as it is so, what was repaired since the booted generation is not in force.
    public static let severity = Severity.high

    /// The live target, by index in the report.
    public var target: Int
    /// What is the matter.
    public var kind: Kind
    /// The toplevel that was booted or runs.
    public var found: String
    /// The toplevel that should.
    public var wanted: String
    /// The sentence a person reads.
    public var message: String

    /// Creates a finding.
    public init(target: Int, kind: Kind, found: String, wanted: String, message: String) {
        self.target = target
        self.kind = kind
        self.found = found
        self.wanted = wanted
        self.message = message
    }

    /// What the targets of a report give.
    ///
    /// A host that runs another system than the one declared for it can only be told where both name the host: two
    /// reports of two hosts are no finding.
    public static func of(_ targets: [ReportTarget]) -> [HostGeneration] {
        var found: [HostGeneration] = []
        for (index, target) in targets.enumerated() where target.source == .live {
            guard let current = target.identity.toplevel else { continue }
            let host = target.identity.hostName
            let name = host ?? target.name
            let sameHost = targets.filter {
                $0.source != .live && $0.identity.hostName != nil && $0.identity.hostName == host
            }
            let isKnown = targets.contains { $0.source != .live && $0.identity.toplevel == current }
            if !isKnown, let other = sameHost.lazy.compactMap(\.identity.toplevel).first {
                let booted = target.identity.bootedToplevel == other ? ", although it was booted from that one" : ""
                found.append(
                    HostGeneration(
                        target: index, kind: .runsAnother, found: current, wanted: other,
                        message: "\(name) runs \(age(of: current, against: other)) generation than the one that was "
                            + "given: \(StoreName.short(current)) instead of \(StoreName.short(other))\(booted)"))
            }
            if let booted = target.identity.bootedToplevel, booted != current {
                found.append(
                    HostGeneration(
                        target: index, kind: .bootedAnother, found: booted, wanted: current,
                        message: "\(name) was booted from \(age(of: booted, against: current)) generation than the one "
                            + "that is active: \(StoreName.short(booted)) instead of \(StoreName.short(current)). Kernel, "
                            + "initrd and kernel command line are those of the booted one until it is restarted"))
            }
        }
        return found
    }

    /// "an older", "a newer" or "another", by the versions in the names.
    private static func age(of one: String, against other: String) -> String {
        guard let left = StoreName.version(one), let right = StoreName.version(other), left != right else {
            return "another"
        }
        return left < right ? "an older" : "a newer"
    }

    /// What a toplevel's path tells: `/nix/store/<hash>-nixos-system-<host>-<version>`
    /// (nixos/modules/system/activation/top-level.nix).
    private enum StoreName {
        /// The first eight characters of the hash and the name: enough for a person to tell two apart.
        static func short(_ path: String) -> String {
            let name = path.split(separator: "/").last ?? ""
            let hash = name.prefix { $0 != "-" }
            return hash.utf8.count == 32 ? hash.prefix(8) + "…" + name.dropFirst(32) : path
        }

        /// The version at the end of the name; nil where there is none.
        static func version(_ path: String) -> DottedVersion? {
            let words = path.split(separator: "-", omittingEmptySubsequences: false)
            return words.dropFirst().first { word in
                word.first.map { ("0"..."9").contains($0) } == true && word.contains(".")
            }.flatMap { DottedVersion(String($0)) }
        }
    }
}
