import FirnHistory
import Foundation
import Testing

/// The statements are those of SQLite and PostgreSQL alike.
@Suite struct HistorySQLTests {
    /// Words only SQLite has, or that mean something else there.
    static let foreign = [
        "AUTOINCREMENT", "ROWID", "PRAGMA", "INSERT OR", "REPLACE", "IFNULL", "GLOB", "STRFTIME", "JULIANDAY",
        "DATETIME",
        "UNIXEPOCH", "TYPEOF", "RANDOMBLOB", "HEX(", "PRINTF", "GROUP_CONCAT", "TOTAL(", "INSTR", "JSON_", "STRICT",
        "BLOB", "DATABASE", "VACUUM", "ATTACH", "COLLATE", "LAST_INSERT", "CHANGES(", "SQLITE_", "?", ":", "`", "[",
        "LIKE", "==",
    ]

    @Test(arguments: HistorySQL.all)
    func holdsNoWordOfSQLiteAlone(_ statement: String) {
        let words = statement.uppercased()
        for word in Self.foreign { #expect(!words.contains(word), "\(word)") }
        // One statement, and no double quotes: SQLite would take a misspelt column in them for text.
        #expect(!statement.contains(";") && !statement.contains("\""))
    }

    /// SQLite numbers `$1` by where it stands first, PostgreSQL by its number.
    @Test(arguments: HistorySQL.all)
    func parametersStandInTheirOrder(_ statement: String) {
        let numbers = statement.matches(of: /\$([0-9]+)/).compactMap { Int($0.output.1) }
        #expect(numbers == Array(1..<(numbers.count + 1)))
    }

    static let servers =
        ["/usr/lib/postgresql/15/bin"]
        + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)

    static var binaries: String? {
        servers.first { directory in
            ["initdb", "postgres", "psql", "pg_ctl"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: directory + "/" + $0)
            }
        }
    }

    /// The very same statements on a server, where one is installed: made in a directory of its own, without network.
    @Test(.enabled(if: binaries != nil))
    func aPostgreSQLServerTakesThem() throws {
        let binaries = try #require(Self.binaries)
        let base = URL(fileURLWithPath: "/tmp").appendingPathComponent("firn-pg-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: base) }
        let digest = String(repeating: "a", count: 64)
        // Prepared, since that is how a driver sends parameters, and PostgreSQL then infers their types.
        let values: [[String]] = [
            ["'\(digest)'", "1795000000", "'firn 0.1.0'", "'standard'", "'p'", "'c'"], ["'\(digest)'"],
            ["'\(digest)'", "0", "'built'", "'web1'", "'result'"],
            ["'\(digest)'", "0", "'ssh.Banner'", "0", "'fail'", "'low'", "0"], ["0", "''", "''"],
            ["'\(digest)'", "'web1'"], ["'\(digest)'", "'web1'", "''", "''"],
        ]
        var script =
            HistorySQL.schema1.joined(separator: ";\n") + ";\n" + HistorySQL.schema1.joined(separator: ";\n") + ";\n"
        for (index, statement) in HistorySQL.all.dropFirst(HistorySQL.schema1.count).enumerated() {
            script +=
                "PREPARE s\(index) AS \(statement);\nEXECUTE s\(index)(\(values[index].joined(separator: ", ")));\n"
            // Again: a conflict does nothing.
            script += "EXECUTE s\(index)(\(values[index].joined(separator: ", ")));\n"
        }
        try Data(script.utf8).write(to: base.appendingPathComponent("script.sql"))
        let shell = """
            set -e
            cd \(base.path)
            run() { if [ "$(id -u)" = 0 ]; then su -s /bin/sh postgres -c "$1"; else sh -c "$1"; fi; }
            if [ "$(id -u)" = 0 ]; then chown postgres \(base.path) script.sql; fi
            run "\(binaries)/initdb -D \(base.path)/data -A trust -U firn -E UTF8 --no-sync >/dev/null"
            printf "listen_addresses = ''\\nunix_socket_directories = '\(base.path)'\\nfsync = off\\n" >> data/postgresql.conf
            run "\(binaries)/pg_ctl -D \(base.path)/data -w -l \(base.path)/log start >/dev/null"
            code=0
            run "\(binaries)/psql -h \(base.path) -U firn -d postgres -v ON_ERROR_STOP=1 -At -f script.sql" || code=$?
            run "\(binaries)/pg_ctl -D \(base.path)/data -m immediate stop >/dev/null"
            exit $code
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", shell]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(output)")
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.contains("INSERT 0 1") && lines.contains("INSERT 0 0"))
        #expect(lines.contains("web1|1795000000|\(digest)|standard"))
        #expect(lines.contains("ssh.Banner|fail|low|0"))
    }
}
