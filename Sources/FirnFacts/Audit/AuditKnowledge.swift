import FirnModel
import FirnParsing

/// What the audit family knows: `audit-names.toml`, `audit-paths.toml`, `audit-rulesets.toml` and `auditd.toml`.
struct AuditKnowledge {
    /// A set of rules and what it is for.
    struct RuleSet: Sendable, Hashable {
        /// The name in facts (`stig-delete`).
        var id: String
        /// Rules whose events must be audited.
        var wanted: [String]
        /// Rules that must stand there as they are.
        var present: [String]
        /// Programs by name: each must be recorded when it runs.
        var programs: [String]
        /// Whether each setuid program of the system is wanted.
        var wantsWrappers: Bool
        /// The service without which there is nothing to audit.
        var service: String?
    }

    /// A setting of auditd.conf.
    struct Setting: Sendable, Hashable {
        var key: String
        /// What auditd does without it (src/auditd-config.c, clear_config).
        var fallback: String
        /// The words it may be; empty for numbers and names.
        var words: [String]
    }

    let names: AuditNames
    /// The system calls that a letter of `perm=` means.
    let permissions: [(bit: UInt32, calls: Set<String>)]
    /// System calls that name no file.
    let withoutFiles: Set<String>
    let sets: [RuleSet]
    let settings: [Setting]
    /// All keywords of auditd.conf.
    let keywords: Set<String>
    /// Directories that are there when the rules are loaded.
    let directories: Set<String>
    /// Directories that NixOS does not have.
    let absent: [String]
    /// Directories whose whole content is known.
    let closed: [String: Set<String>]
    /// Names of programs that NixOS has with privileges in `/run/wrappers/bin` alone.
    let privileged: Set<String>
    /// Directories of links to programs in the store.
    let linkFarms: [String]
    /// Files in `/etc` that are made at run time.
    let runtimeEtc: Set<String>

    /// Reads the tables. A system without rules has no use for the thousand names in rules: they are left out where
    /// `readsNames` is false.
    /// The PAM services in which somebody logs in or becomes somebody else.
    let pamServices: [String]

    init(_ knowledge: Knowledge, native: AuditMachine, readsNames: Bool = true) throws(DataError) {
        let table = try Self.table(knowledge, "audit-names")
        // What has no file of its own is asked as "other" (pam.conf(5)).
        pamServices =
            (try Self.table(knowledge, "pam-services")["service"]?.elements ?? []).compactMap { $0["name"]?.string }
            + ["other"]
        var syscalls: [AuditMachine: [String: Int]] = [:]
        for machine in readsNames ? [native, native.narrow] : [] {
            syscalls[machine] = try Self.numbers(table["syscalls"]?[machine.rawValue], "audit-names")
        }
        names = AuditNames(
            syscalls: syscalls,
            errors: readsNames ? try Self.numbers(table["names"]?["errno"], "audit-names") : [:],
            messageTypes: readsNames ? try Self.numbers(table["names"]?["msgtype"], "audit-names") : [:],
            ringOperations: readsNames ? try Self.numbers(table["names"]?["uring"], "audit-names") : [:],
            native: native)

        permissions = AuditRule.permissionLetters.map { letter in
            (letter.bit, Set(table["permissions"]?[String(letter.letter)]?.strings ?? []))
        }
        withoutFiles = Set(table["permissions"]?["without-files"]?.strings ?? [])

        let paths = try Self.table(knowledge, "audit-paths")
        directories = Set(paths["directories"]?.strings ?? [])
        absent = paths["absent"]?.strings ?? []
        privileged = Set(paths["privileged"]?.strings ?? [])
        linkFarms = paths["link-farms"]?.strings ?? []
        runtimeEtc = Set(paths["runtime-etc"]?.strings ?? [])
        var closed: [String: Set<String>] = [:]
        for entry in paths["closed"]?.entries ?? [] { closed[entry.key] = Set(entry.node.strings ?? []) }
        self.closed = closed

        var sets: [RuleSet] = []
        for node in try Self.table(knowledge, "audit-rulesets")["set"]?.elements ?? [] {
            guard let id = node["id"]?.string else {
                throw DataError(file: Self.file("audit-rulesets"), line: node.line, message: "a set needs an id")
            }
            sets.append(
                RuleSet(
                    id: id, wanted: node["wanted"]?.strings ?? [], present: node["present"]?.strings ?? [],
                    programs: node["programs"]?.strings ?? [], wantsWrappers: node["wrappers"]?.boolean ?? false,
                    service: node["service"]?.string))
        }
        self.sets = sets

        let auditd = try Self.table(knowledge, "auditd")
        keywords = Set(auditd["keywords"]?.strings ?? [])
        var settings: [Setting] = []
        for node in auditd["setting"]?.elements ?? [] {
            guard let key = node["key"]?.string, let fallback = node["default"]?.string else {
                throw DataError(file: Self.file("auditd"), line: node.line, message: "a setting needs key and default")
            }
            settings.append(Setting(key: key, fallback: fallback, words: node["words"]?.strings ?? []))
        }
        self.settings = settings
        guard !sets.isEmpty, !settings.isEmpty, !directories.isEmpty else {
            throw DataError(file: Self.file("audit-rulesets"), line: 0, message: "sets, settings or paths are missing")
        }
    }

    private static func file(_ name: String) -> String { "profiles/knowledge/\(name).toml" }

    private static func table(_ knowledge: Knowledge, _ name: String) throws(DataError) -> DataNode {
        guard let table = knowledge.tables[name] else {
            throw DataError(file: file(name), line: 0, message: "the table is missing")
        }
        return table
    }

    /// Reads lines of `NAME=NUMBER`.
    private static func numbers(_ node: DataNode?, _ table: String) throws(DataError) -> [String: Int] {
        guard let lines = node?.strings else {
            throw DataError(file: file(table), line: node?.line ?? 0, message: "names are lists of NAME=NUMBER")
        }
        var result: [String: Int] = [:]
        // A thousand words are read on every run: byte by byte.
        for line in lines {
            var name: [UInt8] = []
            var number: Int?
            for byte in line.utf8 {
                switch (byte, number) {
                case (UInt8(ascii: " "), let value?):
                    result[String(decoding: name, as: UTF8.self)] = value
                    name.removeAll(keepingCapacity: true)
                    number = nil
                case (UInt8(ascii: "="), nil): number = 0
                case (0x30...0x39, let value?) where value < 1 << 24: number = value * 10 + Int(byte - 0x30)
                case (_, nil): name.append(byte)
                default:
                    throw DataError(file: Self.file(table), line: node?.line ?? 0, message: "not NAME=NUMBER")
                }
            }
            guard let value = number else {
                throw DataError(file: Self.file(table), line: node?.line ?? 0, message: "not NAME=NUMBER")
            }
            result[String(decoding: name, as: UTF8.self)] = value
        }
        return result
    }
}
