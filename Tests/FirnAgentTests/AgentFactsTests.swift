import FirnAgent
import FirnModel
import Testing

@Suite struct AgentFactsTests {
    @Test func theAgentCollectsTheLiveSource() throws {
        #expect(try FirnAgent.facts(root: "/", now: 1).source == .live)
    }
}
