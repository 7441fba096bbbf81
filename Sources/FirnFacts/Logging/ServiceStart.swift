import FirnModel
import FirnParsing

/// Whether a unit starts at boot, from either source.
enum ServiceStart {
    /// In a closure: the unit can start, and something that is reached pulls it in.
    static func built(_ system: SystemView, _ name: String) -> Fact {
        let path = "/etc/systemd/system/" + name
        func known(_ value: Bool, _ text: String) -> Fact {
            .known(.boolean(value), [Evidence(path: path, text: text)])
        }
        switch system.unit(name) {
        case .missing: return known(false, "not there")
        case .masked: return known(false, "masked")
        case .unavailable(let reason): return .unavailable(reason: reason, [Evidence(path: path)])
        case .unit:
            do {
                guard let puller = try system.pulled(name).first else { return known(false, "no unit wants \(name)") }
                return known(true, "\(puller) wants \(name)")
            } catch {
                return .unavailable(reason: error.description, [Evidence(path: path)])
            }
        }
    }

    /// In the options: `systemd.units.<name>` is enabled and wanted by something the boot reaches.
    static func declared(_ options: OptionTree, _ name: String) -> Fact {
        let path = ["systemd", "units", name]
        switch options.lookup(["systemd", "units"]) {
        case .missing:
            return .unavailable(reason: "the export does not hold systemd.units", [options.evidence(path)])
        case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(path)])
        case .value: break
        }
        switch options.lookup(path) {
        case .missing: return .known(.boolean(false), [options.evidence(path, text: "there is no such unit")])
        case .unavailable(let reason): return .unavailable(reason: reason, [options.evidence(path)])
        case .value(let unit):
            guard unit["enable"]?.boolean ?? true else {
                return .known(.boolean(false), [options.evidence(path + ["enable"], text: "false")])
            }
            let pullers = ["wantedBy", "requiredBy", "upheldBy"].flatMap { unit[$0]?.array ?? [] }.compactMap(\.string)
                .filter { !SystemView.targetsBesideTheBoot.contains($0) }
            guard let first = pullers.first else {
                return .known(.boolean(false), [options.evidence(path, text: "no unit wants it")])
            }
            return .known(.boolean(true), [options.evidence(path + ["wantedBy"], text: first)])
        }
    }
}
