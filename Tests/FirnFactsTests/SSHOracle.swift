import FirnParsing
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// The sshd of this machine as a judge of the parser.
enum SSHOracle {
    static let program = "/usr/sbin/sshd"
    static var isInstalled: Bool {
        FileManager.default.isExecutableFile(atPath: program)
            && FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh-keygen")
    }
    /// In continuous integration a missing tool is a failure; elsewhere the comparison is left out. The configurations
    /// are written for 9.2 (Debian 12): another sshd takes other keywords and prints other words.
    static var isNeeded: Bool {
        guard isInstalled else { return ProcessInfo.processInfo.environment["CI"] != nil }
        do {
            return try release() == SSHDVersion(9, 2)
        } catch {
            return true
        }
    }

    /// What a program printed and how it ended.
    struct Run {
        var status: Int32
        var output: String
        var error: String
    }

    static func run(_ program: String, _ arguments: [String]) throws -> Run {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        let error = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        try process.run()
        // Both texts are far below the size of a pipe's buffer, so reading one after the other cannot block.
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Run(status: process.terminationStatus, output: text, error: message)
    }

    /// A directory with a host key, for one test.
    static func directory() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("firn-sshd-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: "/run/sshd") {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let made = try run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", url.path + "/key"])
        guard made.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        return url
    }

    /// The release of sshd, such as 9.2.
    static func release() throws -> SSHDVersion? {
        let run = try run(program, ["-V"])
        let text = run.error + run.output
        guard let start = text.range(of: "OpenSSH_") else { return nil }
        return SSHDVersion(text[start.upperBound...].prefix { !" ,".contains($0) })
    }

    /// The dialect of that release. Debian's 9.2 differs from the release in two defaults: its patches bring the final
    /// name of the sntrup761 key exchange back from 9.9, and keep the IPQoS of before 7.8.
    static func dialect() throws -> SSHDDialect {
        let release = try release()
        var dialect = try SSHKnowledge(try SSHSupport.knowledge.get()).dialect(release)
        guard release == SSHDVersion(9, 2) else { return dialect }
        let added = "sntrup761x25519-sha512"
        if var kex = dialect.algorithms[.kex], !kex.standard.contains(added) {
            kex.standard.insert(added, at: 0)
            let index = kex.supported.firstIndex(of: added + "@openssh.com") ?? kex.supported.endIndex
            kex.supported.insert(added, at: index)
            dialect.algorithms[.kex] = kex
        }
        dialect.names["ipqos"]?.keyword.standard = ["lowdelay", "throughput"]
        return dialect
    }

    /// Keywords only Debian's build prints.
    static let patched: Set<String> = ["gssapikeyexchange", "gssapistorecredentialsonrekey", "gssapikexalgorithms"]

    /// What `sshd -T` printed: the lines of each keyword, in their order.
    static func lines(_ output: String) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            result[parts[0].lowercased(), default: []].append(parts.count > 1 ? parts[1] : "")
        }
        return result
    }

    /// What `sshd -T` should print for an answer, or nil for a default that is compiled in.
    static func expected(_ keyword: SSHDKeyword, _ answer: SSHDAnswer?) -> [String]? {
        guard let values = answer?.values else { return nil }
        switch keyword.kind {
        case .algorithms: return [values.joined(separator: ",")]
        case .listOrNone, .channelTimeouts:
            // These are not printed when they are empty or "none".
            return values.isEmpty || values == ["none"] && keyword.kind == .channelTimeouts
                ? [] : [values.joined(separator: " ")]
        case .rekey, .ipqos, .methods, .permittedOpens, .permittedListens: return [values.joined(separator: " ")]
        case .list where keyword.repetition == .first: return [values.joined(separator: " ")]
        default:
            if keyword.repetition == .append || keyword.isList { return values }
            // 9.2 prints these words under their other names.
            let names = ["prohibit-password": "without-password", "QUIET": "SILENT"]
            return values.map { names[$0] ?? $0 }
        }
    }

    /// Compares keyword by keyword; gives the number compared and the differences.
    static func compare(
        _ configuration: SSHDConfiguration, connection: SSHDConnection?, with output: String
    ) -> (compared: Int, differences: [String]) {
        let printed = lines(output)
        let answers = configuration.effective(for: connection)
        let keywords = configuration.dialect.keywords
        var differences: [String] = []
        var compared = 0
        for (name, keyword) in keywords.sorted(by: { $0.key < $1.key }) {
            let theirs = printed[name.lowercased()] ?? []
            var ours = expected(keyword, answers[name])
            if name == "ListenAddress" { ours = configuration.listeners(answers) }
            guard let ours else { continue }
            // Not compiled into this sshd.
            if name == "KerberosGetAFSToken", theirs.isEmpty { continue }
            compared += 1
            let isSet = name == "ListenAddress"
            if isSet ? Set(ours) != Set(theirs) : ours != theirs {
                differences.append("\(name): ours \(ours), sshd \(theirs)")
            }
        }
        let known = Set(keywords.keys.map { $0.lowercased() })
        for name in printed.keys.sorted() where !known.contains(name) && !patched.contains(name) {
            differences.append("sshd prints \(name), which the table does not have")
        }
        return (compared, differences)
    }

    /// Includes of a test, looked up on this machine with glob(3).
    static func includes(_ pattern: String) -> SSHDIncludes {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return .files([]) }
        var files: [SSHDIncludedFile] = []
        for index in 0..<Int(found.gl_pathc) {
            guard let path = found.gl_pathv[index].map({ String(cString: $0) }),
                let data = FileManager.default.contents(atPath: path)
            else { continue }
            files.append(SSHDIncludedFile(path: path, bytes: [UInt8](data)))
        }
        return .files(files)
    }
}
