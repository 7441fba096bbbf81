import FirnCatalogue
import FirnCatalogueFiles
import FirnEvaluation
import FirnModel
import FirnTestSupport
import Testing

/// Every rule's own examples, and the proofs that levels only tighten.
@Suite struct CatalogueExampleTests {
    static let catalogue: Swift.Result<Catalogue, any Error> = Swift.Result {
        try Catalogue.load(directory: Repository.path("profiles"))
    }

    static let rules: [Rule] = (try? catalogue.get().orderedRules) ?? []

    @Test func theCatalogueIsValid() throws {
        let catalogue = try Self.catalogue.get()
        #expect(catalogue.orderedRules.count >= 120)
        #expect(Set(catalogue.orderedRules.map(\.family)).isSuperset(of: ["cmdline", "firewall", "ssh", "sysctl"]))
    }

    @Test func theCompiledCatalogueIsNotStale() throws {
        let source = try CompiledCatalogue.generate(directory: Repository.path("profiles"))
        let stored = String(decoding: try Repository.bytes("Sources/CCatalogue/catalogue.c"), as: UTF8.self)
        #expect(source == stored, "run `make catalogue`")
        #expect(try Catalogue.embedded().digest == Self.catalogue.get().digest)
    }

    @Test(arguments: rules.map(\.id))
    func examplesHold(id: String) throws {
        let catalogue = try Self.catalogue.get()
        let rule = try #require(catalogue.rule(id))
        let evaluator = try Evaluator(
            knowledge: catalogue.knowledge, now: Evaluator.exampleTime, rules: catalogue.orderedRules)
        for (number, example) in rule.examples.enumerated() {
            let outcome = evaluator.outcome(
                of: rule, expect: rule.expectation(at: example.level), facts: example.facts)
            #expect(
                outcome == example.outcome,
                "\(rule.file):\(rule.line): example \(number + 1) of \(rule.id) is \(outcome.rawValue)")
        }
    }

    @Test func everyLevelWithAnExpectationOfItsOwnHasAnExample() {
        for rule in Self.rules {
            for (level, change) in rule.levels where change.expect != nil {
                #expect(
                    rule.examples.contains { $0.level == level },
                    "\(rule.file):\(rule.line): \(rule.id) has no example at \(level.rawValue)")
            }
        }
    }

    @Test func whereOperatorsDoNotCompareExamplesProveThatALevelTightens() throws {
        let catalogue = try Self.catalogue.get()
        let evaluator = try Evaluator(
            knowledge: catalogue.knowledge, now: Evaluator.exampleTime, rules: catalogue.orderedRules)
        for step in catalogue.tighteningsToProve {
            var proofs = 0
            for example in step.rule.examples {
                let tight = evaluator.outcome(of: step.rule, expect: step.tighter, facts: example.facts)
                let loose = evaluator.outcome(of: step.rule, expect: step.looser, facts: example.facts)
                if tight == .pass {
                    proofs += 1
                    #expect(loose == .pass, "\(step.rule.id) loosens at \(step.level.rawValue)")
                }
            }
            #expect(proofs > 0, "\(step.rule.id): no example passes at \(step.level.rawValue), so nothing is proved")
        }
    }

    @Test func theResolvedProfilesContainEachOther() throws {
        let catalogue = try Self.catalogue.get()
        let minimal = Set(try catalogue.resolve(profile: "minimal").rules.map(\.rule.id))
        let standard = Set(try catalogue.resolve(profile: "standard").rules.map(\.rule.id))
        let strict = Set(try catalogue.resolve(profile: "strict").rules.map(\.rule.id))
        #expect(minimal.isStrictSubset(of: standard))
        #expect(standard.isStrictSubset(of: strict))
        #expect(strict.count == catalogue.orderedRules.count)
    }
}
