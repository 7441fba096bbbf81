public import FirnCatalogue
public import FirnModel

/// Catalogues read from TOML files. The compiled one needs none of this, so the agent does not link it.
extension Catalogue {
    /// The catalogue of a directory in the form of `profiles/`, validated.
    public static func load(directory: String) throws(CatalogueError) -> Catalogue {
        try validated(files: try readFiles(directory: directory))
    }

    /// The data files of a directory in the form of `profiles/`, by path.
    public static func readFiles(directory: String) throws(CatalogueError) -> [String: DataNode] {
        try DataDirectory.read(directory, below: ["", "rules", "knowledge", "policies", "benchmarks"])
    }

    /// This catalogue with the rules of a user's directory, validated as our own are. A rule without a profile is
    /// allowed there: the user's profile file names it.
    public func adding(rulesDirectory: String) throws(CatalogueError) -> Catalogue {
        guard let names = DataDirectory.names(rulesDirectory)?.filter({ $0.hasSuffix(".toml") && !$0.hasPrefix(".") })
        else {
            throw CatalogueError([
                DataError(file: rulesDirectory, line: 0, message: "the directory cannot be read")
            ])
        }
        guard !names.isEmpty else {
            throw CatalogueError([DataError(file: rulesDirectory, line: 0, message: "there is no .toml file in it")])
        }
        return try adding(
            ruleFiles: names.map { name in
                let path = rulesDirectory + "/" + name
                do throws(DataError) {
                    return (name, path, .success(try DataDirectory.file(path, shown: path)))
                } catch {
                    return (name, path, .failure(error))
                }
            })
    }

    /// This catalogue with a user's profile, and the profile's id.
    public func adding(profileFile path: String) throws(CatalogueError) -> (catalogue: Catalogue, id: String) {
        let root: DataNode
        do {
            root = try DataDirectory.file(path, shown: path)
        } catch {
            throw CatalogueError([error])
        }
        return try adding(profile: root, file: path)
    }

    /// A policy of a user's file.
    public static func policy(file path: String) throws(CatalogueError) -> GatePolicy {
        let root: DataNode
        do {
            root = try DataDirectory.file(path, shown: path)
        } catch {
            throw CatalogueError([error])
        }
        return try policy(root, file: path)
    }

    /// A policy of a text.
    public static func policy(text: String, file: String) throws(CatalogueError) -> GatePolicy {
        let root: DataNode
        do {
            root = try TOMLDocument.parse(text, file: file)
        } catch {
            throw CatalogueError([error])
        }
        return try policy(root, file: file)
    }
}

extension CompiledCatalogue {
    /// The source of `catalogue.c` for a directory in the form of `profiles/`, after validating it.
    public static func generate(directory: String) throws(CatalogueError) -> String {
        try source(files: try Catalogue.readFiles(directory: directory))
    }

    /// The source of `benchmarks.c` for such a directory, after validating it.
    public static func generateBenchmarks(directory: String) throws(CatalogueError) -> String {
        try benchmarksSource(files: try Catalogue.readFiles(directory: directory))
    }
}
