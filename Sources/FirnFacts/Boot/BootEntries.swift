import FirnModel
import FirnParsing

/// What the boot loader of a root directory offers beside the system that boots by default.
public enum BootEntries {
    /// One entry.
    public struct Entry: Sendable, Hashable {
        /// `generation 41`, or the title of a loader entry.
        public var title: String
        /// Its toplevel as a path inside the root, or why it cannot be read.
        public var toplevel: NestedSystems.Nested.Toplevel
        /// Where it is offered.
        public var place: String
    }

    /// All generations of the system profile, then loader entries that boot none of them. Numbers descend.
    public static func find(in tree: any RootTree) throws(TreeError) -> [Entry] {
        var result: [Entry] = []
        var toplevels: Set<String> = []
        let profiles = "/nix/var/nix/profiles"
        var numbers: [Int] = []
        for name in try names(profiles, tree) where name.hasPrefix("system-") && name.hasSuffix("-link") {
            if let number = Int(name.dropFirst("system-".count).dropLast("-link".count)) { numbers.append(number) }
        }
        for number in numbers.sorted(by: >) {
            let link = "\(profiles)/system-\(number)-link"
            let toplevel = toplevel(link, tree)
            if case .found(let path) = toplevel { toplevels.insert(path) }
            result.append(Entry(title: "generation \(number)", toplevel: toplevel, place: link))
        }
        for (title, path, place) in try loaderEntries(tree) {
            let toplevel = toplevel(path, tree)
            if case .found(let found) = toplevel {
                guard toplevels.insert(found).inserted else { continue }
            } else if result.contains(where: { $0.title == title }) {
                continue
            }
            result.append(Entry(title: title, toplevel: toplevel, place: place))
        }
        return result
    }

    private static func names(_ directory: String, _ tree: any RootTree) throws(TreeError) -> [String] {
        do {
            return try tree.list(directory)
        } catch {
            if error.isAbsence { return [] }
            throw error
        }
    }

    private static func toplevel(_ path: String, _ tree: any RootTree) -> NestedSystems.Nested.Toplevel {
        do {
            let resolved = try tree.resolve(path)
            return tree.exists(resolved + "/nixos-version")
                ? .found(resolved) : .lost("\(resolved) is no NixOS toplevel")
        } catch {
            return .lost(error.description)
        }
    }

    /// Entries of the Boot Loader Specification (`loader/entries/*.conf`) and of GRUB, that name a toplevel.
    private static func loaderEntries(
        _ tree: any RootTree
    ) throws(TreeError) -> [(title: String, path: String, place: String)] {
        var result: [(title: String, path: String, place: String)] = []
        for boot in ["/boot", "/efi", "/boot/efi"] {
            let directory = boot + "/loader/entries"
            for name in try names(directory, tree) where name.hasSuffix(".conf") {
                let place = directory + "/" + name
                let text: LoaderText
                do {
                    text = try LoaderText.parse(try tree.read(place, limit: 1 << 20))
                } catch let error as TreeError {
                    throw error
                } catch {
                    throw .unreadable(place, reason: "\(error)")
                }
                guard let path = text.toplevel else { continue }
                // nixos-generation-41.conf, nixos-generation-41-specialisation-rescue.conf
                let parts = name.dropLast(5).split(separator: "-")
                let title =
                    parts.count == 3 && parts[0] == "nixos" && parts[1] == "generation"
                    ? "generation \(parts[2])" : "entry \(name.dropLast(5))"
                result.append((title, path, place))
            }
        }
        let place = "/boot/grub/grub.cfg"
        guard tree.exists(place) else { return result }
        do {
            for entry in try GrubConfiguration.parse(try tree.read(place, limit: 4 << 20)).entries {
                if let path = entry.toplevel { result.append(("entry \(entry.title)", path, place)) }
            }
        } catch let error as TreeError {
            throw error
        } catch {
            throw .unreadable(place, reason: "\(error)")
        }
        return result
    }
}

/// The facts of what else can be booted, and of systems within the system.
struct BootEntriesBuilt {
    let system: SystemView

    func facts() -> FactBatch {
        var batch = FactBatch()
        batch.facts["boot.nested-systems"] = nested()
        // A toplevel looked at alone has no other entries beside it.
        if system.etcRoot == "/etc" || system.formerEtc != nil { batch.facts["boot.entries.dangling"] = dangling() }
        return batch
    }

    private func nested() -> Fact {
        do {
            let found = try NestedSystems.find(in: system)
            let evidence = found.map { Evidence(path: $0.place, line: $0.line, text: $0.title) }
            let lost = found.compactMap { nested -> String? in
                if case .lost(let reason) = nested.toplevel { "\(nested.title): \(reason)" } else { nil }
            }
            if let first = lost.first {
                let rest = lost.count > 1 ? ", and \(lost.count - 1) more" : ""
                return .unavailable(reason: "a system within this one cannot be judged: \(first)\(rest)", evidence)
            }
            return .known(
                .strings(found.map(\.title)),
                evidence.isEmpty
                    ? [Evidence(path: "/etc/nixos-containers", text: "there are no systems within this one")] : evidence
            )
        } catch {
            return .unavailable(reason: error.description, [])
        }
    }

    private func dangling() -> Fact {
        do {
            let entries = try BootEntries.find(in: system.tree)
            guard !entries.isEmpty else {
                return .absent([
                    Evidence(
                        path: "/nix/var/nix/profiles", text: "there are neither generations nor entries of a loader")
                ])
            }
            let lost = entries.filter { entry in
                if case .lost = entry.toplevel { true } else { false }
            }
            return .known(
                .strings(lost.map(\.title)),
                lost.isEmpty
                    ? [
                        Evidence(
                            path: "/nix/var/nix/profiles", text: "of \(entries.count) looked at, every one is there")
                    ]
                    : lost.map { Evidence(path: $0.place, text: $0.title) })
        } catch {
            return .unavailable(reason: error.description, [])
        }
    }
}
