/// Every statement of the history, as SQLite and PostgreSQL both understand them (docs/adr/0007-history-database.md):
/// types and functions of the standard, no rowid, no AUTOINCREMENT, `ON CONFLICT DO NOTHING`, parameters as `$1`. A test
/// looks for what only one of the two knows.
public enum HistorySQL {
    /// Makes the first schema.
    ///
    /// What was seen is not kept, only how it was judged: a history needs no values, and what is not there cannot leak.
    public static let schema1: [String] = [
        """
        CREATE TABLE IF NOT EXISTS firn_report (
            digest TEXT NOT NULL PRIMARY KEY,
            collected_at BIGINT NOT NULL,
            tool TEXT NOT NULL,
            profile TEXT NOT NULL,
            profile_digest TEXT NOT NULL,
            catalogue_digest TEXT NOT NULL,
            CHECK (LENGTH(digest) = 64)
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS firn_target (
            report TEXT NOT NULL REFERENCES firn_report (digest) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            source TEXT NOT NULL,
            host TEXT NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (report, number),
            CHECK (number >= 0),
            CHECK (source IN ('declared', 'built', 'live'))
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS firn_result (
            report TEXT NOT NULL,
            target INTEGER NOT NULL,
            rule TEXT NOT NULL,
            number INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            severity TEXT NOT NULL,
            waived INTEGER NOT NULL,
            PRIMARY KEY (report, target, rule, number),
            FOREIGN KEY (report, target) REFERENCES firn_target (report, number) ON DELETE CASCADE,
            CHECK (outcome IN ('pass', 'fail', 'notApplicable', 'notChecked', 'unknown', 'error')),
            CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
            CHECK (waived IN (0, 1))
        )
        """,
        "CREATE INDEX IF NOT EXISTS firn_report_time ON firn_report (collected_at)",
        "CREATE INDEX IF NOT EXISTS firn_target_host ON firn_target (host)",
    ]

    /// Adds a report: digest, time, tool, profile, its digest, the catalogue's digest.
    public static let insertReport = """
        INSERT INTO firn_report (digest, collected_at, tool, profile, profile_digest, catalogue_digest)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING
        """
    /// Whether a report is there: digest.
    public static let countReport = "SELECT COUNT(*) FROM firn_report WHERE digest = $1"
    /// Adds a target: report, number, source, host, name.
    public static let insertTarget = """
        INSERT INTO firn_target (report, number, source, host, name)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """
    /// Adds a result: report, target, rule, number, outcome, severity, waived.
    public static let insertResult = """
        INSERT INTO firn_result (report, target, rule, number, outcome, severity, waived)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """
    /// The reports of each host since a time: time, and a host twice, or the empty text for all.
    public static let selectReports = """
        SELECT DISTINCT t.host, r.collected_at, r.digest, r.profile
        FROM firn_report r JOIN firn_target t ON t.report = r.digest
        WHERE r.collected_at >= $1 AND ($2 = '' OR t.host = $3)
        ORDER BY t.host, r.collected_at, r.digest
        """
    /// The layers of a report and host: report, host.
    public static let selectSources = """
        SELECT DISTINCT t.source FROM firn_target t WHERE t.report = $1 AND t.host = $2 ORDER BY t.source
        """
    /// How the rules of a report and host were judged: report, host, and a rule twice, or the empty text for all.
    public static let selectResults = """
        SELECT DISTINCT s.rule, s.outcome, s.severity, s.waived
        FROM firn_result s JOIN firn_target t ON t.report = s.report AND t.number = s.target
        WHERE s.report = $1 AND t.host = $2 AND ($3 = '' OR s.rule = $4)
        ORDER BY s.rule, s.outcome, s.severity, s.waived
        """

    /// All of them.
    public static let all: [String] =
        schema1 + [
            insertReport, countReport, insertTarget, insertResult, selectReports, selectSources, selectResults,
        ]
}
