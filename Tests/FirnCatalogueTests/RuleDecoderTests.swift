import FirnCatalogue
import FirnModel
import Foundation
import Testing

@Suite("Rules from data")
struct RuleDecoderTests {
    private static func files(_ rule: String) -> [String: String] {
        ["rules/t.toml": rule, "minimal.toml": DataFiles.profile("minimal", "rules = [\"t\"]")]
    }

    @Test func aWholeRuleArrives() throws {
        let catalogue = try DataFiles.load(Self.files(DataFiles.rule))
        let rule = try #require(catalogue.rule("t.one"))
        #expect(rule.title == "One is at least one")
        #expect(rule.severity == .medium)
        #expect(rule.fact == "t.one")
        #expect(rule.expect == .test(.atLeast(.integer(1))))
        #expect(rule.appliesWhen == .of("system.kind", .test(.equals(.string("server")))))
        #expect(rule.fixes == [Fix(path: ["boot", "one"], value: .integer(1))])
        #expect(rule.levels.keys.sorted() == [.strict])
        #expect(rule.expectation(at: .strict) == .test(.equals(.integer(2))))
        #expect(rule.expectation(at: .standard) == .test(.atLeast(.integer(1))))
        #expect(rule.severity(at: .strict) == .high)
        #expect(rule.fixes(at: .strict).map(\.value) == [.integer(2)])
        #expect(rule.references == ["https://example.org/one"])
        #expect(rule.examples.map(\.outcome) == [.pass, .fail, .unknown, .fail])
        #expect(rule.examples[2].facts["t.one"] == .unavailable(reason: "x", []))
        #expect(rule.examples[3].facts["t.one"] == .absent([]))
        #expect(rule.file == "profiles/rules/t.toml")
        #expect(rule.line == 1)
    }

    @Test(arguments: [
        ("{ equals = \"a\" }", Condition.test(.equals(.string("a")))),
        ("{ not-equals = true }", .test(.notEquals(.boolean(true)))),
        ("{ at-least = \"6.1\" }", .test(.atLeast(.string("6.1")))),
        ("{ at-most = 3 }", .test(.atMost(.integer(3)))),
        ("{ in = [1, 2] }", .test(.oneOf([.integer(1), .integer(2)]))),
        ("{ subset-of = [] }", .test(.subsetOf([]))),
        ("{ superset-of = [\"a\"] }", .test(.supersetOf([.string("a")]))),
        ("{ contains = \"a\" }", .test(.contains(.string("a")))),
        ("{ contains-none = [\"a\"] }", .test(.containsNone([.string("a")]))),
        ("{ matches = \"a+\" }", .test(.matches("a+"))),
        ("{ present = true }", .test(.present)),
        ("{ absent = true }", .test(.absent)),
        ("{ every = { equals = 1 } }", .test(.every(.test(.equals(.integer(1)))))),
        ("{ none = { equals = 1 } }", .test(.none(.test(.equals(.integer(1)))))),
        ("{ not = { equals = 1 } }", .not(.test(.equals(.integer(1))))),
        (
            "{ any = [{ present = true }, { fact = \"t.b\", absent = true }] }",
            .any([.test(.present), .of("t.b", .test(.absent))])
        ),
        ("{ all = [{ present = true }, { at-least = 1 }] }", .all([.test(.present), .test(.atLeast(.integer(1)))])),
        ("{ at-least = 1, at-most = 2 }", .all([.test(.atLeast(.integer(1))), .test(.atMost(.integer(2)))])),
        (
            "{ fact = \"t.b\", at-least = 1, at-most = 2 }",
            .of("t.b", .all([.test(.atLeast(.integer(1))), .test(.atMost(.integer(2)))]))
        ),
        (
            "{ every = { builtin = { name = \"ssh-algorithm\", kind = \"mac\", worst = \"good\" } } }",
            .test(
                .every(
                    .test(
                        .builtin(
                            name: "ssh-algorithm", argument: ["kind": .string("mac"), "worst": .string("good")]))))
        ),
    ])
    func everyOperator(text: String, condition: Condition) throws {
        let catalogue = try DataFiles.load(Self.files(DataFiles.rule("t.a", expect: text)))
        #expect(catalogue.rule("t.a")?.expect == condition)
    }

    /// One edit of the sound rule each: what is replaced, by what, the line and the words of the one error.
    @Test(arguments: [
        ("title = \"One", "titel = \"x\"\ntitle = \"One", 3, "\"titel\" is not known here; do you mean \"title\"?"),
        ("value = 1", "value = 1\nvalve = 1", 20, "\"valve\" is not known here; do you mean \"value\"?"),
        ("{ at-least = 1 }", "{ at-leats = 1 }", 6, "\"at-leats\" is not known here; do you mean \"at-least\"?"),
        ("severity = \"high\"", "severity = \"high\"\nexpects = 1", 23, "\"expects\" is not known"),
        ("outcome = \"pass\" }", "outcome = \"pass\", result = 1 }", 12, "\"result\" is not known"),
        ("id = \"t.one\"\n", "", 1, "\"id\" is missing"),
        ("title = \"One is at least one\"\n", "", 1, "\"title\" is missing"),
        ("severity = \"medium\"\n", "", 1, "\"severity\" is missing"),
        ("fact = \"t.one\"\n", "", 1, "\"fact\" is missing"),
        ("expect = { at-least = 1 }\n", "", 1, "\"expect\" is missing"),
        ("rationale = \"Because.\"\n", "", 1, "\"rationale\" is missing"),
        ("side-effects = \"None known.\"\n", "", 1, "\"side-effects\" is missing"),
        ("\"One is at least one\"", "\" \"", 3, "\"title\" must be text that is not empty"),
        ("\"Because.\"", "\"\"", 8, "\"rationale\" must be text that is not empty"),
        ("\"None known.\"", "\"\\n\"", 9, "\"side-effects\" must be text that is not empty"),
        ("\"medium\"", "\"urgent\"", 4, "it must be one of info, low, medium, high, critical"),
        ("outcome = \"pass\"", "outcome = \"good\"", 12, "\"outcome\" is \"good\", it must be one of"),
        (
            "outcome = \"pass\"", "outcome = \"pass\", level = \"max\"", 12,
            "it must be one of minimal, standard, strict"
        ),
        ("[rule.level.strict]", "[rule.level.extreme]", 20, "\"extreme\" is no level"),
        ("{ at-least = 1 }", "{ matches = \"(\" }", 6, "no valid regular expression"),
        ("{ at-least = 1 }", "{ any = [] }", 6, "\"any\" needs a list of conditions that is not empty"),
        ("{ at-least = 1 }", "{ all = [] }", 6, "\"all\" needs a list of conditions that is not empty"),
        ("{ at-least = 1 }", "{ }", 6, "needs an operator"),
        ("{ at-least = 1 }", "{ fact = \"t.one\" }", 6, "needs an operator"),
        ("{ at-least = 1 }", "{ at-least = \"high\" }", 6, "a number or a dotted version"),
        ("{ at-least = 1 }", "{ present = false }", 6, "can only be true"),
        ("{ at-least = 1 }", "{ in = [] }", 6, "\"in\" needs at least one value"),
        ("{ at-least = 1 }", "3", 6, "a condition must be a table"),
        ("{ at-least = 1 }", "{ builtin = { name = \"magic\" } }", 6, "no builtin named \"magic\""),
        ("equals = \"server\"", "builtin = { name = \"magic\" }", 7, "no builtin named \"magic\""),
        ("{ at-least = 1 }", "{ builtin = { name = \"ssh-algorithm\", kind = \"mac\" } }", 6, "needs kind, worst"),
        (
            "{ at-least = 1 }", "{ builtin = { name = \"ssh-algorithm\", kind = \"mac\", worst = \"godo\" } }", 6,
            "must be one of warn, good"
        ),
        (
            "{ at-least = 1 }", "{ builtin = { name = \"ssh-algorithm\", kind = \"mac\", worst = \"good\", x = 1 } }",
            6,
            "no argument \"x\""
        ),
        ("value = 1", "value = [1]", 17, "a list value needs \"merge\""),
        ("fix-value = 2", "fix-value = [2]", 23, "a list value needs \"merge\""),
        ("value = 1", "value = 1\nmerge = \"join\"", 20, "\"merge\" must be replace or add"),
        ("value = 1", "value = 1\nsince = \"soon\"", 17, "\"soon\" is no NixOS release"),
        ("path = [\"boot\", \"one\"]\n", "", 17, "\"path\" and \"value\", or \"manual\""),
        ("path = [\"boot\", \"one\"]\nvalue = 1", "manual = \"x\"", 22, "\"fix-value\" changes no fix"),
        ("\"t.one\" = 1, \"system", "\"t.two\" = 1, \"t.one\" = 1, \"system", 12, "names the fact t.two"),
        ("outcome = \"pass\"", "outcome = \"fail\"", 11, "no example of pass"),
        ("outcome = \"unknown\"", "outcome = \"fail\"", 11, "no example of unknown"),
        ("id = \"t.one\"", "id = \"u.one\"", 2, "must start with \"t.\", the family of its file"),
        ("id = \"t.one\"", "id = \"t\"", 2, "must be a family, a dot and a name"),
        ("id = \"t.one\"", "id = \"t.\"", 2, "must be a family, a dot and a name"),
        ("id = \"t.one\"", "id = \"t.o ne\"", 2, "a character that no id may have"),
        ("id = \"t.one\"", "id = \"t.öne\"", 2, "a character that no id may have"),
        ("{ state = \"absent\" }", "{ state = \"gone\" }", 15, "a fact is a value"),
        ("expect = { equals = 2 }", "expect = { at-least = 0 }", 21, "loosens its expectation at strict"),
        ("severity = \"high\"", "severity = \"low\"", 22, "lowers its severity at strict"),
        ("expect = { equals = 2 }\nseverity = \"high\"\nfix-value = 2", "", 20, "changes nothing"),
    ])
    func oneErrorAtItsLine(old: String, new: String, line: Int, words: String) throws {
        let range = try #require(DataFiles.rule.range(of: old), "the edit must find its place")
        let errors = try DataFiles.errors(Self.files(DataFiles.rule.replacingCharacters(in: range, with: new)))
            // A rule that could not be decoded is no rule, so the profile that selects its family says so too.
            .filter { !$0.hasPrefix("profiles/minimal.toml") && !$0.contains("no profile names the rule") }
        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.hasPrefix("profiles/rules/t.toml:\(line): ") == true, "\(errors)")
        #expect(errors.first?.contains(words) == true, "\(errors)")
    }

    @Test func noExampleOfFail() throws {
        let text = DataFiles.rule.replacingOccurrences(of: "outcome = \"fail\"", with: "outcome = \"pass\"")
        #expect(try DataFiles.errors(Self.files(text)) == ["profiles/rules/t.toml:11: there is no example of fail"])
    }

    @Test func allErrorsOfAllFilesAreNamed() throws {
        let errors = try DataFiles.errors([
            "rules/t.toml": DataFiles.rule("t.a", expect: "{ any = [] }") + "[[rule]]\nid = 3\n",
            "rules/u.toml": "[[rules]]\nx = 1\n",
            "minimal.toml": "id = \"minimal\"\ntitle = \"\"\nrules = \"t\"\nextra = 1\n",
            "retired.toml": "[[retired]]\nid = \"t.x\"\n",
        ])
        let text = errors.joined(separator: "\n")
        for part in [
            "rules/t.toml:4: \"any\"", "rules/t.toml:16: \"id\" must be text", "rules/t.toml:15: \"title\" is missing",
            "rules/t.toml:15: \"example\" is missing", "rules/u.toml:1: \"rule\" is missing",
            "rules/u.toml:1: the key \"rules\" is not known here; do you mean \"rule\"?",
            "minimal.toml:2: \"title\"", "minimal.toml:3: \"rules\" must be a list",
            "minimal.toml:4: the key \"extra\"", "retired.toml:1: \"reason\" is missing",
            "retired.toml:1: \"since\" is missing",
        ] {
            #expect(text.contains("profiles/\(part)"), "\(part) in:\n\(text)")
        }
    }

    @Test func theDescriptionHasOneErrorALine() {
        let error = CatalogueError([
            DataError(file: "a.toml", line: 1, message: "x"), DataError(file: "b.toml", line: 0, message: "y"),
        ])
        #expect(error.description == "a.toml:1: x\nb.toml: y")
    }

    @Test func severalFixesAndAFactInsideEvery() throws {
        let more = """
            [[rule.fix]]
            path = ["new", "name"]
            value = ["a"]
            merge = "add"
            since = "24.05"
            [[rule.fix]]
            manual = "By hand."
            until = "24.05"
            """
        let text = DataFiles.rule(
            "t.a", expect: "{ every = { any = [{ equals = 1 }, { fact = \"t.other\", equals = 2 }] } }", more: more
        )
        .replacingOccurrences(of: "facts = { \"t.a\" = 1 }", with: "facts = { \"t.a\" = 1, \"t.other\" = 2 }")
        let rule = try #require(try DataFiles.load(Self.files(text)).rule("t.a"))
        #expect(
            rule.fixes == [
                Fix(path: ["new", "name"], value: .strings(["a"]), merge: .add, since: "24.05"),
                Fix(until: "24.05", manual: "By hand."),
            ])
    }
}
