import FirnParsing

/// How one setting is assessed. The kinds are those of systemd's analyze-security.c; which setting is of which kind, with
/// what weight, stands in `profiles/knowledge/unit-exposure.toml`.
enum UnitAssessment: Sendable, Hashable {
    /// Bad unless a directive is on.
    case on(String)
    /// Bad where control groups are delegated.
    case delegation
    /// Bad where any of these capabilities can still be had.
    case boundingSet(UInt64)
    /// Bad where there is an ambient capability.
    case ambientCapabilities
    /// DevicePolicy= and DeviceAllow=.
    case devices
    /// IPAddressDeny= and IPAddressAllow=.
    case addresses
    /// KeyringMode= other than private.
    case keyring
    /// NotifyAccess=all.
    case notifyAccess
    /// ProcSubset= other than pid.
    case procSubset
    /// ProtectProc=.
    case protectProc
    /// ProtectHome=.
    case protectHome
    /// ProtectSystem=.
    case protectSystem
    /// RemoveIPC=, of a service that is not root.
    case removeIPC
    /// A class of address families that may be used.
    case families(SandboxVocabulary.FamilyClass)
    /// A namespace type that may be used.
    case namespace(String)
    /// Neither RootDirectory= nor RootImage=.
    case rootDirectory
    /// SupplementaryGroups=, of a service that is not root.
    case supplementaryGroups
    /// SystemCallArchitectures=.
    case architectures
    /// Calls of a set that may be made.
    case calls(CallSet)
    /// UMask=.
    case umask
    /// User= and DynamicUser=.
    case user

    /// How bad it is, 0 to the setting's range; nil where the setting says nothing about this service.
    func badness(_ sandbox: ServiceSandbox, numbersOfClass: [SandboxVocabulary.FamilyClass: Set<Int>]) -> Int? {
        switch self {
        case .on(let directive): return sandbox.isOn(directive) ? 0 : 1
        case .delegation: return sandbox.delegates ? 1 : 0
        case .boundingSet(let capabilities): return sandbox.boundingSet & capabilities == 0 ? 0 : 1
        case .ambientCapabilities: return sandbox.ambientSet == 0 ? 0 : 1
        case .devices:
            guard sandbox.devicePolicy != .auto else { return 10 }
            return sandbox.devices.isEmpty ? 0 : 5
        case .addresses: return Self.addresses(sandbox)
        case .keyring: return sandbox.keyringMode == "private" ? 0 : 1
        case .notifyAccess: return sandbox.notifyAccess == "all" ? 1 : 0
        case .procSubset: return sandbox.procSubset == "pid" ? 0 : 1
        case .protectProc:
            switch sandbox.protectProc {
            case .invisible, .ptraceable: return 0
            case .noaccess: return 1
            case .default: return 3
            }
        case .protectHome:
            switch sandbox.protectHome {
            case .yes: return 0
            case .tmpfs: return 1
            case .readOnly: return 5
            case .no: return 10
            }
        case .protectSystem:
            switch sandbox.protectSystem {
            case .strict: return 0
            case .full: return 3
            case .yes: return 5
            case .no: return 10
            }
        case .removeIPC: return sandbox.runsAsRoot ? nil : (sandbox.isOn("RemoveIPC") ? 0 : 1)
        case .families(let familyClass):
            guard let filter = sandbox.families else { return 1 }
            let isListed = !filter.listed.isDisjoint(with: numbersOfClass[familyClass] ?? [])
            return isListed == filter.isAllowList ? 1 : 0
        case .namespace(let type): return sandbox.namespaces.map { $0.contains(type) ? 1 : 0 } ?? 1
        case .rootDirectory:
            let isBare = { (path: String) in path.utf8.allSatisfy { $0 == UInt8(ascii: "/") } }
            return isBare(sandbox.rootDirectory) && isBare(sandbox.rootImage) ? 1 : 0
        case .supplementaryGroups: return sandbox.runsAsRoot ? nil : (sandbox.supplementaryGroups.isEmpty ? 0 : 1)
        case .architectures:
            if sandbox.architectures.isEmpty { return 10 }
            return sandbox.architectures == ["native"] ? 0 : 8
        case .calls(let set): return Self.calls(sandbox.callFilter, set)
        case .umask: return Self.umask(sandbox.umask)
        case .user:
            if sandbox.user == "nobody" { return 9 }
            return sandbox.runsAsRoot ? 10 : 0
        }
    }

    private static func addresses(_ sandbox: ServiceSandbox) -> Int {
        if sandbox.ingressFilters > 0 || sandbox.egressFilters > 0 { return 0 }
        let denied = sandbox.deniedAddresses
        guard denied.contains("0.0.0.0/0"), denied.contains("::/0") else { return 10 }
        if sandbox.allowedAddresses.isEmpty { return 0 }
        let isLocal = sandbox.allowedAddresses.allSatisfy { address in
            address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::1/")
        }
        return isLocal ? 2 : 5
    }

    private static func calls(_ filter: ServiceSandbox.CallFilter?, _ set: CallSet) -> Int {
        guard let filter, filter.isAllowList || !filter.listed.isEmpty else { return 10 }
        if filter.isAllowList { return set.intersection(filter.listed).isEmpty ? 0 : 9 }
        var open = set
        open.subtract(filter.listed)
        return open.isEmpty ? 0 : 10
    }

    private static func umask(_ mask: Int) -> Int {
        if mask & 0o002 == 0 { return 10 }
        if mask & 0o004 == 0 { return 5 }
        if mask & 0o020 == 0 { return 2 }
        return mask & 0o040 == 0 ? 1 : 0
    }
}
