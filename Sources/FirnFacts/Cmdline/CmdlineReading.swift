import FirnModel
import FirnParsing

/// What one parameter comes to on one line.
struct CmdlineReading: Sendable, Hashable {
    /// The answer.
    enum State: Sendable, Hashable {
        case known(FactValue)
        case absent
        case unclear(String)
    }

    var state: State
    /// The words that decided it.
    var words: [KernelCommandLine.Argument] = []
    /// What the words alone do not say.
    var note: String?
    /// The option of the kernel's configuration that decided it.
    var configuration: Evidence?
}

/// What `mitigations=` comes to (kernel/cpu.c).
struct CmdlineMitigations: Sendable, Hashable {
    /// The attack vectors of 6.17, in the kernel's order.
    static let allVectors = ["user_kernel", "user_user", "guest_host", "guest_guest"]

    /// What is done about leaks between sibling threads.
    enum Siblings: Sendable, Hashable {
        case unmitigated
        case automatic
        case disabled
    }

    var isGiven = false
    var vectorsOff: Set<String> = []
    var siblings = Siblings.automatic

    /// Whether nothing is mitigated by default.
    var isOff: Bool { vectorsOff.count == Self.allVectors.count }

    /// The value in one spelling, whatever the line said.
    var spelled: String {
        if isOff { return "off" }
        var parts = [siblings == .disabled ? "auto,nosmt" : "auto"]
        parts += Self.allVectors.filter(vectorsOff.contains).map { "no_" + $0 }
        if siblings == .unmitigated { parts.append("no_cross_thread") }
        return parts.joined(separator: ",")
    }

    /// `mitigations_parse_cmdline` before 6.17: three values, a later one replaces the earlier; others are ignored.
    mutating func applyBeforeVectors(_ value: String) -> Bool {
        guard ["off", "auto", "auto,nosmt"].contains(value) else { return false }
        self = CmdlineMitigations(isGiven: true)
        if value == "off" {
            vectorsOff = Set(Self.allVectors)
            siblings = .unmitigated
        } else if value == "auto,nosmt" {
            siblings = .disabled
        }
        return true
    }

    /// `mitigations_parse_cmdline` since 6.17: the beginning of the value is matched, and nothing a former value
    /// switched off is switched on again. False when a part of it was not understood.
    mutating func applyWithVectors(_ value: String) -> Bool {
        var rest = Substring(value)
        if value.hasPrefix("auto,nosmt") {
            siblings = .disabled
            wasOff = false
            rest = rest.dropFirst("auto,nosmt".count)
        } else if value.hasPrefix("auto") {
            wasOff = false
            rest = rest.dropFirst("auto".count)
        } else if value.hasPrefix("off") {
            wasOff = true
            rest = rest.dropFirst("off".count)
        }
        if wasOff {
            vectorsOff = Set(Self.allVectors)
            siblings = .unmitigated
        }
        let hasGlobal = rest.count < value.count
        if hasGlobal { isGiven = true }
        if rest.isEmpty { return hasGlobal }
        guard rest.hasPrefix(",") else { return false }
        for part in rest.dropFirst().split(separator: ",", omittingEmptySubsequences: false) {
            if part == "no_cross_thread" {
                siblings = .unmitigated
            } else if part.hasPrefix("no_"), Self.allVectors.contains(String(part.dropFirst(3))) {
                vectorsOff.insert(String(part.dropFirst(3)))
            } else {
                return false
            }
            isGiven = true
        }
        return true
    }

    /// The kernel's `cpu_mitigations == CPU_MITIGATIONS_OFF`.
    private var wasOff = false

    init(isGiven: Bool = false) {
        self.isGiven = isGiven
    }
}
