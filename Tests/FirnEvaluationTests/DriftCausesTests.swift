import FirnCatalogue
import FirnCatalogueFiles
import FirnEvaluation
import FirnModel
import Testing

/// The table of causes: each entry on a machine made by hand, and what is wrong with a table.
@Suite struct DriftCausesTests {
    /// A difference between two layers, and the sentences that must be offered, each by a part of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var fact: FactKey
        var from: (source: SourceKind, outcome: Outcome, fact: Fact) = (.built, .pass, .known(.string("good"), []))
        var to: (source: SourceKind, outcome: Outcome, fact: Fact) = (.live, .fail, .known(.string("bad"), []))
        var facts: [FactKey: Fact] = [:]
        var booted: String?
        var causes: [String]
        var testDescription: String { name }
    }

    static let current = "/nix/store/current"
    static func list(_ texts: String...) -> Fact { .known(.strings(texts), []) }

    static let cases: [Case] = [
        Case(
            name: "declared, not built", fact: "sysctl.kernel.kptr_restrict",
            from: (.declared, .pass, .known(.integer(2), [])), to: (.built, .fail, .known(.integer(0), [])),
            causes: ["What was built is not only what the options say"]),
        Case(
            name: "sysctl before its module", fact: "sysctl.net.bridge.bridge-nf-call-iptables",
            causes: [
                "The sysctl was set before its module was loaded: systemd-sysctl found no "
                    + "net.bridge.bridge-nf-call-iptables at boot", "Another program or an administrator",
            ]),
        Case(
            name: "sysctl written by somebody", fact: "sysctl.kernel.kptr_restrict",
            causes: ["Another program or an administrator wrote the sysctl"]),
        Case(
            name: "sysctl without its module", fact: "sysctl.kernel.yama.ptrace_scope",
            to: (.live, .fail, .absent([])),
            causes: ["The running kernel has no kernel.yama.ptrace_scope: the module or feature"]),
        Case(
            name: "sysctl of no feature", fact: "sysctl.kernel.warn_limit", to: (.live, .fail, .absent([])),
            causes: ["The running kernel has no kernel.warn_limit: it was built without"]),
        Case(
            name: "systemd-sysctl failed", fact: "sysctl.kernel.kptr_restrict",
            facts: ["units.failed": list("cron.service", "systemd-sysctl.service")],
            causes: ["systemd-sysctl.service failed", "Another program or an administrator"]),
        Case(
            name: "forwarding by Docker", fact: "sysctl.net.ipv4.conf.all.forwarding",
            facts: ["firewall.foreign-tables": list("ip nat (DOCKER)", "ip mine")],
            causes: [
                "A container or virtual machine manager sets network sysctls when it starts, and its firewall tables "
                    + "are there: ip nat (DOCKER).", "A network manager",
            ]),
        Case(
            name: "interface sysctl", fact: "sysctl.net.ipv6.conf.all.accept_ra", causes: ["A network manager"]),
        Case(
            name: "right on the host only", fact: "sysctl.kernel.kptr_restrict",
            from: (.built, .fail, .known(.integer(0), [])), to: (.live, .pass, .known(.integer(2), [])),
            causes: ["It was set on the running host only"]),
        Case(
            name: "booted an older generation", fact: "kconfig.CONFIG_DEVMEM", booted: "/nix/store/older",
            causes: ["The host was booted from another generation"]),
        Case(
            name: "command line edited", fact: "cmdline.init_on_alloc", booted: current,
            causes: ["Another command line was given at boot"]),
        Case(
            name: "command line, boot not known", fact: "cmdline.init_on_alloc",
            causes: ["The kernel was booted with another command line"]),
        Case(name: "another kernel", fact: "kconfig.CONFIG_DEVMEM", causes: ["Another kernel runs"]),
        Case(
            name: "module by hand", fact: "modules.loadable.usb-storage", causes: ["A module was loaded by hand"]),
        Case(
            name: "modules not locked", fact: "modules.locked",
            facts: ["units.failed": list("disable-kernel-module-loading.service")],
            causes: ["disable-kernel-module-loading.service, which locks the loading of modules"]),
        Case(name: "auditd stopped", fact: "audit.auditd.enabled", causes: ["auditd was stopped"]),
        Case(
            name: "rules of Docker", fact: "firewall.open.tcp.count",
            facts: ["firewall.foreign-tables": list("ip filter DOCKER-USER")],
            causes: ["Docker added rules of its own: ip filter DOCKER-USER."]),
        Case(
            name: "rules of libvirt", fact: "firewall.open.tcp.count",
            facts: ["firewall.foreign-tables": list("ip libvirt_network")],
            causes: ["Another program added rules of its own: ip libvirt_network."]),
        Case(name: "rules flushed", fact: "firewall.input.default", causes: ["The rules were flushed"]),
        Case(
            name: "firewall stopped", fact: "firewall.enabled",
            facts: ["units.failed": list("nftables.service")],
            causes: ["nftables.service failed or was stopped", "The rules were flushed"]),
        Case(
            name: "rules by hand", fact: "firewall.open.tcp.count",
            causes: ["Rules were added or removed by hand"]),
        Case(name: "audit rules gone", fact: "audit.rules", causes: ["The rules were deleted or changed"]),
        Case(
            name: "audit rules not loaded", fact: "audit.rules",
            facts: ["units.failed": list("audit-rules-nixos.service")],
            causes: ["audit-rules-nixos.service failed or was stopped"]),
        Case(
            name: "unit changed while it ran", fact: "units.umask",
            to: (
                .live, .fail,
                .known(.string("x"), [Evidence(path: "/run/systemd/system.control/sshd.service.d/50-UMask.conf")])
            ), causes: ["A unit was changed while it ran"]),
        Case(
            name: "unit failed", fact: "logging.remote", facts: ["units.failed": list("syslog.service")],
            causes: ["A unit failed or was stopped: syslog.service.", "A file below /etc was replaced"]),
        Case(name: "unit by hand", fact: "units.umask", causes: ["A unit was stopped, masked or changed by hand"]),
        Case(name: "account added", fact: "accounts.uid-0", causes: ["Accounts were changed on the host"]),
        Case(name: "sshd_config", fact: "ssh.PermitRootLogin", causes: ["sshd_config or a file it includes"]),
        Case(name: "file below /etc", fact: "sudo.nopasswd", causes: ["A file below /etc was replaced"]),
        Case(name: "setuid file", fact: "wrappers.setuid", causes: ["Wrappers were changed"]),
        Case(name: "remounted", fact: "mounts.options./tmp", causes: ["A file system was mounted or remounted"]),
        Case(name: "boot entry", fact: "boot.editor", causes: ["The boot loader's entries"]),
        Case(name: "nothing is known", fact: "role.router", causes: []),
        // What is not known fulfils nothing.
        Case(
            name: "failed units not known", fact: "sysctl.kernel.kptr_restrict",
            facts: ["units.failed": .unavailable(reason: "no bus", [])],
            causes: ["Another program or an administrator"]),
        Case(
            name: "no unit failed", fact: "logging.remote", facts: ["units.failed": list()],
            causes: ["A file below /etc was replaced"]),
    ]

    static func causes(_ one: Case, _ knowledge: Knowledge) throws -> [String] {
        var rule = ExpectLanguageTests.rule(.test(.present))
        rule.fact = one.fact
        let sides = [one.from, one.to]
        let identity = Identity(toplevel: current, bootedToplevel: one.booted)
        let snapshots = sides.enumerated().map { index, side in
            Snapshot(
                source: side.source, identity: identity, collectedAt: 0,
                batch: FactBatch(facts: (index == 1 ? one.facts : [:]).merging([one.fact: side.fact]) { $1 }))
        }
        let profile = ResolvedProfile(
            id: "p", title: "", level: nil,
            rules: [SelectedRule(rule: rule, expect: rule.expect, severity: .low, fixes: [])], dropped: [], digest: "")
        let found = try DriftFinder(profile: profile, knowledge: knowledge).find(
            targets: sides.map {
                ReportTarget(kind: "", name: "", size: nil, source: $0.source, identity: identity)
            }, snapshots: snapshots,
            results: sides.enumerated().map { index, side in
                Result(
                    rule: rule.id, title: "", target: index, source: side.source, outcome: side.outcome,
                    severity: .low, observed: side.fact.value?.description, expected: "", evidence: [])
            })
        return try #require(found.drift.first).causes
    }

    @Test(arguments: cases) func aCauseIsOffered(one: Case) throws {
        let causes = try Self.causes(one, try Catalogue.embedded().knowledge)
        #expect(causes.count == one.causes.count, "\(causes)")
        for (cause, start) in zip(causes, one.causes) { #expect(cause.hasPrefix(start), "\(causes)") }
    }

    /// An entry no case reaches may say anything.
    @Test func everyEntryIsReached() throws {
        let knowledge = try Catalogue.embedded().knowledge
        let texts = try #require(knowledge.tables["drift-causes"]?["cause"]?.elements).compactMap { $0["text"]?.string }
        var offered: [String] = []
        for one in Self.cases { offered += try Self.causes(one, knowledge) }
        let unreached = texts.filter { text in
            // The parts around what is filled in.
            let parts = text.split(separator: "{").map { $0.drop { $0 != "}" }.dropFirst() }
            let fixed = [text.prefix { $0 != "{" }] + parts.dropFirst(text.hasPrefix("{") ? 0 : 1)
            return !offered.contains { cause in fixed.allSatisfy { $0.isEmpty || cause.contains($0) } }
        }
        #expect(unreached.isEmpty)
    }

    // MARK: Broken tables

    @Test(arguments: [
        ("colour = 1", "unknown key \"colour\""),
        ("ordered = 1", "ordered must be an array of texts"),
        ("cause = 1", "cause must be an array of tables"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\ntext = \"x\"\ncolour = 1", "unknown key \"colour\""),
        ("[[cause]]\nlayer = \"live\"\ntext = \"x\"", "facts must name a prefix"),
        ("[[cause]]\nfacts = [\"a.\"]\ntext = \"x\"", "layer is one of declared, built, live"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"dead\"\ntext = \"x\"", "layer is one of declared, built, live"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"built\"\nfrom = [\"live\"]\ntext = \"x\"", "from names live"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\neffect = [\"bent\"]\ntext = \"x\"", "effect is of broke"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\nabsent = 1\ntext = \"x\"", "absent must be true or false"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"", "text is missing"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\ntext = \"{value}\"", "unknown word {value}"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\nwhen = 1\ntext = \"x\"", "when must be an array of tables"),
        ("[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\nwhen = [{ set = true }]\ntext = \"x\"", "fact is missing"),
        (
            "[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\nwhen = [{ fact = \"b\" }]\ntext = \"x\"",
            "contains, equals or set is missing"
        ),
        (
            "[[cause]]\nfacts = [\"a.\"]\nlayer = \"live\"\nwhen = [{ fact = \"b\", at = \"now\", set = true }]\ntext = \"x\"",
            "at is one of before, after"
        ),
    ])
    func aBrokenTableIsRefused(text: String, message: String) throws {
        let root = try TOMLDocument.parse(text, file: "drift-causes.toml")
        let error = #expect(throws: DataError.self) {
            _ = try DriftFinder(
                profile: ResolvedProfile(id: "p", title: "", level: nil, rules: [], dropped: [], digest: ""),
                knowledge: Knowledge(tables: ["drift-causes": root]))
        }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(error?.file == "profiles/knowledge/drift-causes.toml")
    }
}
