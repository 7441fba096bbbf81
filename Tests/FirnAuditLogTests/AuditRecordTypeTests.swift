import FirnAuditLog
import Testing

@Suite struct AuditRecordTypeTests {
    @Test func aTypeIsItsNumber() {
        #expect(AuditRecordType(rawValue: 1100).rawValue == 1100)
    }
}
