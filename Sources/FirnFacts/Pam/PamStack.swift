import FirnModel
import FirnParsing

/// What reading a file that PAM or one of its modules reads gave.
enum PamReading {
    /// The bytes, and where they stand.
    case bytes([UInt8], PamPlace)
    /// Looked, and not there.
    case absent
    /// Cannot be read, and why.
    case unavailable(String)
}

/// Where a text stands, for evidence: a file, or an option whose value is the text of the file.
enum PamPlace: Hashable {
    /// A file; evidence names it and the line.
    case file(String)
    /// An option; the line counts within its text.
    case option(Evidence)

    func evidence(_ line: Int?, _ text: String?) -> Evidence {
        switch self {
        case .file(let path): Evidence(path: path, line: line, text: text)
        case .option(let evidence):
            Evidence(
                path: evidence.path, line: evidence.line,
                text: [line.map { "line \($0)" }, text].compactMap { $0 }.joined(separator: ": "))
        }
    }
}

/// Where the texts of a system come from.
protocol PamSource {
    /// The names in `/etc/pam.d`, or why they cannot be told.
    func services() throws(PamProblem) -> [String]
    /// A file of `/etc/pam.d`.
    func service(_ name: String) -> PamReading
    /// Another file, by its absolute path.
    func file(_ path: String) -> PamReading
    /// The limits that NixOS writes for a service to the store file which its pam_limits line names.
    func limits(_ path: String, service: String) -> PamReading
    /// `ENCRYPT_METHOD` of `/etc/login.defs`, nil where it is not set.
    func encryptMethod() throws(PamProblem) -> String?
}

/// Why something cannot be told, and where.
struct PamProblem: Error, Hashable {
    var reason: String
    var evidence: [Evidence] = []
}

/// One entry of a stack as libpam holds it after reading all files.
struct PamHandler {
    /// What runs there.
    enum Kind: Hashable {
        /// A module, by the name of its file without directory and `.so`.
        case module
        /// An entry libpam could not make sense of: it always says `perm_denied`.
        case mustFail
        /// The head of a substack: nothing runs, but a jump counts it.
        case substack
    }

    var kind: Kind
    /// 0 for the service's own stack; 1 and more within substacks.
    var level: Int
    var actions: PamActions
    var module: String
    /// Whether the path is absolute. A bare name is looked for beside libpam only.
    var isAbsolute: Bool
    var arguments: [String]
    var evidence: Evidence

    /// `/etc/pam.d/login:12`.
    var shown: String {
        if let line = evidence.line, !evidence.path.hasPrefix("security.") { return "\(evidence.path):\(line)" }
        return [evidence.path, evidence.text?.split(separator: ":").first.map(String.init)].compactMap { $0 }
            .joined(separator: " ")
    }
}

/// The four stacks of a service, includes resolved.
struct PamStacks {
    var stacks: [PamType: [PamHandler]] = [:]
    /// libpam gives up on the files: every question is answered by a refusal.
    var isRefused = false
    /// Lines that libpam could not make sense of.
    var problems: [Evidence] = []

    /// libpam's bound on files within files (`PAM_SUBSTACK_MAX_LEVEL`).
    static let maximumDepth = 16
    /// No real service comes near this many entries.
    static let maximumEntries = 2048

    /// The stacks of a service: where it has no line of a type, those of `other` stand in.
    static func load(
        _ service: String, from source: some PamSource, other: PamStacks? = nil
    ) throws(PamProblem) -> PamStacks {
        var own = PamStacks()
        try own.read(service, from: source, only: nil, depth: 0, level: 0)
        guard service != "other" else { return own }
        let stand: PamStacks
        if let other { stand = other } else { stand = try load("other", from: source) }
        if stand.isRefused { own.isRefused = true }
        for type in PamType.allCases where own.stacks[type, default: []].isEmpty {
            own.stacks[type] = stand.stacks[type]
        }
        return own
    }

    /// Reads one file; whether libpam could.
    @discardableResult
    private mutating func read(
        _ name: String, from source: some PamSource, only: PamType?, depth: Int, level: Int
    ) throws(PamProblem) -> Bool {
        let reading = name.hasPrefix("/") ? source.file(name) : source.service(name)
        let place: PamPlace
        let bytes: [UInt8]
        switch reading {
        case .absent: return false
        case .unavailable(let reason): throw PamProblem(reason: reason)
        case .bytes(let found, let where_): (bytes, place) = (found, where_)
        }
        let file: PamFile
        do {
            file = try PamFile.parse(bytes)
        } catch {
            let evidence = place.evidence(error.line, nil)
            throw PamProblem(reason: "\(evidence.path): \(error)", evidence: [evidence])
        }
        for line in file.lines { try add(line, place, from: source, only: only, depth: depth, level: level) }
        if file.endsInContinuation {
            problems.append(place.evidence(nil, "the file ends within a continued line: libpam refuses it"))
            if depth == 0 { isRefused = true }
            return false
        }
        return true
    }

    private mutating func add(
        _ line: PamLine, _ place: PamPlace, from source: some PamSource, only: PamType?, depth: Int, level: Int
    ) throws(PamProblem) {
        let type = line.type ?? only ?? .auth
        if let only, type != only { return }
        let evidence = place.evidence(line.number, line.text)
        if let problem = line.problem {
            problems.append(place.evidence(line.number, "\(line.text) (\(problem))"))
        }
        var handler = PamHandler(
            kind: .mustFail, level: level, actions: PamActions(all: .bad), module: "", isAbsolute: false,
            arguments: line.arguments, evidence: evidence)
        switch line.control {
        case .actions(let actions):
            handler.actions = actions
            if line.type != nil, let target = line.target {
                handler.kind = .module
                handler.module = Self.moduleName(target)
                handler.isAbsolute = target.hasPrefix("/")
            }
        case .include, .substack:
            var inner = level
            if line.control == .substack {
                inner += 1
                handler.kind = .substack
                try append(handler, type)
                handler.kind = .mustFail
            }
            if let target = line.target, depth + 1 < Self.maximumDepth,
                try read(target, from: source, only: type, depth: depth + 1, level: inner)
            {
                return
            }
            problems.append(place.evidence(line.number, "\(line.text) (the file cannot be read by libpam)"))
        }
        try append(handler, type)
    }

    private mutating func append(_ handler: PamHandler, _ type: PamType) throws(PamProblem) {
        guard stacks[type, default: []].count < Self.maximumEntries else {
            throw PamProblem(reason: "the stack has too many entries", evidence: [handler.evidence])
        }
        stacks[type, default: []].append(handler)
    }

    /// `pam_unix` of `/nix/store/.../pam_unix.so`.
    static func moduleName(_ path: String) -> String {
        let base = path.split(separator: "/").last.map(String.init) ?? path
        return base.hasSuffix(".so") ? String(base.dropLast(3)) : base
    }
}
