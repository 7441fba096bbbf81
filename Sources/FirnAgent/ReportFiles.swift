import FirnModel
import FirnReportCore
import FirnSigning

/// The files a report is written to: each is replaced as one, so that a finished report stays until the next is whole.
enum ReportFiles {
    /// The report as JSON.
    static let report = "report.json"
    /// The same bytes with a signature (DSSE).
    static let signed = "report.dsse.json"
    /// The lock of both.
    static let lock = "reports.lock"
    /// How long another writer is waited for, in milliseconds.
    static let patience = 5000

    /// Writes a report, and its envelope where there is a key.
    ///
    /// - Throws: `AgentFailure` when it cannot be written or signed, or another process does not finish writing its own.
    static func write(
        _ report: Report, signedBy key: PrivateKey?, in state: borrowing StateDirectory
    ) throws(AgentFailure) {
        guard let held = try state.lock(lock, wait: patience) else {
            throw AgentFailure("\(state.shown(lock)): another firn-agent writes its report and does not finish")
        }
        let bytes = ReportJSON.bytes(report)
        try state.write(bytes, to: Self.report)
        guard let key else { return }
        var envelope = DSSEEnvelope(bytes, type: .report)
        do {
            try envelope.sign(with: key)
        } catch {
            throw AgentFailure("\(state.shown(signed)): \(error.message)")
        }
        try state.write(envelope.bytes(), to: signed)
        _ = consume held
    }
}
