/// Where a catalogue's data comes from, which says how far it is trusted.
enum DataOrigin: Sendable, Hashable {
    /// Compiled in: it was validated when it was compiled, and a test fails when the compiled form is stale.
    case embedded
    /// A directory in the form of `profiles/`: validated; a tightening that operators cannot prove is proved by the
    /// examples, in a test.
    case own
    /// A user's files: validated; nobody runs their examples, so a tightening must be proved by its operators.
    case user
}
