import FirnModel
import FirnTestSupport
import Testing

@testable import FirnFacts

@Suite struct SSHFixtureTests {
    @Test func fixturesAreThere() {
        #expect(SSHSupport.fixtures.count == 21, "run make fixtures")
    }

    @Test(arguments: SSHSupport.fixtures)
    func declaredEqualsBuilt(fixture: String) throws {
        let declared = try SSHSupport.declared(fixture)
        let built = try SSHSupport.built(fixture)
        #expect(Set(declared.facts.keys) == Set(built.facts.keys))
        var compared = 0
        for (key, fact) in declared.facts {
            guard let other = built.facts[key] else { continue }
            compared += 1
            #expect(fact.value == other.value, "\(key.rawValue): \(fact) \(other)")
            switch (fact, other) {
            case (.known, .known), (.absent, .absent), (.unavailable, .unavailable): continue
            default: Issue.record("\(key.rawValue): \(fact) \(other)")
            }
        }
        #expect(compared > 100)
    }
}
