import FirnCatalogue
import FirnModel
import Testing

@Suite("Resolved profiles")
struct ResolverTests {
    private static let levels = """
        level.strict = { expect = { at-least = 3 }, severity = "high" }
        """

    private static func catalogue(_ more: [String: String] = [:]) throws -> Catalogue {
        let files = [
            "rules/t.toml": DataFiles.rule("t.b") + DataFiles.rule("t.a", more: levels),
            "rules/u.toml": DataFiles.rule("u.c"),
            "minimal.toml": DataFiles.profile("minimal", "level = \"minimal\"\nrules = [\"t\"]"),
            "strict.toml": DataFiles.profile(
                "strict", "level = \"strict\"\ninherits = \"minimal\"\nrules = [\"u.c\", \"t.a\"]"),
        ]
        return try DataFiles.load(files.merging(more) { $1 })
    }

    @Test func familiesAndIdsAreSelectedOnceInOrder() throws {
        let catalogue = try Self.catalogue()
        #expect(try catalogue.resolve(profile: "minimal").rules.map(\.rule.id) == ["t.a", "t.b"])
        #expect(try catalogue.resolve(profile: "strict").rules.map(\.rule.id) == ["t.a", "t.b", "u.c"])
    }

    @Test func theLevelDecidesExpectationAndSeverity() throws {
        let catalogue = try Self.catalogue(["own.toml": DataFiles.profile("own", "inherits = \"strict\"")])
        let minimal = try #require(try catalogue.resolve(profile: "minimal").rules.first)
        #expect(minimal.expect == .test(.atLeast(.integer(1))))
        #expect(minimal.severity == .low)
        for id in ["strict", "own"] {
            let resolved = try catalogue.resolve(profile: id)
            #expect(resolved.level == .strict)
            #expect(resolved.rules.first?.expect == .test(.atLeast(.integer(3))))
            #expect(resolved.rules.first?.severity == .high)
        }
    }

    @Test func setTightensAndIsInherited() throws {
        let catalogue = try Self.catalogue([
            "own.toml": DataFiles.profile("own", "inherits = \"strict\"\nset.\"t.a\".expect = { equals = 4 }"),
            "child.toml": DataFiles.profile("child", "inherits = \"own\""),
        ])
        for id in ["own", "child"] {
            #expect(try catalogue.resolve(profile: id).rules.first?.expect == .test(.equals(.integer(4))))
        }
    }

    /// What a lower profile sets must not undo what the rule demands at the higher level of its child.
    @Test(arguments: [
        ("{ at-least = 2 }", Condition.test(.atLeast(.integer(3)))),
        ("{ at-least = 5 }", .test(.atLeast(.integer(5)))),
        (
            "{ at-least = 1, at-most = 4 }",
            .all([.test(.atLeast(.integer(3))), .all([.test(.atLeast(.integer(1))), .test(.atMost(.integer(4)))])])
        ),
    ])
    func aSetOfALowerLevelNeverLoosensAHigherOne(set: String, expected: Condition) throws {
        let catalogue = try Self.catalogue([
            "low.toml": DataFiles.profile("low", "inherits = \"minimal\"\nset.\"t.a\".expect = \(set)"),
            "high.toml": DataFiles.profile("high", "inherits = \"low\"\nlevel = \"strict\""),
        ])
        #expect(try catalogue.resolve(profile: "high").rules.first?.expect == expected)
    }

    @Test func dropIsInheritedWithItsReason() throws {
        let catalogue = try Self.catalogue([
            "own.toml": DataFiles.profile("own", "inherits = \"strict\"\ndrop.\"t.b\".reason = \"Not here.\""),
            "child.toml": DataFiles.profile("child", "inherits = \"own\"\ndrop.\"t.a\".reason = \"Nor this.\""),
        ])
        let resolved = try catalogue.resolve(profile: "child")
        #expect(resolved.rules.map(\.rule.id) == ["u.c"])
        #expect(
            resolved.dropped == [
                DroppedRule(id: "t.a", reason: "Nor this."), DroppedRule(id: "t.b", reason: "Not here."),
            ])
    }

    @Test func anEmptySelectionIsAnError() throws {
        let catalogue = try Self.catalogue([
            "empty.toml": DataFiles.profile("empty"),
            "all-dropped.toml": DataFiles.profile("all-dropped", "rules = [\"u.c\"]\ndrop.\"u.c\".reason = \"No.\""),
        ])
        for id in ["empty", "all-dropped"] {
            let error = #expect(throws: CatalogueError.self) { try catalogue.resolve(profile: id) }
            #expect(error?.description == "profiles/\(id).toml: the profile \(id) selects no rule")
        }
    }

    @Test func anUnknownProfileNamesTheKnownOnes() throws {
        let catalogue = try Self.catalogue()
        let error = #expect(throws: CatalogueError.self) { try catalogue.resolve(profile: "x") }
        #expect(error?.description == "x: there is no profile \"x\"; there are minimal, strict")
    }

    @Test func theDigestNamesWhatIsJudged() throws {
        func digest(_ more: [String: String]) throws -> String {
            try Self.catalogue(more).resolve(profile: "own").digest
        }
        let base = try digest(["own.toml": DataFiles.profile("own", "inherits = \"minimal\"")])
        let variants = [
            "inherits = \"minimal\"\nlevel = \"strict\"",
            "inherits = \"minimal\"\nset.\"t.b\".expect = { equals = 1 }",
            "inherits = \"minimal\"\nset.\"t.b\".expect = { equals = 2 }",
            "inherits = \"minimal\"\ndrop.\"t.b\".reason = \"a\"",
            "inherits = \"minimal\"\ndrop.\"t.b\".reason = \"b\"",
            "rules = [\"t.b\"]",
        ]
        let digests = try variants.map { try digest(["own.toml": DataFiles.profile("own", $0)]) }
        #expect(Set(digests + [base]).count == variants.count + 1)
        // What is not judged is not in it: a title, a comment, a rule of another profile.
        #expect(try digest(["own.toml": "# c\nid = \"own\"\ntitle = \"y\"\ninherits = \"minimal\""]) == base)
        #expect(base.count == 64)
    }

    /// The text "1" and the number 1 read the same; the digest tells them apart.
    @Test func theDigestKnowsTypes() throws {
        func digest(_ expect: String) throws -> String {
            try DataFiles.load([
                "rules/t.toml": DataFiles.rule("t.a", expect: expect),
                "p.toml": DataFiles.profile("p", "rules = [\"t\"]"),
            ]).resolve(profile: "p").digest
        }
        let words = [
            "{ equals = 1 }", "{ equals = \"1\" }", "{ equals = [1] }", "{ in = [\"1, 2\"] }",
            "{ in = [\"1\", \"2\"] }",
        ]
        #expect(Set(try words.map(digest)).count == words.count)
    }
}
