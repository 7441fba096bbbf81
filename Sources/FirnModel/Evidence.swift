/// Where an observation was made, so that an auditor can look at the same place.
public struct Evidence: Sendable, Hashable {
    /// A path inside the target, an option path (`boot.kernel.sysctl."kernel.sysrq"`) or a kernel interface.
    public var path: String
    /// The line in that file, counted from 1, where there is one.
    public var line: Int?
    /// What stands there, or what it means. Never a secret.
    public var text: String?

    /// Creates evidence for one place.
    public init(path: String, line: Int? = nil, text: String? = nil) {
        self.path = path
        self.line = line
        self.text = text
    }
}
