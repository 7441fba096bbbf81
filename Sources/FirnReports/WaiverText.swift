public import FirnModel

/// Waivers in words, for every format that has a line for them. The words are those of a file: escape them.
public enum WaiverText {
    /// What a waiver is for, as `web1, web2, declared only`; `everything` without a scope.
    public static func scope(_ waiver: Waiver) -> String {
        let scope = waiver.scope
        var parts = scope.hosts + scope.images
        if !scope.sources.isEmpty { parts.append(scope.sources.map(\.rawValue).joined(separator: "+") + " only") }
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }

    /// What stands beside owner, date and reason: the ticket, the scope and the highest severity, each where there is one.
    static func conditions(_ waiver: Waiver) -> String? {
        var parts: [String] = []
        if let ticket = waiver.ticket { parts.append("ticket \(ticket)") }
        if waiver.scope != WaiverScope() { parts.append("for \(scope(waiver))") }
        if let maximum = waiver.maximumSeverity { parts.append("at most \(maximum.rawValue)") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
