public import FirnModel
import FirnParsing

/// What a system says of the nixpkgs it was built from. Nothing of the system is run: what its programs would print is read
/// from their text.
public struct NixOSBuild: Sendable, Hashable {
    /// The release (`26.05`).
    public var release: String?
    /// The version (`26.05.20261101.abcdef1`).
    public var version: String?
    /// The whole Git revision (`system.nixos.revision`), where the system names one beside its version.
    public var revision: String?
    /// Why the place that names the whole revision could not be read, or is not believed; nil where it names none or one.
    public var problem: String?
    /// Where it stands.
    public var evidence: [Evidence]

    /// Creates one.
    public init(
        release: String? = nil, version: String? = nil, revision: String? = nil, problem: String? = nil,
        evidence: [Evidence] = []
    ) {
        self.release = release
        self.version = version
        self.revision = revision
        self.problem = problem
        self.evidence = evidence
    }

    /// Reads a built system: os-release, the label in `nixos-version`, and the script `nixos-version` among its programs,
    /// into which nixos/modules/installer/tools/tools.nix writes one line of JSON.
    public init(_ system: SystemView) {
        let top = system.toplevel == "/" ? "" : system.toplevel
        var named = NixOSIdentity(system, fallback: nil)
        if named.release == nil, let version = named.version, DottedVersion(version)?.numbers.count ?? 0 >= 2 {
            named.release = SystemFacts.release(ofVersion: version)
        }
        self.init(release: named.release, version: named.version, evidence: named.evidence)
        let path = top + "/sw/bin/nixos-version"
        do {
            let text = String(decoding: try system.tree.read(path, limit: 64 << 10), as: UTF8.self)
            readScript(text, path: path)
        } catch {
            // A system may be built without it (system.disableInstallerTools).
            if !error.isAbsence { problem = error.description }
        }
    }

    /// Reads evaluated options.
    public init(_ options: OptionTree, release: String?) {
        func text(_ name: String) -> String? { options.readString(["system", "nixos", name]).value }
        let version = text("version")
        self.init(
            release: text("release") ?? release ?? version.flatMap(SystemFacts.release(ofVersion:)), version: version,
            revision: text("revision"),
            evidence: ["version", "revision"].map { name in
                options.evidence(["system", "nixos", name], text: text(name))
            })
        if case .unavailable(let reason, _) = options.readString(["system", "nixos", "revision"]) { problem = reason }
    }

    private mutating func readScript(_ text: String, path: String) {
        var isFound = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where line.hasPrefix("{") && line.contains("\"nixosVersion\"") {
            guard !isFound else {
                revision = nil
                problem = "\(path) names two versions"
                return
            }
            isFound = true
            let document: JSONNode
            do {
                document = try JSONParser.parse(Array(line.utf8))
            } catch {
                problem = "\(path):\(index + 1): \(error.message)"
                return
            }
            guard let own = document["nixosVersion"]?.string, own == version else {
                problem = "\(path):\(index + 1) is of another version than \(version ?? "the system")"
                return
            }
            guard let found = document["nixpkgsRevision"]?.string else { continue }
            revision = found
            evidence.append(Evidence(path: path, line: index + 1, text: found))
        }
    }
}
