import FirnModel
import FirnParsing

/// The writes systemd-sysctl makes, in its order, after it has merged all files.
///
/// A later assignment replaces an earlier one of the same key and moves to the end, unless it has the same value: then
/// the earlier one keeps its place. An exclusion (`-key`) counts as an assignment of nothing: it takes an earlier value
/// away. Checked against systemd 252; see `docs/comparisons/sysctl.md`.
struct SysctlPlan: Sendable {
    /// One step.
    enum Step: Sendable {
        /// Write a value, or, without one, keep globs off the key.
        case setting(Setting)
        /// A file that cannot be read stands here: from here on any setting may have any value.
        case hidden(reason: String, Evidence)
        /// A file sets these paths to values that cannot be told.
        case untold(paths: [String], reason: String, Evidence)
    }

    /// A merged setting.
    struct Setting: Sendable {
        var path: String
        var value: String?
        var evidence: Evidence
        /// What it replaced, nearest first.
        var replaced: [Evidence] = []
        var isGlob: Bool { SysctlFile.isGlob(path) }
    }

    /// Globs are matched against every known setting; nobody writes more.
    private static let mostGlobs = 1000
    /// The most settings kept, over all files.
    private static let mostSettings = 100_000

    private var slots: [Step?] = []
    private var index: [String: Int] = [:]
    private var globs = 0
    private(set) var hasHidden = false

    /// The steps in order.
    var steps: [Step] { slots.compactMap { $0 } }

    /// Whether a key is assigned or excluded by name, which keeps every glob off it.
    func isExplicit(_ path: String) -> Bool { index[path] != nil }

    /// Adds a file's entries.
    mutating func add(_ file: SysctlFile, path: String) {
        for entry in file.entries {
            guard slots.count < Self.mostSettings else {
                hide("there are more than \(Self.mostSettings) settings", Evidence(path: path, line: entry.line))
                return
            }
            add(entry, evidence: Evidence(path: path, line: entry.line, text: Self.shortened(entry.text)))
        }
    }

    /// Adds one entry.
    mutating func add(_ entry: SysctlFile.Entry, evidence: Evidence) {
        var evidence = evidence
        evidence.text = evidence.text.map(CommandText.pipe)
        var setting = Setting(path: entry.path, value: entry.value, evidence: evidence)
        if let position = index[entry.path], case .setting(let earlier) = slots[position] {
            // After an unreadable file nobody knows what it replaced, so the place of the first does not hold.
            if earlier.value == entry.value, !hasHidden { return }
            if earlier.evidence != evidence {
                setting.replaced = Array(([earlier.evidence] + earlier.replaced).prefix(3))
            }
            slots[position] = nil
        }
        if setting.isGlob, index[entry.path] == nil {
            globs += 1
            guard globs <= Self.mostGlobs else {
                hide("there are more than \(Self.mostGlobs) globs", evidence)
                return
            }
        }
        index[entry.path] = slots.count
        slots.append(.setting(setting))
    }

    /// Marks the place of a file that cannot be read.
    mutating func hide(_ reason: String, _ evidence: Evidence) {
        hasHidden = true
        slots.append(.hidden(reason: reason, evidence))
    }

    /// Marks settings whose value cannot be told; they are assigned by name.
    mutating func addUntold(_ paths: [String], reason: String, _ evidence: Evidence) {
        for path in paths {
            if let position = index[path] { slots[position] = nil }
            index[path] = slots.count
            slots.append(.untold(paths: [path], reason: reason, evidence))
        }
    }

    /// A line as evidence shows it.
    private static func shortened(_ text: String) -> String {
        text.count > 200 ? text.prefix(200) + "..." : text
    }
}
