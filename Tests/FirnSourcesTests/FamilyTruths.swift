import FirnModel
import Testing

/// A trap of a real system: what must be found there.
struct Trap: Sendable, CustomTestStringConvertible {
    var fixture: String
    var rule: String
    var outcome: Outcome
    /// What must stand in an observed value, in evidence or in the message; empty where the outcome says it all.
    var shows: String
    var why: String
    var specialisation = ""
    /// Sources the trap shows in.
    var sources: [SourceKind] = [.declared, .built]
    var testDescription: String { "\(fixture) \(rule)" }
}

/// What is known by hand of the real systems for one family of rules.
protocol FamilyTruth: Sendable {
    /// The traps of this family.
    static var traps: [Trap] { get }
    /// "declared KEY" or "built KEY": what one source cannot tell of what the other knows. Each with its reason.
    static var untold: Set<String> { get }
}

/// The families that keep their truth in `Families/`.
enum FamilyTruths {
    static let all: [any FamilyTruth.Type] = [
        KconfigTruth.self,
        ModulesTruth.self,
        AuditTruth.self,
        AccountsTruth.self,
        PamTruth.self,
        SudoTruth.self,
        PolkitTruth.self,
        WrappersTruth.self,
        UnitsTruth.self,
        MountsTruth.self,
        BootTruth.self,
        NixTruth.self,
        LoggingTruth.self,
        TimeTruth.self,
        NetworkTruth.self,
        TlsTruth.self,
        SecretsTruth.self,
        AgeTruth.self,
    ]
}
