import FirnModel
import FirnParsing

/// sshd as a system closure shows it: units, links and `/etc/ssh`.
struct SSHClosure {
    private let system: SystemView

    init(_ system: SystemView) {
        self.system = system
    }

    func state() -> SSHState {
        let service = boot("sshd.service")
        let socket = boot("sshd.socket")
        let usesSocket = isTrue(socket) || (!isTrue(service) && hasUnit("sshd.socket"))
        let command = command(usesSocket ? ["sshd@.service", "sshd.service"] : ["sshd.service", "sshd@.service"])
        let line = SSHCommandLine(command?.words ?? [])
        let configuration = configuration(line.file)
        let configured: Fact
        switch configuration {
        case .success(let text):
            configured = .known(.boolean(true), [Evidence(path: line.file)])
            return SSHState(
                configured: configured, enabled: either(service, socket), usesSocket: usesSocket,
                activation: (usesSocket ? socket : service).evidence, listenStreams: streams(usesSocket),
                command: command, packagePaths: [command?.words.first].compactMap { $0 },
                configuration: line.obstacle.map { .unavailable($0) } ?? .text(text), fail2ban: boot("fail2ban.service")
            )
        case .failure(let error):
            // No file at the usual place means that sshd is not set up; any other failure means that we cannot tell.
            let isAbsent = error.isAbsence && command == nil
            configured =
                isAbsent
                ? .known(.boolean(false), [Evidence(path: line.file, text: "not there")])
                : .unavailable(reason: error.description, [Evidence(path: line.file)])
            return SSHState(
                configured: configured,
                enabled: isAbsent
                    ? .known(.boolean(false), [Evidence(path: line.file, text: "not there")]) : either(service, socket),
                usesSocket: usesSocket, activation: (usesSocket ? socket : service).evidence,
                listenStreams: streams(usesSocket), command: command,
                packagePaths: [command?.words.first].compactMap { $0 }, configuration: .unavailable(error.description),
                fail2ban: boot("fail2ban.service"))
        }
    }

    private func isTrue(_ fact: Fact) -> Bool { fact.value == .boolean(true) }

    private func hasUnit(_ name: String) -> Bool {
        if case .unit = system.unit(name) { true } else { false }
    }

    /// One of two ways to be started; not knowing one of them matters unless the other is certain.
    private func either(_ first: Fact, _ second: Fact) -> Fact {
        if isTrue(first) { return first }
        if isTrue(second) { return second }
        if case .unavailable = first { return first }
        if case .unavailable = second { return second }
        return first
    }

    /// Whether a unit is started at boot: it can start, and a target pulls it in.
    private func boot(_ name: String) -> Fact {
        let path = "/etc/systemd/system/" + name
        switch system.unit(name) {
        case .missing: return .known(.boolean(false), [Evidence(path: path, text: "not there")])
        case .masked: return .known(.boolean(false), [Evidence(path: path, text: "masked")])
        case .unavailable(let reason): return .unavailable(reason: reason, [Evidence(path: path)])
        case .unit:
            do {
                let targets = try system.pulled(name)
                guard let target = targets.first else {
                    return .known(.boolean(false), [Evidence(path: path, text: "no unit wants \(name)")])
                }
                return .known(
                    .boolean(true),
                    [Evidence(path: path, text: "\(target) wants \(name)")])
            } catch {
                return .unavailable(reason: error.description, [Evidence(path: path)])
            }
        }
    }

    private func streams(_ usesSocket: Bool) -> [String] {
        guard usesSocket, case .unit(let unit, _) = system.unit("sshd.socket") else { return [] }
        return unit.values("Socket", "ListenStream").map(\.value)
    }

    private func command(_ names: [String]) -> SSHState.Command? {
        for name in names {
            guard case .unit(let unit, let path) = system.unit(name), let words = unit.commands("ExecStart").last,
                !words.isEmpty
            else { continue }
            let assignment = unit.value("Service", "ExecStart")
            return SSHState.Command(
                words: words, evidence: [Evidence(path: path, line: assignment?.line, text: assignment?.value)])
        }
        return nil
    }

    private func configuration(_ file: String) -> Swift.Result<SSHState.Text, TreeError> {
        do throws(TreeError) {
            let bytes = try read(file)
            return .success(
                SSHState.Text(
                    bytes: bytes,
                    evidence: { Evidence(path: $0.file, line: $0.line, text: $0.text) },
                    includes: { includes($0) }))
        } catch {
            return .failure(error)
        }
    }

    private func read(_ path: String) throws(TreeError) -> [UInt8] {
        if path.hasPrefix("/etc/") { return try system.readEtc(String(path.dropFirst(5)), limit: 1 << 20) }
        return try system.tree.read(path, limit: 1 << 20)
    }

    /// The files of an Include: glob(3) over the directories of the image. What is made only at run time cannot be seen.
    private func includes(_ pattern: String) -> SSHDIncludes {
        if pattern.hasPrefix("~") { return .files([]) }
        let isGlob = pattern.contains { "*?[".contains($0) }
        let isImage = pattern.hasPrefix("/etc/") || pattern.hasPrefix("/nix/store/")
        var paths = [""]
        do throws(TreeError) {
            for component in pattern.split(separator: "/") {
                paths = try extended(paths, by: String(component))
            }
            if !isGlob { paths = [pattern] }
            var files: [SSHDIncludedFile] = []
            for path in paths {
                do throws(TreeError) {
                    files.append(SSHDIncludedFile(path: path, bytes: try read(path)))
                } catch {
                    guard isGlob, error.isAbsence else { throw error }
                }
            }
            if files.isEmpty, !isImage { return .unknown("\(pattern) may name files made at run time") }
            return .files(files)
        } catch {
            if error.isAbsence, isGlob, isImage { return .files([]) }
            return .unknown("Include \(pattern): \(error)")
        }
    }

    private func extended(_ paths: [String], by component: String) throws(TreeError) -> [String] {
        guard component.contains(where: { "*?[".contains($0) }) else { return paths.map { $0 + "/" + component } }
        var result: [String] = []
        for path in paths {
            let names =
                path == "/etc" || path.hasPrefix("/etc/")
                ? try system.listEtc(String(path.dropFirst(5))) : try system.tree.list(path)
            for name in names where SSHGlob.matches(name, component) && !isSidecar(name, among: names) {
                result.append(path + "/" + name)
            }
        }
        return result
    }

    /// NixOS keeps the mode and owner of a file of `/etc` in files beside it, which activation does not copy.
    private func isSidecar(_ name: String, among names: [String]) -> Bool {
        [".mode", ".uid", ".gid"].contains { suffix in
            name.hasSuffix(suffix) && names.contains(String(name.dropLast(suffix.count)))
        }
    }
}
