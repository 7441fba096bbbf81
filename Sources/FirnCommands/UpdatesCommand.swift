import ArgumentParser
import FirnCatalogue
import FirnCatalogueFiles
import FirnEvaluation
import FirnFacts
import FirnModel
import FirnReportCore
import FirnSources
import FirnUpdates

/// `firn updates`: whether a system gets updates, and has taken them.
struct UpdatesCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "updates",
        abstract: "Say whether a system's NixOS release gets updates and its revision is the newest of its channel.",
        discussion: """
            The release is looked up in the table of ends of life. The revision of nixpkgs the system was built from is \
            compared with what the channel of its release serves (git-revision at channels.nixos.org, by curl). What \
            could not be asked, or answered with something else than a revision, is unknown, never up to date. Nothing \
            is changed, and nothing of the system is run.

            Examples:
              firn updates
              firn updates result --offline
              firn updates --format text --format openmetrics=/var/lib/node-exporter/firn_updates.prom --journal

            Exit codes: 0 supported and up to date, 1 behind or past its end of life, 2 tool or input error, 3 it could \
            not be told or was not asked (--offline), 64 usage.
            """)

    /// The system that runs (nixos/modules/system/activation).
    static let currentSystem = "/run/current-system"

    @Argument(
        help: ArgumentHelp(
            "A toplevel, a root directory or option JSON; the running system by default.", valueName: "target"),
        completion: .file())
    var target: String = UpdatesCommand.currentSystem

    @Flag(name: .long, help: "Ask nothing of the network: judge by the table and the version alone.")
    var offline = false

    @Option(
        name: .customLong("channel-url"),
        help: ArgumentHelp(
            "Compare with the channel at this https address alone (https://channels.nixos.org/nixos-unstable).",
            valueName: "url"))
    var channelURL: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "text, json or openmetrics; to a file with =PATH. May be given more than once.", valueName: "format"))
    var format: [String] = []

    @Flag(name: .long, help: "Give the journal of this machine an entry with the answer in fields of its own.")
    var journal = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Judge ends of life and ages at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.",
            valueName: "time"))
    var now: String?

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when")) var color: ColorChoice = .auto

    @Option(
        name: .customLong("profiles"),
        help: ArgumentHelp("Use this profiles directory instead of the built-in one.", valueName: "dir"),
        completion: .directory)
    var profilesDirectory: String?

    mutating func run(_ console: Console) throws -> Int32 {
        try run(console, machine: .process)
    }

    /// Runs a command line on another machine, for tests.
    static func run(_ arguments: [String], console: Console, machine: UpdatesMachine) throws -> Int32 {
        try parse(arguments).run(console, machine: machine)
    }

    /// Judges, writes and returns the exit code.
    func run(_ console: Console, machine: UpdatesMachine) throws -> Int32 {
        let outputs = try UpdatesOutputs(format)
        let chosenTime = try now.map(CheckCommand.time)
        let address = try channelURL.map(Self.channelAddress)
        let catalogue = try loadCatalogue()
        let time = chosenTime ?? max(console.now(), Evaluator.earliestTime(catalogue.knowledge))
        let judgement = try judge(catalogue, now: time, address: address, machine: machine)
        let tool = "firn \(FirnCommand.version)"
        try outputs.write(console) { format, isFile in
            switch format {
            case .text:
                UpdatesText.render(
                    judgement, colour: !isFile && color.isOn(console), isASCII: console.isASCII,
                    width: isFile ? 100 : console.columns)
            case .json: UpdateJSON.render(judgement, tool: tool)
            case .openmetrics: UpdateMetrics.render(judgement, tool: tool)
            }
        }
        if journal, let reason = machine.log(UpdateJournal.datagram(judgement)) {
            console.err("firn: the journal did not take the entry: \(reason)\n")
        }
        return judgement.exitCode
    }

    private func loadCatalogue() throws(CommandFailure) -> Catalogue {
        do {
            return if let profilesDirectory {
                try Catalogue.load(directory: profilesDirectory)
            } else {
                try Catalogue.embedded()
            }
        } catch {
            throw CommandFailure(error.description)
        }
    }

    /// The address of a channel's revision, of the address of the channel.
    private static func channelAddress(_ text: String) throws -> (name: String, address: HTTPSAddress) {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        let whole = trimmed.hasSuffix("/git-revision") ? trimmed : trimmed + "/git-revision"
        guard let address = HTTPSAddress(whole), !trimmed.hasSuffix("/"), address.path != "/git-revision" else {
            throw ValidationError(
                "'\(text)' is no address of a channel; write https://channels.nixos.org/nixos-26.05.")
        }
        return (String(trimmed.dropLast(trimmed.hasSuffix("/git-revision") ? 13 : 0)), address)
    }

    private func judge(
        _ catalogue: Catalogue, now: Int64, address: (name: String, address: HTTPSAddress)?, machine: UpdatesMachine
    ) throws(CommandFailure) -> UpdateJudgement {
        let (build, name) = try build(catalogue)
        let facts: FactBatch
        let evaluator: Evaluator
        do throws(DataError) {
            facts = try AgeFacts.nixos(build, knowledge: catalogue.knowledge)
            evaluator = try Evaluator(
                knowledge: catalogue.knowledge, now: now, rules: catalogue.orderedRules)
        } catch {
            throw CommandFailure(error.description)
        }
        func part(_ id: String) -> UpdateJudgement.Part? {
            guard let rule = catalogue.rule(id) else { return nil }
            let snapshot = Snapshot(source: .built, identity: Identity(), collectedAt: now, batch: facts)
            let result = evaluator.evaluate(
                SelectedRule(rule: rule, expect: rule.expect, severity: rule.severity, fixes: []), on: snapshot,
                target: 0)
            let told = result.outcome == .pass || result.outcome == .fail
            let text = (told ? facts.facts[rule.fact]?.evidence.last?.text : result.message) ?? "no reason is known"
            return UpdateJudgement.Part(result.outcome, text)
        }
        var date: CalendarDate?
        if case .known(.string(let text), _) = facts.facts["age.nixpkgs.date"] { date = CalendarDate(text) }
        var endOfLife: String?
        if case .known(.string(let text), _) = facts.facts["age.nixos.end-of-life"] { endOfLife = text }
        let subject = UpdateSubject(
            target: name, release: build.release, version: build.version, named: build.revision,
            problem: build.problem, date: date, evidence: build.evidence)
        var age = part("age.nixpkgs")
        if let date { age?.text = "the revision is of \(date), too old for a release that gets updates (age.nixpkgs)" }
        return UpdateJudgement(
            subject: subject,
            support: part("age.nixos") ?? UpdateJudgement.Part(.unknown, "the rules do not hold age.nixos"),
            endOfLife: endOfLife, age: age,
            replies: offline ? nil : try ask(subject, address: address, machine: machine), now: now)
    }

    private func ask(
        _ subject: UpdateSubject, address: (name: String, address: HTTPSAddress)?, machine: UpdatesMachine
    ) throws(CommandFailure) -> [ChannelReply] {
        // Whatever a channel serves, a system without a revision cannot be compared with it.
        guard let own = subject.revision, let release = subject.release, let form = subject.parsed?.form else {
            return []
        }
        let channels =
            address.map { [$0] }
            ?? UpdateChannels.names(release: release, form: form).compactMap { name in
                HTTPSAddress(UpdateChannels.address(ofChannel: name)).map { (name, $0) }
            }
        return try ChannelWalk(machine: machine, release: release).ask(channels, until: own)
    }

    private func build(_ catalogue: Catalogue) throws(CommandFailure) -> (NixOSBuild, name: String) {
        let opened: [OpenedTarget]
        do throws(CommandFailure) {
            opened = try TargetOpener(knowledge: catalogue.knowledge).open(target, forced: nil)
        } catch {
            guard target == Self.currentSystem else { throw error }
            throw CommandFailure("\(error.message): this machine runs no NixOS; name a target")
        }
        // The first is the system that boots; its specialisations are of the same nixpkgs.
        switch opened.first?.source {
        case let system as SystemClosure: return (system.build, target)
        case let configuration as EvaluatedConfiguration: return (configuration.build, target)
        default: throw CommandFailure("\(target): there is no system in it")
        }
    }
}
