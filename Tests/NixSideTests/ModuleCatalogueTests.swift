import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

/// nix/lib/catalogue.nix reads the same rules as the auditor; builtins are enough, so no nixpkgs is needed.
struct ModuleCatalogueTests {
    /// A fix of a level in a release, with its value as JSON.
    struct Chosen: Hashable, CustomStringConvertible {
        var rule: String
        var path: [String]
        var value: String
        var merge: String
        var description: String { "\(rule): \(path.joined(separator: ".")) = \(value), \(merge)" }
    }

    static let releases = ["20.09", "26.11"]

    @Test(.enabled(if: Nix.hasInstantiate)) func selectsAndRepairsAsTheAuditorDoes() throws {
        let answer = try Nix.evaluate(
            """
            let
              catalogue = import ./nix/lib/catalogue.nix { };
              fixes = level: release: map (fix: { inherit (fix) rule path value merge; }) (catalogue.fixes { inherit level release; });
            in
            builtins.listToAttrs (map (level: {
              name = level;
              value = { selected = catalogue.selected level; "20.09" = fixes level "20.09"; "26.11" = fixes level "26.11"; };
            }) catalogue.levels)
            """)
        try #require(answer.code == 0, "\(answer.errors)")
        let levels = try #require(try JSONSerialization.jsonObject(with: answer.output) as? [String: [String: Any]])
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        #expect(Set(levels.keys) == ["minimal", "standard", "strict"])
        for (level, found) in levels {
            let resolved = try catalogue.resolve(profile: level)
            let selected = try #require(found["selected"] as? [String])
            #expect(selected.count == Set(selected).count)
            #expect(Set(selected) == Set(resolved.rules.map(\.rule.id)))
            for release in Self.releases {
                let rows = try #require(found[release] as? [[String: Any]])
                let seen = try rows.map { row in
                    Chosen(
                        rule: try #require(row["rule"] as? String), path: try #require(row["path"] as? [String]),
                        value: try Self.text(try #require(row["value"])), merge: try #require(row["merge"] as? String))
                }
                let expected = try resolved.rules.flatMap { try Self.fixes(of: $0, in: release) }
                #expect(Set(seen) == Set(expected), "\(level) \(release)")
                #expect(seen.count == expected.count)
                #expect(expected.count > 20)
            }
        }
    }

    /// What the auditor's catalogue says, by the order of releases that NixOS has.
    private static func fixes(of selected: SelectedRule, in release: String) throws -> [Chosen] {
        let now = try #require(DottedVersion(release))
        return try selected.fixes.compactMap { fix in
            guard let value = fix.value else { return nil }
            if let since = fix.since.flatMap({ DottedVersion($0) }), now < since { return nil }
            if let until = fix.until.flatMap({ DottedVersion($0) }), now >= until { return nil }
            return Chosen(
                rule: selected.rule.id, path: fix.path, value: try text(json(value)),
                merge: fix.merge?.rawValue ?? "replace")
        }
    }

    private static func json(_ value: FactValue) -> Any {
        switch value {
        case .boolean(let truth): truth
        case .integer(let number): number
        case .string(let text): text
        case .list(let elements): elements.map(json)
        }
    }

    private static func text(_ value: Any) throws -> String {
        String(
            decoding: try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys]),
            as: UTF8.self)
    }

    /// A rule added to the data is selected and repaired, with what each level changes, and what a profile drops is not.
    @Test(.enabled(if: Nix.hasInstantiate)) func aRuleAddedToTheDataIsThere() throws {
        let copy = try ModuleCopy()
        let answer = try Nix.evaluate(
            """
            let
              catalogue = import ./nix/lib/catalogue.nix { profiles = \(copy.root)/profiles; };
              of = level: release: builtins.filter (fix: fix.rule == "sysctl.firn.added") (catalogue.fixes { inherit level release; });
            in
            {
              minimal = map (fix: fix.value) (of "minimal" "26.11");
              strict = map (fix: fix.value) (of "strict" "26.11");
              early = map (fix: fix.value) (of "minimal" "20.09");
              dropped = builtins.elem "sysctl.kernel.kptr_restrict" (catalogue.selected "minimal");
              beside = builtins.elem "sysctl.kernel.randomize_va_space" (catalogue.selected "minimal");
            }
            """)
        try #require(answer.code == 0, "\(answer.errors)")
        let found = try #require(try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(found["minimal"] as? [Int] == [7])
        #expect(found["strict"] as? [Int] == [9])
        #expect((found["early"] as? [Int])?.isEmpty == true)
        #expect(found["dropped"] as? Bool == false)
        #expect(found["beside"] as? Bool == true)
    }
}

/// A copy of nix/ and profiles/ with one rule more in minimal (`sysctl.firn.added`, since 21.05), and one that minimal drops.
final class ModuleCopy {
    let root: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "firn-module-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        root = directory.path
        for name in ["nix", "profiles"] {
            try FileManager.default.copyItem(
                at: Repository.root.appendingPathComponent(name), to: directory.appendingPathComponent(name))
        }
        try Self.append(
            """

            [[rule]]
            id = "sysctl.firn.added"
            fix = { path = ["boot", "kernel", "sysctl", "firn.added"], value = 7, merge = "replace", since = "21.05" }
            level.strict = { fix-value = 9 }
            """, to: root + "/profiles/rules/sysctl.toml")
        let minimal = root + "/profiles/minimal.toml"
        let text = try String(contentsOfFile: minimal, encoding: .utf8)
        try #require(text.contains("rules = ["))
        try
            (text.replacingOccurrences(of: "rules = [", with: "rules = [\n    \"sysctl.firn.added\",")
            + "\n[drop]\n\"sysctl.kernel.kptr_restrict\" = { reason = \"a test\" }\n")
            .write(toFile: minimal, atomically: true, encoding: .utf8)
    }

    private static func append(_ more: String, to path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try (text + more).write(toFile: path, atomically: true, encoding: .utf8)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: root)
        } catch {
            print("\(root) could not be removed: \(error)")
        }
    }
}
