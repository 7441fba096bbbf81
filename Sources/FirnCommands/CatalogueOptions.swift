import ArgumentParser
import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnReports

/// Which catalogue a command uses.
struct CatalogueOptions: ParsableArguments {
    @Option(
        name: .customLong("rules"),
        help: ArgumentHelp("Add the rules of a directory (*.toml).", valueName: "dir"), completion: .directory)
    var ruleDirectories: [String] = []

    @Option(
        name: .customLong("profiles"),
        help: ArgumentHelp("Use this profiles directory instead of the built-in one.", valueName: "dir"),
        completion: .directory)
    var profilesDirectory: String?

    /// The catalogue: built in, or read and validated.
    func load() throws -> Catalogue {
        do {
            var catalogue: Catalogue
            if let profilesDirectory {
                catalogue = try Catalogue.load(directory: profilesDirectory)
            } else {
                catalogue = try Catalogue.embedded()
            }
            for directory in ruleDirectories {
                catalogue = try catalogue.adding(rulesDirectory: directory)
            }
            return catalogue
        } catch {
            throw CommandFailure(error.description)
        }
    }

    /// The catalogue and the profile a `--profile` option names: an id, or a file.
    func load(profile: String) throws -> (catalogue: Catalogue, profile: ResolvedProfile) {
        var catalogue = try load()
        do {
            if profile.hasSuffix(".toml") || profile.contains("/") {
                let added = try catalogue.adding(profileFile: profile)
                catalogue = added.catalogue
                return (catalogue, try catalogue.resolve(profile: added.id))
            }
            return (catalogue, try catalogue.resolve(profile: profile))
        } catch {
            throw CommandFailure(error.description)
        }
    }

    /// Render options with what the formats need of the catalogue: its rules, and its benchmarks, which are long, only
    /// where a format asks for them. A report of another catalogue gets neither: they would explain other rules.
    static func renderOptions(
        _ options: RenderOptions, for report: Report, formats: some Sequence<ReportFormat>, catalogue: Catalogue
    ) throws(CommandFailure) -> RenderOptions {
        // Text and JSON show nothing of either, and a check without other formats is the one that must be fast.
        guard report.catalogueDigest == catalogue.digest,
            formats.contains(where: { $0.name != "text" && $0.name != "json" })
        else { return options }
        var options = options
        options.rules = Dictionary(uniqueKeysWithValues: catalogue.orderedRules.map { ($0.id, $0) })
        guard formats.contains(where: \.needsBenchmarks) else { return options }
        do {
            options.benchmarks = try catalogue.benchmarks()
        } catch {
            throw CommandFailure(error.description)
        }
        return options
    }
}
