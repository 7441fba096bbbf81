import FirnModel
import FirnTestSupport
import Foundation

/// Asks xmllint whether a text is well-formed XML; where it is not installed, nothing is claimed.
struct XMLCheck {
    let isWellFormed: Bool

    init(_ text: String) {
        let tool = ["/usr/bin/xmllint", "/run/current-system/sw/bin/xmllint"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let tool else {
            isWellFormed = ProcessInfo.processInfo.environment["CI"] == nil
            return
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = ["--noout", "--nonet", "-"]
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
            try pipe.fileHandleForWriting.close()
            process.waitUntilExit()
            isWellFormed = process.terminationStatus == 0
        } catch {
            isWellFormed = false
        }
    }
}

/// A report whose names are hostile.
enum HostileReport {
    static func renamed(_ report: Report, _ name: String) -> Report {
        var report = report
        for index in report.targets.indices {
            report.targets[index].name = name
            report.targets[index].identity.hostName = name
        }
        for index in report.snapshots.indices { report.snapshots[index].identity.hostName = name }
        for index in report.results.indices where report.results[index].outcome == .fail {
            report.results[index].rule += name
            report.results[index].title = name
        }
        report.profile = name
        return report
    }
}
