import FirnModel

/// Facts about the journal (journald.conf(5)).
///
/// | fact | value |
/// |---|---|
/// | `logging.journald.Storage` | `persistent`, `auto` (persistent where /var/log/journal is), `volatile`, `none` |
/// | `logging.journald.Seal` | whether sealing is on where the keys for it are |
/// | `logging.journald.Compress` | whether large entries are compressed |
/// | `logging.journald.rate-limited` | whether one service cannot flood the journal: neither interval nor burst is 0 |
/// | `logging.journald.SystemMaxUse` | bytes the journal may take; absent without a setting (a tenth of the disk, 4 GiB) |
/// | `logging.journald.ForwardToSyslog`, `logging.journald.ForwardToConsole` | whether it forwards |
/// | `logging.journald.MaxLevelStore` | the least severe level that is stored, as a name of syslog(3) |
/// | `logging.journald.SplitMode` | `uid` or `none` |
enum JournaldFacts {
    static let levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    static let names = [
        "Storage", "Seal", "Compress", "rate-limited", "SystemMaxUse", "ForwardToSyslog", "ForwardToConsole",
        "MaxLevelStore", "SplitMode",
    ]

    static func facts(_ read: () throws(ConfSettings.Obstacle) -> ConfSettings) -> [(String, Fact)] {
        let settings: ConfSettings
        do throws(ConfSettings.Obstacle) {
            settings = try read()
        } catch {
            return names.map { ($0, .unavailable(reason: error.reason, [error.evidence])) }
        }
        func word(_ key: String, _ words: [String], _ fallback: String) -> Fact {
            let found = settings.last([key]) { words.contains($0) ? $0 : nil }
            return .known(.string(found?.value ?? fallback), [found?.evidence ?? settings.place])
        }
        func truth(_ key: String, _ fallback: Bool) -> Fact {
            let found = settings.last([key], ConfSettings.boolean)
            return .known(.boolean(found?.value ?? fallback), [found?.evidence ?? settings.place])
        }
        let interval = settings.last(["RateLimitIntervalSec", "RateLimitInterval"], ConfSettings.isPositiveSpan)
        let burst = settings.last(["RateLimitBurst"]) { UInt32($0) }
        let limits = [interval?.evidence, burst?.evidence].compactMap { $0 }
        let size = settings.last(["SystemMaxUse"], ConfSettings.bytes)
        let level = settings.last(["MaxLevelStore"]) { text in
            levels.contains(text) ? text : Int(text).flatMap { levels.indices.contains($0) ? levels[$0] : nil }
        }
        return [
            ("Storage", word("Storage", ["persistent", "auto", "volatile", "none"], "auto")),
            ("Seal", truth("Seal", true)),
            (
                "Compress",
                {
                    // It is a truth value or the size from which entries are compressed.
                    let found = settings.last(["Compress"]) { text in
                        ConfSettings.boolean(text) ?? ConfSettings.bytes(text).map { _ in true }
                    }
                    return .known(.boolean(found?.value ?? true), [found?.evidence ?? settings.place])
                }()
            ),
            (
                "rate-limited",
                .known(
                    .boolean((interval?.value ?? true) && (burst?.value ?? 10_000) > 0),
                    limits.isEmpty ? [settings.place] : limits)
            ),
            (
                "SystemMaxUse",
                size.map { .known(.integer($0.value), [$0.evidence]) } ?? .absent([settings.place])
            ),
            ("ForwardToSyslog", truth("ForwardToSyslog", false)),
            ("ForwardToConsole", truth("ForwardToConsole", false)),
            (
                "MaxLevelStore",
                .known(.string(level?.value ?? "debug"), [level?.evidence ?? settings.place])
            ),
            ("SplitMode", word("SplitMode", ["uid", "none"], "uid")),
        ]
    }
}
