import ArgumentParser
import FirnReportCore
import FirnSigning
import Glibc

/// `firn verify`: says what a signature proves, and whether it does.
struct VerifyCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify what was signed, offline.",
        discussion: """
            Checks a statement, a signed report or a bundle against public keys you trust, and what it is about against \
            what you have: the image, the closure, the reports, the waivers. Each line says what was checked. A \
            statement of which nothing was compared is incomplete (3), unless --signature-only asks for no more.

            Examples:
              firn verify release.intoto.json --key release.pub --artifact nixos.iso
              firn verify release.intoto.json --key release.pub --closure /run/current-system --policy release
              firn verify report.signed.json --key agent.pub --challenge "$NONCE"
              firn verify out/ --key release.pub

            Exit codes: 0 all holds, 1 a signature or something it binds does not hold, or the release was blocked, \
            2 tool or input error, 3 nothing, or not all that was asked for, could be compared, 64 usage. What does not \
            hold is told before what was not compared.
            """
    )

    @Argument(help: ArgumentHelp("A statement, a signed report, or a bundle's directory.", valueName: "file|dir"))
    var path: String

    @Option(
        name: .customLong("key"),
        help: ArgumentHelp("A public key whose signature is accepted. May be repeated.", valueName: "file"),
        completion: .file())
    var keys: [String] = []

    @Option(help: ArgumentHelp("The image to compare.", valueName: "file"), completion: .file())
    var artifact: String?

    @Option(
        help: ArgumentHelp("The closure to read and compare: a toplevel, or a root directory.", valueName: "path"),
        completion: .directory)
    var closure: String?

    @Option(
        name: .customLong("report"),
        help: ArgumentHelp("A report the verdict must rest on. May be repeated.", valueName: "file"),
        completion: .file())
    var reports: [String] = []

    @Option(
        help: ArgumentHelp("The waivers the verdict must rest on: a directory or file.", valueName: "path"),
        completion: .file())
    var waivers: String?

    @Option(help: ArgumentHelp("The policy it must be judged by: id or digest.", valueName: "policy"))
    var policy: String?

    @Option(help: ArgumentHelp("The profile it must be judged by: id or digest.", valueName: "profile"))
    var profile: String?

    @Option(help: ArgumentHelp("The nonce a report must answer.", valueName: "nonce"))
    var challenge: String?

    @Option(
        help: ArgumentHelp(
            "Verify as of this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.", valueName: "time"))
    var now: String?

    @Flag(help: "Compare nothing the statement is about.")
    var signatureOnly = false

    func validate() throws {
        if keys.isEmpty { throw ValidationError("Give the public key that is trusted: --key FILE.") }
        if signatureOnly, artifact != nil || closure != nil {
            throw ValidationError("--signature-only compares nothing; leave out --artifact and --closure.")
        }
        if challenge?.isEmpty == true { throw ValidationError("An empty challenge asks nothing.") }
    }

    mutating func run(_ console: Console) throws -> Int32 {
        let time = try now.map(CheckCommand.time) ?? console.now()
        var accepted: [PublicKey] = []
        for key in keys { accepted.append(try SigningFiles.publicKey(key)) }
        var verification = Verification(
            accepted: accepted, artifact: artifact, closure: closure, reports: reports, waivers: waivers,
            policy: policy, profile: profile, challenge: challenge, isSignatureOnly: signatureOnly, now: time,
            console: console)
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw CommandFailure("\(VisibleText.escape(path)): \(String(cString: strerror(errno)))")
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            try verification.verify(bundle: path)
        } else {
            try verification.verify(file: path)
        }
        console.out(VerificationText.render(verification, name: path, console))
        return verification.exitCode
    }
}
