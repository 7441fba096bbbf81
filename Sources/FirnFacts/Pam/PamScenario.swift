import FirnParsing

/// Who tries what: the question a stack is run for.
///
/// The account is one of this machine (`/etc/shadow`), and whoever asks has no second proof: no key, finger or code.
struct PamScenario {
    enum Password {
        /// The account's own.
        case right
        /// Not the account's.
        case wrong
        /// The account has none, and none is given.
        case empty
    }

    var password = Password.right
    /// Whether the program that asks runs as root (pam_rootok).
    var isCallerRoot = false
    /// Whether the caller is in the group pam_wheel asks for; nil for both.
    var isCallerMember: Bool?
    /// Whether the account is root's.
    var isForRoot = false
    /// How many failures of the account are on record, all recent.
    var failures = 0
    /// Whether the new password is one that a quality module refuses.
    var isNewPasswordWeak = false
    /// Whether the account has expired.
    var isExpired = false
}

/// How pam_faillock works in one line: file, then arguments (faillock.conf(5)).
struct PamFaillock: Hashable {
    enum Action: Hashable {
        case preauth, authsucc, authfail
    }

    /// Without a word the module only looks at the tally, as with `preauth`.
    var action = Action.preauth
    var isActionGiven = false
    /// 0: the account is never locked.
    var deny = 3
    /// In seconds.
    var failInterval = 900
    /// In seconds; 0: never.
    var unlockTime = 600
    var deniesRoot = false
    /// The group whose members are treated as root is.
    var adminGroup: String?
    var hasDelay = true

    /// faillock_config.c, MAX_TIME_INTERVAL: a longer time is refused and the value before it stays.
    static let longest = 604_800

    init(settings: PamSettings?, arguments: [String]) {
        for entry in settings?.entries ?? [] { set(entry.name, entry.value) }
        for argument in arguments {
            switch argument {
            case "preauth": (action, isActionGiven) = (.preauth, true)
            case "authsucc": (action, isActionGiven) = (.authsucc, true)
            case "authfail": (action, isActionGiven) = (.authfail, true)
            default:
                let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                set(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
        }
    }

    private mutating func set(_ name: String, _ value: String) {
        switch name {
        case "deny":
            // sscanf("%hu"): only the lowest 16 bits are kept.
            if let number = Self.number(value) { deny = Int(UInt16(truncatingIfNeeded: number)) }
        case "fail_interval": if let time = Self.time(value) { failInterval = time }
        case "unlock_time":
            if value == "never" { unlockTime = 0 } else if let time = Self.time(value) { unlockTime = time }
        case "even_deny_root": deniesRoot = true
        case "admin_group": adminGroup = value.isEmpty ? nil : value
        case "nodelay": hasDelay = false
        default: break
        }
    }

    private static func time(_ value: String) -> Int? {
        guard let number = number(value) else { return nil }
        let time = UInt32(truncatingIfNeeded: number)
        return time <= longest ? Int(time) : nil
    }

    /// The number a text begins with, as sscanf reads it.
    static func number(_ text: String) -> Int? {
        var rest = text.trimmed.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let digits = rest.prefix { (0x30...0x39).contains($0) }.prefix(18)
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        return isNegative ? -number : number
    }
}

/// What the arguments of pam_unix switch on. Like the module, it looks at beginnings only (`nullok_secure`).
struct PamUnix {
    var allowsEmpty = false
    var hasDelay = true
    var remember = 0
    /// The hash of new passwords; nil where the line names none.
    var hash: String?

    /// In the order of the module's table: the first that an argument begins with counts.
    private static let words = [
        "use_first_pass", "try_first_pass", "authtok_type=", "use_authtok", "shadow", "md5", "nullok", "debug",
        "nodelay",
        "nis", "bigcrypt", "likeauth", "remember=", "noreap", "broken_shadow", "sha256", "sha512", "rounds=",
        "blowfish", "minlen=", "quiet", "no_pass_expiry", "des", "gost_yescrypt", "yescrypt", "nullresetok", "audit",
    ]
    /// The hashes.
    static let hashes = ["md5", "bigcrypt", "sha256", "sha512", "blowfish", "des", "gost_yescrypt", "yescrypt"]

    init(_ arguments: [String]) {
        for argument in arguments {
            guard let word = Self.words.first(where: argument.hasPrefix) else { continue }
            switch word {
            case "nullok": allowsEmpty = true
            case "nodelay": hasDelay = false
            case "remember=": if let number = PamFaillock.number(String(argument.dropFirst(9))) { remember = number }
            default: if Self.hashes.contains(word) { hash = word }
            }
        }
    }
}
