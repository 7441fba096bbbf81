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
    private var retired: [String: String] = [:]
    private var files: [String: DataNode]

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

    // MARK: - Loading

    /// The catalogue this program was built with.
    ///
    /// Its data was validated when it was compiled, and a test fails when the compiled form is stale, so it is only
    /// decoded here.
    public static func embedded() throws(CatalogueError) -> Catalogue {
        let bytes = Array(UnsafeBufferPointer(start: firn_catalogue_bytes(), count: firn_catalogue_size()))
        let files: [String: DataNode]
        do {
            files = try CompiledCatalogue.decode(bytes)
        } catch {
            throw CatalogueError([error])
        }
        return try Catalogue(files: files, digest: hex(SHA256.hash(data: bytes)), validating: false)
    }

    /// The catalogue of a directory in the form of `profiles/`, validated.
    public static func load(directory: String) throws(CatalogueError) -> Catalogue {
        let files = try readFiles(directory: directory)
        return try Catalogue(files: files, digest: digest(of: files), validating: true)
    }

    /// The data files of a directory in the form of `profiles/`, by path.
    public static func readFiles(directory: String) throws(CatalogueError) -> [String: DataNode] {
        try DataDirectory.read(directory, below: ["", "rules", "knowledge"])
    }

    /// This catalogue with the rules of a user's directory, validated as our own are. A rule without a profile is
    /// allowed there: the user's profile file names it.
    public func adding(rulesDirectory: String) throws(CatalogueError) -> Catalogue {
        guard let names = DataDirectory.names(rulesDirectory) else {
            throw CatalogueError([
                DataError(file: rulesDirectory, line: 0, message: "the directory cannot be read")
            ])
        }
        var result = self
        var errors: [DataError] = []
        for name in names where name.hasSuffix(".toml") {
            let path = rulesDirectory + "/" + name
            do {
                let root = try DataDirectory.file(path, shown: path)
                let (added, problems) = RuleDecoder.decode(file: path, root: root)
                errors.append(contentsOf: problems)
                for rule in added { errors.append(contentsOf: result.insert(rule)) }
                result.files["user/" + name] = root
            } catch {
                errors.append(error)
            }
        }
        errors.append(contentsOf: result.looseningErrors(in: result.rules.values.filter { rules[$0.id] == nil }))
        guard errors.isEmpty else { throw CatalogueError(errors) }
        result.digest = Self.digest(of: result.files)
        return result
    }

    /// This catalogue with a user's profile, and the profile's id.
    public func adding(profileFile path: String) throws(CatalogueError) -> (catalogue: Catalogue, id: String) {
        let root: DataNode
        do {
            root = try DataDirectory.file(path, shown: path)
        } catch {
            throw CatalogueError([error])
        }
        var result = self
        var (profile, errors) = ProfileDecoder.decode(file: path, root: root)
        guard let profile else { throw CatalogueError(errors) }
        if profiles[profile.id] != nil {
            errors.append(
                DataError(file: path, line: root["id"]?.line ?? 0, message: "the id \"\(profile.id)\" is taken"))
        }
        result.profiles[profile.id] = profile
        errors.append(contentsOf: result.profileErrors(profile))
        guard errors.isEmpty else { throw CatalogueError(errors) }
        return (result, profile.id)
    }

    private init(files: [String: DataNode], digest: String, validating: Bool) throws(CatalogueError) {
        self.files = files
        self.digest = digest
        knowledge = Knowledge()
        var errors: [DataError] = []
        for (name, root) in files.sorted(by: { $0.key < $1.key }) {
            let shown = "profiles/" + name
            let stem = String(name.split(separator: "/").last?.dropLast(".toml".count) ?? "")
            if name == "retired.toml" {
                errors.append(contentsOf: readRetired(root, file: shown))
            } else if name.hasPrefix("knowledge/") {
                knowledge.tables[stem] = root
            } else if name.hasPrefix("rules/") {
                let (decoded, problems) = RuleDecoder.decode(file: shown, root: root)
                errors.append(contentsOf: problems)
                for rule in decoded { errors.append(contentsOf: insert(rule)) }
            } else if !name.contains("/") {
                let (profile, problems) = ProfileDecoder.decode(file: shown, root: root)
                errors.append(contentsOf: problems)
                guard let profile else { continue }
                if let other = profiles[profile.id] {
                    errors.append(
                        DataError(
                            file: shown, line: root["id"]?.line ?? 0,
                            message: "the profile id \"\(profile.id)\" is also in \(other.file)"))
                }
                profiles[profile.id] = profile
            }
        }
        if validating {
            for profile in orderedProfiles { errors.append(contentsOf: profileErrors(profile)) }
            errors.append(contentsOf: unselectedErrors())
            errors.append(contentsOf: looseningErrors(in: orderedRules))
        }
        guard errors.isEmpty else { throw CatalogueError(errors) }
    }

    private mutating func readRetired(_ root: DataNode, file: String) -> [DataError] {
        var reader = TableReader(root, file: file)
        for node in reader.optional("retired")?.elements ?? [] {
            var own = TableReader(node, file: file)
            if let id = own.text("id"), let reason = own.text("reason") { retired[id] = reason }
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

    private func profileErrors(_ profile: Profile) -> [DataError] {
        var errors: [DataError] = []
        func fail(_ message: String) {
            errors.append(DataError(file: profile.file, line: 0, message: message))
        }
        let families = families
        for selector in profile.rules where rules[selector] == nil && !families.contains(selector) {
            fail("the profile \(profile.id) names \"\(selector)\", which is neither a rule nor a family")
        }
        for id in Set(profile.set.keys).union(profile.drop.keys).sorted() where rules[id] == nil {
            fail("the profile \(profile.id) changes \"\(id)\", which is no rule")
        }
        var seen: Set<String> = [profile.id]
        var current = profile
        while let parent = current.inherits {
            guard let next = profiles[parent] else {
                fail("the profile \(current.id) inherits \"\(parent)\", which is no profile")
                return errors
            }
            guard seen.insert(parent).inserted else {
                fail("the profile \(profile.id) inherits itself")
                return errors
            }
            current = next
        }
        let level = level(of: profile)
        for (id, condition) in profile.set.sorted(by: { $0.key < $1.key }) {
            guard let rule = rules[id] else { continue }
            let old = rule.expectation(at: level)
            switch Tightening.isNotLooser(condition, than: old) {
            case true?: continue
            case false?: fail("the profile \(profile.id) loosens \(id); it may only tighten")
            case nil:
                fail("the profile \(profile.id) sets \(id) to something that cannot be compared with what it was")
            }
        }
        return errors
    }

    private func unselectedErrors() -> [DataError] {
        var selected: Set<String> = []
        for profile in profiles.values { selected.formUnion(selection(profile.rules)) }
        return orderedRules.filter { !selected.contains($0.id) }.map { rule in
            DataError(file: rule.file, line: rule.line, message: "no profile names the rule \(rule.id)")
        }
    }

    /// A level may tighten, never loosen. Where operators do not compare, the examples must prove it:
    /// ``tighteningsToProve`` lists those, and a test evaluates them.
    private func looseningErrors(in candidates: some Sequence<Rule>) -> [DataError] {
        var errors: [DataError] = []
        for rule in candidates {
            var previous = rule.expect
            for level in Level.allCases {
                guard let change = rule.levels[level] else { continue }
                if let expect = change.expect {
                    if Tightening.isNotLooser(expect, than: previous) == false {
                        errors.append(
                            DataError(
                                file: rule.file, line: rule.line,
                                message: "\(rule.id) loosens its expectation at \(level.rawValue)"))
                    }
                    previous = expect
                }
                if let severity = change.severity, severity < rule.severity {
                    errors.append(
                        DataError(
                            file: rule.file, line: rule.line,
                            message: "\(rule.id) lowers its severity at \(level.rawValue)"))
                }
            }
        }
        return errors
    }

    /// The level steps whose operators do not compare: rule, the looser expectation, the tighter one.
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

    private func level(of profile: Profile) -> Level? {
        chain(profile).compactMap(\.level).last
    }

    /// Whether the profile of a level selects a rule.
    public func selects(_ rule: Rule, at level: Level) -> Bool {
        guard let profile = profiles[level.rawValue] else { return false }
        return chain(profile).contains { selection($0.rules).contains(rule.id) }
    }

    /// The first level whose profile selects a rule.
    public func firstProfile(selecting rule: Rule) -> String? {
        Level.allCases.first { selects(rule, at: $0) }?.rawValue
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
        var set: [String: Condition] = [:]
        var drop: [String: String] = [:]
        for step in chain {
            selected.formUnion(selection(step.rules))
            set.merge(step.set) { _, new in new }
            drop.merge(step.drop) { _, new in new }
        }
        let dropped = drop.filter { selected.contains($0.key) }
        let resolved = selected.subtracting(dropped.keys).sorted().compactMap { id -> SelectedRule? in
            guard let rule = rules[id] else { return nil }
            return SelectedRule(
                rule: rule, expect: set[id] ?? rule.expectation(at: level), severity: rule.severity(at: level),
                fixes: rule.fixes(at: level))
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

    /// SHA-256 over the compiled form of the data, which has one spelling for one content.
    private static func digest(of files: [String: DataNode]) -> String {
        hex(SHA256.hash(data: CompiledCatalogue.encode(files: files)))
    }

    /// SHA-256 over what the profile judges: ids, severities, applicability, expectations and what it leaves out.
    private static func digest(id: String, rules: [SelectedRule], dropped: [DroppedRule]) -> String {
        var text = "firn-profile 1\n\(id)\n"
        for selected in rules {
            let rule = selected.rule
            let applies = rule.appliesWhen.map { ConditionText.describe($0, subject: rule.fact) } ?? ""
            text += "rule\t\(rule.id)\t\(selected.severity.rawValue)\t\(rule.fact.rawValue)\t\(applies)\t"
            text += ConditionText.describe(selected.expect, subject: rule.fact) + "\n"
        }
        for rule in dropped { text += "drop\t\(rule.id)\t\(rule.reason)\n" }
        return hex(SHA256.hash(data: Array(text.utf8)))
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
