import FirnModel
import FirnParsing

/// What the kernel's command line says of the things this family judges. The parameters themselves are the family
/// `cmdline`.
struct BootParameters: Sendable {
    /// The words as systemd splits them, in order.
    var words: [KernelCommandLine.Argument]
    /// The words as the kernel splits them.
    var kernelWords: [KernelCommandLine.Argument]
    /// Where they are written down.
    var place: Evidence

    /// The parameters of a closure; nil where they cannot be read, which the family `cmdline` reports.
    init?(_ system: SystemView) {
        let path = (system.toplevel == "/" ? "" : system.toplevel) + "/kernel-params"
        do {
            self.init(try KernelCommandLine.parse(try system.tree.read(path, limit: 64 << 10)), Evidence(path: path))
        } catch {
            return nil
        }
    }

    /// The parameters of the option `boot.kernelParams`; nil where the export does not tell.
    init?(_ options: OptionTree) {
        guard case .value(let texts, let evidence) = options.readStrings(["boot", "kernelParams"]) else { return nil }
        do {
            let line = try KernelCommandLine.parse(Array(texts.joined(separator: " ").utf8))
            self.init(line, evidence)
        } catch {
            return nil
        }
    }

    private init(_ line: KernelCommandLine, _ place: Evidence) {
        words = line.userspaceArguments
        kernelWords = line.parameters
        self.place = place
        self.place.text = nil
    }

    private func evidence(_ word: KernelCommandLine.Argument) -> Evidence {
        var evidence = place
        evidence.text = word.text
        return evidence
    }

    private func last(_ name: String, in words: [KernelCommandLine.Argument]) -> KernelCommandLine.Argument? {
        words.last { KernelCommandLine.canonicalName($0.name) == name }
    }

    /// What starts debug-shell.service: systemd-debug-generator(8). A value that is no boolean names a terminal.
    var debugShell: Evidence? {
        if let word = last("systemd.debug_shell", in: words),
            word.value.map({ CmdlineWords.userspaceBoolean($0) != false }) ?? true
        {
            return evidence(word)
        }
        return words.last {
            KernelCommandLine.canonicalName($0.name) == "systemd.wants" && $0.value == "debug-shell.service"
        }.map(evidence)
    }

    /// What makes the scripted initrd open a shell when the boot fails (nixos/modules/system/boot/stage-1-init.sh).
    var shellOnFail: Evidence? {
        words.last { $0.value == nil && $0.name == "boot.shell_on_fail" }.map(evidence)
    }

    /// What keeps AppArmor out of the kernel: `apparmor=0`, or a list of modules without it. `lsm=` decides; `security=`
    /// counts where there is none (security/security.c, Documentation/admin-guide/kernel-parameters.txt).
    var withoutAppArmor: Evidence? {
        if let word = last("apparmor", in: kernelWords), word.value == "0" { return evidence(word) }
        if let word = last("lsm", in: kernelWords) {
            let modules = (word.value ?? "").split(separator: ",")
            return modules.contains("apparmor") ? nil : evidence(word)
        }
        if let word = last("security", in: kernelWords), let value = word.value, value != "apparmor" {
            return evidence(word)
        }
        return nil
    }
}
