import FirnModel
import FirnParsing

/// A program in `/run/wrappers/bin`, as the system makes it at boot.
struct Wrapper: Sendable, Hashable {
    var name: String
    /// The base name of the program behind it; nil where it cannot be told.
    var program: String?
    var owner: String
    var group: String
    /// The permission bits, set-user-ID and set-group-ID included.
    var mode: UInt16
    /// The text of its capabilities; nil without any.
    var capabilities: String?
    var evidence: Evidence

    var isSetuid: Bool { mode & 0o4000 != 0 }
    var isSetgid: Bool { mode & 0o2000 != 0 }
    /// Whether it can be written by others than its owner.
    var isWritable: Bool { mode & 0o022 != 0 }
    /// Whether others than its owner can run it.
    var isForOthers: Bool { mode & 0o011 != 0 }
    /// Whether everybody can run it.
    var isForEveryone: Bool { mode & 0o001 != 0 }
}

/// What became of looking for the wrappers of a system.
enum WrapperReading: Sendable {
    /// All of them; nothing when the system makes none.
    case wrappers([Wrapper], [Evidence])
    /// They cannot be told, and why.
    case unavailable(String, [Evidence])

    func wrapper(_ name: String) -> Wrapper? {
        if case .wrappers(let list, _) = self { list.first { $0.name == name } } else { nil }
    }
}

/// Symbolic and octal modes (chmod(1)).
enum FileMode {
    /// The mode after `chmod spec`; nil when the text is no mode.
    static func applied(_ spec: String, to mode: UInt16) -> UInt16? {
        if !spec.isEmpty, spec.utf8.allSatisfy({ (0x30...0x37).contains($0) }), spec.utf8.count <= 5 {
            return UInt16(spec, radix: 8).flatMap { $0 <= 0o7777 ? $0 : nil }
        }
        var result = mode
        for clause in spec.split(separator: ",", omittingEmptySubsequences: false) {
            let whos = clause.prefix { "ugoa".contains($0) }
            var actions = clause[whos.endIndex...]
            guard !actions.isEmpty else { return nil }
            let isAll = whos.isEmpty || whos.contains("a")
            while let operation = actions.first {
                guard "+-=".contains(operation) else { return nil }
                actions = actions.dropFirst()
                let letters = actions.prefix { !"+-=".contains($0) }
                actions = actions[letters.endIndex...]
                var bits: UInt16 = 0
                var mask: UInt16 = 0
                for (who, shift, special) in [("u", 6, 0o4000), ("g", 3, 0o2000), ("o", 0, 0)]
                    as [(Character, Int, UInt16)]
                where isAll || whos.contains(who) {
                    mask |= 0o7 << UInt16(shift) | special
                    for letter in letters {
                        switch letter {
                        case "r": bits |= 0o4 << UInt16(shift)
                        case "w": bits |= 0o2 << UInt16(shift)
                        case "x": bits |= 0o1 << UInt16(shift)
                        case "X": if result & 0o111 != 0 { bits |= 0o1 << UInt16(shift) }
                        case "s": bits |= special
                        case "t": bits |= 0o1000
                        default: return nil
                        }
                    }
                }
                switch operation {
                case "+": result |= bits
                case "-": result &= ~bits
                default: result = result & ~mask | bits
                }
            }
        }
        return result
    }
}
