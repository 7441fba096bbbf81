import FirnFacts
import FirnModel

/// What kind of system runs: identity, kernel, platform and roles.
enum LiveSystem {
    /// The facts, and what other families need of them.
    static func facts(_ host: HostView) -> SystemFacts.Findings {
        // The toplevel tells release, host name and roles; the kernel that runs is another matter, since a host can run
        // the kernel of an older generation.
        var findings =
            host.isNixOS
            ? SystemFacts.built(host.system)
            : SystemFacts.Findings(batch: FactBatch(), context: SystemContext(), identity: Identity())
        let release = line(host, "/proc/sys/kernel/osrelease")
        findings.batch.facts["system.kernel-version"] = release.fact
        findings.context.kernelVersion = release.text.flatMap { kernelVersion($0) }
        findings.batch.facts["system.has-own-kernel"] = .known(
            .boolean(host.container == nil),
            [host.container.map { Evidence(path: $0.path, text: $0.kind) } ?? Evidence(path: "/proc/self/ns")])
        findings.context.hasOwnKernel = host.container == nil
        findings.batch.facts["system.nixos"] = .known(.boolean(host.isNixOS), [Evidence(path: HostSystem.link)])
        findings.identity.hostName = line(host, "/proc/sys/kernel/hostname").text ?? findings.identity.hostName
        findings.identity.bootID = line(host, "/proc/sys/kernel/random/boot_id").text
        findings.identity.bootedToplevel = HostSystem.booted(host.tree)
        return findings
    }

    /// The first line of a file of the kernel's.
    private static func line(_ host: HostView, _ path: String) -> (text: String?, fact: Fact) {
        do throws(TreeError) {
            let bytes = try host.read(path, limit: 4096)
            let text = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
            return (text, .known(.string(text), [Evidence(path: path, line: 1, text: text)]))
        } catch {
            return (nil, .unavailable(reason: error.description, [Evidence(path: path)]))
        }
    }

    /// `6.18.44` of `6.18.44-fc-v657`.
    static func kernelVersion(_ release: String) -> String? {
        let numbers = release.prefix { $0.isNumber || $0 == "." }
        return numbers.isEmpty ? nil : String(numbers)
    }
}
