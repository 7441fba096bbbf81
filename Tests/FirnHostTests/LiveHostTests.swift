import FirnCatalogue
import FirnFacts
import FirnModel
import Testing

@testable import FirnHost

/// The running machine as a source.
@Suite struct LiveHostTests {
    @Test func aDirectoryWithoutProcIsNoRunningMachine() throws {
        let knowledge = try Catalogue.embedded().knowledge
        let error = #expect(throws: SourceError.self) {
            _ = try LiveHost.open(root: "/usr/share", knowledge: knowledge)
        }
        #expect(error?.reason == "there is no /proc in it: this is no running machine")
    }

    @Test func thisMachineNamesItsKernelAndItsBoot() throws {
        let knowledge = try Catalogue.embedded().knowledge
        let snapshot = try LiveHost.open(knowledge: knowledge).collect(now: 1)
        #expect(snapshot.source == .live)
        #expect(snapshot.identity.bootID?.count == 36)
        #expect(snapshot.fact("system.kernel-version")?.value != nil)
    }
}
