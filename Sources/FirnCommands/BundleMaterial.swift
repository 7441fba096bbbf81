import ArgumentParser
import FirnIntegrity
import FirnModel
import FirnNixDatabase
import FirnReportCore
import FirnReports
import Glibc

/// Where `--format cyclonedx` puts the bill of materials.
struct BundleMaterialOutput {
    static let name = "cyclonedx"
    /// The file, or nil for standard output.
    var path: String?

    static func isMaterial(_ option: String) -> Bool { option == name || option.hasPrefix(name + "=") }

    /// The one output among `--format` options, or nil where there is none.
    init?(_ options: [String]) throws {
        let own = options.filter(Self.isMaterial)
        guard let option = own.first else { return nil }
        guard own.count == 1 else { throw ValidationError("cyclonedx can be written once.") }
        guard option != Self.name else { return }
        let text = String(option.dropFirst(Self.name.count + 1))
        guard !text.isEmpty else { throw ValidationError("'\(option)' names no file after '='.") }
        path = text == "-" ? nil : text
    }
}

/// The bill of materials of a closure, rendered.
struct BundleMaterial {
    /// The document.
    var text: String
    /// How many store paths are in it.
    var paths: Int

    /// Reads a closure and renders it.
    ///
    /// The closure is that of the Nix database beside the store, or of the registration an image brings, whichever knows
    /// the toplevel; where neither is there, every file is read. A database that is there but cannot be used is an error: an
    /// incomplete bill would look like a complete one.
    static func of(
        _ path: String, report: Report, time: Int64, console: Console
    ) throws(CommandFailure) -> BundleMaterial {
        let place = try SigningClosure(path)
        let systems = ReportSystem.of(report)
        let named = systems.compactMap(\.identity.toplevel)
        let toplevel: String
        if let own = place.toplevel {
            guard named.isEmpty || named.contains(own) else {
                throw CommandFailure(
                    "\(VisibleText.escape(path)): this is \(VisibleText.escape(own)), and no report is of it")
            }
            toplevel = own
        } else {
            guard let only = named.first, Set(named).count == 1 else {
                throw CommandFailure(
                    "\(VisibleText.escape(path)): the reports name \(Set(named).count) toplevels; name the one in this root "
                        + "directory by its store path")
            }
            toplevel = only
        }
        let identity = systems.first { $0.identity.toplevel == toplevel }?.identity
        let (closure, origin) = try read(place, toplevel: toplevel, console)
        var digest: String?
        do {
            digest = try ClosureDigest.of(closure, origin: origin).value
        } catch {
            // A registration without every hash still names the paths.
            digest = nil
        }
        let subject = CycloneDXReporter.Subject(
            toplevel: toplevel, hostName: identity?.hostName, tool: "firn \(FirnCommand.version)", time: time,
            origin: origin, closureDigest: digest)
        return BundleMaterial(text: CycloneDXReporter.render(closure, subject: subject), paths: closure.count)
    }

    private static func read(
        _ place: SigningClosure, toplevel: String, _ console: Console
    ) throws(CommandFailure) -> ([StorePathInfo], ClosureDigest.Origin) {
        let root = place.root == "/" ? "" : place.root
        do {
            let directory = root + "/nix/var/nix/db"
            if isThere(directory + "/db.sqlite") {
                return (try NixDatabase(directory: directory).closure(of: toplevel), .registered)
            }
            for name in ["/nix-path-registration", "/nix/nix-path-registration", "/registration"] {
                guard isThere(root + name) else { continue }
                let bytes = try SavedReport.bytes(root + name, limit: NixRegistration.sizeLimit)
                return (try NixRegistration(bytes, file: root + name).closure(of: toplevel), .registered)
            }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure(VisibleText.escape("\(error)"))
        }
        return (try place.digest(of: toplevel, console).1, .recomputed)
    }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }
}
