import FirnModel
import FirnParsing

/// Makes the facts of settings, whichever source they come from.
struct NixFactSet {
    let settings: NixSettings

    func facts() -> FactBatch {
        var batch = FactBatch()
        for setting in settings.knowledge.settings where setting.kind != .hidden {
            batch.facts[FactKey("nix." + setting.name)] = settings.fact(setting)
        }
        batch.facts["nix.trusted-users.beyond-wheel"] = beyondWheel()
        batch.facts["nix.sandbox-paths.wide"] = sandboxPaths()
        substituters(&batch)
        batch.facts["nix.trusted-public-keys.unknown"] = keys()
        batch.facts["nix.secrets"] = secrets()
        batch.facts["nix.hooks"] = hooks()
        return batch
    }

    // MARK: Addresses

    /// An address without the name and password in it, and without its query.
    static func shown(_ url: String) -> String {
        let plain = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = plain.firstRange(of: "://") else { return String(plain) }
        let host = plain[scheme.upperBound...].prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(plain) }
        let rest = plain[host.index(after: at)...]
        return String(plain[..<scheme.upperBound]) + rest
    }

    /// Whether anybody on the way can change what it serves.
    static func isInsecure(_ url: String) -> Bool {
        let lower = url.lowercased()
        guard let scheme = ["http://", "ftp://"].first(where: lower.hasPrefix) else { return false }
        var host = lower.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        if host.hasPrefix("[") { return !(host.hasPrefix("[::1]")) }
        let name = host.prefix { $0 != ":" }
        return name != "localhost" && !name.hasPrefix("127.")
    }

    /// Whether its store paths are taken without a signature (`?trusted=1`).
    static func isTrusted(_ url: String) -> Bool {
        guard let question = url.firstIndex(of: "?") else { return false }
        return url[url.index(after: question)...].split(separator: "&").contains { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return parts.first == "trusted" && NixConf.boolean(parts.count > 1 ? String(parts[1]) : "") == true
        }
    }

    /// Whether a name and password stand in it.
    static func hasPassword(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return false }
        let host = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = host.lastIndex(of: "@") else { return false }
        return host[..<at].contains(":")
    }

    private func substituters(_ batch: inout FactBatch) {
        let names = ["substituters", "trusted-substituters"]
        let problem = names.lazy.compactMap { settings.problem($0) }.first
        func fact(_ isOffender: (String) -> Bool) -> Fact {
            var found: [String] = []
            var evidence: [Evidence] = []
            for name in names where settings.problem(name) == nil {
                let urls = settings.words(name).filter(isOffender).map(Self.shown)
                if !urls.isEmpty { evidence += settings.places(name) }
                found += urls.filter { !found.contains($0) }
            }
            if found.isEmpty, let problem { return problem }
            return .known(.strings(found), evidence.isEmpty ? settings.places("substituters") : evidence)
        }
        batch.facts["nix.substituters"] =
            settings.problem("substituters")
            ?? .known(
                .strings(settings.words("substituters").map(Self.shown)), settings.places("substituters"))
        batch.facts["nix.substituters.insecure"] = fact(Self.isInsecure)
        batch.facts["nix.substituters.trusted"] = fact(Self.isTrusted)
    }

    // MARK: Lists of offenders

    /// Trusted users who may not become root anyway.
    private func beyondWheel() -> Fact {
        if let problem = settings.problem("trusted-users") { return problem }
        let others = settings.words("trusted-users").filter { !["root", "@root", "@wheel"].contains($0) }
        return .known(.strings(others), settings.places("trusted-users"))
    }

    private func keys() -> Fact {
        if let problem = settings.problem("trusted-public-keys") { return problem }
        let unknown = settings.words("trusted-public-keys").filter { !settings.knowledge.officialKeys.contains($0) }
        // The name of a key, not the key: it is public, but nobody reads it.
        return .known(
            .strings(unknown.map { String($0.prefix { $0 != ":" }) }), settings.places("trusted-public-keys"))
    }

    /// Paths of the host that every build sees beyond those that are harmless.
    private func sandboxPaths() -> Fact {
        if let problem = settings.problem("sandbox-paths") { return problem }
        let wide = settings.words("sandbox-paths").filter { word in
            var path = word
            if path.hasSuffix("?") { path.removeLast() }
            let target = String(path.prefix { $0 != "=" })
            let source = path.contains("=") ? String(path.drop { $0 != "=" }.dropFirst()) : target
            // What lies in the store is readable by everybody anyway.
            return !(settings.knowledge.harmlessPaths.contains(target) || source.hasPrefix("/nix/store/"))
        }
        return .known(
            .strings(wide), settings.values["sandbox-paths"]?.evidence ?? settings.places("sandbox-paths"))
    }

    /// Settings that hold a secret, or name one in the world-readable store.
    private func secrets() -> Fact {
        var found: [String] = []
        var evidence: [Evidence] = []
        func add(_ name: String) {
            found.append(name)
            evidence += settings.places(name)
        }
        if !settings.words("access-tokens").isEmpty { add("access-tokens") }
        for name in ["netrc-file", "secret-key-files"]
        where settings.words(name).contains(where: { $0.hasPrefix("/nix/store/") }) {
            add(name)
        }
        for name in ["substituters", "trusted-substituters"]
        where settings.words(name).contains(where: Self.hasPassword) { add(name) }
        let asked = ["access-tokens", "netrc-file", "secret-key-files", "substituters", "trusted-substituters"]
        if found.isEmpty, let problem = asked.lazy.compactMap({ settings.problem($0) }).first { return problem }
        return .known(.strings(found), evidence.isEmpty ? [settings.base] : evidence)
    }

    /// Programs that the daemon runs as root beside builds.
    private func hooks() -> Fact {
        var found: [String] = []
        var evidence: [Evidence] = []
        for name in ["post-build-hook", "pre-build-hook", "diff-hook"] {
            if let problem = settings.problem(name) { return problem }
            guard !settings.words(name).isEmpty else { continue }
            if name == "diff-hook" {
                if let problem = settings.problem("run-diff-hook") { return problem }
                guard NixConf.boolean(settings.words("run-diff-hook").first ?? "false") == true else { continue }
            }
            found.append(name)
            evidence += settings.places(name)
        }
        return .known(.strings(found), evidence.isEmpty ? [settings.base] : evidence)
    }
}
