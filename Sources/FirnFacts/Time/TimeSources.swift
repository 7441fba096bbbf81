import FirnModel
import FirnParsing

/// The sources in the configuration of a program that sets the clock.
struct TimeSources: Sendable, Hashable {
    /// Host names and addresses in the order of the file.
    var hosts: [String] = []
    /// Those that are not authenticated.
    var plain: [String] = []
    /// Where each host stands.
    var lines: [Int] = []

    private mutating func add(_ host: String, isAuthenticated: Bool, line: Int) {
        hosts.append(host)
        lines.append(line)
        if !isAuthenticated { plain.append(host) }
    }

    /// `server HOST words...` as in chrony.conf(5), ntp.conf(5) and ntpd.conf(5).
    static func lines(_ text: [TextLine], words: [String], nts: String?) -> TimeSources {
        var result = TimeSources()
        for line in text {
            let parts = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count > 1, words.contains(parts[0].lowercased()) else { continue }
            result.add(
                String(parts[1]), isAuthenticated: nts.map { parts.dropFirst(2).contains(Substring($0)) } ?? false,
                line: line.number)
        }
        return result
    }

    /// `[[source]]` tables of ntpd-rs: `mode = "nts"` or another, and an address.
    static func toml(_ text: [TextLine]) -> TimeSources {
        var result = TimeSources()
        var isSource = false
        var mode = ""
        var address: (String, Int)?
        func flush(_ result: inout TimeSources) {
            if isSource, let address { result.add(address.0, isAuthenticated: mode == "nts", line: address.1) }
        }
        for line in text {
            let content = line.text.trimmed
            if content.hasPrefix("[") {
                flush(&result)
                isSource = content == "[[source]]"
                mode = ""
                address = nil
                continue
            }
            guard let equals = content.firstIndex(of: "=") else { continue }
            let key = content[..<equals].trimmed
            let value = String(content[content.index(after: equals)...].trimmed.filter { $0 != "\"" && $0 != "'" })
            if key == "mode" { mode = value }
            if key == "address" { address = (value, line.number) }
        }
        flush(&result)
        return result
    }
}
