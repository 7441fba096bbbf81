import FirnModel
import FirnParsing

/// Makes the facts of a model of mounts, whichever source it comes from.
struct MountFactSet {
    let model: MountModel
    let knowledge: MountsKnowledge

    func facts() -> FactBatch {
        var batch = FactBatch()
        for mount in model.ordered {
            let flags = model.flags(of: mount)
            let key = FactKey("mounts.options." + mount.target)
            batch.facts[key] = .known(
                .strings(MountText.words(mount, flags, knowledge)), [MountText.evidence(mount, flags, knowledge)])
        }
        if let problem = model.specialProblem {
            for special in knowledge.special where batch.facts[FactKey("mounts.options." + special.target)] == nil {
                batch.facts[FactKey("mounts.options." + special.target)] = .unavailable(
                    reason: problem.reason, [problem.evidence])
            }
        }
        batch.families.append(
            FactFamily(
                prefix: "mounts.options.",
                missing: model.problems.first.map { .unavailable(reason: $0.reason, [$0.evidence]) }
                    ?? .absent([model.base])))
        batch.facts["mounts.points"] = list { !knowledge.pseudo.contains($0.type) && $0.origin != .special }
        batch.facts["mounts.special.weak"] = special()
        if let store = model.storeOptions { batch.facts["mounts.nix-store.read-only"] = store }
        for (word, lacks) in Self.words {
            batch.facts[FactKey("mounts.network.without-" + word)] = list {
                isNetwork($0) && lacks(model.flags(of: $0))
            }
            batch.facts[FactKey("mounts.other.without-" + word)] = list {
                isOther($0) && lacks(model.flags(of: $0))
                    && !(word == "noexec" && knowledge.programs.contains($0.target))
            }
            batch.facts[FactKey("mounts.loader.without-" + word)] = loader(without: word, lacks)
        }
        batch.facts["mounts.network.guest"] = list { isNetwork($0) && isGuest($0.options) }
        batch.facts["mounts.network.credentials"] = list { hasCredentials($0) }
        batch.facts["mounts.network.smb1"] = list {
            Self.smb.contains($0.type) && ($0.options.value("vers")?.hasPrefix("1") == true || $0.type == "smbfs")
        }
        batch.facts["mounts.network.unauthenticated"] = list {
            $0.type.hasPrefix("nfs") && !["krb5", "krb5i", "krb5p"].contains($0.options.value("sec") ?? "sys")
        }
        batch.facts["mounts.user-mountable"] = list {
            let flags = $0.options.flags
            return $0.options.isUserMountable && (!flags.nosuid || !flags.nodev)
        }
        batch.facts["mounts.vm-shares"] = list {
            knowledge.hypervisor.contains($0.type) && knowledge.vmTags.contains($0.source)
        }
        batch.facts["mounts.loader.readable"] = loader()
        batch.facts["mounts.tmp.volatile"] = tmp()
        batch.facts["mounts.swap.unencrypted"] = swap()
        return batch
    }

    private static let words: [(String, @Sendable (MountOptions.Flags) -> Bool)] = [
        ("nodev", { !$0.nodev }), ("nosuid", { !$0.nosuid }), ("noexec", { !$0.noexec }),
    ]
    private static let smb: Set<String> = ["cifs", "smb3", "smbfs"]

    private func isNetwork(_ mount: Mount) -> Bool {
        // `sshfs#user@server:/` of type fuse names its program in the source.
        let program = mount.type == "fuse" ? String(mount.source.prefix { $0 != "#" }) : mount.type
        return knowledge.network.contains(program)
    }

    private func isGuest(_ options: MountOptions) -> Bool {
        options.has("guest") || options.value("sec") == "none"
            || options.options.contains { ["username", "user"].contains($0.name) && $0.value?.lowercased() == "guest" }
    }

    /// Whether a password stands among the options or in the share's name.
    private func hasCredentials(_ mount: Mount) -> Bool {
        let names = ["password", "pass", "passwd", "password2", "secret"]
        if mount.options.options.contains(where: { names.contains($0.name) && $0.value?.isEmpty == false }) {
            return true
        }
        // `user=name%password` of mount.cifs.
        if Self.smb.contains(mount.type), mount.options.value("user")?.contains("%") == true { return true }
        return MountText.hasPassword(mount.source)
    }

    private func isOther(_ mount: Mount) -> Bool {
        let type = mount.type
        if mount.origin == .special || isNetwork(mount) || knowledge.hypervisor.contains(type) { return false }
        if knowledge.pseudo.contains(type) || knowledge.areas.contains(mount.target) { return false }
        // Images of containers hold device files and set-user-id programs of their own.
        if knowledge.containers.contains(where: { mount.target == $0 || mount.target.hasPrefix($0 + "/") }) {
            return false
        }
        return !["/nix/", "/run/", "/sys/", "/dev/", "/proc/", "/sysroot/"].contains { mount.target.hasPrefix($0) }
    }

    /// The mount points a question is true of. One that is surely bad is reported even where others are not known.
    private func list(_ isOffender: (Mount) -> Bool) -> Fact {
        let found = model.ordered.filter(isOffender)
        if found.isEmpty, let problem = model.problems.first {
            return .unavailable(reason: problem.reason, [problem.evidence])
        }
        return .known(
            .strings(found.map(\.target)),
            found.isEmpty
                ? [model.base] : found.map { MountText.evidence($0, model.flags(of: $0), knowledge) })
    }

    private func special() -> Fact {
        var weak: [String] = []
        var evidence: [Evidence] = []
        for (target, words) in knowledge.special {
            guard let mount = model.mounts[target] else { continue }
            let flags = model.flags(of: mount)
            for word in words where !flags.words.contains(word) {
                weak.append("\(target) \(word)")
                evidence.append(MountText.evidence(mount, flags, knowledge))
            }
        }
        if weak.isEmpty, let problem = model.specialProblem ?? model.problems.first {
            return .unavailable(reason: problem.reason, [problem.evidence])
        }
        return .known(
            .strings(weak.sorted()),
            evidence.isEmpty ? [model.mounts["/proc"]?.place ?? model.base] : evidence)
    }

    /// The loader's own file systems that lack a word; absent where there is none the word means anything for. FAT knows
    /// neither device files nor set-user-id programs.
    private func loader(without word: String, _ lacks: (MountOptions.Flags) -> Bool) -> Fact {
        let mounts = model.ordered.filter { mount in
            knowledge.loader.contains(mount.target) && (word == "noexec" || !Self.fat.contains(mount.type))
        }
        let found = mounts.filter { lacks(model.flags(of: $0)) }
        if let unclear = found.first(where: { $0.type == "auto" }), word != "noexec",
            !found.contains(where: { $0.type != "auto" })
        {
            return .unavailable(reason: "the type of \(unclear.target) is not told: it may be FAT", [unclear.place])
        }
        if found.isEmpty, let problem = model.problems.first {
            return .unavailable(reason: problem.reason, [problem.evidence])
        }
        guard !mounts.isEmpty else { return .absent([model.base]) }
        return .known(
            .strings(found.map(\.target)),
            (found.isEmpty ? mounts : found).map { MountText.evidence($0, model.flags(of: $0), knowledge) })
    }

    private static let fat: Set<String> = ["vfat", "msdos", "fat"]

    /// FAT has no owners: the masks decide for all files (mount(8), vfat). The default is the umask of the mounting
    /// process, 022.
    private func loader() -> Fact {
        var readable: [Mount] = []
        var unclear: Mount?
        for mount in model.ordered where knowledge.loader.contains(mount.target) {
            if mount.type == "auto" { unclear = mount }
            guard Self.fat.contains(mount.type) else { continue }
            var file = 0o022
            var directory = 0o022
            var isRead = true
            for option in mount.options.options {
                guard ["umask", "fmask", "dmask"].contains(option.name) else { continue }
                guard let text = option.value, let mask = Int(text, radix: 8) else {
                    unclear = mount
                    isRead = false
                    continue
                }
                if option.name != "dmask" { file = mask }
                if option.name != "fmask" { directory = mask }
            }
            if isRead, directory & 0o001 == 0, file & 0o004 == 0 { readable.append(mount) }
        }
        if readable.isEmpty, let unclear {
            return .unavailable(
                reason: "the type or the masks of \(unclear.target) cannot be read", [unclear.place])
        }
        if readable.isEmpty, let problem = model.problems.first {
            return .unavailable(reason: problem.reason, [problem.evidence])
        }
        return .known(
            .strings(readable.map(\.target)),
            readable.isEmpty
                ? [model.base] : readable.map { MountText.evidence($0, model.flags(of: $0), knowledge) })
    }

    private func tmp() -> Fact {
        if let holder = model.holder(of: "/tmp") {
            let isMemory =
                knowledge.memory.contains(holder.type) || (holder.target == "/tmp" && holder.source.contains("zram"))
            if isMemory {
                return .known(.boolean(true), [MountText.evidence(holder, model.flags(of: holder), knowledge)])
            }
        }
        if let problem = model.problems.first { return .unavailable(reason: problem.reason, [problem.evidence]) }
        guard let cleans = model.cleansTmp else {
            return .unavailable(reason: "whether /tmp is emptied at boot cannot be read", [model.base])
        }
        return .known(.boolean(cleans.isCleaned), [cleans.evidence])
    }

    private func swap() -> Fact {
        var plain: [SwapArea] = []
        var unclear: (String, Evidence)?
        for area in model.swaps {
            switch area.protection {
            case .plain: plain.append(area)
            case .unclear(let reason): unclear = unclear ?? (reason, area.evidence)
            case .encrypted, .memory: continue
            }
        }
        if plain.isEmpty {
            if let unclear { return .unavailable(reason: unclear.0, [unclear.1]) }
            if let problem = model.problems.first { return .unavailable(reason: problem.reason, [problem.evidence]) }
        }
        return .known(
            .strings(plain.map(\.device)),
            plain.isEmpty
                ? model.swaps.map(\.evidence) + (model.swaps.isEmpty ? [model.base] : []) : plain.map(\.evidence))
    }
}
