import FirnModel
import FirnParsing

/// One of systemd's configuration files with its drop-ins (`journald.conf`, `coredump.conf`, `timesyncd.conf`), from
/// either source (systemd.syntax(7), journald.conf(5)).
struct ConfSettings {
    /// The assignments of the section in the order that counts, each with its place.
    var assignments: [(key: String, value: String, evidence: Evidence)]
    /// Where the file is, for what is not set.
    var place: Evidence

    /// Why it cannot be read.
    struct Obstacle: Error {
        var reason: String
        var evidence: Evidence
    }

    /// The last value that systemd accepts: it ignores others with a warning. An empty one restores the default.
    func last<Value>(_ keys: [String], _ convert: (String) -> Value?) -> (value: Value, evidence: Evidence)? {
        var result: (Value, Evidence)?
        for assignment in assignments where keys.contains(assignment.key) {
            if assignment.value.isEmpty {
                result = nil
            } else if let value = convert(assignment.value) {
                result = (value, assignment.evidence)
            }
        }
        return result
    }

    /// A truth value (systemd.syntax(7)).
    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": true
        case "0", "no", "n", "false", "f", "off": false
        default: nil
        }
    }

    /// A size in bytes, with the suffixes to the base of 1024.
    static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = [
            "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60,
        ]
        if text == "infinity" { return .max }
        var digits = text[...]
        var factor: Int64 = 1
        if let last = digits.last, let unit = units[last] {
            factor = unit
            digits.removeLast()
        }
        guard let number = Int64(digits), number >= 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    /// Whether a time span is more than nothing; nil for what is no time span.
    static func isPositiveSpan(_ text: String) -> Bool? {
        if text == "infinity" { return true }
        let digits = text.filter(\.isNumber)
        guard !digits.isEmpty, text.first?.isNumber == true else { return nil }
        return digits.contains { $0 != "0" }
    }

    // MARK: Sources

    private static func pieces(
        _ bytes: [UInt8], section: String, file: String, _ place: (Int, String) -> Evidence
    ) throws(Obstacle) -> [(key: String, value: String, evidence: Evidence)] {
        let unit: SystemdUnit
        do {
            unit = try SystemdUnit.parse(bytes, file: file)
        } catch {
            throw Obstacle(reason: "\(file): \(error)", evidence: place(error.line, ""))
        }
        return unit.assignments.filter { $0.section == section }.map { assignment in
            (assignment.key, assignment.value, place(assignment.line, "\(assignment.key)=\(assignment.value)"))
        }
    }

    /// From `/etc/systemd/<name>.conf` and its drop-ins.
    static func built(_ system: SystemView, _ name: String, section: String) throws(Obstacle) -> ConfSettings {
        let main = "systemd/\(name).conf"
        var result = ConfSettings(assignments: [], place: Evidence(path: system.shownEtcPath(main), text: "not set"))
        var files = [main]
        do throws(TreeError) {
            files += try system.listEtc(main + ".d").filter { $0.hasSuffix(".conf") }.map { "\(main).d/\($0)" }
        } catch {
            guard error.isAbsence else { throw Obstacle(reason: error.description, evidence: result.place) }
        }
        for file in files {
            let shown = system.shownEtcPath(file)
            let bytes: [UInt8]
            do throws(TreeError) {
                if try system.tree.resolve(system.etcPath(file)) == "/dev/null" { continue }
                bytes = try system.readEtc(file, limit: 1 << 20)
            } catch {
                if error.isAbsence { continue }
                throw Obstacle(reason: error.description, evidence: Evidence(path: shown))
            }
            result.assignments += try pieces(bytes, section: section, file: shown) { line, text in
                Evidence(path: shown, line: line, text: text.isEmpty ? nil : text)
            }
        }
        return result
    }

    /// From the texts that the options of `environment.etc` hold.
    static func declared(_ options: OptionTree, _ name: String, section: String) throws(Obstacle) -> ConfSettings {
        let base = ["environment", "etc"]
        let main = "systemd/\(name).conf"
        guard let members = options.readMembers(base).value else {
            throw Obstacle(reason: "the export does not hold environment.etc", evidence: options.evidence(base))
        }
        var result = ConfSettings(assignments: [], place: options.evidence(base + [main]))
        let dropIns = members.map(\.key).filter { $0.hasPrefix(main + ".d/") && $0.hasSuffix(".conf") }
        for file in [main] + dropIns.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard case .value(let node) = options.lookup(base + [file]), node["enable"]?.boolean ?? true else {
                continue
            }
            let place = options.evidence(base + [file])
            guard let text = node["text"]?.string else {
                throw Obstacle(reason: "/etc/\(file) comes from a file that the options do not hold", evidence: place)
            }
            result.assignments += try pieces(Array(text.utf8), section: section, file: "/etc/" + file) { _, text in
                Evidence(path: place.path, line: place.line, text: text.isEmpty ? nil : text)
            }
        }
        return result
    }
}
