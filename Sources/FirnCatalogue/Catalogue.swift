import CCatalogue
import Crypto
public import FirnModel

/// All rules, profiles and knowledge, validated.
public struct Catalogue: Sendable {
    /// The knowledge tables.
    public private(set) var knowledge: Knowledge
    /// SHA-256 over the data, lower-case hex.
    public private(set) var digest: String
    private var rules: [String: Rule] = [:]
    private var profiles: [String: Profile] = [:]
    /// The policies of the gate, by id.
    public private(set) var policies: [String: GatePolicy] = [:]
    /// Why ids are no longer used, by id.
    public private(set) var retired: [String: String] = [:]
    private var files: [String: DataNode]
    /// The controls of the benchmarks by rule, and what is compiled of both.
    private var controlsByRule: [String: [String]] = [:]
    private(set) var compiledBenchmarks = CompiledBenchmarks()
    /// The data of each profile by id, for the lines of what is wrong across files.
    private var profileRoots: [String: DataNode] = [:]

    /// The rules, ordered by id.
    public var orderedRules: [Rule] {
        rules.values.sorted { $0.id < $1.id }
    }

    /// The profiles: the levels first, then the others by id.
    public var orderedProfiles: [Profile] {
        let levels = Level.allCases.map(\.rawValue)
        return profiles.values.sorted { left, right in
            let first = levels.firstIndex(of: left.id) ?? levels.count
            let second = levels.firstIndex(of: right.id) ?? levels.count
            return first == second ? left.id < right.id : first < second
        }
    }

    /// The rule of an id.
    public func rule(_ id: String) -> Rule? {
        rules[id]
    }

    /// The id that is nearest to a misspelt one; nil when none is near.
    public func nearestRule(to id: String) -> String? {
        let wanted = id.lowercased()
        var nearest: (id: String, distance: Int)?
        for known in rules.keys.sorted() {
            let distance = TableReader.distance(known.lowercased(), wanted)
            if distance <= 3, distance < nearest?.distance ?? .max { nearest = (known, distance) }
        }
        return nearest?.id
    }

    // MARK: - Loading

    /// The catalogue this program was built with.
    ///
    /// Its data was validated when it was compiled, and a test fails when the compiled form is stale, so it is only
    /// decoded here.
    public static func embedded() throws(CatalogueError) -> Catalogue {
        try compiled(
            Array(UnsafeBufferPointer(start: firn_catalogue_bytes(), count: firn_catalogue_size())),
            benchmarks: CompiledBenchmarks(
                index: Array(
                    UnsafeBufferPointer(start: firn_benchmark_index_bytes(), count: firn_benchmark_index_size())),
                texts: {
                    Array(UnsafeBufferPointer(start: firn_benchmarks_bytes(), count: firn_benchmarks_size()))
                }))
    }

    /// The catalogue of compiled bytes.
    static func compiled(
        _ bytes: [UInt8], benchmarks: CompiledBenchmarks = CompiledBenchmarks()
    ) throws(CatalogueError) -> Catalogue {
        do {
            let files = try CompiledCatalogue.decode(bytes)
            var catalogue = try Catalogue(
                files: files, digest: Hexadecimal.text(SHA256.hash(data: bytes + benchmarks.index)), origin: .embedded)
            catalogue.controlsByRule = try BenchmarkIndex.decode(benchmarks.index)
            catalogue.compiledBenchmarks = benchmarks
            return catalogue
        } catch let error as DataError {
            throw CatalogueError([error])
        } catch let error as CatalogueError {
            throw error
        } catch {
            throw CatalogueError([DataError(file: "compiled catalogue", line: 0, message: "\(error)")])
        }
    }

    /// The catalogue of files in the form of `profiles/`, by path below it, validated.
    package static func validated(files all: [String: DataNode]) throws(CatalogueError) -> Catalogue {
        let (files, benchmarkFiles) = BenchmarkIndex.split(all)
        var catalogue = try Catalogue(files: files, digest: "", origin: .own)
        let benchmarks = try catalogue.decodeBenchmarks(benchmarkFiles)
        catalogue.controlsByRule = BenchmarkIndex.controls(of: benchmarks)
        catalogue.compiledBenchmarks = CompiledBenchmarks(benchmarks, files: benchmarkFiles)
        catalogue.digest = digest(of: files, benchmarks: catalogue.compiledBenchmarks)
        return catalogue
    }

    /// The ids of the controls of all benchmarks that a rule answers, in the order of the documents.
    public func controls(of rule: String) -> [String] {
        controlsByRule[rule] ?? []
    }

    /// The benchmarks with all their texts, by id. They are decoded anew at each call.
    public func benchmarks() throws(CatalogueError) -> [Benchmark] {
        let texts = compiledBenchmarks.texts()
        guard !texts.isEmpty else { return [] }
        do {
            return try decodeBenchmarks(try CompiledCatalogue.decode(texts))
        } catch let error as DataError {
            throw CatalogueError([error])
        } catch let error as CatalogueError {
            throw error
        } catch {
            throw CatalogueError([DataError(file: "compiled benchmarks", line: 0, message: "\(error)")])
        }
    }

    /// The benchmarks of files, validated against the rules of this catalogue.
    private func decodeBenchmarks(_ files: [String: DataNode]) throws(CatalogueError) -> [Benchmark] {
        var result: [Benchmark] = []
        var errors: [DataError] = []
        for (name, root) in files.sorted(by: { $0.key < $1.key }) {
            let (benchmark, problems) = BenchmarkDecoder.decode(
                file: "profiles/" + name, root: root, isRule: { rules[$0] != nil })
            errors.append(contentsOf: problems)
            if let benchmark { result.append(benchmark) }
        }
        guard errors.isEmpty else { throw CatalogueError(errors) }
        return result
    }

    /// This catalogue with the rules of a user's files, validated as our own are. A rule without a profile is allowed
    /// there: the user's profile file names it.
    ///
    /// - Parameter ruleFiles: Each file's name, the path that errors show, and its data or why it could not be read.
    package func adding(
        ruleFiles: [(name: String, shown: String, root: Swift.Result<DataNode, DataError>)]
    ) throws(CatalogueError) -> Catalogue {
        var result = self
        var errors: [DataError] = []
        for file in ruleFiles {
            do {
                let root = try file.root.get()
                let (added, problems) = RuleDecoder.decode(file: file.shown, root: root, origin: .user)
                errors.append(contentsOf: problems)
                for rule in added { errors.append(contentsOf: result.insert(rule)) }
                result.files["user/" + file.name] = root
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else { throw CatalogueError(errors) }
        result.digest = Self.digest(of: result.files, benchmarks: result.compiledBenchmarks)
        return result
    }

    /// This catalogue with the profile of a user's file, and the profile's id.
    package func adding(
        profile root: DataNode, file path: String
    ) throws(CatalogueError) -> (catalogue: Catalogue, id: String) {
        var result = self
        var (profile, errors) = ProfileDecoder.decode(file: path, root: root, origin: .user)
        guard let profile else { throw CatalogueError(errors) }
        if profiles[profile.id] != nil {
            errors.append(
                DataError(file: path, line: root["id"]?.line ?? 0, message: "the id \"\(profile.id)\" is taken"))
        }
        result.profiles[profile.id] = profile
        result.profileRoots[profile.id] = root
        errors.append(contentsOf: result.profileErrors(profile, origin: .user))
        guard errors.isEmpty else { throw CatalogueError(errors) }
        return (result, profile.id)
    }

    private init(files: [String: DataNode], digest: String, origin: DataOrigin) throws(CatalogueError) {
        self.files = files
        self.digest = digest
        knowledge = Knowledge()
        var errors: [DataError] = []
        if let root = files["retired.toml"] {
            // Before any rule, so that none can take a retired id.
            errors.append(contentsOf: readRetired(root, file: "profiles/retired.toml"))
        }
        for (name, root) in files.sorted(by: { $0.key < $1.key }) where name != "retired.toml" {
            let shown = "profiles/" + name
            let stem = String(name.split(separator: "/").last?.dropLast(".toml".count) ?? "")
            if name.hasPrefix("knowledge/") {
                knowledge.tables[stem] = root
            } else if name.hasPrefix("rules/") {
                let (decoded, problems) = RuleDecoder.decode(file: shown, root: root, origin: origin)
                errors.append(contentsOf: problems)
                for rule in decoded { errors.append(contentsOf: insert(rule)) }
            } else if name.hasPrefix("policies/") {
                let (policy, problems) = PolicyDecoder.decode(file: shown, root: root)
                errors.append(contentsOf: problems)
                guard let policy else { continue }
                if policies.updateValue(policy, forKey: policy.id) != nil {
                    errors.append(
                        DataError(
                            file: shown, line: root["id"]?.line ?? 0,
                            message: "the policy id \"\(policy.id)\" is taken"))
                }
            } else if !name.contains("/") {
                let (profile, problems) = ProfileDecoder.decode(file: shown, root: root, origin: origin)
                errors.append(contentsOf: problems)
                guard let profile else { continue }
                if let other = profiles[profile.id] {
                    errors.append(
                        DataError(
                            file: shown, line: root["id"]?.line ?? 0,
                            message: "the profile id \"\(profile.id)\" is also in \(other.file)"))
                    continue
                }
                profiles[profile.id] = profile
                profileRoots[profile.id] = root
            }
        }
        if origin != .embedded {
            for profile in orderedProfiles { errors.append(contentsOf: profileErrors(profile, origin: origin)) }
            errors.append(contentsOf: unselectedErrors())
            for (id, policy) in policies.sorted(by: { $0.key < $1.key }) where profiles[policy.profile] == nil {
                errors.append(
                    DataError(
                        file: policy.file, line: 0,
                        message: "the policy \(id) asks for \"\(policy.profile)\", which is no profile"))
            }
        }
        guard errors.isEmpty else { throw CatalogueError(errors) }
    }

    private mutating func readRetired(_ root: DataNode, file: String) -> [DataError] {
        var reader = TableReader(root, file: file)
        let list = reader.optional("retired")
        if let list, list.elements == nil { reader.fail("\"retired\" must be an array of tables", at: list.line) }
        for node in list?.elements ?? [] {
            var own = TableReader(node, file: file)
            if let id = own.text("id") {
                retired[id] = own.text("reason") ?? ""
            } else {
                _ = own.text("reason")
            }
            _ = own.text("since")
            own.finish()
            reader.absorb(own.errors)
        }
        reader.finish()
        return reader.errors
    }

    private mutating func insert(_ rule: Rule) -> [DataError] {
        if let other = rules[rule.id] {
            return [
                DataError(
                    file: rule.file, line: rule.line,
                    message: "the id \(rule.id) is also at \(other.file):\(other.line)")
            ]
        }
        if let reason = retired[rule.id] {
            return [
                DataError(
                    file: rule.file, line: rule.line,
                    message: "the id \(rule.id) is retired and must not be reused: \(reason)")
            ]
        }
        rules[rule.id] = rule
        return []
    }

    // MARK: - Validation across files

    private var families: Set<String> {
        Set(rules.values.map(\.family))
    }

    private func profileErrors(_ profile: Profile, origin: DataOrigin) -> [DataError] {
        var errors: [DataError] = []
        let root = profileRoots[profile.id]
        func fail(_ message: String, at node: DataNode?) {
            errors.append(DataError(file: profile.file, line: node?.line ?? 0, message: message))
        }
        let families = families
        for (index, selector) in profile.rules.enumerated()
        where rules[selector] == nil && !families.contains(selector) {
            fail(
                "the profile \(profile.id) names \"\(selector)\", which is neither a rule nor a family",
                at: root?["rules"]?.elements?[index])
        }
        for (key, ids) in [("set", Set(profile.set.keys)), ("drop", Set(profile.drop.keys))] {
            for id in ids.sorted() where rules[id] == nil {
                fail("the profile \(profile.id) changes \"\(id)\", which is no rule", at: root?[key]?[id])
            }
        }
        var seen: Set<String> = [profile.id]
        var current = profile
        while let parent = current.inherits {
            guard let next = profiles[parent] else {
                fail("the profile \(current.id) inherits \"\(parent)\", which is no profile", at: root?["inherits"])
                return errors
            }
            guard seen.insert(parent).inserted else {
                fail("the profile \(profile.id) inherits itself", at: root?["inherits"])
                return errors
            }
            current = next
        }
        if let level = profile.level, let inherited = chain(profile).dropLast().compactMap(\.level).last,
            level < inherited
        {
            fail(
                "the profile \(profile.id) loosens the level from \(inherited.rawValue) to \(level.rawValue); "
                    + "it may only tighten", at: root?["level"])
        }
        for (rule, old, new) in changes(of: profile) {
            let node = root?["set"]?[rule.id]?["expect"]
            switch Tightening.isNotLooser(new, than: old) {
            case true?: continue
            case false?: fail("the profile \(profile.id) loosens \(rule.id); it may only tighten", at: node)
            case nil where origin == .user:
                fail(
                    "the profile \(profile.id) sets \(rule.id) to something that cannot be compared with what it was, "
                        + "so it cannot be shown to be tighter", at: node)
            case nil: continue
            }
        }
        return errors
    }

    /// What a profile sets, each with what would be in force without it, ordered by rule.
    private func changes(of profile: Profile) -> [(rule: Rule, old: Condition, new: Condition)] {
        let chain = chain(profile)
        return profile.set.sorted { $0.key < $1.key }.compactMap { id, condition in
            guard let rule = rules[id] else { return nil }
            return (rule, expectation(of: rule, chain: chain.dropLast(), level: level(of: profile)), condition)
        }
    }

    private func unselectedErrors() -> [DataError] {
        var selected: Set<String> = []
        for profile in profiles.values { selected.formUnion(selection(profile.rules)) }
        return orderedRules.filter { !selected.contains($0.id) }.map { rule in
            DataError(file: rule.file, line: rule.line, message: "no profile names the rule \(rule.id)")
        }
    }

    /// The tightenings whose operators do not compare, of levels and then of profiles: the rule, the level, the looser
    /// expectation and the tighter one.
    ///
    /// A test proves them by the rule's examples: what passes the tighter one must pass the looser one.
    public var tighteningsToProve: [(rule: Rule, level: Level, looser: Condition, tighter: Condition)] {
        var result: [(rule: Rule, level: Level, looser: Condition, tighter: Condition)] = []
        for rule in orderedRules {
            var previous = rule.expect
            for level in Level.allCases {
                guard let expect = rule.levels[level]?.expect else { continue }
                if Tightening.isNotLooser(expect, than: previous) == nil {
                    result.append((rule, level, previous, expect))
                }
                previous = expect
            }
        }
        for profile in orderedProfiles {
            for (rule, old, new) in changes(of: profile) where Tightening.isNotLooser(new, than: old) == nil {
                result.append((rule, level(of: profile) ?? .minimal, old, new))
            }
        }
        return result
    }

    // MARK: - Selection

    private func selection(_ selectors: [String]) -> Set<String> {
        var result: Set<String> = []
        for selector in selectors {
            if rules[selector] != nil {
                result.insert(selector)
            } else {
                result.formUnion(rules.values.filter { $0.family == selector }.map(\.id))
            }
        }
        return result
    }

    private func chain(_ profile: Profile) -> [Profile] {
        var result = [profile]
        while let parent = result.last?.inherits, let next = profiles[parent], result.count < 32 {
            result.append(next)
        }
        return result.reversed()
    }

    /// The ids of the profiles that inherit from a profile, directly or not, ordered.
    public func profiles(inheriting id: String) -> [String] {
        profiles.values.filter { $0.id != id && chain($0).contains { $0.id == id } }.map(\.id).sorted()
    }

    private func level(of profile: Profile) -> Level? {
        chain(profile).compactMap(\.level).last
    }

    /// What a rule must be after a chain of profiles, the last of which is judged at a level.
    private func expectation(of rule: Rule, chain: some Sequence<Profile>, level: Level?) -> Condition {
        var stepLevel: Level?
        var change: (expect: Condition, level: Level?)?
        for step in chain {
            stepLevel = step.level ?? stepLevel
            if let expect = step.set[rule.id] { change = (expect, stepLevel) }
        }
        let own = rule.expectation(at: level)
        guard let change else { return own }
        // What was set at this level replaces the rule's own words. What a lower profile set must not undo what the
        // rule demands at this higher level, so then both hold.
        if change.level == level || Tightening.isNotLooser(change.expect, than: own) == true { return change.expect }
        if Tightening.isNotLooser(own, than: change.expect) == true { return own }
        return .all([own, change.expect])
    }

    /// The ids of the rules that the profile of a level selects.
    public func rules(selectedAt level: Level) -> Set<String> {
        guard let profile = profiles[level.rawValue] else { return [] }
        return chain(profile).reduce(into: []) { $0.formUnion(selection($1.rules)) }
    }

    /// The first level whose profile selects a rule, by the rule's id.
    public func firstLevels() -> [String: Level] {
        var result: [String: Level] = [:]
        for level in Level.allCases.reversed() {
            for id in rules(selectedAt: level) { result[id] = level }
        }
        return result
    }

    /// A profile with its inheritance resolved. An empty selection is an error: nothing would be checked.
    public func resolve(profile id: String) throws(CatalogueError) -> ResolvedProfile {
        guard let profile = profiles[id] else {
            let known = orderedProfiles.map(\.id).joined(separator: ", ")
            throw CatalogueError([
                DataError(file: id, line: 0, message: "there is no profile \"\(id)\"; there are \(known)")
            ])
        }
        let chain = chain(profile)
        let level = chain.compactMap(\.level).last
        var selected: Set<String> = []
        var drop: [String: String] = [:]
        for step in chain {
            selected.formUnion(selection(step.rules))
            drop.merge(step.drop) { _, new in new }
        }
        let dropped = drop.filter { selected.contains($0.key) }
        let resolved = selected.subtracting(dropped.keys).sorted().compactMap { id -> SelectedRule? in
            guard let rule = rules[id] else { return nil }
            return SelectedRule(
                rule: rule, expect: expectation(of: rule, chain: chain, level: level),
                severity: rule.severity(at: level),
                fixes: rule.fixes(at: level), controls: controls(of: id))
        }
        guard !resolved.isEmpty else {
            throw CatalogueError([
                DataError(file: profile.file, line: 0, message: "the profile \(profile.id) selects no rule")
            ])
        }
        let droppedRules = dropped.sorted { $0.key < $1.key }.map { DroppedRule(id: $0.key, reason: $0.value) }
        return ResolvedProfile(
            id: profile.id, title: profile.title, level: level, rules: resolved, dropped: droppedRules,
            digest: Self.digest(id: profile.id, rules: resolved, dropped: droppedRules))
    }

    // MARK: - Digests

    /// SHA-256 over the compiled form of the data, which has one spelling for one content. The index of the benchmarks
    /// holds the digest of their texts.
    private static func digest(of files: [String: DataNode], benchmarks: CompiledBenchmarks) -> String {
        Hexadecimal.text(SHA256.hash(data: CompiledCatalogue.encode(files: files) + benchmarks.index))
    }

    /// SHA-256 over what the profile judges: ids, severities, applicability, expectations and what it leaves out.
    private static func digest(id: String, rules: [SelectedRule], dropped: [DroppedRule]) -> String {
        var text = "firn-profile 1\n\(CanonicalText.quote(id))\n"
        for selected in rules {
            let rule = selected.rule
            let words = [
                "rule", CanonicalText.quote(rule.id), selected.severity.rawValue,
                CanonicalText.quote(rule.fact.rawValue), rule.appliesWhen.map(CanonicalText.condition) ?? "always",
                CanonicalText.condition(selected.expect),
            ]
            text += words.joined(separator: " ") + "\n"
        }
        for rule in dropped { text += "drop \(CanonicalText.quote(rule.id)) \(CanonicalText.quote(rule.reason))\n" }
        return Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}
