import FirnParsing
import Foundation
import Testing

/// The parser of doas.conf against `doas -C` of opendoas 6.8.
@Suite struct DoasOracleTests {
    static let program = "/usr/bin/doas"

    static var isNeeded: Bool {
        FileManager.default.isExecutableFile(atPath: program) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    static let cases = [
        "permit \\\n nopass kim\n", "permit nopass \\\nkim\n", "permit nopass kim \\\n as root\n",
        "permit \"nopass\"\n",
        "permit nopass persist a\n", "permit a#b\n", "permit a # b\n", "permit as\n", "permit cmd\n", "deny nopass a\n",
        "permit setenv {A B} a\n", "permit setenv { } a\n", "permit a cmd x args\n", "permit a cmd x args as {\n",
        "permit \"a\"b\n", "permit a\\ b\n", "permit {\n", "permit nopass nopass a\n",
        "permit keepenv setenv { A } a as b\n",
        "permit a\r\n", "\n\n# x\n", "permit a \"as\" b\n", "permit persist nolog :w cmd /x args a b\n",
        "permit \"\"\n",
        "permit a cmd \"\"\n", "permit setenv { A\n B } a\n", "permitx a\n", "permit a as :b\n", "  \\\n\n",
        "permit a # b \\\nxx\n", "permit nopass\\\n kim\n", "per\\\nmit kim\n", "permit\n", "permit a as\n",
        "permit a b\n",
        "permit a cmd b c\n", "permit a args\n", "permit \"a\n", "permit setenv A a\n",
        "permit a cmd \"as\" args \"cmd\"\n",
        "permit setenv { -A B=$C \"D E=f\" } a\n", "deny :wheel cmd /bin/x\n", "deny a as b\n", "\tpermit\ta\t\n",
    ]

    @Test(.enabled(if: isNeeded), arguments: cases)
    func doasAndFirnAgree(text: String) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("firn-doas-" + UUID().uuidString)
        try Data(text.utf8).write(to: url)
        defer { _ = try? FileManager.default.removeItem(at: url) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
        let isAccepted = try SSHOracle.run(Self.program, ["-C", url.path]).status == 0
        let isRead: Bool
        do {
            _ = try DoasConfiguration.parse(Array(text.utf8))
            isRead = true
        } catch {
            isRead = false
        }
        #expect(isRead == isAccepted, "\(text)")
    }
}
