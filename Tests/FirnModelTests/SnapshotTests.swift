import FirnModel
import Testing

@Suite struct SnapshotTests {
    let snapshot = Snapshot(
        source: .built, identity: Identity(), collectedAt: 0,
        batch: FactBatch(
            facts: ["sysctl.kernel.sysrq": .known(.integer(16), [])],
            families: [
                FactFamily(prefix: "sysctl.", missing: .absent([])),
                FactFamily(prefix: "sysctl.net.", missing: .unavailable(reason: "a file is unreadable", [])),
            ]))

    @Test func aNamedFactIsFound() {
        #expect(snapshot.fact("sysctl.kernel.sysrq") == .known(.integer(16), []))
    }

    @Test func aFamilyAnswersForTheRestAndTheLongestPrefixWins() {
        #expect(snapshot.fact("sysctl.kernel.other") == .absent([]))
        #expect(snapshot.fact("sysctl.net.x") == .unavailable(reason: "a file is unreadable", []))
    }

    @Test func aKeyOfNoFamilyIsNotSupplied() {
        #expect(snapshot.fact("ssh.PermitRootLogin") == nil)
        #expect(snapshot.fact("sysctlx") == nil)
    }
}
