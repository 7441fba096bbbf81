import FirnModel
import FirnParsing

/// The configuration of the kernel that a system boots.
struct KernelConfiguration: Sendable, Hashable {
    /// The options of `profiles/knowledge/kconfig.toml` that the file names.
    var settings: [String: KernelConfigurationFile.Setting]
    /// The file.
    var path: String

    /// What looking for it gave.
    enum Lookup: Sendable, Hashable {
        /// The target does not hold it; the places looked at.
        case missing([Evidence])
        /// It is there and cannot be used, and why.
        case unavailable(String, Evidence)
        /// It was read and belongs to this kernel.
        case known(KernelConfiguration)
    }

    /// An option as a fact: `"y"`, `"m"`, a number or a text; nil where it is off.
    func value(_ name: String) -> FactValue? {
        switch settings[name]?.value {
        case .builtIn: .string("y")
        case .module: .string("m")
        case .number(let number): .integer(number)
        case .text(let text): .string(text)
        case .off, nil: nil
        }
    }

    /// Whether an option is built in.
    func isBuiltIn(_ name: String) -> Bool { settings[name]?.value == .builtIn }

    /// Where an option stands, or is not to be found.
    func evidence(_ name: String) -> Evidence {
        guard let setting = settings[name] else { return Evidence(path: path, text: "no \(name)") }
        let text =
            switch setting.value {
            case .builtIn: "\(name)=y"
            case .module: "\(name)=m"
            case .number(let number): "\(name)=\(number)"
            case .text(let text): "\(name)=\"\(text)\""
            case .off: "# \(name) is not set"
            }
        return Evidence(path: path, line: setting.line, text: text)
    }
}

/// `profiles/knowledge/kconfig.toml`, decoded.
struct KernelConfigurationTable: Sendable {
    var options: Set<String>
    var besideKernel: [String]
    var besideModules: [String]
    var belowEtc: [String]
    var compressed: [String]

    init(_ knowledge: Knowledge) throws(DataError) {
        let file = "profiles/knowledge/kconfig.toml"
        guard let table = knowledge.tables["kconfig"] else {
            throw DataError(file: file, line: 0, message: "the table is missing")
        }
        func texts(_ key: String) throws(DataError) -> [String] {
            guard let texts = table[key]?.strings, !texts.isEmpty else {
                throw DataError(file: file, line: table.line, message: "\(key) must be a list of texts")
            }
            return texts
        }
        options = Set(try texts("options"))
        besideKernel = try texts("beside-kernel")
        besideModules = try texts("beside-modules")
        belowEtc = try texts("below-etc")
        compressed = try texts("compressed")
    }
}

extension SystemView {
    /// The configuration of the kernel this system boots. It is looked for once, whichever families ask.
    func kernelConfiguration(
        _ knowledge: Knowledge, _ context: SystemContext
    ) throws(DataError) -> KernelConfiguration.Lookup {
        // A table that is not loaded (tests of one family) answers nothing.
        guard knowledge.tables["kconfig"] != nil else { return .missing([]) }
        let table = try KernelConfigurationTable(knowledge)
        return kernelConfigurationOnce { findKernelConfiguration(table, context) }
    }

    /// Only places that are tied to this kernel by a link of the toplevel, or to this system by its own `/etc`, count:
    /// a file that merely has the kernel's version in its name may be another build's (docs/adr/0003).
    private func findKernelConfiguration(
        _ table: KernelConfigurationTable, _ context: SystemContext
    ) -> KernelConfiguration.Lookup {
        let prefix = toplevel == "/" ? "" : toplevel
        var candidates = table.belowEtc.map { (path: etcPath($0), shown: shownEtcPath($0), isPutThere: true) }
        var looked = candidates.map { Evidence(path: $0.shown, text: "not there") }
        let version = context.kernelVersion
        var directories: [(String, [String])] = []
        do {
            // /nix/store/<hash>-linux-6.18.37/bzImage
            let image = try tree.linkTarget(prefix + "/kernel")
            if image.hasPrefix("/"), let slash = image.lastIndex(of: "/") {
                directories.append((String(image[..<slash]), table.besideKernel + table.compressed))
            }
        } catch {
            // No kernel link: nothing stands beside it.
        }
        directories.append((prefix + "/kernel-modules", table.besideModules))
        for (directory, names) in directories {
            looked.append(Evidence(path: directory, text: "no configuration in it"))
            for name in names {
                if name.contains("{version}"), version == nil { continue }
                let path = directory + "/" + name.replacing("{version}", with: version ?? "")
                candidates.append((path, path, false))
            }
        }
        for candidate in candidates {
            let bytes: [UInt8]
            do {
                bytes = try tree.read(candidate.path, limit: 4 << 20)
            } catch {
                switch error {
                case .notFound, .wrongKind: continue
                // A link out of the closure (to the sources) shows nothing of it, unless the file itself was put here.
                case .danglingLink where !candidate.isPutThere: continue
                default: return .unavailable(error.description, Evidence(path: candidate.shown))
                }
            }
            return Self.read(bytes, candidate.shown, table, context)
        }
        return .missing(looked)
    }

    private static func read(
        _ bytes: [UInt8], _ path: String, _ table: KernelConfigurationTable, _ context: SystemContext
    ) -> KernelConfiguration.Lookup {
        let evidence = Evidence(path: path)
        if table.compressed.contains(where: { path.hasSuffix("/" + $0) }) || bytes.starts(with: [0x1f, 0x8b]) {
            return .unavailable("\(path) is compressed, which is not read", evidence)
        }
        let file: KernelConfigurationFile
        do {
            file = try KernelConfigurationFile.parse(bytes, keeping: table.options)
        } catch {
            return .unavailable("\(path): \(error)", Evidence(path: path, line: error.line))
        }
        guard let version = file.version else {
            return .unavailable("\(path) does not say which kernel it is for", evidence)
        }
        guard let kernel = context.kernelVersion else {
            return .unavailable(
                "\(path) is for Linux \(version), and the booted kernel's version is not known", evidence)
        }
        // `6.12.15-hardened1` of linux-hardened-6.12.15.
        guard DottedVersion(version) == DottedVersion(kernel) else {
            return .unavailable("\(path) is for Linux \(version), the system boots \(kernel)", evidence)
        }
        return .known(KernelConfiguration(settings: file.settings, path: path))
    }
}
