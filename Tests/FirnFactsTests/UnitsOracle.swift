import Foundation

/// `systemd-analyze security --offline=true` over a directory of units, all of them in one run.
enum UnitsOracle {
    static let program = "/usr/bin/systemd-analyze"

    /// What the installed systemd says of each unit: the exposure in tenths. A unit it cannot load has none.
    static func scores(root: String, units: [String]) throws -> [String: Int] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["security", "--offline=true", "--root=\(root)", "--no-pager"] + units
        process.environment = ["LC_ALL": "C.UTF-8", "SYSTEMD_LOG_LEVEL": "crit", "PATH": "/usr/bin:/bin"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        var scores: [String: Int] = [:]
        let marker = "Overall exposure level for "
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            guard let range = line.range(of: marker) else { continue }
            // "→ Overall exposure level for ledger.service: 2.1 OK"
            let parts = line[range.upperBound...].split(separator: " ")
            guard parts.count >= 2 else { continue }
            let name = parts[0].dropLast().replacingOccurrences(of: "@i.service", with: "@.service")
            scores[name] = parts[1].filter { $0 != "." }.isEmpty ? nil : Int(parts[1].filter { $0 != "." })
        }
        return scores
    }

    /// The version of the installed systemd.
    static func version() throws -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--version"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let words = String(decoding: data, as: UTF8.self).split(separator: " ")
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    /// A row of the table.
    struct Row: Decodable {
        var name: String
        var weight: Int
        /// The largest number where the setting says nothing about the service.
        var rawBadness: UInt64
        var range: Int
        var badness: Int? { rawBadness == .max ? nil : Int(rawBadness) }

        enum CodingKeys: String, CodingKey {
            case name, weight, range
            case rawBadness = "badness"
        }
    }

    /// The rows of each unit, by the setting's name, in the order of the units; all must be loadable.
    static func rows(root: String, units: [String]) throws -> [[String: Row]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["security", "--offline=true", "--root=\(root)", "--no-pager", "--json=short"] + units
        process.environment = [
            "LC_ALL": "C.UTF-8", "SYSTEMD_LOG_LEVEL": "crit", "SYSTEMD_ANALYZE_DEBUG": "1", "PATH": "/usr/bin:/bin",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
            let rows = try JSONDecoder().decode([Row].self, from: Data(line.utf8))
            return Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }
}
