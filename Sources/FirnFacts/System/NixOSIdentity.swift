import FirnModel
import FirnParsing

/// The release and the version of a built system.
///
/// `nixos-version` in the toplevel is the label of the boot entry, into which tags go (`rescue-26.11pre-git`) and which
/// anybody may set; os-release(5) has what the modules were (nixos/modules/misc/version.nix). 20.09 has the version in
/// VERSION_ID, later releases have it in BUILD_ID.
struct NixOSIdentity {
    var release: String?
    var version: String?
    var evidence: [Evidence] = []

    /// Reads it; `fallback` is the release where os-release names none.
    init(_ system: SystemView, fallback: String?) {
        if case .lines(let lines, let path) = system.etcLines("os-release", limit: 64 << 10) {
            for line in lines {
                guard let equals = line.text.firstIndex(of: "=") else { continue }
                let value = Self.unquoted(line.text[line.text.index(after: equals)...])
                switch line.text[..<equals] {
                case "VERSION_ID":
                    release = SystemFacts.release(ofVersion: value)
                    version = version ?? value
                    evidence.append(Evidence(path: path, line: line.number, text: String(line.text)))
                case "BUILD_ID":
                    version = value
                    evidence.append(Evidence(path: path, line: line.number, text: String(line.text)))
                default: continue
                }
            }
        }
        guard release == nil else { return }
        let path = (system.toplevel == "/" ? "" : system.toplevel) + "/nixos-version"
        version = nil
        do {
            version = String(decoding: try system.tree.read(path, limit: 4096), as: UTF8.self).trimmedOfBlanks
        } catch {
            // The release is unavailable then, and the reason is said with it.
        }
        release = fallback
        evidence = [Evidence(path: path, line: 1, text: version)]
    }

    private static func unquoted(_ text: Substring) -> String {
        let quotes: Set<Character> = ["\"", "'"]
        guard let first = text.first, quotes.contains(first), text.count >= 2, text.last == first else {
            return String(text)
        }
        return String(text.dropFirst().dropLast())
    }
}
