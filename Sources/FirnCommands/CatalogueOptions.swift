import ArgumentParser
import FirnCatalogue
import FirnModel

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
}
