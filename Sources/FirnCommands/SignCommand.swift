import ArgumentParser
import Crypto
import FirnModel
import FirnParsing
import FirnReportCore
import FirnSigning

/// What `firn sign` writes.
enum SignatureForm: String, CaseIterable, ExpressibleByArgument {
    /// An in-toto statement with the test-result predicate.
    case testResult = "test-result"
    /// An in-toto statement with SLSA's verification summary.
    case vsa
    /// The report itself.
    case report
}

/// `firn sign`: signs a verdict, a report or a bundle.
struct SignCommand: ParsableCommand, ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a verdict, a report or a bundle.",
        discussion: """
            A verdict of firn gate becomes an in-toto statement about the image, the toplevel and its closure; the \
            reports it rests on may be given too, and the statement then lists which rules passed. --type report signs \
            one report as it is. --bundle signs every file of a bundle and writes bundle.intoto.json into it. The \
            envelope is DSSE, the key Ed25519 in OpenSSH or PKCS#8 form without a passphrase. A verdict that blocks can \
            be signed too: the statement then says FAILED.

            Examples:
              ssh-keygen -t ed25519 -N '' -f release.key
              firn sign verdict.json report.json --key release.key --closure result > release.intoto.json
              firn sign verdict.json --key release.key --artifact nixos.iso --type vsa --output nixos.iso.vsa.json
              firn sign report.json --key agent.key --type report --output report.signed.json
              firn sign --bundle out/ --key release.key

            Exit codes: 0 signed, 2 tool or input error, or something is not what the verdict is about, 64 usage.
            """
    )

    @Argument(
        help: ArgumentHelp("A verdict and, if wanted, its reports; or one report.", valueName: "file"),
        completion: .file())
    var files: [String] = []

    @Option(help: ArgumentHelp("The private key.", valueName: "file"), completion: .file())
    var key: String

    @Option(
        help: ArgumentHelp(
            "Read every file of the closure (a toplevel, or a root directory) and bind its digest.", valueName: "path"),
        completion: .directory)
    var closure: String?

    @Option(
        help: ArgumentHelp("Hash this image and compare it with the verdict's.", valueName: "file"),
        completion: .file())
    var artifact: String?

    @Option(help: ArgumentHelp("test-result, vsa or report.", valueName: "type"))
    var type: SignatureForm = .testResult

    @Option(help: ArgumentHelp("Sign the files of a bundle.", valueName: "dir"), completion: .directory)
    var bundle: String?

    @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"), completion: .file())
    var output: String?

    func validate() throws {
        if bundle != nil {
            guard files.isEmpty, closure == nil, artifact == nil, output == nil, type == .testResult else {
                throw ValidationError("--bundle stands alone with --key; the statement is written into the bundle.")
            }
        } else if files.isEmpty {
            throw ValidationError("Give a verdict or a report, or --bundle.")
        }
        if type == .report, files.count != 1 || closure != nil || artifact != nil {
            throw ValidationError("--type report takes one report, and neither --closure nor --artifact.")
        }
    }

    mutating func run(_ console: Console) throws -> Int32 {
        let privateKey = try SigningFiles.privateKey(key)
        if let bundle {
            try sign(bundle: bundle, with: privateKey, console)
            return ExitCode.pass
        }
        if type == .report {
            try write(report: files[0], with: privateKey, console)
            return ExitCode.pass
        }
        var statement = try readStatement()
        if let artifact { try compare(artifact: artifact, with: statement.verdict) }
        if let closure { try bind(closure: closure, to: &statement.verdict, console) }
        guard !statement.subjects.isEmpty else {
            throw CommandFailure("the verdict names no artifact, no toplevel and no report; there is nothing to sign")
        }
        try write(
            DSSEEnvelope(Array(statement.encode().utf8), type: .statement), with: privateKey, console)
        note(statement, privateKey, console)
        return ExitCode.pass
    }

    private func write(_ envelope: DSSEEnvelope, with key: PrivateKey, _ console: Console) throws {
        var envelope = envelope
        do {
            try envelope.sign(with: key)
        } catch {
            throw CommandFailure(error.message)
        }
        guard let output else { return console.out(envelope.encode()) }
        try FileOutput.writeAtomically(envelope.encode(), to: output)
    }

    private func note(_ statement: ReleaseStatement, _ key: PrivateKey, _ console: Console) {
        let verdict = statement.verdict
        var text = "firn: signed with \(key.publicKey.fingerprint)\n"
        if verdict.decision == .blocked {
            text += "firn: the gate blocked this release; the statement says FAILED\n"
        }
        if verdict.artifact?.digest == nil, verdict.closureDigest == nil {
            text +=
                "firn: the statement binds no contents, only names and reports: the verdict has neither an artifact nor "
                + "a closure digest (firn gate --artifact, firn sign --closure)\n"
        }
        console.err(text)
    }

    // MARK: - A report

    private func write(report path: String, with key: PrivateKey, _ console: Console) throws {
        let bytes = try SigningFiles.read(path, limit: ReportJSON.sizeLimit)
        if DSSEEnvelope.isEnvelope(bytes) {
            throw CommandFailure("\(VisibleText.escape(path)): this is signed already")
        }
        do {
            _ = try ReportJSON.decode(bytes)
        } catch {
            throw CommandFailure("\(VisibleText.escape(path)): \(VisibleText.escape(error.description))")
        }
        try write(DSSEEnvelope(bytes, type: .report), with: key, console)
        console.err("firn: signed with \(key.publicKey.fingerprint)\n")
    }

    // MARK: - A verdict

    /// The one verdict among the files, and the reports it rests on.
    private func readStatement() throws -> ReleaseStatement {
        var verdicts: [(verdict: Verdict, digest: String)] = []
        var reports: [(path: String, digest: String, report: Report)] = []
        var judged: Report?
        for path in files {
            let shown = VisibleText.escape(path)
            let bytes = try SigningFiles.read(path, limit: DSSEEnvelope.sizeLimit)
            do {
                if let verdict = try SignedInput.verdict(bytes) {
                    verdicts.append((verdict, SHA256.text(of: bytes)))
                } else {
                    let report = try SignedInput.report(bytes)
                    if let verdict = report.verdict {
                        let own = Array(VerdictJSON.encode(verdict).utf8)
                        verdicts.append((verdict, SHA256.text(of: own)))
                        judged = report
                    } else {
                        reports.append((path, SHA256.text(of: bytes), report))
                    }
                }
            } catch {
                throw CommandFailure("\(shown): \(VisibleText.escape("\(error)"))")
            }
        }
        guard let first = verdicts.first else {
            throw CommandFailure(
                "no verdict is among the files: firn gate writes one; firn sign --type report signs a report as it is")
        }
        guard verdicts.count == 1 else { throw CommandFailure("more than one verdict is among the files") }
        for report in reports where !first.verdict.inputs.contains(where: { $0.digest == report.digest }) {
            throw CommandFailure(
                "\(VisibleText.escape(report.path)): the verdict does not rest on this report, or it was changed since")
        }
        // Some reports of several would make lists that look whole and are not.
        let isComplete = first.verdict.inputs.allSatisfy { input in reports.contains { $0.digest == input.digest } }
        guard reports.isEmpty || isComplete else {
            throw CommandFailure("give all reports the verdict rests on, or none")
        }
        // The gate's own report has its waivers. Those a report brought along are nobody's where the gate had none.
        var results = judged.map { [$0] } ?? reports.map(\.report)
        if first.verdict.waiversDigest == nil {
            for index in results.indices {
                for result in results[index].results.indices { results[index].results[result].waiver = nil }
            }
        }
        return ReleaseStatement(
            form: type == .vsa ? .verificationSummary : .testResult, tool: "firn " + FirnCommand.version,
            verdict: first.verdict, verdictDigest: first.digest,
            tests: results.isEmpty ? nil : ReleaseStatement.Tests.of(results))
    }

    private func compare(artifact path: String, with verdict: Verdict) throws {
        let shown = VisibleText.escape(path)
        guard let bound = verdict.artifact else {
            throw CommandFailure("\(shown): the verdict is about no artifact; run firn gate with --artifact first")
        }
        guard let digest = bound.digest else {
            throw CommandFailure("\(shown): the verdict is about a build result, which --closure binds")
        }
        let actual = try SigningFiles.digest(path)
        guard actual.sha256 == digest, actual.size == bound.size else {
            throw CommandFailure(
                "\(shown): this is not the artifact of the verdict: SHA-256 \(actual.sha256), \(actual.size) bytes; "
                    + "the verdict says \(digest), \(bound.size) bytes")
        }
    }

    private func bind(closure path: String, to verdict: inout Verdict, _ console: Console) throws {
        let shown = VisibleText.escape(path)
        guard let toplevel = verdict.toplevel else {
            throw CommandFailure("\(shown): the verdict names no toplevel, so no closure belongs to it")
        }
        let closure = try SigningClosure(path)
        guard closure.toplevel == nil || closure.toplevel == toplevel else {
            throw CommandFailure(
                "\(shown): the verdict is about \(VisibleText.escape(toplevel)), not "
                    + VisibleText.escape(closure.toplevel ?? ""))
        }
        let (digest, _) = try closure.digest(of: toplevel, console)
        if let judged = verdict.closureDigest, judged.value != digest.value {
            throw CommandFailure(
                "\(shown): the closure is not the one that was judged: its digest is \(digest.value), the verdict's "
                    + "\(judged.value) (\(judged.origin.rawValue))")
        }
        verdict.closureDigest = digest
    }

    // MARK: - A bundle

    private func sign(bundle path: String, with key: PrivateKey, _ console: Console) throws {
        let shown = VisibleText.escape(path)
        let bundle = try SigningBundle(path)
        guard !bundle.files.isEmpty else { throw CommandFailure("\(shown): there is no file to sign") }
        if let oddity = bundle.oddities.first {
            throw CommandFailure("\(shown): \(VisibleText.escape(oddity)); a bundle is made of plain files")
        }
        guard let problems = try bundle.checksumProblems() else {
            throw CommandFailure("\(shown): there is no \(SigningBundle.checksums); firn report --bundle writes one")
        }
        if let problem = problems.first {
            throw CommandFailure("\(shown): \(VisibleText.escape(problem)); the bundle is not as it was written")
        }
        let statement = BundleStatement(tool: "firn " + FirnCommand.version, files: bundle.files)
        var envelope = DSSEEnvelope(Array(statement.encode().utf8), type: .statement)
        do {
            try envelope.sign(with: key)
        } catch {
            throw CommandFailure(error.message)
        }
        let place = path.hasSuffix("/") ? path : path + "/"
        try FileOutput.writeAtomically(envelope.encode(), to: place + BundleStatement.fileName)
        console.err("firn: signed \(bundle.files.count) files with \(key.publicKey.fingerprint)\n")
    }
}
