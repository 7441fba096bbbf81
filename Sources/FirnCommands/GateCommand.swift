import ArgumentParser
import FirnCatalogue
import FirnCatalogueFiles
import FirnGate
import FirnModel
import FirnParsing
import FirnReportCore
import FirnReports
import FirnSigning

/// `firn gate`: decides whether a release may go out.
struct GateCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Decide whether a release may go out.",
        discussion: """
            The gate reads reports that firn check wrote (--format json=FILE), plain or signed, joins them by the system \
            they name, judges every rule again on the facts they hold, and decides by a policy. What is missing, empty, \
            not known, too old or changed blocks.

            Examples:
              firn check config.json --format json=declared.json
              firn check result --format json=built.json
              firn gate declared.json built.json
              firn gate declared.json built.json --artifact nixos.iso --waivers waivers/ --verdict verdict.json
              firn gate --check verdict.json --artifact nixos.iso

            Exit codes: 0 pass, 1 blocked, 2 tool or input error (or a rule in error), 3 blocked by that alone which is \
            missing or not known, 64 usage.
            """)

    @Argument(help: ArgumentHelp("The reports of one system.", valueName: "report"), completion: .file())
    var reports: [String] = []

    @Option(help: ArgumentHelp("build, release, or a policy file (default: build).", valueName: "policy"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Judge by this profile, which must inherit from the policy's; an id or a file.", valueName: "profile"))
    var profile: String?

    @OptionGroup var catalogueOptions: CatalogueOptions

    @Option(
        help: ArgumentHelp("Accept failures by the waivers of a directory (*.toml) or a file.", valueName: "dir"),
        completion: .file())
    var waivers: String?

    @Option(
        help: ArgumentHelp(
            "Bind the verdict to this image file, or build result of a machine.", valueName: "file"),
        completion: .file())
    var artifact: String?

    @Option(
        help: ArgumentHelp(
            "What nixpkgs' closureInfo wrote about the build result, instead of measuring it.", valueName: "dir"),
        completion: .directory)
    var closureInfo: String?

    @Option(
        help: ArgumentHelp(
            "Block by new failures only: those that are not in this earlier report.", valueName: "report"),
        completion: .file())
    var baseline: String?

    @Option(help: ArgumentHelp("The nonce that live reports must answer.", valueName: "nonce"))
    var challenge: String?

    @Option(
        help: ArgumentHelp(
            "Decide as of this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.", valueName: "time"))
    var now: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The reports as one, with the verdict, in a report format; with =PATH into a file. May be repeated.",
            valueName: "format[=path]"))
    var format: [String] = []

    @Option(help: ArgumentHelp("Write the verdict alone, as JSON.", valueName: "path"), completion: .file())
    var verdict: String?

    @Option(
        name: .customLong("check"),
        help: ArgumentHelp("Ask whether a verdict that was kept still holds.", valueName: "verdict"),
        completion: .file())
    var kept: String?

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .auto

    @Flag(name: .long, help: "Show every reason, not only the first of each kind.")
    var details = false

    mutating func run(_ console: Console) throws -> Int32 {
        let time = try now.map(CheckCommand.time) ?? console.now()
        if let kept { return try check(kept, at: time, console) }
        guard !reports.isEmpty else {
            console.err(FirnCommand.helpMessage(for: GateCommand.self, columns: console.columns) + "\n")
            return FirnReportCore.ExitCode.usage
        }
        let outputs = try Outputs(format)
        if closureInfo != nil, artifact == nil {
            throw ValidationError("--closure-info says what an --artifact is; give both.")
        }
        let (catalogue, policy, profiles) = try judges()
        let keys = try GateReportFile.keys(policy)
        var given: [GateReport] = []
        for path in reports {
            let report = try GateReportFile.read(path, accepted: keys)
            if given.contains(where: { $0.digest == report.digest }) {
                throw CommandFailure("\(VisibleText.escape(path)): this report was given twice")
            }
            given.append(report)
        }
        let known = try baseline.map { try GateReportFile.read($0, accepted: keys) }
        let waiverSet = try waivers.map(WaiverOptions.load)
        let measured = try artifact.map { try GateArtifactFile(closureInfo: closureInfo, console: console).measure($0) }
        let decision: GateDecision
        do {
            decision = try Gate.judge(
                GateInput(
                    reports: given, policy: policy, profiles: profiles, catalogueDigest: catalogue.digest,
                    knowledge: catalogue.knowledge, knownRules: Set(catalogue.orderedRules.map(\.id)),
                    rules: catalogue.orderedRules,
                    waivers: waiverSet ?? .none, artifact: measured, baseline: known, challenge: challenge, now: time))
        } catch {
            throw CommandFailure(error.description)
        }
        let options = RenderOptions(
            colour: color.isOn(console), width: console.columns, verbosity: details ? .details : .findings,
            failOn: policy.failOn)
        if let verdict { try FileOutput.writeAtomically(VerdictJSON.encode(decision.verdict), to: verdict) }
        if !format.isEmpty {
            try outputs.write(
                decision.report, console: console,
                options: try CatalogueOptions.renderOptions(
                    options, for: decision.report, formats: outputs.formats, catalogue: catalogue))
        }
        // Somebody who sends the report into a file still wants to see the answer.
        if !outputs.hasStandardOutput || format.isEmpty {
            console.out(TextReporter.renderVerdict(decision.report, options: options))
        }
        return decision.verdict.exitCode
    }

    /// The catalogue, the policy, and the profiles a report may be of.
    private func judges() throws -> (Catalogue, GatePolicy, [ResolvedProfile]) {
        do {
            var (catalogue, chosen): (Catalogue, ResolvedProfile?) = (try catalogueOptions.load(), nil)
            if let profile { (catalogue, chosen) = try catalogueOptions.load(profile: profile) }
            let policy = try loadPolicy(catalogue)
            let heirs = catalogue.profiles(inheriting: policy.profile)
            if let chosen {
                guard chosen.id == policy.profile || heirs.contains(chosen.id) else {
                    throw CommandFailure(
                        "the policy \(VisibleText.escape(policy.id)) asks for the profile "
                            + "\(VisibleText.escape(policy.profile)), from which \(VisibleText.escape(chosen.id)) does not "
                            + "inherit")
                }
                return (catalogue, policy, [chosen])
            }
            var profiles = [try catalogue.resolve(profile: policy.profile)]
            for heir in heirs { profiles.append(try catalogue.resolve(profile: heir)) }
            return (catalogue, policy, profiles)
        } catch let error as CatalogueError {
            throw CommandFailure(WaiverOptions.text(error))
        }
    }

    private func loadPolicy(_ catalogue: Catalogue) throws -> GatePolicy {
        let named = policy ?? "build"
        if named.hasSuffix(".toml") || named.contains("/") { return try Catalogue.policy(file: named) }
        return try catalogue.policy(named)
    }

    private func check(_ path: String, at time: Int64, _ console: Console) throws -> Int32 {
        guard reports.isEmpty, waivers == nil, baseline == nil, challenge == nil, verdict == nil, format.isEmpty,
            profile == nil
        else {
            throw ValidationError(
                "--check asks about a verdict that was kept; it takes --artifact, --policy and --now.")
        }
        let bytes = try SavedReport.bytes(path, limit: VerdictJSON.sizeLimit)
        let verdict: Verdict
        do {
            verdict = try VerdictJSON.decode(bytes)
        } catch {
            throw CommandFailure("\(VisibleText.escape(path)): \(VisibleText.escape(error.description))")
        }
        var wanted: GatePolicy?
        if policy != nil {
            do {
                wanted = try loadPolicy(try catalogueOptions.load())
            } catch let error as CatalogueError {
                throw CommandFailure(WaiverOptions.text(error))
            }
        }
        let measured = try artifact.map { try GateArtifactFile(closureInfo: closureInfo, console: console).measure($0) }
        let reasons = KeptVerdict.problems(verdict, artifact: measured, policy: wanted, now: time)
        console.out(
            TextReporter.renderKeptVerdict(
                verdict, reasons: reasons,
                options: RenderOptions(
                    colour: color.isOn(console), width: console.columns, verbosity: details ? .details : .findings)))
        var shown = verdict
        shown.decision = reasons.isEmpty ? .pass : .blocked
        shown.reasons = reasons
        return shown.exitCode
    }
}
