import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnTestSupport
import Foundation
import Testing

@Suite("Catalogue across files")
struct CatalogueTests {
    @Test(
        arguments: [
            (
                "a duplicate id names both places",
                ["rules/t.toml": DataFiles.rule("t.a") + DataFiles.rule("t.a")], "t",
                ["profiles/rules/t.toml:15: the id t.a is also at profiles/rules/t.toml:1"]
            ),
            (
                "a retired id is not used again",
                [
                    "rules/t.toml": DataFiles.rule("t.a"),
                    "retired.toml": "[[retired]]\nid = \"t.a\"\nsince = \"1\"\nreason = \"It was wrong.\"\n",
                ], nil,
                ["profiles/rules/t.toml:1: the id t.a is retired and must not be reused: It was wrong."]
            ),
            (
                "a rule that no profile names",
                ["rules/t.toml": DataFiles.rule("t.a") + DataFiles.rule("t.b")], "t.a",
                ["profiles/rules/t.toml:15: no profile names the rule t.b"]
            ),
            (
                "an unknown rule or family",
                [
                    "rules/t.toml": DataFiles.rule("t.a"),
                    "p.toml": DataFiles.profile("p", "rules = [\"t\",\n\"t.x\",\n\"q\"]"),
                ],
                "t.a",
                [
                    "profiles/p.toml:4: the profile p names \"t.x\", which is neither a rule nor a family",
                    "profiles/p.toml:5: the profile p names \"q\", which is neither a rule nor a family",
                ]
            ),
            (
                "set and drop of unknown rules",
                [
                    "rules/t.toml": DataFiles.rule("t.a"),
                    "p.toml": DataFiles.profile(
                        "p", "set.\"t.x\".expect = { equals = 1 }\n[drop.\"t.y\"]\nreason = \"No.\""),
                ], "t.a",
                [
                    "profiles/p.toml:3: the profile p changes \"t.x\", which is no rule",
                    "profiles/p.toml:4: the profile p changes \"t.y\", which is no rule",
                ]
            ),
            (
                "a drop without a reason",
                [
                    "rules/t.toml": DataFiles.rule("t.a"),
                    "p.toml": DataFiles.profile("p", "[drop.\"t.a\"]\nreason = \" \""),
                ],
                "t.a",
                ["profiles/p.toml:4: \"reason\" must be text that is not empty"]
            ),
            (
                "an unknown parent",
                ["rules/t.toml": DataFiles.rule("t.a"), "p.toml": DataFiles.profile("p", "inherits = \"q\"")], "t.a",
                ["profiles/p.toml:3: the profile p inherits \"q\", which is no profile"]
            ),
            (
                "a cycle of inheritance",
                [
                    "rules/t.toml": DataFiles.rule("t.a"), "p.toml": DataFiles.profile("p", "inherits = \"q\""),
                    "q.toml": DataFiles.profile("q", "inherits = \"p\""),
                ], "t.a",
                [
                    "profiles/p.toml:3: the profile p inherits itself",
                    "profiles/q.toml:3: the profile q inherits itself",
                ]
            ),
            (
                "a profile that is its own parent",
                ["rules/t.toml": DataFiles.rule("t.a"), "p.toml": DataFiles.profile("p", "inherits = \"p\"")], "t.a",
                ["profiles/p.toml:3: the profile p inherits itself"]
            ),
            (
                "two profiles of one id",
                ["rules/t.toml": DataFiles.rule("t.a"), "p.toml": DataFiles.profile("minimal", "rules = []")], "t.a",
                ["profiles/p.toml:1: the profile id \"minimal\" is also in profiles/minimal.toml"]
            ),
            (
                "a loosened set",
                [
                    "rules/t.toml": DataFiles.rule("t.a"),
                    "p.toml": DataFiles.profile("p", "[set.\"t.a\"]\nexpect = { at-least = 0 }"),
                ], "t.a",
                ["profiles/p.toml:4: the profile p loosens t.a; it may only tighten"]
            ),
            (
                "a set that loosens what a parent set",
                [
                    "rules/t.toml": DataFiles.rule("t.a"),
                    "p.toml": DataFiles.profile("p", "[set.\"t.a\"]\nexpect = { at-least = 5 }"),
                    "q.toml": DataFiles.profile("q", "inherits = \"p\"\n[set.\"t.a\"]\nexpect = { at-least = 3 }"),
                ], "t.a",
                ["profiles/q.toml:5: the profile q loosens t.a; it may only tighten"]
            ),
            (
                "a loosened level of a profile",
                [
                    "rules/t.toml": DataFiles.rule("t.a"), "p.toml": DataFiles.profile("p", "level = \"strict\""),
                    "q.toml": DataFiles.profile("q", "inherits = \"p\"\nlevel = \"minimal\""),
                ], "t.a",
                ["profiles/q.toml:4: the profile q loosens the level from strict to minimal; it may only tighten"]
            ),
            (
                "a severity that a later level lowers again",
                [
                    "rules/t.toml": DataFiles.rule(
                        "t.a",
                        more: "level.standard = { severity = \"high\" }\nlevel.strict = { severity = \"medium\" }")
                ], "t.a",
                ["profiles/rules/t.toml:15: t.a lowers its severity at strict"]
            ),
            (
                "a file that is not TOML",
                ["rules/t.toml": DataFiles.rule("t.a") + "x = \n"], "t.a",
                ["profiles/rules/t.toml:15: not TOML: Error while parsing key-value pair: expected value, saw '\\n'"]
            ),
        ] as [(String, [String: String], String?, [String])])
    func whatIsWrongAcrossFiles(
        name: String, files: [String: String], selection: String?, expected: [String]
    ) throws {
        var files = files
        files["minimal.toml"] = DataFiles.profile("minimal", selection.map { "rules = [\"\($0)\"]" } ?? "rules = []")
        #expect(try DataFiles.errors(files) == expected)
    }

    @Test func aMissingDirectoryIsAnError() {
        let error = #expect(throws: CatalogueError.self) { try Catalogue.load(directory: "/nowhere/profiles") }
        #expect(error?.description == "/nowhere/profiles: No such file or directory")
    }

    @Test func aFolderThatIsNoDirectoryIsAnError() throws {
        let errors = try DataFiles.errors(["rules": "", "minimal.toml": DataFiles.profile("minimal")])
        #expect(errors.count == 1)
        #expect(errors.first?.hasSuffix("/rules: Not a directory") == true)
    }

    @Test func aFileThatIsNotUTF8IsAnError() throws {
        try DataFiles.with(["minimal.toml": DataFiles.profile("minimal")]) { directory in
            try Data([0x61, 0x20, 0xFF]).write(to: URL(fileURLWithPath: directory + "/broken.toml"))
            let error = #expect(throws: CatalogueError.self) { try Catalogue.load(directory: directory) }
            #expect(error?.description == "profiles/broken.toml: the file is not valid UTF-8")
        }
    }

    @Test func otherFilesAreNotRead() throws {
        let catalogue = try DataFiles.load([
            "minimal.toml": DataFiles.profile("minimal"), "elsewhere/x.toml": "not toml", "README.md": "not toml",
            ".hidden.toml": "not toml", "knowledge/ports.toml": "[ports]\nssh = 22\n",
        ])
        #expect(catalogue.knowledge.tables.keys.sorted() == ["ports"])
        #expect(catalogue.knowledge.tables["ports"]?["ports"]?["ssh"]?.integer == 22)
        #expect(catalogue.orderedProfiles.map(\.id) == ["minimal"])
    }

    @Test func theDigestNamesTheContent() throws {
        let files = ["minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]"), "rules/t.toml": DataFiles.rule]
        let one = try DataFiles.load(files)
        let same = try DataFiles.load(files)
        var changed = files
        changed["rules/t.toml"]?.replace("\"Because.\"", with: "\"Because!\"")
        #expect(one.digest == same.digest)
        let other = try DataFiles.load(changed)
        #expect(other.digest != one.digest)
        #expect(one.digest.count == 64)
        #expect(one.digest.allSatisfy { "0123456789abcdef".contains($0) })
    }

    /// Where operators do not compare, the pair is listed for the proof by examples: of levels and of profiles.
    @Test func whatOperatorsCannotProveIsListed() throws {
        let catalogue = try DataFiles.load([
            "rules/t.toml": DataFiles.rule(
                "t.a", expect: "{ matches = \"a.*\" }", more: "level.strict = { expect = { matches = \"ab.*\" } }"),
            "minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]"),
            "own.toml": DataFiles.profile(
                "own", "inherits = \"minimal\"\nlevel = \"standard\"\nset.\"t.a\".expect = { matches = \"aa\" }"),
        ])
        let proofs = catalogue.tighteningsToProve
        #expect(proofs.map(\.rule.id) == ["t.a", "t.a"])
        #expect(proofs.map(\.level) == [.strict, .standard])
        #expect(proofs.map(\.looser) == [.test(.matches("a.*")), .test(.matches("a.*"))])
        #expect(proofs.map(\.tighter) == [.test(.matches("ab.*")), .test(.matches("aa"))])
    }

    // MARK: - A user's own

    private func withOwn(
        rules: [String: String] = [:], profile: String? = nil, _ body: (Catalogue, String) throws -> Void
    ) throws {
        let base = try DataFiles.load([
            "minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]\nlevel = \"minimal\""),
            "rules/t.toml": DataFiles.rule("t.a"),
            "retired.toml": "[[retired]]\nid = \"t.old\"\nsince = \"1\"\nreason = \"Gone.\"\n",
        ])
        var files = rules
        files["p/own.toml"] = profile
        try DataFiles.with(files) { try body(base, $0) }
    }

    @Test func aUsersRulesAndProfile() throws {
        let profile = DataFiles.profile(
            "own", "inherits = \"minimal\"\nrules = [\"mine\"]\ndrop.\"t.a\".reason = \"No.\"")
        try withOwn(rules: ["mine.toml": DataFiles.rule("mine.x")], profile: profile) { base, directory in
            let (catalogue, id) = try base.adding(rulesDirectory: directory).adding(
                profileFile: directory + "/p/own.toml")
            let resolved = try catalogue.resolve(profile: id)
            #expect(id == "own")
            #expect(resolved.rules.map(\.rule.id) == ["mine.x"])
            #expect(resolved.dropped == [DroppedRule(id: "t.a", reason: "No.")])
            #expect(catalogue.digest != base.digest)
            #expect(catalogue.rule("mine.x")?.file == directory + "/mine.toml")
        }
    }

    @Test(arguments: [
        ("t.toml", DataFiles.rule("t.a"), ":1: the id t.a is also at profiles/rules/t.toml:1"),
        ("t.toml", DataFiles.rule("t.old"), ":1: the id t.old is retired and must not be reused: Gone."),
        ("u.toml", DataFiles.rule("v.a"), ":2: the id \"v.a\" must start with \"u.\", the family of its file"),
        (
            "u.toml",
            DataFiles.rule("u.a", expect: "{ matches = \"a\" }", more: "level.strict.expect = { matches = \"b\" }"),
            ":14: the expectation of u.a at strict cannot be compared with the one before, so it cannot be shown to be "
                + "tighter"
        ),
        ("u.toml", DataFiles.rule("u.a", more: "level.strict.expect = { at-least = 0 }"), ":14: u.a loosens its"),
        ("u.toml", "rule = 1.5\n", ":1: a float; the catalogue has whole numbers only"),
    ])
    func whatIsWrongInAUsersRules(name: String, text: String, words: String) throws {
        try withOwn(rules: [name: text]) { base, directory in
            let error = #expect(throws: CatalogueError.self) { try base.adding(rulesDirectory: directory) }
            #expect(error?.errors.count == 1)
            #expect(error?.description.hasPrefix("\(directory)/\(name)\(words)") == true, "\(error?.description ?? "")")
        }
    }

    @Test func aDirectoryWithoutRulesIsAnError() throws {
        try withOwn(rules: ["README.md": "x"]) { base, directory in
            let error = #expect(throws: CatalogueError.self) { try base.adding(rulesDirectory: directory) }
            #expect(error?.description == "\(directory): there is no .toml file in it")
            #expect(throws: CatalogueError.self) { try base.adding(rulesDirectory: directory + "/none") }
        }
    }

    @Test(
        arguments: [
            ("id = \"minimal\"\ntitle = \"x\"\n", ":1: the id \"minimal\" is taken"),
            (
                "id = \"own\"\ntitle = \"x\"\nrulez = []\n",
                ":3: the key \"rulez\" is not known here; do you mean \"rules\"?"
            ),
            ("id = \"own\"\ntitle = \"x\"\ninherits = \"own\"\n", ":3: the profile own inherits itself"),
            ("id = \"own\"\ntitle = \"x\"\nlevel = \"hard\"\n", ":3: \"level\" is \"hard\", it must be one of minimal"),
            ("id = \"own\"\ntitle = \"x\"\nset.\"t.a\".expect = { at-least = 0 }\n", ":3: the profile own loosens t.a"),
            (
                "id = \"own\"\ntitle = \"x\"\nset.\"t.a\".expect = { matches = \"x\" }\n",
                ":3: the profile own sets t.a to something that cannot be compared with what it was, so it cannot be shown"
            ),
            ("id = \"own\"\ntitle = \"x\"\nset = 1\n", ":3: \"set\" must be a table"),
            ("id = \"own\"\ntitle = \"x\"\n", nil),
        ] as [(String, String?)])
    func whatIsWrongInAUsersProfile(text: String, words: String?) throws {
        try withOwn(profile: text) { base, directory in
            let path = directory + "/p/own.toml"
            guard let words else {
                let id = try base.adding(profileFile: path).id
                #expect(id == "own")
                return
            }
            let error = #expect(throws: CatalogueError.self) { try base.adding(profileFile: path) }
            #expect(error?.description.hasPrefix(path + words) == true, "\(error?.description ?? "")")
        }
    }

    /// Our own profiles and knowledge are sound, whatever rules they have by now.
    @Test func theProfilesOfThisRepositoryLoad() throws {
        let catalogue = try Catalogue.load(directory: Repository.path("profiles"))
        #expect(catalogue.orderedProfiles.prefix(3).map(\.id) == ["minimal", "standard", "strict"])
        #expect(catalogue.orderedProfiles.prefix(3).map(\.level) == [.minimal, .standard, .strict])
        #expect(catalogue.orderedProfiles.prefix(3).map(\.inherits) == [nil, "minimal", "standard"])
    }

    /// The line index against the text itself: a key stands on the line its node names, and so does a short element.
    @Test func everyLineOfThisRepositorysDataIsRight() throws {
        var checked = 0
        for folder in ["", "/rules", "/knowledge"] {
            let directory = Repository.path("profiles" + folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasSuffix(".toml") {
                let text = String(decoding: try Repository.bytes("profiles\(folder)/\(name)"), as: UTF8.self)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                func check(_ node: DataNode) {
                    for entry in node.entries ?? [] {
                        checked += 1
                        guard lines.indices.contains(entry.node.line - 1),
                            lines[entry.node.line - 1].contains(entry.key)
                        else {
                            Issue.record("\(folder)/\(name):\(entry.node.line) has no key \(entry.key)")
                            continue
                        }
                        check(entry.node)
                    }
                    for element in node.elements ?? [] {
                        if let text = element.string, !text.contains(where: { "\n\t\"".contains($0) }) {
                            let line = lines.indices.contains(element.line - 1) ? lines[element.line - 1] : ""
                            let spelled = text.replacingOccurrences(of: "\\", with: "\\\\")
                            #expect(
                                line.contains("\"\(text)\"") || line.contains(text) || line.contains(spelled),
                                "\(folder)/\(name):\(element.line)")
                        }
                        check(element)
                    }
                }
                check(try TOMLDocument.parse(text, file: name))
            }
        }
        #expect(checked > 1_000)
    }
}
