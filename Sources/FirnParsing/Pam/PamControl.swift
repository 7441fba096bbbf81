/// What libpam does with a module's result (pam.d(5)).
public enum PamAction: Sendable, Hashable {
    /// The result counts for nothing.
    case ignore
    /// The result becomes the stack's, unless the stack failed before.
    case ok
    /// As `ok`, and the stack ends here, unless it failed before.
    case done
    /// The stack fails, and goes on.
    case bad
    /// The stack fails and ends here.
    case die
    /// The stack forgets all it knew since it began.
    case reset
    /// That many modules are skipped.
    case jump(Int)
}

/// A result of a module: its number in `security/_pam_types.h` and its name in `pam.d(5)`.
public enum PamResult {
    /// How many results there are.
    public static let count = 32
    /// `success`.
    public static let success: UInt8 = 0
    /// `service_err`: the module cannot work as it is configured.
    public static let serviceError: UInt8 = 3
    /// `perm_denied`, what libpam makes of a stack that says nothing.
    public static let permissionDenied: UInt8 = 6
    /// `auth_err`: a wrong password.
    public static let authenticationError: UInt8 = 7
    /// `user_unknown`.
    public static let userUnknown: UInt8 = 10
    /// `new_authtok_reqd`: fine, and the password must be changed.
    public static let newTokenRequired: UInt8 = 12
    /// `acct_expired`.
    public static let accountExpired: UInt8 = 13
    /// `authtok_err`: the new password is refused.
    public static let tokenError: UInt8 = 20
    /// `ignore`.
    public static let ignore: UInt8 = 25
    /// `module_unknown`: the module's file is not there.
    public static let moduleUnknown: UInt8 = 28

    /// `incomplete`: the module wants to be called again.
    public static let incomplete: UInt8 = 31

    /// The names by number.
    public static let names = [
        "success", "open_err", "symbol_err", "service_err", "system_err", "buf_err", "perm_denied", "auth_err",
        "cred_insufficient", "authinfo_unavail", "user_unknown", "maxtries", "new_authtok_reqd", "acct_expired",
        "session_err", "cred_unavail", "cred_expired", "cred_err", "no_module_data", "conv_err", "authtok_err",
        "authtok_recover_err", "authtok_lock_busy", "authtok_disable_aging", "try_again", "ignore", "abort",
        "authtok_expired", "module_unknown", "bad_item", "conv_again", "incomplete",
    ]

    /// The number of a name.
    public static func number(_ name: String) -> UInt8? {
        names.firstIndex(of: name).map { UInt8($0) }
    }
}

/// The action for each of the 32 results.
public struct PamActions: Sendable, Hashable {
    private var actions: [PamAction]

    /// Actions that are the same for every result.
    public init(all action: PamAction) {
        actions = Array(repeating: action, count: PamResult.count)
    }

    /// The action of one result.
    public subscript(result: UInt8) -> PamAction {
        get { Int(result) < actions.count ? actions[Int(result)] : .bad }
        set { if Int(result) < actions.count { actions[Int(result)] = newValue } }
    }

    /// `required`.
    public static let required = word(good: .ok, ignore: .ignore, others: .bad)
    /// `requisite`.
    public static let requisite = word(good: .ok, ignore: .ignore, others: .die)
    /// `optional`.
    public static let optional = word(good: .ok, ignore: .ignore, others: .ignore)
    /// `sufficient`.
    public static let sufficient = word(good: .done, ignore: .ignore, others: .ignore)

    private static func word(good: PamAction, ignore: PamAction, others: PamAction) -> PamActions {
        var actions = PamActions(all: others)
        actions[PamResult.success] = good
        actions[PamResult.newTokenRequired] = good
        actions[PamResult.ignore] = ignore
        return actions
    }

    /// Reads what stands between the brackets, `success=ok default=die`; nil where libpam finds an error, and treats
    /// every result as a failure.
    static func parse(_ text: ArraySlice<UInt8>) -> PamActions? {
        var rest = text
        var set: [PamAction?] = Array(repeating: nil, count: PamResult.count)
        while true {
            skipSpace(&rest)
            if rest.isEmpty { break }
            // libpam compares beginnings: the first name that the text starts with.
            guard let result = (PamResult.names + ["default"]).firstIndex(where: { starts(rest, $0) }) else {
                return nil
            }
            rest = rest.dropFirst(result < PamResult.count ? PamResult.names[result].utf8.count : 7)
            skipSpace(&rest)
            guard rest.first == UInt8(ascii: "=") else { return nil }
            rest = rest.dropFirst()
            skipSpace(&rest)
            guard let action = action(&rest) else { return nil }
            if result < PamResult.count {
                set[result] = action
            } else {
                for index in set.indices where set[index] == nil { set[index] = action }
            }
        }
        var actions = PamActions(all: .bad)
        for (index, action) in set.enumerated() {
            if let action { actions.actions[index] = action }
        }
        return actions
    }

    private static let words: [(String, PamAction)] = [
        ("ignore", .ignore), ("ok", .ok), ("done", .done), ("bad", .bad), ("die", .die), ("reset", .reset),
    ]

    private static func action(_ rest: inout ArraySlice<UInt8>) -> PamAction? {
        for (word, action) in words where starts(rest, word) {
            rest = rest.dropFirst(word.utf8.count)
            return action
        }
        var number = 0
        var digits = 0
        while let byte = rest.first, (0x30...0x39).contains(byte) {
            number = number * 10 + Int(byte - 0x30)
            guard number <= Int(Int32.max) else { return nil }
            digits += 1
            rest = rest.dropFirst()
        }
        return digits > 0 && number > 0 ? .jump(number) : nil
    }

    private static func starts(_ text: ArraySlice<UInt8>, _ word: String) -> Bool {
        text.starts(with: word.utf8)
    }

    private static func skipSpace(_ text: inout ArraySlice<UInt8>) {
        while let byte = text.first, byte == 0x20 || (0x09...0x0d).contains(byte) { text = text.dropFirst() }
    }
}
