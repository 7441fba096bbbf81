import FirnModel
import FirnReportCore
import Glibc

/// The agent's own metrics, beside those of its last report.
struct AgentMetrics {
    /// How many runs since it started.
    var runs: Int64 = 0
    /// How many of them could not collect.
    var failedRuns: Int64 = 0
    /// How many times a report, its signature or the log could not be written.
    var failedWrites: Int64 = 0
    /// How many results changed since it started.
    var changes: Int64 = 0
    /// Of them, for the worse.
    var worse: Int64 = 0
    /// Whether its state was damaged when it started.
    var isStateDamaged = false
    /// How often the wall clock was set.
    var clockJumps: Int64 = 0
    /// How long the last run took, in milliseconds.
    var milliseconds: Int64 = 0
    /// When the last report was written whole, in seconds since 1970; 0 before the first.
    var written: Int64 = 0
    /// What was read of the audit stream since it started; nil where it is not followed.
    var audit: AuditTally?
    /// The metrics of the last report.
    private var report = MetricsText()

    init() {}

    /// Takes the metrics of a report.
    mutating func take(_ report: Report) {
        self.report = OpenMetrics.text(report)
    }

    /// The file for node_exporter's textfile collector.
    func text() -> String {
        var text = report
        func gauge(_ name: StaticString, _ help: StaticString, _ value: Int64) {
            text.gauge(name, help) { $0.sample([], value) }
        }
        gauge("firn_agent_runs", "Runs since the agent started.", runs)
        gauge("firn_agent_runs_failed", "Runs since then that could not collect.", failedRuns)
        gauge("firn_agent_writes_failed", "Files since then that could not be written.", failedWrites)
        gauge("firn_agent_results_changed", "Results since then that are other than in the run before.", changes)
        gauge("firn_agent_results_worse", "Of them, those for the worse.", worse)
        gauge("firn_agent_state_damaged", "1 when the state was damaged as the agent started.", isStateDamaged ? 1 : 0)
        gauge("firn_agent_clock_jumps", "How often the wall clock was set since the agent started.", clockJumps)
        gauge("firn_agent_run_milliseconds", "How long the last run took.", milliseconds)
        gauge("firn_agent_report_written_timestamp_seconds", "When the last report was written, since 1970.", written)
        if let audit {
            gauge("firn_agent_audit_records", "Audit records read since the agent started.", audit.records)
            gauge("firn_agent_audit_lost", "Audit records lost since the agent started, at least.", audit.lost)
            gauge("firn_agent_audit_following", "1 while the audit stream is followed.", audit.failure == nil ? 1 : 0)
        }
        return text.end()
    }

    /// Writes the file, readable by the collector of another user; its directory is made where only that is missing.
    static func write(_ text: String, to path: String) throws(AgentFailure) {
        guard let slash = path.lastIndex(of: "/"), path.index(after: slash) < path.endIndex else {
            throw AgentFailure("\(path): the metrics need the whole path of a file")
        }
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        if mkdir(directory, 0o755) != 0, errno != EEXIST { throw FileReplacement.failure(directory) }
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReplacement.failure(directory) }
        defer { close(descriptor) }
        try FileReplacement.write(
            Array(text.utf8), to: String(path[path.index(after: slash)...]), in: descriptor, shown: path, mode: 0o644)
    }
}
