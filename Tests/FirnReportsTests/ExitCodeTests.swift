import FirnModel
import FirnReportCore
import Testing

struct ExitCodeTests {
    /// One kind of result each, told apart by what decides.
    private enum Kind: CaseIterable {
        case pass, failLow, failHigh, waivedCritical, notApplicable, notChecked, unknown, error

        func result(target: Int = 0) -> Result {
            let (outcome, severity): (Outcome, Severity) =
                switch self {
                case .pass: (.pass, .critical)
                case .failLow: (.fail, .low)
                case .failHigh: (.fail, .high)
                case .waivedCritical: (.fail, .critical)
                case .notApplicable: (.notApplicable, .critical)
                case .notChecked: (.notChecked, .critical)
                case .unknown: (.unknown, .info)
                case .error: (.error, .info)
                }
            let waiver = self == .waivedCritical ? Waiver(rule: "r", owner: "o", reason: "", expires: "") : nil
            return Result(
                rule: "r", title: "", target: target, source: .built, outcome: outcome, severity: severity,
                observed: nil, expected: "", evidence: [], waiver: waiver)
        }
    }

    /// All 256 sets of kinds with each of the five thresholds, against the table of the design written as questions.
    @Test(arguments: Severity.allCases)
    func allCombinations(_ failOn: Severity) {
        let kinds = Kind.allCases
        for set in 0..<(1 << kinds.count) {
            let chosen = kinds.enumerated().filter { set & (1 << $0.offset) != 0 }.map(\.element)
            let judged = chosen.filter { $0 != .notApplicable && $0 != .notChecked }
            let expected: Int32
            if chosen.contains(.error) {
                expected = 2
            } else if chosen.contains(.unknown) || judged.isEmpty {
                expected = 3
            } else if chosen.contains(.failHigh) && failOn <= .high || chosen.contains(.failLow) && failOn <= .low {
                expected = 1
            } else {
                expected = 0
            }
            let results = chosen.map { $0.result() }
            #expect(ExitCode.of(results: results, failOn: failOn) == expected, "\(chosen)")
            #expect(ExitCode.of(results: results.reversed(), failOn: failOn) == expected, "\(chosen)")
        }
    }

    @Test func aTargetWithoutAnAnswerIsIncomplete() {
        let passing = Kind.pass.result()
        #expect(ExitCode.of(results: [passing, Kind.notChecked.result(target: 1)], failOn: .low) == 3)
        #expect(ExitCode.of(results: [passing, Kind.notApplicable.result(target: 1)], failOn: .low) == 3)
        #expect(ExitCode.of(results: [passing, Kind.failLow.result(target: 1)], failOn: .low) == 1)
        #expect(
            ExitCode.of(
                results: [passing, Kind.notChecked.result(target: 1), Kind.pass.result(target: 1)], failOn: .low) == 0)
    }

    @Test func thresholdsIncludeTheirSeverity() {
        for severity in Severity.allCases {
            for failOn in Severity.allCases {
                var result = Kind.failLow.result()
                result.severity = severity
                #expect(ExitCode.of(results: [result], failOn: failOn) == (severity >= failOn ? 1 : 0))
            }
        }
    }
}

struct ReportSummaryTests {
    @Test func countsOfTheFullReport() {
        let summary = ReportSummary(SampleReports.full)
        #expect(summary.targets.count == 2)
        #expect(
            summary.targets[0].outcomes == [
                .pass: 2, .fail: 4, .notApplicable: 1, .notChecked: 2, .unknown: 2, .error: 0,
            ])
        #expect(
            summary.targets[1].outcomes == [
                .pass: 1, .fail: 4, .notApplicable: 1, .notChecked: 1, .unknown: 3, .error: 1,
            ])
        #expect(summary.targets[0].fails == [.info: 1, .low: 0, .medium: 0, .high: 1, .critical: 1])
        #expect(summary.targets[1].fails == [.info: 0, .low: 0, .medium: 1, .high: 1, .critical: 1])
        #expect(summary.total.waived == 2)
        #expect(summary.total.count(.fail) == 8)
        #expect(summary.notCheckedByAnySource == ["audit.rules.time-change"])
    }

    @Test func notCheckedByOneSourceIsCheckedByAnother() {
        let coverage = SourceCoverage.of(SampleReports.full)
        #expect(coverage.map(\.source) == [.declared, .built])
        #expect(coverage[0].notSupplied == ["audit.rules.time-change", "boot.shell_on_fail"])
        #expect(coverage[0].supplied.count == 9)
        #expect(coverage[1].notSupplied == ["audit.rules.time-change"])
        #expect(coverage[1].supplied.count == 10)
    }
}
