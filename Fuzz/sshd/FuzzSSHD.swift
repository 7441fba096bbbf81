import FirnParsing

/// sshd_config comes from images nobody vouches for: reading it, and judging connections by it, must never trap or hang.
///
/// The first byte chooses the habits of a release; 0xff begins a further file, which every Include names.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    guard let choice = bytes.first else { return 0 }
    let files = bytes.dropFirst().split(separator: 0xff, omittingEmptySubsequences: false).map(Array.init)
    var limits = SSHDConfigurationParser.Limits()
    limits.files = 32
    limits.lines = 4000
    do {
        let configuration = try SSHDConfigurationParser.parse(
            files[0], file: "sshd_config", dialect: dialects[Int(choice)], limits: limits,
            includes: { pattern in
                if pattern.hasSuffix("?") { return .unknown(pattern) }
                return .files(files.dropFirst().map { SSHDIncludedFile(path: pattern, bytes: $0) })
            })
        let blocks = SSHDMatchBlocks(configuration)
        precondition(blocks.values.values.allSatisfy { !$0.isEmpty })
        let nobody = configuration.effective()
        _ = configuration.listeners(nobody)
        _ = configuration.refusals()
        let someone = configuration.effective(
            for: SSHDConnection(
                user: "root", groups: ["wheel"], host: "a.example.org", address: "10.0.0.1", localAddress: "fe80::1",
                localPort: 22))
        // What holds for someone has the same keywords as what holds for all.
        precondition(Set(nobody.keys).isSubset(of: someone.keys))
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}

private let dialects = (0...255).map { dialect(UInt8($0)) }

private func dialect(_ choice: UInt8) -> SSHDDialect {
    var syntax = SSHDDialect.Syntax()
    syntax.splitsArguments = choice & 1 == 0
    syntax.splitsMatch = choice & 2 == 0
    syntax.matchAssignment = choice & 4 == 0
    syntax.matchInInclude = choice & 8 == 0
    syntax.relativeInclude = choice & 16 == 0
    syntax.repeatedSubsystem = choice & 32 == 0
    let appended: Set<SSHDKeyword.Kind> = [
        .users, .environmentNames, .port, .listenAddress, .subsystem, .penalties,
    ]
    var names: [String: SSHDDialect.Name] = [:]
    func add(_ keyword: SSHDKeyword) {
        names[keyword.name.lowercased()] = SSHDDialect.Name(keyword: keyword, inMatch: keyword.inMatch)
    }
    for kind in SSHDKeyword.Kind.allCases {
        add(
            SSHDKeyword(
                name: kind.rawValue, kind: kind, inMatch: kind != .port,
                repetition: appended.contains(kind) ? .append : kind == .startups ? .last : .first,
                standard: appended.contains(kind) ? [] : ["none"], words: ["yes": "yes"],
                algorithms: kind == .algorithms ? .key : nil))
    }
    for name in ["Port", "ListenAddress"] {
        add(
            SSHDKeyword(
                name: name, kind: name == "Port" ? .port : .listenAddress, repetition: .append,
                standard: name == "Port" ? ["22"] : []))
    }
    add(
        SSHDKeyword(
            name: "AddressFamily", kind: .choice, standard: ["any"],
            words: ["any": "any", "inet": "inet", "inet6": "inet6"]))
    add(SSHDKeyword(name: "AuthenticationMethods", kind: .methods, inMatch: true, standard: ["any"]))
    add(SSHDKeyword(name: "SetEnv", kind: .environment, inMatch: true, standard: []))
    return SSHDDialect(
        version: SSHDVersion(choice & 64 == 0 ? 10 : 8, 2), names: names, syntax: syntax,
        algorithms: [
            .key: SSHDDialect.Algorithms(
                supported: ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"], standard: ["ssh-ed25519"])
        ])
}
