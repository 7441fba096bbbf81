import FirnModel
import FirnSigning
import Glibc

/// The agent's key: made once, at the first start, and kept in its state directory.
///
/// It proves which host a report is of, and that nobody changed it on the way; not that the host is sound, since root can
/// read it (docs/threat-model.md).
enum AgentKey {
    static let name = "agent.key"

    /// The key of a state directory, made if there is none.
    ///
    /// - Throws: `AgentFailure` where it belongs to another user, others may read it, it is no key, or cannot be made.
    static func open(_ state: borrowing StateDirectory) throws(AgentFailure) -> PrivateKey {
        if let key = try read(state) { return key }
        try make(state)
        guard let key = try read(state) else { throw AgentFailure("\(state.shown(name)): the new key is gone") }
        return key
    }

    private static func read(_ state: borrowing StateDirectory) throws(AgentFailure) -> PrivateKey? {
        let shown = state.shown(name)
        var mode: mode_t = 0
        var owner: uid_t = 0
        guard
            let bytes = try state.read(
                name, limit: 16_384,
                inspect: {
                    mode = $0.st_mode & 0o7777
                    owner = $0.st_uid
                })
        else { return nil }
        guard owner == geteuid() else {
            throw AgentFailure("\(shown): the key belongs to the user \(owner), not to \(geteuid())")
        }
        guard mode & 0o077 == 0 else {
            throw AgentFailure(
                "\(shown): others may read this key, so it proves nothing; remove it, and enroll the new one")
        }
        do {
            return try PrivateKey(file: bytes)
        } catch {
            throw AgentFailure("\(shown): \(error.message)")
        }
    }

    /// Writes a new key whole, then gives it its name unless another process was faster: two that start at once end with
    /// one key, and one that is killed leaves none.
    private static func make(_ state: borrowing StateDirectory) throws(AgentFailure) {
        let shown = state.shown(name)
        let temporary = ".\(name).\(getpid())"
        let key: PrivateKey
        do {
            key = try PrivateKey.generate()
        } catch {
            throw AgentFailure("\(shown): \(error.message)")
        }
        unlinkat(state.descriptor, temporary, 0)
        let file = openat(
            state.descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileReplacement.failure(shown) }
        var code = fchmod(file, 0o600) == 0 ? 0 : errno
        if code == 0 { code = FileReplacement.append(Array(key.pem.utf8), to: file) }
        if code == 0, fsync(file) != 0 { code = errno }
        if close(file) != 0, code == 0 { code = errno }
        if code == 0, linkat(state.descriptor, temporary, state.descriptor, name, 0) != 0, errno != EEXIST {
            code = errno
        }
        unlinkat(state.descriptor, temporary, 0)
        if code == 0, fsync(state.descriptor) != 0 { code = errno }
        guard code == 0 else { throw FileReplacement.failure(shown, code) }
    }

    /// The lines that a policy of the gate lists the key with.
    static func policyLines(_ key: PublicKey, host: String) -> String {
        // A name of a host holds nothing else; what does is not written into TOML.
        let name = String(
            host.unicodeScalars.prefix(64).filter {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "."
                    || $0 == "-"
                    || $0 == "_"
            }.map(Character.init))
        return """
            [[agent-key]]
            name = "\(name.isEmpty ? "host" : name)"
            key = "\(key.openSSH)"

            """
    }
}
