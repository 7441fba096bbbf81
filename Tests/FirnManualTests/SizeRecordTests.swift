import FirnTestSupport
import Foundation
import Testing

/// scripts/release/size-history reads the gate's verdict; here the gate itself writes it.
struct SizeRecordTests {
    @Test func theGateItselfIsUnderstood() throws {
        let system = Repository.fixtures.appendingPathComponent("current-a-default/system").path
        let path = try Tool.firnDirectory.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        try withTemporaryDirectory { directory in
            func run(_ line: String) throws -> (code: Int32, output: String) {
                try Tool.bash.run(["-c", line], in: directory, environment: ["PATH": path])
            }
            try SmallPolicy.text(profile: "standard").write(to: directory.appendingPathComponent("small.toml"))
            try Data("60\n".utf8).write(to: directory.appendingPathComponent("seconds"))
            let checked = try run("firn check '\(system)' --format json=built.json")
            #expect([1, 3].contains(checked.code), "\(checked.output)")
            let script = Repository.path("scripts/release/size-history")
            let commit = String(repeating: "a", count: 40)
            // In kB: well below, from 90 %, exactly at, and one byte beyond 1 MB.
            for (bytes, judged) in [(900_000, "ok"), (943_719, "near"), (1_048_576, "near"), (1_048_577, "over")] {
                // A tar by its name and content; the rest is padding.
                let line = """
                    printf '\\037\\213' > a.tar.gz; truncate --size \(bytes) a.tar.gz
                    firn gate built.json --policy ./small.toml --artifact a.tar.gz --verdict verdict.json >/dev/null
                    '\(script)' record verdict.json seconds x86_64-linux \(commit) 2026-11-24T12:00:00Z 2>errors
                    """
                let (code, output) = try run(line)
                #expect(code == 0, "\(output)")
                #expect(
                    output == "2026-11-24T12:00:00Z,\(commit),wsl,x86_64-linux,\(bytes),1048576,60,\(judged)\n")
                let errors = try String(contentsOf: directory.appendingPathComponent("errors"), encoding: .utf8)
                #expect(errors.hasPrefix("::warning ") == (judged == "near"), "\(errors)")
                #expect(errors.hasPrefix("::error ") == (judged == "over"), "\(errors)")
            }
        }
    }
}
