/// The comma-separated options of a mount (mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS").
public struct MountOptions: Sendable, Hashable {
    /// One option.
    public struct Option: Sendable, Hashable {
        /// What stands before the first `=`.
        public var name: String
        /// What stands behind it, quotes removed; nil for a bare word. May be a password.
        public var value: String?
    }

    /// The options in order, empty ones left out.
    public var options: [Option]

    /// Splits an option string. A comma inside double quotes does not separate.
    public init(_ text: String) {
        options = []
        var word: [UInt8] = []
        var isQuoted = false
        var before: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\""), before != UInt8(ascii: "\\") { isQuoted.toggle() }
            if byte == UInt8(ascii: ","), !isQuoted {
                add(word)
                word = []
            } else {
                word.append(byte)
            }
            before = byte
        }
        add(word)
    }

    private mutating func add(_ word: [UInt8]) {
        guard !word.isEmpty else { return }
        let equals = word.firstIndex(of: UInt8(ascii: "="))
        var value = equals.map { Array(word[($0 + 1)...]) }
        if let quoted = value, quoted.count >= 2, quoted.first == UInt8(ascii: "\""),
            quoted.last == UInt8(ascii: "\"")
        {
            value = Array(quoted[1..<quoted.count - 1])
        }
        options.append(
            Option(
                name: String(decoding: word[..<(equals ?? word.count)], as: UTF8.self),
                value: value.map { String(decoding: $0, as: UTF8.self) }))
    }

    /// Whether an option of that name is there.
    public func has(_ name: String) -> Bool {
        options.contains { $0.name == name }
    }

    /// The value of the last option of that name; nil where there is none, or it has no value.
    public func value(_ name: String) -> String? {
        options.last { $0.name == name }?.value
    }

    /// The flags of the mount that decide what can be done there.
    public struct Flags: Sendable, Hashable {
        /// Device files do not work.
        public var nodev = false
        /// Set-user-id bits and file capabilities do not work.
        public var nosuid = false
        /// Programs cannot be run.
        public var noexec = false
        /// Nothing can be written.
        public var readOnly = false
        /// Symbolic links are not followed.
        public var nosymfollow = false
        /// Whether any of these was spoken of, in either sense.
        public var isStated = false

        /// Creates flags that are all off.
        public init() {}

        /// The words that are on, sorted.
        public var words: [String] {
            var result: [String] = []
            if nodev { result.append("nodev") }
            if noexec { result.append("noexec") }
            if nosuid { result.append("nosuid") }
            if nosymfollow { result.append("nosymfollow") }
            if readOnly { result.append("ro") }
            return result
        }
    }

    /// The flags in force: the last of contradicting words wins, `defaults` changes nothing, and `user`, `users`, `owner`
    /// and `group` switch others on at their place (libmount's mnt_optstr_get_flags).
    public var flags: Flags {
        var flags = Flags()
        for option in options {
            switch option.name {
            case "nodev": flags.nodev = true
            case "dev": flags.nodev = false
            case "nosuid": flags.nosuid = true
            case "suid": flags.nosuid = false
            case "noexec": flags.noexec = true
            case "exec": flags.noexec = false
            case "ro": flags.readOnly = true
            case "rw": flags.readOnly = false
            case "nosymfollow": flags.nosymfollow = true
            case "symfollow": flags.nosymfollow = false
            case "user" where option.value == nil, "users":
                flags.nodev = true
                flags.nosuid = true
                flags.noexec = true
            case "owner", "group":
                flags.nodev = true
                flags.nosuid = true
            default: continue
            }
            flags.isStated = true
        }
        return flags
    }

    /// Whether somebody who is not root may mount it.
    public var isUserMountable: Bool {
        var result = false
        for option in options {
            switch option.name {
            case "user" where option.value == nil, "users", "owner", "group": result = true
            case "nouser", "nousers", "noowner", "nogroup": result = false
            default: continue
            }
        }
        return result
    }
}
