import ArgumentParser
import FirnCatalogue
import FirnEvaluation
import FirnModel
import FirnParsing
import FirnReportCore
import FirnReports

/// `firn fix`: a NixOS module from the findings of reports.
struct FixCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "fix",
        abstract: "Write a NixOS module that repairs findings.",
        discussion: """
            The module defines one option for each finding of the reports that an option can repair, and lists the \
            rest at its end. It wins over what the configuration says, lib.mkForce included, and is rolled back line by \
            line. What the configuration declares right, and another file undoes, is not defined again: a repair never \
            lowers a value. Nothing is changed on this machine.

            With --verify, the configuration is evaluated without and with the module, both are checked, and what \
            became of each finding is printed. This is the one thing in Firn that runs a program on your \
            configuration: nix-instantiate from PATH, which reads what the configuration imports.

            Examples:
              firn check config.json --format json=report.json
              firn fix report.json > hardening-fix.nix
              firn fix report.json --verify ./configuration.nix --nixpkgs /path/to/nixpkgs

            Exit codes: 0 the module is written, or every repair holds (rules that a repair made applicable may ask for \
            more, and are counted); 1 --verify found a repair that does not hold, a rule that fails only with the \
            module, a passing value that it changes, or an assertion of NixOS that fails only with it; 2 tool or input error; 64 usage.
            """)

    @Argument(help: ArgumentHelp("Reports of firn check --format json.", valueName: "report"), completion: .file())
    var reports: [String]

    @Option(help: ArgumentHelp("The lowest severity that is repaired.", valueName: "severity"))
    var severity: Severity = .low

    @Flag(name: .long, help: "Repair accepted (waived) findings too.")
    var includeWaived = false

    @Option(help: ArgumentHelp("The system, where the reports hold several.", valueName: "name"))
    var host: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the module to a file; needed with --verify to keep it.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp("Evaluate this configuration without and with the module.", valueName: "config"),
        completion: .file())
    var verify: String?

    @Option(
        help: ArgumentHelp(
            "The nixpkgs to evaluate with, instead of $NIXPKGS or <nixpkgs> of NIX_PATH.", valueName: "dir"),
        completion: .directory)
    var nixpkgs: String?

    @Option(help: ArgumentHelp("The platform to evaluate for.", valueName: "system"))
    var system: String?

    @Option(help: ArgumentHelp("Give up an evaluation after this many seconds.", valueName: "seconds"))
    var timeout = 300

    @Option(
        help: ArgumentHelp("The profile to verify with, instead of that of the reports.", valueName: "profile"))
    var profile: String?

    @OptionGroup var catalogueOptions: CatalogueOptions

    mutating func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout must be a positive number of seconds.") }
        guard verify != nil || (nixpkgs == nil && profile == nil && system == nil) else {
            throw ValidationError("--nixpkgs, --system and --profile are for --verify.")
        }
    }

    mutating func run(_ console: Console) throws -> Int32 {
        let joined: Report
        do {
            joined = try ReportJoin.join(try reports.map { try SavedReport.read($0).report })
        } catch let mismatch as ReportJoin.Mismatch {
            throw CommandFailure(mismatch.description)
        }
        let chosen = try chooseSystem(joined)
        let results = joined.results.filter { chosen.targets.contains($0.target) }
        let catalogue = try catalogueOptions.load()
        let plan = FixModulePlan(
            results: results, stricter: try stricter(joined, chosen.targets, catalogue), includeWaived: includeWaived,
            severity: severity)
        var effects: [String: String] = [:]
        // The words of another catalogue may speak of another fix.
        if catalogue.digest == joined.catalogueDigest {
            for rule in catalogue.orderedRules { effects[rule.id] = rule.sideEffects }
        }
        let release = chosen.targets.compactMap { joined.targets[$0].identity.release }.first
        let text = NixModuleRenderer.render(
            plan,
            head: .init(
                tool: joined.tool, profile: joined.profile, catalogueDigest: joined.catalogueDigest,
                system: chosen.name, release: release, collectedAt: Timestamp.text(joined.collectedAt)),
            sideEffects: effects)
        if let output { try FileOutput.writeAtomically(text, to: output) }
        guard let verify else {
            if output == nil { console.out(text) }
            console.err(
                "firn: \(plan.claimed.count) findings repaired by \(plan.definitions.count) options,"
                    + " \(plan.leftovers.count) left to do by hand (listed at the end)\n")
            return 0
        }
        let (_, resolved) = try catalogueOptions.load(profile: profile ?? joined.profile)
        let verification = FixVerification(
            catalogue: catalogue, profile: resolved, nixpkgs: nixpkgs, system: system, timeout: timeout)
        let outcome = try verification.run(configuration: verify, module: text, plan: plan, now: console.now())
        console.out(outcome.render(width: console.columns))
        return outcome.isWhole ? 0 : 1
    }

    /// The rules whose declared value is stricter than their repair. A report of another catalogue is read without:
    /// what passes in it is still not touched.
    private func stricter(_ report: Report, _ targets: [Int], _ catalogue: Catalogue) throws -> Set<String> {
        guard catalogue.digest == report.catalogueDigest,
            catalogue.orderedProfiles.contains(where: { $0.id == report.profile })
        else { return [] }
        do {
            let resolved = try catalogue.resolve(profile: report.profile)
            let evaluator = try Evaluator(
                knowledge: catalogue.knowledge, now: report.collectedAt, rules: catalogue.orderedRules)
            return FixStrictness.rules(report, targets: targets, profile: resolved, evaluator: evaluator)
        } catch let error as DataError {
            throw CommandFailure(error.description)
        } catch let error as CatalogueError {
            throw CommandFailure(error.description)
        }
    }

    private func chooseSystem(_ report: Report) throws -> ReportSystem {
        let systems = ReportSystem.of(report)
        let names = systems.map { VisibleText.escape($0.name) }.joined(separator: ", ")
        if let host {
            guard let found = systems.first(where: { $0.name == host }) else {
                throw CommandFailure("the reports hold no system '\(VisibleText.escape(host))'; there are: \(names)")
            }
            return found
        }
        guard let only = systems.first else { throw CommandFailure("the reports hold no system") }
        guard systems.count == 1 else {
            throw CommandFailure(
                "a module is for one system, the reports hold several; choose one with --host: \(names)")
        }
        return only
    }
}
