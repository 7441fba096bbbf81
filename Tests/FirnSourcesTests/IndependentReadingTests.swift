import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

/// Observed values against those a small script, which shares nothing with Firn, reads from the same options.
@Suite struct IndependentReadingTests {
    private func read(_ fixture: String) throws -> JSONNode {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", Repository.path("Tests/Fixtures/independent/read_config.py"),
            Repository.fixtures.appendingPathComponent(fixture).appendingPathComponent("config.json").path,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "read_config.py failed")
        return try JSONParser.parse([UInt8](data))
    }

    private func value(_ node: JSONNode) -> FactValue? {
        switch node.value {
        case .boolean(let truth): .boolean(truth)
        case .integer(let number): .integer(number)
        case .string(let text): .string(text)
        case .array(let elements): .list(elements.compactMap { value($0) })
        case .null, .double, .object: nil
        }
    }

    @Test(arguments: Audit.fixtures)
    func observedValuesEqualThoseOfTheScript(fixture: String) throws {
        let members = try #require(try read(fixture).object?.members)
        #expect(members.count >= 15, "the script read only \(members.count) values")
        let snapshots = [try Audit.declared(fixture), try #require(try Audit.built(fixture).first?.snapshot)]
        for snapshot in snapshots {
            for member in members {
                let wanted = try #require(value(member.node))
                #expect(
                    snapshot.fact(FactKey(member.key))?.value == wanted,
                    "\(fixture) \(snapshot.source.rawValue) \(member.key)")
            }
        }
    }
}
