/// Lists of algorithms: what sshd accepts, and what it makes of `+`, `-` and `^` (`kex_assemble_names`).
enum SSHDAlgorithmList {
    /// Short names of key types that are accepted and match nothing by themselves.
    private static let shortNames: Set<String> = ["rsa", "dsa", "ecdsa", "ed25519", "ecdsa-sk", "ed25519-sk"]

    /// The longest list that is resolved; sshd knows a few dozen names.
    private static let nameLimit = 1024

    private static func parts(_ list: Substring) -> [String] {
        var parts = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        // strsep stops at the first empty name.
        if let empty = parts.firstIndex(of: "") { parts.removeSubrange(empty...) }
        return parts
    }

    /// Throws when sshd does not know a name. Names that are taken away are not checked; a class whose supported names
    /// are not known for the release is not checked either.
    static func check(_ keyword: SSHDKeyword, _ argument: String, dialect: SSHDDialect) throws(SSHDRefusal) {
        guard let algorithmClass = keyword.algorithms, !argument.hasPrefix("-") else { return }
        let list = argument.hasPrefix("+") || argument.hasPrefix("^") ? argument.dropFirst() : argument[...]
        guard !list.isEmpty else { throw SSHDRefusal("\(keyword.name) is empty") }
        guard let supported = supported(algorithmClass, dialect) else { return }
        let names = parts(list)
        for name in names {
            let isKey = algorithmClass == .key || algorithmClass == .sig
            if supported.contains(name) {
                if algorithmClass == .sig, dialect.syntax.plainSignatures, name.contains("-cert-v0") {
                    throw SSHDRefusal("\(name) is no signature algorithm")
                }
                continue
            }
            guard isKey else { throw SSHDRefusal("\(name) is not known to sshd as one of \(keyword.name)") }
            if shortNames.contains(name.lowercased()) { continue }
            guard !name.hasPrefix("!"), supported.contains(where: { SSHDPattern.list($0, name) != .none }) else {
                throw SSHDRefusal("\(name) is not known to sshd as one of \(keyword.name)")
            }
        }
        guard resolve(argument, algorithmClass, dialect)?.isEmpty == false else {
            if dialect.algorithms[algorithmClass] == nil { return }
            throw SSHDRefusal("\(keyword.name) is empty")
        }
    }

    private static func supported(
        _ algorithmClass: SSHDKeyword.AlgorithmClass, _ dialect: SSHDDialect
    ) -> [String]? {
        if algorithmClass == .sig { return dialect.algorithms[.key]?.supported }
        return dialect.algorithms[algorithmClass]?.supported
    }

    /// The algorithms a list stands for, or nil where the release's own lists are needed and not known.
    static func resolve(
        _ list: String?, _ algorithmClass: SSHDKeyword.AlgorithmClass, _ dialect: SSHDDialect
    ) -> [String]? {
        let standard = dialect.algorithms[algorithmClass]?.standard
        guard let list, !list.isEmpty else { return standard }
        let names = parts(list.dropFirst())
        guard names.count <= nameLimit else { return nil }
        switch list.first {
        case "-":
            let patterns = String(list.dropFirst())
            return standard?.filter { SSHDPattern.list($0, patterns) != .positive }
        case "+":
            return standard.flatMap { expand(joined($0, names), algorithmClass, dialect) }
        case "^":
            return standard.flatMap { expand(joined(names, $0), algorithmClass, dialect) }
        default:
            return expand(parts(list[...]), algorithmClass, dialect)
        }
    }

    private static func joined(_ first: [String], _ second: [String]) -> [String] {
        var result: [String] = first
        for name in second where !result.contains(name) { result.append(name) }
        return result
    }

    /// Each name as a pattern over what the release knows; a plain name stands for itself where that is not known.
    private static func expand(
        _ names: [String], _ algorithmClass: SSHDKeyword.AlgorithmClass, _ dialect: SSHDDialect
    ) -> [String]? {
        let known = supported(algorithmClass, dialect)
        var result: [String] = []
        for name in names {
            if let known {
                let matching = known.filter { SSHDPattern.list($0, name) == .positive }
                // A name sshd does not know makes it refuse the line; it is kept, so that it can be judged.
                let isUnknown = matching.isEmpty && !name.contains { "*?!".contains($0) }
                let kept = isUnknown && !shortNames.contains(name.lowercased()) ? [name] : matching
                result = joined(result, kept)
            } else if name.contains("*") || name.contains("?") {
                return nil
            } else {
                result = joined(result, [name])
            }
        }
        return result
    }
}
