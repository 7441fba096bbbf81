import FirnModel
import FirnParsing

/// A file system that is mounted, or can be.
struct Mount: Sendable {
    /// Where it is written down, the strongest last.
    enum Origin: Int, Sendable, Comparable {
        /// `boot.specialFileSystems`.
        case special
        /// `/etc/fstab`: systemd remounts the file systems of the kernel with its options.
        case fstab
        /// A mount unit, which systemd prefers to what it makes of the fstab.
        case unit

        static func < (left: Origin, right: Origin) -> Bool { left.rawValue < right.rawValue }
    }

    var source: String
    var target: String
    var type: String
    var options: MountOptions
    var origin: Origin
    /// Where it is written down; without the line's text, which may hold a password.
    var place: Evidence

    var isBind: Bool { options.has("bind") || options.has("rbind") }
}

/// An area that memory is written to.
struct SwapArea: Sendable {
    enum Protection: Sendable {
        case encrypted
        case plain
        case memory
        /// What is known of it does not tell.
        case unclear(String)
    }

    var device: String
    var protection: Protection
    var evidence: Evidence
}

/// All that a source knows of mounts and swap.
struct MountModel: Sendable {
    /// The mounts by place, each once.
    private(set) var mounts: [String: Mount] = [:]
    var swaps: [SwapArea] = []
    /// What makes the list of mounts incomplete.
    var problems: [(reason: String, evidence: Evidence)] = []
    /// What makes the special file systems unknown.
    var specialProblem: (reason: String, evidence: Evidence)?
    /// Where the file systems are listed.
    var base: Evidence
    /// Whether /tmp is emptied at boot by a rule of tmpfiles; nil where that is not known.
    var cleansTmp: (isCleaned: Bool, evidence: Evidence)?
    /// Options of /nix/store that the boot adds.
    var storeOptions: Fact?

    init(base: Evidence) {
        self.base = base
    }

    /// Adds a mount. A stronger origin replaces a weaker one; among lines of one file the first counts, as
    /// systemd-fstab-generator does it.
    mutating func add(_ mount: Mount) {
        var mount = mount
        mount.target = Self.normalized(mount.target)
        if let present = mounts[mount.target], present.origin >= mount.origin { return }
        mounts[mount.target] = mount
    }

    /// The mounts by place, sorted.
    var ordered: [Mount] { mounts.values.sorted { $0.target < $1.target } }

    /// A path without doubled slashes and a slash at its end.
    static func normalized(_ path: String) -> String {
        path.hasPrefix("/") ? "/" + path.split(separator: "/").joined(separator: "/") : path
    }

    /// The mount that holds a path.
    func holder(of path: String) -> Mount? {
        var parts = path.split(separator: "/")
        while true {
            if let mount = mounts["/" + parts.joined(separator: "/")] { return mount }
            if parts.popLast() == nil { return nil }
        }
    }

    /// The flags in force. A bind mount that states none has those of what it shows again.
    func flags(of mount: Mount) -> MountOptions.Flags {
        var mount = mount
        for _ in 0..<8 {
            let flags = mount.options.flags
            guard mount.isBind, !flags.isStated, mount.source.hasPrefix("/"),
                let holder = holder(of: Self.normalized(mount.source)), holder.target != mount.target
            else { return flags }
            mount = holder
        }
        return mount.options.flags
    }
}

/// The words for mounts that reports show, without anything that may be a secret.
enum MountText {
    /// Where a name, and perhaps a password, stand in a device or share.
    private static func user(_ text: String) -> Range<String.Index>? {
        let scheme = text.firstRange(of: "//")?.upperBound ?? text.firstIndex(of: "#").map(text.index(after:))
        let start = scheme ?? text.startIndex
        let host = text[start...].prefix { $0 != "/" }
        return host.lastIndex(of: "@").map { start..<$0 }
    }

    /// Whether a password stands in a device or share: `//user:password@server/share`.
    static func hasPassword(_ text: String) -> Bool {
        user(text).map { text[$0].contains(":") } ?? false
    }

    /// A device or share without the name and password in it; a name alone stays.
    static func source(_ text: String) -> String {
        guard let user = user(text), text[user].contains(":") else { return text }
        return text[..<user.lowerBound] + "(not shown)" + text[user.upperBound...]
    }

    /// The flags, then the shown options with their last value, sorted.
    static func words(_ mount: Mount, _ flags: MountOptions.Flags, _ knowledge: MountsKnowledge) -> [String] {
        var result = flags.words
        for option in mount.options.options {
            if let value = option.value, knowledge.shown.contains(option.name),
                mount.options.value(option.name) == value
            {
                let word = "\(option.name)=\(canonical(option.name, value))"
                if !result.contains(word) { result.append(word) }
            } else if option.value == nil, option.name == "guest", !result.contains("guest") {
                result.append("guest")
            }
        }
        return result.sorted()
    }

    /// The numbers that `hidepid` and octal modes are short for.
    private static func canonical(_ name: String, _ value: String) -> String {
        switch (name, value) {
        case ("hidepid", "off"): return "0"
        case ("hidepid", "noaccess"): return "1"
        case ("hidepid", "invisible"): return "2"
        case ("hidepid", "ptraceable"): return "4"
        default: return value
        }
    }

    /// Evidence of a mount: its place, and what it is.
    static func evidence(_ mount: Mount, _ flags: MountOptions.Flags, _ knowledge: MountsKnowledge) -> Evidence {
        let words = words(mount, flags, knowledge)
        var place = mount.place
        place.text =
            "\(source(mount.source)) on \(mount.target) type \(mount.type): "
            + (words.isEmpty ? "no option that restricts" : words.joined(separator: ","))
        return place
    }
}
