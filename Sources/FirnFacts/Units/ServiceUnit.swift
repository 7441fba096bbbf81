public import FirnParsing

/// A service of a system: where it comes from, what starts it, what it may do.
public struct ServiceUnit: Sendable {
    /// Who wrote a unit file.
    public enum Origin: Sendable, Hashable {
        /// The configuration: NixOS made the file from its options.
        case configuration
        /// The configuration too, but only what it adds to a package's file is known.
        case overrides
        /// systemd itself.
        case systemd
        /// Another package.
        case package
    }

    /// The unit's name; of a template, with `@` before the dot.
    public var name: String
    /// What evidence calls it: the file, or the option.
    public var path: String
    /// Who wrote the main file.
    public var origin: Origin
    /// The file and its drop-ins.
    public var unit: SystemdUnit
    /// What the directives come to.
    public var sandbox: ServiceSandbox
    /// The targets, sockets, timers, paths and other units that start it; empty where nothing does.
    public var startedBy: [String]

    /// The short scripts that NixOS made for it and that root runs; empty where another user runs them.
    var scripts: [Script] = []

    /// A script of a service.
    struct Script: Sendable {
        /// What evidence calls it: the file, or the option.
        var path: String
        /// Its text; nil where it cannot be read.
        var text: String?
    }

    /// Creates a service.
    init(
        name: String, path: String, origin: Origin, unit: SystemdUnit, sandbox: ServiceSandbox, startedBy: [String]
    ) {
        self.name = name
        self.path = path
        self.origin = origin
        self.unit = unit
        self.sandbox = sandbox
        self.startedBy = startedBy
    }

    /// Whether something starts it without a hand.
    public var isStarted: Bool { !startedBy.isEmpty }

    /// Whether it stays and does not only do one thing.
    public var isLongRunning: Bool {
        // What only a timer starts is a job that ends, whatever its type.
        if !startedBy.isEmpty, startedBy.allSatisfy({ $0.hasSuffix(".timer") }) { return false }
        return unit.value("Service", "Type")?.value != "oneshot"
            && unit.value("Service", "RemainAfterExit").flatMap { ServiceSandbox.boolean($0.value) } != true
    }

    /// Whether systemd would load it: a service must say what it runs (service_verify in service.c of systemd). What the
    /// options add to a package's unit says it elsewhere.
    public var isLoadable: Bool {
        if sandbox.isRefused { return false }
        if origin == .overrides { return true }
        let starts = !unit.values("Service", "ExecStart").isEmpty
        let stops = !unit.values("Service", "ExecStop").isEmpty
        let type = unit.value("Service", "Type")?.value ?? ""
        let remains =
            unit.value("Service", "RemainAfterExit").flatMap { ServiceSandbox.boolean($0.value) } ?? false
        let acts = unit.value("Unit", "SuccessAction").map { $0.value != "none" } ?? false
        if !starts && !stops && !acts { return false }
        if type != "oneshot" && !starts && !remains && !acts { return false }
        return true
    }

    /// Whether an assignment was written by the configuration, rather than by a package.
    func isConfigured(_ assignment: SystemdUnit.Assignment) -> Bool {
        switch origin {
        case .configuration, .overrides: true
        // nixpkgs writes what the options add to a package's unit into a drop-in of this name.
        case .systemd, .package: assignment.file.hasSuffix("/overrides.conf")
        }
    }

    /// The commands that run with all rights of the service manager or of the service's user, with what they are for.
    func programs() -> [Program] {
        var result: [Program] = []
        for key in Self.execDirectives {
            for assignment in unit.values("Service", key) {
                result.append(Program(assignment: assignment))
            }
        }
        return result
    }

    private static let execDirectives = [
        "ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecReload", "ExecStop", "ExecStopPost",
    ]

    /// A program that an Exec directive names.
    struct Program: Sendable {
        var assignment: SystemdUnit.Assignment
        /// The program as it is written, without prefixes.
        var path: String
        /// The words after the program, argv[0] left out where `@` gives it.
        var arguments: [String]
        /// `-`: failing is no failure.
        var mayFail = false
        /// `+`, `!`: runs with full rights whatever User= says.
        var hasFullRights = false

        init(assignment: SystemdUnit.Assignment) {
            self.assignment = assignment
            var words = ServiceSandbox.words(assignment.value)
            var program = words.isEmpty ? "" : words.removeFirst()
            var replacesName = false
            while let mark = program.utf8.first, "@-:+!|".utf8.contains(mark) {
                switch mark {
                case UInt8(ascii: "@"): replacesName = true
                case UInt8(ascii: "-"): mayFail = true
                case UInt8(ascii: "+"), UInt8(ascii: "!"): hasFullRights = true
                default: break
                }
                program.removeFirst()
            }
            if replacesName, !words.isEmpty { words.removeFirst() }
            path = program
            arguments = words
        }

        /// The last component of the program's path.
        var name: Substring { path.split(separator: "/").last ?? "" }
    }
}

/// A socket that systemd listens on for a service.
public struct SocketUnit: Sendable {
    /// The unit's name.
    public var name: String
    /// The file and its drop-ins.
    public var unit: SystemdUnit
    /// What starts it; empty where nothing does.
    public var startedBy: [String]

    /// One address.
    public struct Address: Sendable, Hashable {
        /// As it is written.
        public var text: String
        /// The assignment.
        public var assignment: SystemdUnit.Assignment

        /// Whether it is a socket in the file system.
        public var isPath: Bool { text.hasPrefix("/") }

        /// Whether other machines can reach it: an IP address or port that is not of the loopback.
        public var isNetwork: Bool {
            if text.hasPrefix("/") || text.hasPrefix("@") || text.hasPrefix("vsock") || text.isEmpty { return false }
            if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
            if text.hasPrefix("%") || !text.utf8.contains(UInt8(ascii: ":")) { return false }
            return
                !(text.hasPrefix("127.") || text.hasPrefix("[::1]") || text.hasPrefix("localhost:")
                || text.hasPrefix("[::ffff:127."))
        }
    }

    /// The stream, datagram and packet addresses.
    public var addresses: [Address] {
        ["ListenStream", "ListenDatagram", "ListenSequentialPacket"].flatMap { key in
            unit.values("Socket", key).map { Address(text: $0.value, assignment: $0) }
        }
    }

    /// Whether it takes connections from the loopback interface only, whatever its addresses are.
    public var isOnLoopback: Bool { unit.value("Socket", "BindToDevice")?.value == "lo" }

    /// SocketMode=, 0666 where unset.
    public var mode: Int { unit.value("Socket", "SocketMode").flatMap { Int($0.value, radix: 8) } ?? 0o666 }

    /// The service it starts: Service=, or the one of its name, a template where each connection has its own.
    public var service: String {
        if let named = unit.value("Socket", "Service") { return named.value }
        let stem = name.hasSuffix(".socket") ? String(name.dropLast(7)) : name
        let accepts = unit.value("Socket", "Accept").flatMap { ServiceSandbox.boolean($0.value) } ?? false
        return accepts && !stem.hasSuffix("@") ? stem + "@.service" : stem + ".service"
    }
}
