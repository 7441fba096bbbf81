import FirnModel
import Testing

@Suite struct DottedVersionTests {
    @Test(arguments: [
        ("6.18.37", "6.2", false), ("5.4.53", "5.10", true), ("26.11", "26.05", false), ("6.2", "6.2.0", false),
        ("9.2p1", "10.0", true), ("26.11pre-git", "26.11", false), ("6.1-rc3", "6.1.1", true),
    ])
    func ordersNumberByNumber(left: String, right: String, isBefore: Bool) throws {
        let first = try #require(DottedVersion(left))
        let second = try #require(DottedVersion(right))
        #expect((first < second) == isBefore)
    }

    @Test func trailingZerosDoNotCount() {
        #expect(DottedVersion("6.2") == DottedVersion("6.2.0"))
    }

    @Test(arguments: ["", "x", ".5", "-1", "99999999999999999999"])
    func whatIsNoVersionIsNone(text: String) {
        #expect(DottedVersion(text) == nil)
    }
}
