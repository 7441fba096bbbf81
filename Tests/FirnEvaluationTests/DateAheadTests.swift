import FirnEvaluation
import FirnModel
import Testing

/// The builtin `date-ahead`: a date against the time of judgement.
@Suite struct DateAheadTests {
    private func outcome(_ value: Fact, days: FactValue = .integer(0), now: Int64?) throws -> Outcome {
        let test = Condition.test(.builtin(name: "date-ahead", argument: ["days": days]))
        let rule = Rule(
            id: "age.test", title: "t", severity: .low, fact: "age.test", expect: test, rationale: "r",
            sideEffects: "s", file: "f", line: 1)
        return try Evaluator(knowledge: Knowledge(), now: now).outcome(
            of: rule, expect: test, facts: ["age.test": value])
    }

    @Test(arguments: [
        ("2026-11-24", 0, Outcome.pass), ("2026-11-23", 0, .fail), ("2027-01-23", 60, .pass), ("2027-01-22", 60, .fail),
        ("2026-08-26", -90, .pass), ("2026-08-25", -90, .fail), ("1999-12-31", 0, .fail), ("9999-12-31", 60, .pass),
    ])
    func theDayItselfStillCounts(date: String, days: Int, outcome: Outcome) throws {
        for second: Int64 in [0, 1, 86_399] {
            #expect(
                try self.outcome(
                    .known(.string(date), []), days: .integer(Int64(days)), now: Evaluator.exampleTime + second)
                    == outcome)
        }
    }

    @Test(arguments: [
        FactValue.string("2026-02-30"), .string("2026-13-01"), .string("26-01-01"), .string("2026-01-01T00:00:00Z"),
        .string(""), .integer(20261124), .boolean(true), .list([.string("2030-01-01")]),
    ])
    func whatIsNoDateIsUnknown(value: FactValue) throws {
        #expect(try outcome(.known(value, []), now: 0) == .unknown)
    }

    /// A day that is known on one side only is never a pass or a failure on the other.
    @Test(arguments: [
        ("2026-11-24 or later", 0, Outcome.pass), ("2026-11-23 or later", 0, .unknown),
        ("2026-11-24 or earlier", 0, .unknown), ("2026-11-23 or earlier", 0, .fail),
        ("2026-08-26 or later", -90, .pass), ("2026-08-25 or later", -90, .unknown),
        ("2026-11-24 or so", 0, .unknown), (" or later", 0, .unknown), ("later", 0, .unknown),
    ])
    func oneSideIsKnown(date: String, days: Int, outcome: Outcome) throws {
        #expect(
            try self.outcome(.known(.string(date), []), days: .integer(Int64(days)), now: Evaluator.exampleTime)
                == outcome)
    }

    @Test func absentFailsAndUnavailableIsUnknown() throws {
        #expect(try outcome(.absent([]), now: 0) == .fail)
        #expect(try outcome(.unavailable(reason: "x", []), now: 0) == .unknown)
    }

    @Test func withoutATimeOrDaysTheRuleIsInError() throws {
        #expect(try outcome(.known(.string("2030-01-01"), []), now: nil) == .error)
        #expect(try outcome(.known(.string("2030-01-01"), []), days: .string("x"), now: 0) == .error)
    }

    @Test func timesBeforeTheEpochAreDaysToo() throws {
        #expect(try outcome(.known(.string("1969-12-31"), []), now: -1) == .pass)
        #expect(try outcome(.known(.string("1969-12-30"), []), now: -1) == .fail)
    }
}
