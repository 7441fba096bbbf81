import Crypto
import FirnCatalogue
import FirnGate
import FirnModel
import FirnParsing
import FirnReportCore
import FirnSigning
import Glibc

/// One run of `firn verify`: what was checked, and what came of it.
struct Verification {
    /// What came of one check.
    enum State: Sendable {
        /// It is so.
        case holds
        /// It is not so.
        case broken
        /// There was nothing to compare with.
        case notCompared
    }

    /// One line.
    struct Check: Sendable {
        var state: State
        var name: String
        var text: String
    }

    let accepted: [PublicKey]
    let artifact: String?
    let closure: String?
    let reports: [String]
    let waivers: String?
    let policy: String?
    let profile: String?
    let challenge: String?
    let isSignatureOnly: Bool
    let now: Int64
    let console: Console

    private(set) var checks: [Check] = []
    /// Whether something that was asked for could not be compared.
    private var isIncomplete = false

    init(
        accepted: [PublicKey], artifact: String?, closure: String?, reports: [String], waivers: String?,
        policy: String?, profile: String?, challenge: String?, isSignatureOnly: Bool, now: Int64, console: Console
    ) {
        self.accepted = accepted
        self.artifact = artifact
        self.closure = closure
        self.reports = reports
        self.waivers = waivers
        self.policy = policy
        self.profile = profile
        self.challenge = challenge
        self.isSignatureOnly = isSignatureOnly
        self.now = now
        self.console = console
    }

    /// 1 when something does not hold, else 3 when something was not compared that had to be, else 0.
    var exitCode: Int32 {
        if checks.isEmpty || checks.contains(where: { $0.state == .broken }) { return ExitCode.findings }
        return isIncomplete ? ExitCode.incomplete : ExitCode.pass
    }

    private mutating func add(_ state: State, _ name: String, _ text: String) {
        checks.append(Check(state: state, name: name, text: text))
    }

    /// Something the user asked for that this document cannot answer.
    private mutating func cannotCompare(_ name: String, _ text: String) {
        add(.notCompared, name, text)
        isIncomplete = true
    }

    // MARK: - One file

    mutating func verify(file path: String) throws {
        let bytes = try SigningFiles.read(path, limit: DSSEEnvelope.sizeLimit)
        guard DSSEEnvelope.isEnvelope(bytes) else {
            add(.broken, "signature", "the document carries no signature: it is no DSSE envelope")
            return
        }
        let envelope: DSSEEnvelope
        do {
            envelope = try DSSEEnvelope.decode(bytes)
        } catch {
            add(.broken, "signature", SignatureError.unreadable(error).description)
            return
        }
        // The type is bound by the signature; asking for the one it says loses nothing, asking for another is refused.
        let type: DSSEEnvelope.PayloadType = envelope.payloadType == .report ? .report : .statement
        guard let document = verified(envelope, type) else { return }
        if type == .report {
            verify(report: document)
            return
        }
        do {
            if try BundleStatement.isBundle(document.payload) {
                add(
                    .broken, "statement",
                    "this is the statement of a bundle, which binds its files: verify the bundle's directory")
                return
            }
            try verify(release: try ReleaseStatement.decode(document.payload))
        } catch let error as ParseError {
            add(.broken, "statement", error.description)
        }
    }

    /// The document of an envelope whose signatures hold; nil, with the reason as a check, where they do not.
    private mutating func verified(_ envelope: DSSEEnvelope, _ type: DSSEEnvelope.PayloadType) -> VerifiedDocument? {
        do {
            let document = try envelope.verify(expecting: type, accepted: accepted)
            let names = document.signers.map(\.fingerprint).joined(separator: ", ")
            add(.holds, "signature", "of \(names): unchanged since this key signed it")
            return document
        } catch {
            add(.broken, "signature", error.description)
            return nil
        }
    }

    // MARK: - A release

    private mutating func verify(release statement: ReleaseStatement) throws {
        let verdict = statement.verdict
        let kind =
            switch statement.form {
            case .testResult: "test result v0.1"
            case .verificationSummary: "SLSA verification summary v1"
            }
        add(.holds, "statement", "in-toto v1, \(kind), by \(statement.tool)")
        decision(verdict)
        time(verdict)
        asked("policy", policy, id: verdict.policy, digest: verdict.policyDigest)
        asked("profile", profile, id: verdict.profile, digest: verdict.profileDigest)
        try waivers(verdict)
        let areReportsCompared = try reports(verdict)
        let first = checks.count
        try artifact(verdict)
        try closure(verdict)
        let isCompared =
            checks[first...].contains { $0.state != .notCompared }
            || (statement.isAboutReports && areReportsCompared)
        if !isCompared, !isSignatureOnly { isIncomplete = true }
    }

    private mutating func decision(_ verdict: Verdict) {
        switch verdict.decision {
        case .blocked:
            let reasons = verdict.reasons.prefix(3).map(\.message).joined(separator: "; ")
            let more = verdict.reasons.count > 3 ? "; and \(verdict.reasons.count - 3) more" : ""
            add(.broken, "verdict", "the gate blocked this release: \(reasons)\(more)")
        case .pass:
            var text = "passes the policy \(verdict.policy) with the profile \(verdict.profile)"
            if !verdict.open.isEmpty { text += "; \(verdict.open.count) rules are open until live" }
            if !verdict.warnings.isEmpty { text += "; warnings: " + verdict.warnings.joined(separator: "; ") }
            add(.holds, "verdict", text)
        }
    }

    private mutating func time(_ verdict: Verdict) {
        let (judged, until, current) = (
            Timestamp.text(verdict.judgedAt), Timestamp.text(verdict.validUntil), Timestamp.text(now)
        )
        if verdict.judgedAt > now + Gate.clockTolerance {
            add(
                .broken, "time",
                "the verdict is from the future: judged at \(judged), and it is \(current); is the clock set back?")
        } else if verdict.validUntil < now {
            add(.broken, "time", "the verdict was valid until \(until), and it is \(current): ask the gate again")
        } else if verdict.validUntil < verdict.judgedAt {
            add(.broken, "time", "the verdict ends before it was judged")
        } else {
            add(.holds, "time", "judged at \(judged), valid until \(until)")
        }
    }

    private mutating func asked(_ name: String, _ wanted: String?, id: String, digest: String) {
        guard let wanted else { return }
        // Whoever writes a policy chooses its id, which could be the digest of another one.
        if ReleaseStatement.isDigest(wanted) {
            wanted == digest
                ? add(.holds, name, "\(id), digest \(digest)")
                : add(.broken, name, "judged by the \(name) \(id) (digest \(digest)), and \(wanted) is asked for")
        } else if wanted.utf8.elementsEqual(id.utf8) {
            add(.holds, name, "\(id) by its name, which anyone may give; its digest is \(digest)")
        } else {
            add(.broken, name, "judged by the \(name) \(id) (digest \(digest)), and \(wanted) is asked for")
        }
    }

    private mutating func waivers(_ verdict: Verdict) throws {
        guard let waivers else { return }
        let set = try WaiverOptions.load(waivers)
        if let stated = verdict.waiversDigest {
            set.digest == stated
                ? add(.holds, "waivers", "the \(set.waivers.count) waivers the verdict rests on")
                : add(
                    .broken, "waivers",
                    "these are not the waivers the verdict rests on: they were changed, added or removed")
        } else if set.waivers.isEmpty {
            add(.holds, "waivers", "none, as in the verdict")
        } else {
            add(.broken, "waivers", "the verdict rests on no waivers, and here are \(set.waivers.count)")
        }
    }

    /// Compares the reports; says whether all the verdict rests on were given.
    private mutating func reports(_ verdict: Verdict) throws -> Bool {
        guard !reports.isEmpty else {
            if let challenge {
                cannotCompare(
                    "challenge",
                    "the verdict's reports must answer '\(challenge)', and no report was given (--report)")
            }
            return false
        }
        var given: Set<String> = []
        for path in reports {
            let bytes = try SigningFiles.read(path, limit: DSSEEnvelope.sizeLimit)
            let digest = SHA256.text(of: bytes)
            guard let input = verdict.inputs.first(where: { $0.digest == digest }) else {
                add(.broken, "report", "\(path) is not a report the verdict rests on, or it was changed since")
                continue
            }
            given.insert(digest)
            let signer = input.signer.map { ", which the gate saw signed by \($0)" } ?? ""
            add(.holds, "report", "\(path) is unchanged since the verdict\(signer)")
            guard challenge != nil else { continue }
            do {
                answer(try SignedInput.report(bytes), name: path)
            } catch {
                add(.broken, "challenge", "\(path): \(error.description)")
            }
        }
        let missing = verdict.inputs.count { !given.contains($0.digest) }
        if missing > 0 {
            add(
                .notCompared, "report",
                missing == 1
                    ? "one more report the verdict rests on was not given"
                    : "\(missing) more reports the verdict rests on were not given")
        }
        return missing == 0
    }

    private mutating func answer(_ report: Report, name: String) {
        guard let challenge else { return }
        guard let answered = report.challenge else {
            return add(.broken, "challenge", "\(name) answers no challenge, so it may be an old one")
        }
        answered.utf8.elementsEqual(challenge.utf8)
            ? add(.holds, "challenge", "\(name) answers this challenge: it was made after it was asked")
            : add(.broken, "challenge", "\(name) answers another challenge: it is replayed")
    }

    private mutating func artifact(_ verdict: Verdict) throws {
        guard let bound = verdict.artifact else {
            if let artifact {
                add(.broken, "artifact", "the statement is about no artifact, so it says nothing of \(artifact)")
            }
            return
        }
        let size = "\(bound.size) bytes"
        guard let digest = bound.digest else {
            if let artifact {
                add(
                    .broken, "artifact",
                    "the statement is about a build result (\(bound.name)), not about \(artifact): give --closure")
            }
            return
        }
        guard let artifact else {
            add(.notCompared, "artifact", "\(bound.name), SHA-256 \(digest), \(size): not compared (--artifact)")
            return
        }
        let actual = try SigningFiles.digest(artifact)
        if actual.sha256 == digest, actual.size == bound.size {
            add(.holds, "artifact", "\(artifact) is the \(bound.kind) that was judged: SHA-256 \(digest), \(size)")
            if !bound.isVerified {
                add(.notCompared, "contents", "the gate had no report of what is inside this file")
            }
        } else if actual.size != bound.size {
            add(.broken, "artifact", "\(artifact) has \(actual.size) bytes, the artifact that was judged \(size)")
        } else {
            add(
                .broken, "artifact",
                "\(artifact) has the SHA-256 \(actual.sha256), the artifact that was judged \(digest)")
        }
    }

    private mutating func closure(_ verdict: Verdict) throws {
        guard let toplevel = verdict.toplevel else {
            if let closure {
                add(.broken, "closure", "the statement names no toplevel, so it says nothing of \(closure)")
            }
            return
        }
        guard let closure else {
            let digest = verdict.closureDigest.map { ", closure digest \($0.value) (\($0.origin.rawValue))" } ?? ""
            add(.notCompared, "closure", "\(toplevel)\(digest): not compared (--closure)")
            return
        }
        guard let stated = verdict.closureDigest else {
            add(.broken, "closure", "the statement binds the name \(toplevel) only, not what its closure holds")
            return
        }
        let given = try SigningClosure(closure)
        if let other = given.toplevel, other != toplevel {
            add(.broken, "closure", "\(closure) is \(other); judged was \(toplevel)")
            return
        }
        let digest: ClosureDigest
        let paths: [StorePathInfo]
        do {
            (digest, paths) = try given.digest(of: toplevel, console)
        } catch {
            add(.broken, "closure", "the closure of \(toplevel) cannot be read whole: \(error.message)")
            return
        }
        if digest.value == stated.value {
            let size = paths.reduce(0) { $0 + ($1.narSize ?? 0) }
            let other = given.toplevel == nil ? "; which system \(given.root) starts was not looked at" : ""
            add(
                .holds, "closure",
                "every file of \(paths.count) store paths (\(size >> 20) MiB) in the store of \(given.root) is what was "
                    + "judged: digest \(digest.value)\(other)")
        } else {
            let hint =
                stated.origin == .registered
                ? "; the statement's was registered by a Nix database, whose closure may name more paths than the files do"
                : ""
            add(
                .broken, "closure",
                "a file of the closure was changed, added or removed: its digest is \(digest.value), judged was "
                    + stated.value + hint)
        }
    }

    // MARK: - A signed report

    private mutating func verify(report document: VerifiedDocument) {
        let report: Report
        do {
            report = try ReportJSON.decode(document.payload)
        } catch {
            add(.broken, "report", error.description)
            return
        }
        let names = report.targets.map(\.name).joined(separator: ", ")
        add(.holds, "report", "on \(names), by \(report.tool), profile \(report.profile); a report is no verdict")
        let collected = Timestamp.text(report.collectedAt)
        report.collectedAt > now + Gate.clockTolerance
            ? add(.broken, "time", "collected at \(collected), and it is \(Timestamp.text(now)): it is from the future")
            : add(.holds, "time", "collected at \(collected)")
        asked("profile", profile, id: report.profile, digest: report.profileDigest)
        if challenge != nil {
            answer(report, name: "the report")
        } else if report.challenge != nil {
            add(.notCompared, "challenge", "the report answers a challenge: not compared (--challenge)")
        }
        for (name, value) in [
            ("policy", policy), ("waivers", waivers), ("report", reports.first), ("artifact", artifact),
            ("closure", closure),
        ] where value != nil {
            cannotCompare(name, "a signed report is bound to no \(name); a statement of a verdict is")
        }
    }

    // MARK: - A bundle

    mutating func verify(bundle directory: String) throws {
        let place = (directory.hasSuffix("/") ? directory : directory + "/") + BundleStatement.fileName
        var status = stat()
        guard lstat(place, &status) == 0 else {
            add(.broken, "signature", "the bundle has no \(BundleStatement.fileName): it is not signed")
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            add(.broken, "signature", "\(BundleStatement.fileName) is no plain file")
            return
        }
        let envelope: DSSEEnvelope
        do {
            envelope = try DSSEEnvelope.decode(try SigningFiles.read(place, limit: DSSEEnvelope.sizeLimit))
        } catch let error as ParseError {
            add(.broken, "signature", SignatureError.unreadable(error).description)
            return
        }
        guard let document = verified(envelope, .statement) else { return }
        let statement: BundleStatement
        do {
            statement = try BundleStatement.decode(document.payload)
        } catch {
            add(.broken, "statement", error.description)
            return
        }
        add(.holds, "statement", "in-toto v1, the files of a bundle, by \(statement.tool)")
        let bundle = try SigningBundle(directory)
        let differences = bundle.differences(from: statement)
        if differences.isEmpty {
            add(.holds, "files", "all \(bundle.files.count) are there, unchanged, and no other")
        }
        for difference in differences.prefix(20) { add(.broken, "files", difference) }
        if differences.count > 20 { add(.broken, "files", "and \(differences.count - 20) more") }
        if let problems = try bundle.checksumProblems() {
            if problems.isEmpty { add(.holds, "checksums", "\(SigningBundle.checksums) says the same") }
            for problem in problems.prefix(20) { add(.broken, "checksums", problem) }
        } else {
            add(.broken, "checksums", "there is no \(SigningBundle.checksums)")
        }
        for (name, value) in [
            ("policy", policy), ("profile", profile), ("waivers", waivers), ("report", reports.first),
            ("artifact", artifact), ("closure", closure), ("challenge", challenge),
        ] where value != nil {
            cannotCompare(name, "the statement of a bundle binds its files only; verify the release statement for this")
        }
    }
}
