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

    /// Writes docs/comparisons/systemd-analyze.md: `RECORD_COMPARISONS=1 swift test --filter UnitsOracleTests`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] == "1"))
    func theComparisonIsWrittenDown() throws {
        let version = try UnitsOracle.version()
        let exposure = try UnitsSupport.exposure(systemd: version)
        var rows: [String] = []
        var total = (units: 0, equal: 0)
        for fixture in UnitsSupport.fixtures {
            let system = try UnitsSupport.system(fixture)
            let root = try directory()
            defer { try? FileManager.default.removeItem(at: root) }
            let names = try stage(system, into: root)
            let theirs = try UnitsOracle.scores(root: root.path, units: names)
            let inventory = try UnitInventory(system, exposure: exposure)
            let equal = theirs.filter { name, score in
                inventory.services[name].map { exposure.score($0.sandbox).exposure } == score
            }.count
            let aliases = try system.unitEntries().filter { name in
                try name.hasSuffix(".service") && system.canonicalUnit(name) != name
            }.count
            rows.append(
                "| \(fixture) | \(names.count) | \(aliases) | \(names.count - theirs.count) | \(theirs.count) | \(equal) |"
            )
            total = (total.units + theirs.count, total.equal + equal)
        }
        let page = """
            # Exposure of services: Firn beside systemd-analyze

            The services of every fixture, with their drop-ins, were copied into one directory, and `systemd-analyze security
            --offline=true --root=` of systemd \(version) scored them in one run. Firn scored the same services where they stand in
            the closure. The exposure is compared to one decimal; every test run repeats it. Units that systemd \(version) refuses
            (no command, or a SuccessAction= it does not know) have no score; Firn refuses the former too and knows the latter.
            Beside them \(UnitsOracleCases.all().count) made up units, each directive with good, odd and wrong values, alone, in a
            drop-in and mixed, are compared row by row: badness, weight and range of all 81 settings.

            Not covered: systemd 258 and later, which is not installed here. Units of such a system are compared as \(version) reads
            them; values that came later (PrivateTmp=disconnected) are read by the version of the target in an audit.
            Other machines than x86_64 have other system calls.

            Total: \(total.units) services, \(total.equal) with the same exposure.

            | system | units | other names | refused by systemd | scored | same exposure |
            |---|---|---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
        try page.write(
            toFile: Repository.path("docs/comparisons/systemd-analyze.md"), atomically: true, encoding: .utf8)
        #expect(total.equal == total.units)
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
