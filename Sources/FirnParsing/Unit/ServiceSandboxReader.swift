extension ServiceSandbox {
    /// Reads one assignment after another.
    struct Reader {
        var sandbox: ServiceSandbox
        let vocabulary: SandboxVocabulary
        let instance: String
        /// The main file: a value that systemd does not forgive makes it refuse the unit; in a drop-in it leaves the rest
        /// of the file unread. Nil where all is one file.
        let mainFile: String?
        private var abandoned: String?

        init(sandbox: ServiceSandbox, vocabulary: SandboxVocabulary, instance: String, mainFile: String?) {
            self.sandbox = sandbox
            self.vocabulary = vocabulary
            self.instance = instance
            self.mainFile = mainFile
        }

        private mutating func abandon(_ assignment: SystemdUnit.Assignment, _ reason: String) {
            ignore(assignment, reason)
            if mainFile == nil || assignment.file == mainFile {
                sandbox.isRefused = true
            } else {
                abandoned = assignment.file
            }
        }

        mutating func read(_ assignment: SystemdUnit.Assignment) {
            if let abandoned, abandoned == assignment.file { return }
            if assignment.section == "Service" {
                readService(assignment)
            } else if assignment.section == "Unit", assignment.key == "DefaultDependencies" {
                guard let truth = ServiceSandbox.boolean(assignment.value) else { return }
                sandbox.defaultDependencies = truth
            }
        }

        private mutating func ignore(_ assignment: SystemdUnit.Assignment, _ reason: String) {
            sandbox.ignored.append(Ignored(assignment: assignment, reason: reason))
        }

        private mutating func readService(_ assignment: SystemdUnit.Assignment) {
            let value = assignment.value
            let key = assignment.key
            if vocabulary.switches.contains(key) {
                readSwitch(assignment)
                return
            }
            switch key {
            case "User": readUser(assignment)
            case "SupplementaryGroups": append(value, to: \.supplementaryGroups)
            case "CapabilityBoundingSet":
                sandbox.boundingSet = capabilities(
                    assignment, before: sandbox.boundingSet, initial: vocabulary.allCapabilities)
            case "AmbientCapabilities":
                sandbox.ambientSet = capabilities(assignment, before: sandbox.ambientSet, initial: 0)
            case "Delegate": readDelegate(value)
            case "DeviceAllow": readDevice(assignment)
            case "DevicePolicy": choose(assignment, \.devicePolicy)
            case "IPAddressDeny": readAddresses(assignment, \.deniedAddresses)
            case "IPAddressAllow": readAddresses(assignment, \.allowedAddresses)
            case "IPIngressFilterPath": sandbox.ingressFilters = value.isEmpty ? 0 : sandbox.ingressFilters + 1
            case "IPEgressFilterPath": sandbox.egressFilters = value.isEmpty ? 0 : sandbox.egressFilters + 1
            case "KeyringMode": choose(assignment, \.keyringMode, ["inherit", "private", "shared"])
            case "NotifyAccess": choose(assignment, \.notifyAccess, ["none", "main", "exec", "all"])
            case "ProcSubset": choose(assignment, \.procSubset, ["all", "pid"])
            case "ProtectProc": choose(assignment, \.protectProc)
            case "ProtectHome": choose(assignment, \.protectHome, yes: .yes, no: .no)
            case "ProtectSystem": choose(assignment, \.protectSystem, yes: .yes, no: .no)
            case "RestrictAddressFamilies": readFamilies(assignment)
            case "RestrictNamespaces": readNamespaces(assignment)
            case "RootDirectory": readPath(assignment, \.rootDirectory)
            case "RootImage": readPath(assignment, \.rootImage)
            case "MountImages": sandbox.mountsImages = !value.isEmpty
            case "SetCredentialEncrypted", "LoadCredentialEncrypted":
                sandbox.hasEncryptedCredential = !value.isEmpty
            case "SystemCallArchitectures": readArchitectures(assignment)
            case "SystemCallFilter": readCallFilter(assignment)
            case "UMask": readMask(assignment)
            default: return
            }
            sandbox.deciding[key] = assignment
        }

        private mutating func readUser(_ assignment: SystemdUnit.Assignment) {
            let name =
                assignment.value.utf8.contains(UInt8(ascii: "%"))
                ? assignment.value.replacing("%i", with: instance).replacing("%I", with: instance) : assignment.value
            if name.isEmpty, !assignment.value.isEmpty {
                abandon(assignment, "is empty in a unit that is no template")
            } else {
                sandbox.user = name
            }
        }

        private mutating func readSwitch(_ assignment: SystemdUnit.Assignment) {
            if let truth = ServiceSandbox.boolean(assignment.value) {
                sandbox.switches[assignment.key] = truth
            } else if let values = vocabulary.switchValues[assignment.key],
                values.contains(where: { assignment.value == $0 || assignment.value.hasPrefix($0 + ":") })
            {
                sandbox.switches[assignment.key] = true
            } else {
                if assignment.key == "DynamicUser" {
                    abandon(assignment, "is neither yes nor no")
                } else if !assignment.value.isEmpty {
                    ignore(assignment, "is neither yes nor no")
                }
                return
            }
            sandbox.deciding[assignment.key] = assignment
        }

        private mutating func append(_ value: String, to list: WritableKeyPath<ServiceSandbox, [String]>) {
            if value.isEmpty {
                sandbox[keyPath: list] = []
            } else {
                sandbox[keyPath: list] += ServiceSandbox.words(value)
            }
        }

        private mutating func choose<Choice: RawRepresentable<String>>(
            _ assignment: SystemdUnit.Assignment, _ path: WritableKeyPath<ServiceSandbox, Choice>, yes: Choice? = nil,
            no: Choice? = nil
        ) {
            if let yes, let no, let truth = ServiceSandbox.boolean(assignment.value) {
                sandbox[keyPath: path] = truth ? yes : no
            } else if let choice = Choice(rawValue: assignment.value) {
                sandbox[keyPath: path] = choice
            } else if !assignment.value.isEmpty {
                ignore(assignment, "is no value of this setting")
            }
        }

        private mutating func choose(
            _ assignment: SystemdUnit.Assignment, _ path: WritableKeyPath<ServiceSandbox, String>,
            _ choices: Set<String>
        ) {
            if choices.contains(assignment.value) {
                sandbox[keyPath: path] = assignment.value
            } else if !assignment.value.isEmpty {
                ignore(assignment, "is no value of this setting")
            }
        }

        /// Splits off a leading `~`.
        private func inverted(_ value: String) -> (isInverted: Bool, rest: Substring) {
            value.utf8.first == UInt8(ascii: "~") ? (true, value.dropFirst()) : (false, value[...])
        }

        private mutating func capabilities(
            _ assignment: SystemdUnit.Assignment, before: UInt64, initial: UInt64
        ) -> UInt64 {
            let (isInverted, rest) = inverted(assignment.value)
            let all = vocabulary.allCapabilities
            var sum: UInt64 = 0
            for word in ServiceSandbox.words(rest) {
                if let number = vocabulary.capabilities[word] ?? vocabulary.capabilities[word.uppercased()] {
                    sum |= 1 << UInt64(number)
                } else if let number = UInt64(word), number < 63 {
                    sum |= (1 << number) & all
                } else {
                    ignore(assignment, "\(word) is no capability")
                }
            }
            // An empty list, or the first one, replaces; a further one adds or takes away.
            if sum == 0 || before == initial { return isInverted ? all & ~sum : sum }
            return isInverted ? before & ~sum : before | sum
        }

        private mutating func readDelegate(_ value: String) {
            // A list of controllers delegates them, and an empty one delegates without any.
            sandbox.delegates = ServiceSandbox.boolean(value) ?? true
        }

        private mutating func readDevice(_ assignment: SystemdUnit.Assignment) {
            guard !assignment.value.isEmpty else {
                sandbox.devices = []
                return
            }
            guard let device = ServiceSandbox.words(assignment.value).first else { return }
            if ["/dev/", "/run/systemd/inaccessible/", "block-", "char-"].contains(where: device.hasPrefix),
                !device.split(separator: "/").contains("..")
            {
                sandbox.devices.append(device)
            } else {
                ignore(assignment, "is no device")
            }
        }

        private mutating func readAddresses(
            _ assignment: SystemdUnit.Assignment, _ path: WritableKeyPath<ServiceSandbox, [String]>
        ) {
            guard !assignment.value.isEmpty else {
                sandbox[keyPath: path] = []
                return
            }
            for word in ServiceSandbox.words(assignment.value) {
                switch word {
                case "any": sandbox[keyPath: path] += ["0.0.0.0/0", "::/0"]
                case "localhost": sandbox[keyPath: path] += ["127.0.0.0/8", "::1/128"]
                case "link-local": sandbox[keyPath: path] += ["169.254.0.0/16", "fe80::/64"]
                case "multicast": sandbox[keyPath: path] += ["224.0.0.0/4", "ff00::/8"]
                default:
                    guard let prefix = Self.prefix(word) else {
                        ignore(assignment, "\(word) is no address")
                        continue
                    }
                    sandbox[keyPath: path].append(prefix)
                }
            }
        }

        /// An address or prefix, one of length 0 in the form that `any` has; nil for what is none.
        private static func prefix(_ word: String) -> String? {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            guard let address = parts.first, parts.count <= 2 else { return nil }
            let isIPv6 = address.utf8.contains(UInt8(ascii: ":"))
            if parts.count == 2 {
                guard let length = Int(parts[1]), (0...(isIPv6 ? 128 : 32)).contains(length) else { return nil }
                if length == 0 { return isIPv6 ? "::/0" : "0.0.0.0/0" }
            }
            if isIPv6 {
                return address.utf8.allSatisfy { byte in
                    (0x30...0x3A).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
                        || byte == UInt8(ascii: ".")
                } ? word : nil
            }
            let numbers = address.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? 256 }
            return numbers.count == 4 && numbers.allSatisfy { (0...255).contains($0) } ? word : nil
        }

        private mutating func readFamilies(_ assignment: SystemdUnit.Assignment) {
            let value = assignment.value
            if value.isEmpty {
                sandbox.families = nil
                return
            }
            if value == "none" {
                sandbox.families = FamilyFilter(isAllowList: true, listed: [], isNone: true)
                return
            }
            let (isInverted, rest) = inverted(value)
            var filter = sandbox.families ?? FamilyFilter(isAllowList: !isInverted, listed: [])
            // After `none` there is no list yet, and the next line decides of which kind it is.
            if filter.isNone { filter = FamilyFilter(isAllowList: !isInverted, listed: []) }
            for word in ServiceSandbox.words(rest) {
                guard let family = vocabulary.families[word] ?? vocabulary.families[word.uppercased()] else {
                    ignore(assignment, "\(word) is no address family")
                    continue
                }
                if filter.isAllowList != isInverted {
                    filter.listed.insert(family.number)
                } else {
                    filter.listed.remove(family.number)
                }
            }
            sandbox.families = filter
        }

        private mutating func readNamespaces(_ assignment: SystemdUnit.Assignment) {
            let value = assignment.value
            if value.isEmpty {
                sandbox.namespaces = nil
                return
            }
            if let truth = ServiceSandbox.boolean(value) {
                sandbox.namespaces = truth ? [] : ServiceSandbox.namespaceTypes
                return
            }
            let (isInverted, rest) = inverted(value)
            let types = Set(ServiceSandbox.words(rest))
            guard types.isSubset(of: ServiceSandbox.namespaceTypes) else {
                ignore(assignment, "is no list of namespace types")
                return
            }
            if let before = sandbox.namespaces {
                sandbox.namespaces = isInverted ? before.subtracting(types) : before.union(types)
            } else {
                sandbox.namespaces = isInverted ? ServiceSandbox.namespaceTypes.subtracting(types) : types
            }
        }

        private mutating func readPath(
            _ assignment: SystemdUnit.Assignment, _ path: WritableKeyPath<ServiceSandbox, String>
        ) {
            let parts = assignment.value.split(separator: "/").filter { $0 != "." }
            if assignment.value.isEmpty {
                sandbox[keyPath: path] = ""
            } else if assignment.value.hasPrefix("/"), !parts.contains("..") {
                sandbox[keyPath: path] = "/" + parts.joined(separator: "/")
            } else {
                abandon(assignment, "is no absolute path")
            }
        }

        private static let architectures: Set<String> = [
            "native", "x86", "x86-64", "x32", "arm", "arm64", "loongarch64", "mips", "mips64", "mips64-n32", "mips-le",
            "mips64-le", "mips64-le-n32", "parisc", "parisc64", "ppc", "ppc64", "ppc64-le", "riscv64", "s390", "s390x",
        ]

        private mutating func readArchitectures(_ assignment: SystemdUnit.Assignment) {
            if assignment.value.isEmpty {
                sandbox.architectures = []
                return
            }
            for word in ServiceSandbox.words(assignment.value) {
                if Self.architectures.contains(word) {
                    sandbox.architectures.insert(word)
                } else {
                    ignore(assignment, "\(word) is no architecture")
                }
            }
        }

        private mutating func readCallFilter(_ assignment: SystemdUnit.Assignment) {
            if assignment.value.isEmpty {
                sandbox.callFilter = nil
                return
            }
            let (isInverted, rest) = inverted(assignment.value)
            var filter: CallFilter
            if let before = sandbox.callFilter {
                filter = before
            } else {
                filter = CallFilter(isAllowList: !isInverted, listed: CallSet())
                if !isInverted, let always = vocabulary.callSets["@default"] { filter.listed = always }
            }
            for word in ServiceSandbox.words(rest) {
                let parts = word.split(separator: ":", maxSplits: 1)
                guard let name = parts.first.map(String.init) else { continue }
                if parts.count > 1 {
                    // Allowed calls take no error number, and a wrong one voids the word.
                    guard isInverted, Self.isError(parts[1]) else {
                        ignore(assignment, "\(word) has an error number that systemd does not take")
                        continue
                    }
                }
                var calls = CallSet()
                if name.hasPrefix("@") {
                    guard let set = vocabulary.callSets[name] else {
                        ignore(assignment, "\(name) is no set of system calls")
                        continue
                    }
                    calls = set
                } else if let place = vocabulary.calls[name] {
                    calls.insert(place)
                } else {
                    // A call that is in no set, or that the machine does not have: it has no part in the score.
                    continue
                }
                if isInverted != filter.isAllowList {
                    filter.listed.formUnion(calls)
                } else {
                    filter.listed.subtract(calls)
                }
            }
            sandbox.callFilter = filter
        }

        private static func isError(_ text: Substring) -> Bool {
            if let number = Int(text) { return (0...4095).contains(number) }
            return text == "kill"
                || (text.utf8.first == UInt8(ascii: "E")
                    && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) })
        }

        private mutating func readMask(_ assignment: SystemdUnit.Assignment) {
            guard !assignment.value.isEmpty else { return }
            guard let mask = Int(assignment.value, radix: 8), (0...0o7777).contains(mask),
                assignment.value.utf8.allSatisfy({ (0x30...0x37).contains($0) })
            else {
                ignore(assignment, "is no octal mask")
                return
            }
            sandbox.umask = mask
        }
    }
}
