public import FirnModel
public import FirnReportCore
import GRDB

/// Reports over time in one SQLite file.
///
/// Only how rules were judged is kept, never what was seen, so that no value of a system enters it.
public struct HistoryDatabase: Sendable {
    /// The mark of our files in SQLite's header ("Firn"), so that no other program's database is taken for ours.
    static let applicationID: Int32 = 0x4669_726e

    private let queue: DatabaseQueue

    /// Opens a history.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isWritable: Whether it is made where it is not there; else it is only read.
    ///   - patience: How long to wait for another process that writes, in seconds.
    /// - Throws: `HistoryError`: not a database, damaged, another program's, or of a newer Firn.
    public init(path: String, isWritable: Bool, patience: Double = 30) throws(HistoryError) {
        var configuration = Configuration()
        configuration.readonly = !isWritable
        configuration.busyMode = .timeout(patience)
        configuration.foreignKeysEnabled = true
        let queue = try Self.attempt { try DatabaseQueue(path: path, configuration: configuration) }
        self.queue = queue
        try Self.attempt { try Self.prepare(queue, isWritable: isWritable) }
    }

    private static func prepare(_ queue: DatabaseQueue, isWritable: Bool) throws {
        let isNew = try queue.read { database in
            let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
            if tables == 0 { return true }
            guard try Int32.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
                throw HistoryError("this is a database of another program, not a history of firn")
            }
            return false
        }
        if isNew, !isWritable { throw HistoryError("there is no history in it") }
        let migrator = migrator
        if !isNew, try queue.read({ try migrator.hasBeenSuperseded($0) }) {
            throw HistoryError("it was written by a newer firn")
        }
        guard isWritable else {
            guard try queue.read({ try migrator.hasCompletedMigrations($0) }) else {
                throw HistoryError("it is of an older firn; add a report to bring it up to date")
            }
            return
        }
        do {
            try migrator.migrate(queue)
        } catch is DatabaseError {
            // Another process made the tables between our look and our writing.
            try migrator.migrate(queue)
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            for statement in HistorySQL.schema1 { try database.execute(sql: statement) }
        }
        return migrator
    }

    /// Runs something of GRDB and makes its errors one sentence.
    private static func attempt<Value>(_ body: () throws -> Value) throws(HistoryError) -> Value {
        do {
            return try body()
        } catch let error as HistoryError {
            throw error
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_NOTADB: throw HistoryError("this is no SQLite database")
            case .SQLITE_CORRUPT: throw HistoryError("the database is damaged")
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw HistoryError("another program is writing to it")
            case .SQLITE_CANTOPEN: throw HistoryError("the file cannot be opened")
            case .SQLITE_READONLY, .SQLITE_PERM: throw HistoryError("the file cannot be written")
            case .SQLITE_FULL: throw HistoryError("the disk is full")
            default: throw HistoryError(error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
        } catch {
            throw HistoryError("the database cannot be read: \(error)")
        }
    }

    // MARK: - Adding

    /// Adds a report, whole or not at all.
    ///
    /// - Parameter digest: SHA-256 of the report's document, lower-case hex. A report that is there is not added again.
    /// - Returns: Whether it was new.
    public func add(_ report: Report, digest: String) throws(HistoryError) -> Bool {
        try Self.attempt {
            try queue.write { database in
                let known = try Int.fetchOne(database, sql: HistorySQL.countReport, arguments: [digest]) ?? 0
                if known > 0 { return false }
                try database.execute(
                    sql: HistorySQL.insertReport,
                    arguments: [
                        digest, report.collectedAt, report.tool, report.profile, report.profileDigest,
                        report.catalogueDigest,
                    ])
                for (index, target) in report.targets.enumerated() {
                    try database.execute(
                        sql: HistorySQL.insertTarget,
                        arguments: [
                            digest, index, target.source.rawValue, target.identity.hostName ?? target.name,
                            target.name,
                        ])
                }
                let insert = try database.makeStatement(sql: HistorySQL.insertResult)
                var numbers: [Int: [String: Int]] = [:]
                for result in report.results {
                    let number = numbers[result.target]?[result.rule] ?? 0
                    numbers[result.target, default: [:]][result.rule] = number + 1
                    let isWaived = result.outcome == .fail && result.waiver != nil
                    try insert.execute(
                        arguments: [
                            digest, result.target, result.rule, number, result.outcome.rawValue,
                            result.severity.rawValue, isWaived ? 1 : 0,
                        ])
                }
                return true
            }
        }
    }

    // MARK: - Reading

    /// The trends of each host, by host name: one for its reports of each set of layers, the first that came first.
    ///
    /// - Parameters:
    ///   - host: Only this host.
    ///   - rule: Only this rule, whatever it did; else those that failed or could not be told at some point.
    ///   - since: Only reports from this time on, in seconds since 1970.
    public func trends(host: String?, rule: String?, since: Int64) throws(HistoryError) -> [HistoryTrend] {
        try Self.attempt {
            try queue.read { database in
                let reports = try Row.fetchAll(
                    database, sql: HistorySQL.selectReports, arguments: [since, host ?? "", host ?? ""])
                struct Series {
                    var host: String
                    var sources: [SourceKind]
                    var builder = HistoryBuilder()
                }
                var series: [Series] = []
                for report in reports {
                    let name: String = report["host"]
                    let digest: String = report["digest"]
                    let sources = try String.fetchAll(
                        database, sql: HistorySQL.selectSources, arguments: [digest, name]
                    ).map { word in
                        guard let source = SourceKind(rawValue: word) else {
                            throw HistoryError("the database is damaged: it holds an unknown word")
                        }
                        return source
                    }.sorted()
                    let known = series.firstIndex { $0.host == name && $0.sources == sources }
                    if known == nil { series.append(Series(host: name, sources: sources)) }
                    let index = known ?? series.count - 1
                    let judged = try Row.fetchAll(
                        database, sql: HistorySQL.selectResults, arguments: [digest, name, rule ?? "", rule ?? ""]
                    ).map { row in
                        guard let outcome = Outcome(rawValue: row["outcome"]),
                            let severity = Severity(rawValue: row["severity"])
                        else { throw HistoryError("the database is damaged: it holds an unknown word") }
                        return HistoryBuilder.Judged(
                            rule: row["rule"], outcome: outcome, severity: severity, isWaived: row["waived"] == 1)
                    }
                    series[index].builder.add(
                        judged, at: report["collected_at"], profile: report["profile"])
                }
                let hosts = Dictionary(grouping: series, by: \.host)
                return series.map { one in
                    let isOnly = hosts[one.host]?.count == 1
                    return one.builder.trend(host: one.host, sources: isOnly ? [] : one.sources, isWhole: rule != nil)
                }
            }
        }
    }
}
