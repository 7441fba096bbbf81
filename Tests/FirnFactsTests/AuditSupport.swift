import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnParsing
import FirnSources
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// What the tests of the families audit, logging and time share: the knowledge tables, and small systems of texts.
enum AuditSupport {
    static let knowledge: Swift.Result<Knowledge, any Error> = Swift.Result {
        var tables: [String: DataNode] = [:]
        for name in ["audit-names", "audit-paths", "audit-rulesets", "auditd", "logging", "pam-services", "time"] {
            let file = "profiles/knowledge/\(name).toml"
            let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
            tables[name] = try TOMLDocument.parse(text, file: file)
        }
        return Knowledge(tables: tables)
    }

    static func table() throws -> AuditKnowledge { try AuditKnowledge(try knowledge.get(), native: .x86_64) }

    static let store = "/nix/store/00000000000000000000000000000000-"
    static let context = SystemContext(release: "26.11", hasOwnKernel: true)

    /// Facts of a system of release 26.11 whose rules file has these lines behind the module's own.
    static func current(
        _ rules: [String], end: String = "-e 1", parameters: String = "audit=1 audit_backlog_limit=1024",
        files: [String: String] = [:], context: SystemContext = context
    ) throws -> FactBatch {
        let text = (["-D", "-b 1024", "-f 1", "-r 0"] + rules + ["", end, ""]).joined(separator: "\n")
        return try built(
            [
                "/etc/systemd/system/audit-rules-nixos.service": """
                [Unit]
                ConditionKernelCommandLine=!audit=0
                ConditionVirtualization=!container
                [Service]
                ExecStart=\(store)audit/bin/auditctl -R \(store)audit.rules/audit.rules
                """,
                "/etc/systemd/system/sysinit.target.wants/audit-rules-nixos.service": "-> ../audit-rules-nixos.service",
                "\(store)audit.rules/audit.rules": text,
                "/top/kernel-params": parameters,
            ].merging(files) { $1 }, context: context)
    }

    /// Facts of a system of release 25.05 whose script has these rules.
    static func former(
        _ rules: [String], end: String = "auditctl \\\n  -e 1 \\\n  -b 64 \\\n  -f 1 \\\n  -r 0",
        parameters: String = "audit=1", files: [String: String] = [:]
    ) throws -> FactBatch {
        let lines =
            ["#!/bin/bash -eu", "auditctl -D", "", "rulesfile=\"$(mktemp)\""]
            + rules.map { "echo '\($0)' >> $rulesfile" } + ["", "auditctl -R \"$rulesfile\"", "", end, ""]
        return try built(
            [
                "/etc/systemd/system/audit.service":
                    "[Unit]\nConditionSecurity=audit\n[Service]\nExecStart=@\(store)audit-start audit-start\n",
                "/etc/systemd/system/basic.target.wants/audit.service": "-> ../audit.service",
                "\(store)audit-start": lines.joined(separator: "\n"),
                "/top/kernel-params": parameters,
            ].merging(files) { $1 })
    }

    static func built(_ files: [String: String], context: SystemContext = context) throws -> FactBatch {
        let view = SystemView(tree: MemoryTree(files), toplevel: "/top", etcRoot: "/etc")
        return try AuditFacts.built(view, knowledge: try knowledge.get(), context: context)
    }

    static func logging(_ files: [String: String]) throws -> FactBatch {
        let view = SystemView(tree: MemoryTree(files), toplevel: "/top", etcRoot: "/etc")
        return try LoggingFacts.built(view, knowledge: try knowledge.get(), context: context)
    }

    static func time(_ files: [String: String]) throws -> FactBatch {
        let view = SystemView(tree: MemoryTree(files), toplevel: "/top", etcRoot: "/etc")
        return try TimeFacts.built(view, knowledge: try knowledge.get(), context: context)
    }

    static func options(_ json: String) throws -> OptionTree {
        OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
    }
}

extension FactBatch {
    /// The value of any fact as text: `?` when unavailable.
    func text(_ key: String) -> String {
        switch facts[FactKey(key)] {
        case .known(let value, _): value.description
        case .absent: "absent"
        case .unavailable: "?"
        case nil: "not supplied"
        }
    }

    func list(_ key: String) -> [String] {
        guard case .known(.list(let values), _)? = facts[FactKey(key)] else { return ["?"] }
        return values.map(\.description)
    }

    func places(_ key: String) -> String {
        facts[FactKey(key)]?.evidence.map { "\($0.path):\($0.line ?? 0) \($0.text ?? "")" }.joined(separator: "; ")
            ?? ""
    }

    func reason(_ key: String) -> String {
        if case .unavailable(let reason, _)? = facts[FactKey(key)] { reason } else { "" }
    }
}
