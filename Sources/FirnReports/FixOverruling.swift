import FirnModel

/// Tells when the option of a fix is read, and then overruled by another file, so that defining it repairs nothing.
///
/// `systemd-sysctl` reads the files of `sysctl.d` in the order of their names, whatever their directories, and the last
/// assignment of a key holds (sysctl.d(5)); NixOS writes `boot.kernel.sysctl` to `60-nixos.conf`.
enum FixOverruling {
    private static let file = "60-nixos.conf"

    /// The evidence that decides over the option, as `path:line`; nil when defining the option decides.
    static func place(over fix: Fix, in evidence: [Evidence]) -> String? {
        guard fix.path.starts(with: ["boot", "kernel", "sysctl"]), let decider = evidence.first,
            let name = sysctlFile(decider.path), file.utf8.lexicographicallyPrecedes(name.utf8)
        else { return nil }
        // An assignment of the key itself holds against a pattern, wherever that is.
        if decider.text?.prefix(while: { $0 != "=" }).contains("*") != false { return nil }
        return decider.line.map { "\(decider.path):\($0)" } ?? decider.path
    }

    /// What the option holds without effect, in the words of the evidence.
    static func lostValue(of fix: Fix, in evidence: [Evidence]) -> String? {
        let path = NixPath.render(fix.path)
        return evidence.first { $0.path == path || $0.path.hasSuffix("/sysctl.d/" + file) }?.text
    }

    /// The file name of `/etc/sysctl.d/70-x.conf` or `environment.etc."sysctl.d/70-x.conf".text`, compared by bytes.
    private static func sysctlFile(_ path: String) -> String? {
        let parts = path.split(separator: "sysctl.d/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let name = parts[1].prefix { $0 != "/" && $0 != "\"" }
        return name.hasSuffix(".conf") ? String(name) : nil
    }
}
