import FirnModel
import FirnParsing

/// Rules of tmpfiles.d that open the account files to others (tmpfiles.d(5)).
enum AccountsFileModes {
    static let key: FactKey = "accounts.files-opened"

    /// The bits that nobody but root and the group may have.
    private static let forbidden: [(name: String, bits: Int64)] = [
        ("shadow", 0o027), ("gshadow", 0o027), ("passwd", 0o022), ("group", 0o022),
    ]

    static func built(_ system: SystemView) -> FactBatch {
        let directory = "tmpfiles.d"
        var found: [(String, Evidence)] = []
        var doubt: Fact?
        do {
            for name in try system.listEtc(directory) where name.hasSuffix(".conf") {
                switch system.etcLines(directory + "/" + name) {
                case .lines(let lines, let path):
                    for line in lines where line.text.utf8.count < 4096 {
                        for text in opened(line.text) {
                            // The rest of the line may be the content of a file.
                            found.append((text, Evidence(path: path, line: line.number, text: text)))
                        }
                    }
                case .absent: continue
                case .unavailable(let reason, let path):
                    doubt = .unavailable(reason: reason, [Evidence(path: path)])
                }
            }
        } catch {
            if !error.isAbsence {
                return batch(
                    .unavailable(reason: error.description, [Evidence(path: system.shownEtcPath(directory))]))
            }
        }
        // What is found is found; nothing found beside a file that cannot be read proves nothing.
        if found.isEmpty, let doubt { return batch(doubt) }
        return batch(fact(found, Evidence(path: system.shownEtcPath(directory))))
    }

    static func declared(_ options: OptionTree) -> FactBatch {
        let path = ["systemd", "tmpfiles", "rules"]
        var found: [(String, Evidence)] = []
        switch options.reading(path, \.array) {
        case .value(let rules, let evidence):
            for rule in rules {
                for text in opened(rule.string ?? "") {
                    found.append((text, Evidence(path: evidence.path, line: rule.line, text: text)))
                }
            }
            found += settings(options)
            return batch(fact(found, evidence))
        case .unavailable(let reason, let evidence): return batch(.unavailable(reason: reason, [evidence]))
        case .null(let evidence), .missing(let evidence):
            return batch(.unavailable(reason: "the export does not hold systemd.tmpfiles.rules", [evidence]))
        }
    }

    /// `systemd.tmpfiles.settings.<file>.<path>.<type>.mode`.
    private static func settings(_ options: OptionTree) -> [(String, Evidence)] {
        let path = ["systemd", "tmpfiles", "settings"]
        guard case .value(let files, _) = options.readMembers(path) else { return [] }
        var found: [(String, Evidence)] = []
        for file in files {
            for place in file.node.object?.members ?? [] where place.key.utf8.starts(with: "/etc".utf8) {
                for type in place.node.object?.members ?? [] {
                    guard let mode = type.node["mode"]?.string else { continue }
                    for text in opened("\(type.key) \(place.key) \(mode)") {
                        let spelled = OptionTree.spelled(path + [file.key, place.key, type.key, "mode"])
                        found.append((text, Evidence(path: spelled, line: type.node.line, text: text)))
                    }
                }
            }
        }
        return found
    }

    private static func batch(_ fact: Fact) -> FactBatch { FactBatch(facts: [key: fact]) }

    private static func fact(_ found: [(String, Evidence)], _ base: Evidence) -> Fact {
        .known(.strings(Set(found.map(\.0)).sorted()), found.isEmpty ? [base] : found.map(\.1))
    }

    /// `/etc/shadow 0644` for each file that a line opens.
    private static func opened(_ line: some StringProtocol) -> [String] {
        guard line.holdsBytes("/etc") else { return [] }
        let words = SysusersFile.quotedWords(line.trimmed)
        guard words.count >= 3, let type = words[0].first, "fFCzZmwaAL".contains(type) else { return [] }
        let text = words[2].drop { $0 == "~" || $0 == ":" }
        guard let mode = Int64(text, radix: 8) else { return [] }
        let parts = words[1].split(separator: "/").map(String.init)
        return forbidden.compactMap { name, bits in
            let isThere =
                parts.count == 2 && parts[0] == "etc" && SSHGlob.matches(name, parts[1])
                || type == "Z" && parts == ["etc"]
            return isThere && mode & bits != 0 ? "/etc/\(name) \(words[2])" : nil
        }
    }
}

extension StringProtocol {
    /// Whether a text stands anywhere in it; by bytes, which is what long files need.
    func holdsBytes(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            guard let first = wanted.first else { return true }
            var rest = utf8[...]
            while let start = rest.firstIndex(of: first) {
                if rest[start...].starts(with: wanted) { return true }
                rest = rest[rest.index(after: start)...]
            }
            return false
        }
    }
}
