/// The audit stream that `--audit-stream` follows.
enum AuditStream {
    /// Opens it.
    ///
    /// - Throws: `AgentFailure`: this build has no reader of it.
    static func open() throws(AgentFailure) -> any AuditEvents {
        throw AgentFailure("--audit-stream: this build cannot follow the audit stream", code: 64)
    }
}
