import FirnModel
import FirnParsing

/// PAM's files in a system closure.
struct PamBuilt: PamSource {
    var system: SystemView

    func services() throws(PamProblem) -> [String] {
        do throws(TreeError) {
            // Sidecars of the etc tree say the mode and owner of the file beside them.
            return try system.listEtc("pam.d").filter {
                !$0.hasSuffix(".mode") && !$0.hasSuffix(".uid") && !$0.hasSuffix(".gid")
            }
        } catch {
            throw PamProblem(reason: error.description, evidence: [Evidence(path: "/etc/pam.d")])
        }
    }

    func service(_ name: String) -> PamReading { read("/etc/pam.d/" + name) }

    func file(_ path: String) -> PamReading { read(path) }

    func limits(_ path: String, service: String) -> PamReading { read(path) }

    private func read(_ path: String) -> PamReading {
        let isEtc = path.hasPrefix("/etc/")
        let place = isEtc ? system.etcPath(String(path.dropFirst(5))) : path
        do {
            return .bytes(try system.tree.read(place, limit: PamFile.limit), .file(path))
        } catch {
            // What is not in the store of the target may still be on the machine: the target is not whole.
            if error.isAbsence, isEtc || !path.hasPrefix("/nix/store/") { return .absent }
            return .unavailable(error.description)
        }
    }

    func encryptMethod() throws(PamProblem) -> String? {
        switch system.etcLines("login.defs") {
        case .absent: return nil
        case .unavailable(let reason, let path):
            throw PamProblem(reason: reason, evidence: [Evidence(path: path)])
        case .lines(let lines, _):
            for line in lines {
                let words = line.text.split { $0 == " " || $0 == "\t" }
                if words.count >= 2, words[0] == "ENCRYPT_METHOD" { return String(words[1]) }
            }
            return nil
        }
    }
}
