import FirnEvaluation
import FirnModel
import FirnReportCore

/// What makes a failure the same as one of the baseline.
struct Failure: Hashable {
    var rule: String
    var source: SourceKind
    /// Whether it is of a system inside of another, such as a specialisation.
    var isNested = false
}

extension GateJudgement {
    /// The failures of the baseline, judged again on its own facts.
    ///
    /// A baseline excuses failures, so it is believed no more than a report: it must be signed where a report of its
    /// sources must be, of this host, of the same profile and catalogue, what its facts give, and older than the
    /// reports, since one made of the very system would excuse everything. A failure that was waived is none that is
    /// known: when its waiver ends it must block.
    mutating func baselineFailures() throws(DataError) -> [Failure: [Result]] {
        guard let baseline = input.baseline else { return [:] }
        let before = reasons.count
        let own = GateSystem([baseline], sources: policy.sources)
        for reason in own.reasons { block(reason.kind, "the baseline " + reason.message) }
        checkBaseline(baseline)
        let isComparable =
            baseline.report.profile == profile.id && baseline.report.profileDigest == profile.digest
            && baseline.report.catalogueDigest == input.catalogueDigest
        // Dates are judged as of then: a release that has ended since is a new failure.
        let then = try Evaluator(knowledge: input.knowledge, now: baseline.report.collectedAt, rules: input.rules)
        let again = Rejudgement(baseline, profile: profile, evaluator: then, finder: finder, isComparable: isComparable)
        for var reason in again.reasons {
            reason.message = "the baseline " + reason.message
            reason.target = nil
            block([reason])
        }
        guard reasons.count == before else { return [:] }
        let waived = Set(
            baseline.report.results.filter { $0.waiver != nil }.map { Failure(rule: $0.rule, source: $0.source) })
        if own.toplevel == system.toplevel {
            warnings.append("the baseline is of this very system, so nothing that fails in it is new")
        }
        var known: [Failure: [Result]] = [:]
        for result in again.results where result.outcome == .fail {
            var failure = Failure(rule: result.rule, source: result.source)
            if waived.contains(failure) { continue }
            failure.isNested = !own.targets.contains(result.target)
            known[failure, default: []].append(result)
        }
        return known
    }

    /// The failures of the baseline that may excuse one. What fails in a system inside, such as a specialisation, may
    /// have failed in the system around it; but the system itself is not excused by one inside of it.
    func knownFailures(like result: Result, _ known: [Failure: [Result]]) -> [Result] {
        var failure = Failure(rule: result.rule, source: result.source)
        let own = known[failure] ?? []
        if system.targets.contains(result.target) { return own }
        failure.isNested = true
        return own + (known[failure] ?? [])
    }

    private mutating func checkBaseline(_ baseline: GateReport) {
        let report = baseline.report
        let name = "the baseline \(baseline.name)"
        switch baseline.signature {
        case .signed: break
        case .unsigned:
            if report.targets.contains(where: {
                policy.signed.contains($0.source) || policy.challenged.contains($0.source)
            }) {
                block(.unsigned, "\(name) is not signed, and a report of its sources has to be")
            }
        case .unknownKey(let sentence): block(.unknownKey, "\(name): \(sentence)")
        case .invalid(let sentence): block(.tampered, "\(name): \(sentence)")
        }
        if report.targets.isEmpty || report.results.isEmpty {
            block(.empty, "\(name) holds no results")
        } else if report.snapshots.isEmpty {
            block(.empty, "\(name) holds no facts, so its results cannot be judged again")
        }
        if report.catalogueDigest != input.catalogueDigest {
            block(.catalogue, "\(name) was made with another catalogue than the gate's")
        }
        if report.profile != profile.id || report.profileDigest != profile.digest {
            block(.profile, "\(name) was made with another profile (\(report.profile)) than \(profile.id)")
        }
        let oldest = input.reports.map(\.report.collectedAt).min() ?? input.now
        let newest = report.snapshots.map(\.collectedAt).reduce(report.collectedAt, max)
        if newest >= oldest {
            block(
                .stale,
                "\(name) is not older than the reports: it was collected at \(Timestamp.text(newest)), and what was just "
                    + "seen is not known from before")
        }
        let hosts = Set(report.targets.compactMap(\.identity.hostName))
        if hosts.count != 1 || system.hostName == nil || hosts.first != system.hostName {
            block(
                .identityMismatch,
                "\(name) is of \(hosts.isEmpty ? "a host it does not name" : hosts.sorted().joined(separator: ", ")), "
                    + "the reports are of \(system.hostName ?? "a host they do not name")")
        }
    }

    /// Whether two values are the same but for the hashes of store paths, which change with every build.
    static func isSame(_ left: String?, _ right: String?) -> Bool {
        left.map(withoutHashes) == right.map(withoutHashes)
    }

    private static func withoutHashes(_ text: String) -> String {
        let store = Array("/nix/store/".utf8)
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            result.append(bytes[index])
            index += 1
            if result.count >= store.count, result.suffix(store.count).elementsEqual(store), index + 32 <= bytes.count,
                bytes[index..<(index + 32)].allSatisfy({ isHash($0) })
            {
                index += 32
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isHash(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
