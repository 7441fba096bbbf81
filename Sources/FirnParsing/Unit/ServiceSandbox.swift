/// What the directives of a service come to, read in the order of the files as systemd reads them: resets by an empty
/// assignment, `~` and merging of lists, and values that it ignores (systemd.exec(5), systemd.resource-control(5)).
///
/// Where this follows what systemd does rather than what the manual says, the source is load-fragment.c of systemd 252.
public struct ServiceSandbox: Sendable, Hashable {
    /// A value that systemd warns about and ignores.
    public struct Ignored: Sendable, Hashable {
        /// The assignment.
        public var assignment: SystemdUnit.Assignment
        /// What is wrong with it.
        public var reason: String
    }

    /// ProtectSystem=.
    public enum SystemProtection: String, Sendable, Hashable {
        case no, yes, full, strict
    }

    /// ProtectHome=.
    public enum HomeProtection: String, Sendable, Hashable {
        case no, yes
        case readOnly = "read-only"
        case tmpfs
    }

    /// ProtectProc=.
    public enum ProcProtection: String, Sendable, Hashable {
        case `default`, noaccess, invisible, ptraceable
    }

    /// DevicePolicy=.
    public enum DevicePolicy: String, Sendable, Hashable {
        case auto, closed, strict
    }

    /// A filter of system calls.
    public struct CallFilter: Sendable, Hashable {
        /// Only what is listed is allowed, rather than all but what is listed.
        public var isAllowList: Bool
        /// What is listed.
        public var listed: CallSet
    }

    /// What may be used of something restricted by a list.
    public struct FamilyFilter: Sendable, Hashable {
        /// Only what is listed is allowed, rather than all but what is listed.
        public var isAllowList: Bool
        /// The numbers of the families that are listed.
        public var listed: Set<Int>
        /// `none`: there is no list, and nothing is allowed.
        public var isNone = false
    }

    /// DefaultDependencies= of the unit.
    public var defaultDependencies = true
    /// User=, empty where unset.
    public var user = ""
    /// SupplementaryGroups=.
    public var supplementaryGroups: [String] = []
    /// The directives that are on or off, where something is assigned.
    public var switches: [String: Bool] = [:]
    /// CapabilityBoundingSet=.
    public var boundingSet: UInt64
    /// AmbientCapabilities=.
    public var ambientSet: UInt64 = 0
    /// Whether control groups are delegated.
    public var delegates = false
    /// DeviceAllow=, the entries.
    public var devices: [String] = []
    /// DevicePolicy=.
    public var devicePolicy = DevicePolicy.auto
    /// IPAddressDeny=, `any` spelled out.
    public var deniedAddresses: [String] = []
    /// IPAddressAllow=.
    public var allowedAddresses: [String] = []
    /// IPIngressFilterPath=, IPEgressFilterPath=: there is a filter of its own.
    public var ingressFilters = 0
    /// How many egress filters there are.
    public var egressFilters = 0
    /// KeyringMode=.
    public var keyringMode = "private"
    /// NotifyAccess=, empty where unset.
    public var notifyAccess = ""
    /// ProcSubset=.
    public var procSubset = "all"
    /// ProtectProc=.
    public var protectProc = ProcProtection.default
    /// ProtectHome=.
    public var protectHome = HomeProtection.no
    /// ProtectSystem=.
    public var protectSystem = SystemProtection.no
    /// RestrictAddressFamilies=, nil where unset.
    public var families: FamilyFilter?
    /// RestrictNamespaces=: the types that may still be used, nil where unset.
    public var namespaces: Set<String>?
    /// RootDirectory=.
    public var rootDirectory = ""
    /// RootImage=.
    public var rootImage = ""
    /// Whether MountImages= has entries.
    public var mountsImages = false
    /// Whether a credential is encrypted.
    public var hasEncryptedCredential = false
    /// SystemCallArchitectures=.
    public var architectures: Set<String> = []
    /// SystemCallFilter=, nil where unset.
    public var callFilter: CallFilter?
    /// UMask=.
    public var umask = 0o022
    /// Whether systemd refuses the unit for a value of its main file.
    public var isRefused = false
    /// Values that systemd ignores.
    public var ignored: [Ignored] = []
    /// The assignment that was read last for a directive.
    public var deciding: [String: SystemdUnit.Assignment] = [:]

    /// The types of namespaces that RestrictNamespaces= knows.
    public static let namespaceTypes: Set<String> = ["cgroup", "ipc", "net", "mnt", "pid", "user", "uts"]

    /// Whether a directive that is on or off is on; nil where nothing is assigned.
    public func isOn(_ directive: String) -> Bool { switches[directive] ?? false }

    /// Whether it runs as root (User= is empty or root, and no user is made up for it).
    public var runsAsRoot: Bool {
        user == "root" || user == "0" || (user.isEmpty && !isOn("DynamicUser"))
    }

    /// Reads the directives of a unit. `instance` is what stands for `%i`: nothing, where the unit is no template.
    /// `isOneFile` says that all assignments stand in one file, whatever they are called.
    public init(
        _ unit: SystemdUnit, vocabulary: SandboxVocabulary, instance: String = "", isOneFile: Bool = false
    ) {
        boundingSet = vocabulary.allCapabilities
        var reader = Reader(
            sandbox: self, vocabulary: vocabulary, instance: instance,
            mainFile: isOneFile ? nil : unit.assignments.first?.file ?? "")
        for assignment in unit.assignments { reader.read(assignment) }
        self = reader.sandbox
    }
}

extension ServiceSandbox {
    /// systemd's parse_boolean.
    public static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": true
        case "0", "no", "n", "false", "f", "off": false
        default: nil
        }
    }

    /// The words of a value, quotes removed.
    public static func words(_ value: some StringProtocol) -> [String] {
        var result: [String] = []
        var word: [UInt8]?
        var quote: UInt8?
        var isEscaped = false
        for byte in value.utf8 {
            if isEscaped {
                word = (word ?? []) + [byte]
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"):
                isEscaped = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == byte {
                    quote = nil
                } else if quote == nil {
                    quote = byte
                    word = word ?? []
                } else {
                    word?.append(byte)
                }
            case 0x20, 0x09, 0x0A, 0x0D:
                if quote != nil {
                    word?.append(byte)
                } else if let done = word {
                    result.append(String(decoding: done, as: UTF8.self))
                    word = nil
                }
            default:
                if word == nil { word = [byte] } else { word?.append(byte) }
            }
        }
        if let done = word { result.append(String(decoding: done, as: UTF8.self)) }
        return result
    }
}
