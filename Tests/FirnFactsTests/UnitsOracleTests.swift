import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// The exposure of every service of every fixture, and of units made to be difficult, against the installed
/// systemd-analyze. systemd 258 and later are not covered by this oracle: units of such a system are compared as an older
/// systemd reads them.
@Suite(.serialized) struct UnitsOracleTests {
    private func directory() throws -> URL {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("firn-units-\(UUID().uuidString)")
        let units = place.appendingPathComponent("etc/systemd/system")
        try FileManager.default.createDirectory(at: units, withIntermediateDirectories: true)
        return place
    }

    /// Copies the services and their drop-ins, links resolved; other names stay links.
    private func stage(_ system: SystemView, into root: URL) throws -> [String] {
        let units = root.appendingPathComponent("etc/systemd/system")
        var names: [String] = []
        for entry in try system.unitEntries() {
            let place = units.appendingPathComponent(entry)
            let path = system.etcPath("systemd/system/" + entry)
            if entry.hasSuffix(".service.d") || entry == "service.d" {
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                for file in try system.tree.list(path) {
                    let bytes = try system.tree.read(path + "/" + file, limit: 1 << 20)
                    try Data(bytes).write(to: place.appendingPathComponent(file))
                }
            } else if entry.hasSuffix(".service") {
                let target = (try? system.tree.linkTarget(path))?.split(separator: "/").last.map(String.init)
                if let target, target != entry, target != "null" {
                    try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: target)
                    continue
                }
                if let bytes = try? system.tree.read(path, limit: 1 << 20) {
                    try Data(bytes).write(to: place)
                    names.append(entry)
                } else {
                    try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: "/dev/null")
                }
            }
        }
        return names
    }

    @Test func theOracleIsOfAVersionThatTheTableDescribes() throws {
        let version = try UnitsOracle.version()
        #expect((252..<258).contains(version), "systemd \(version) is not covered")
    }

    @Test(arguments: UnitsSupport.fixtures)
    func everyServiceHasTheExposureThatSystemdAnalyzeGives(fixture: String) throws {
        let system = try UnitsSupport.system(fixture)
        let root = try directory()
        defer { try? FileManager.default.removeItem(at: root) }
        let names = try stage(system, into: root)
        #expect(names.count >= 60)
        let theirs = try UnitsOracle.scores(root: root.path, units: names)
        let exposure = try UnitsSupport.exposure(systemd: try UnitsOracle.version())
        let inventory = try UnitInventory(system, exposure: exposure)
        for name in names where !Self.newActions.contains(name) {
            let service = try #require(inventory.services[name], "\(name) is not in the inventory")
            let ours = service.isLoadable ? exposure.score(service.sandbox).exposure : nil
            #expect(ours == theirs[name], "\(fixture) \(name)")
        }
        #expect(theirs.count >= 60, "only \(theirs.count) of \(names.count) were scored")
    }

    /// Units whose SuccessAction= an older systemd does not know, so that it refuses them.
    static let newActions: Set<String> = [
        "systemd-halt.service", "systemd-kexec.service", "systemd-soft-reboot.service",
    ]

    @Test func madeUpUnitsHaveTheSameBadnessInEveryRow() throws {
        let root = try directory()
        defer { try? FileManager.default.removeItem(at: root) }
        let place = root.appendingPathComponent("etc/systemd/system")
        var units: [(name: String, unit: SystemdUnit)] = []
        for (number, texts) in UnitsOracleCases.all().enumerated() {
            let name = "made-\(number).service"
            try texts.main.write(to: place.appendingPathComponent(name), atomically: true, encoding: .utf8)
            var unit = try SystemdUnit.parse(Array(texts.main.utf8), file: name)
            if let dropIn = texts.dropIn {
                let directory = place.appendingPathComponent(name + ".d")
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                try dropIn.write(
                    to: directory.appendingPathComponent("overrides.conf"), atomically: true, encoding: .utf8)
                unit.merge(try SystemdUnit.parse(Array(dropIn.utf8), file: name + ".d/overrides.conf"))
            }
            units.append((name, unit))
        }
        let exposure = try UnitsSupport.exposure(systemd: try UnitsOracle.version())
        // Some values make systemd refuse the unit as a whole; they have no score to compare.
        let loaded = try UnitsOracle.scores(root: root.path, units: units.map(\.name))
        let misjudged = units.filter { exposure.sandbox($0.unit).isRefused != (loaded[$0.name] == nil) }
        #expect(misjudged.isEmpty, "\(misjudged.prefix(3))")
        units.removeAll { loaded[$0.name] == nil }
        let theirs = try UnitsOracle.rows(root: root.path, units: units.map(\.name))
        try #require(theirs.count == units.count)
        var rows = 0
        var wrong: [String] = []
        for ((name, unit), their) in zip(units, theirs) {
            let ours = exposure.score(unit)
            if ours.rows.count != their.count { wrong.append("\(name): \(ours.rows.count) rows of \(their.count)") }
            for row in ours.rows {
                rows += 1
                let wanted = their[row.id]
                if row.badness == wanted?.badness, row.weight == wanted?.weight, row.range == wanted?.range { continue }
                let lines = unit.assignments.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
                wrong.append("\(row.id) \(row.badness ?? -1), should be \(wanted?.badness ?? -1): \(lines)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) rows: \(wrong.prefix(5))")
        #expect(rows > 250_000, "only \(rows) rows were compared")
    }
}
