import FirnModel
import Foundation
import Glibc
import Testing

@testable import FirnAgent

/// The log of results: written in pieces, read whole, mended where a power cut or a hand has been.
@Suite struct ResultLogTests {
    /// `printf %s 'whole 1 1800000000 p1 a.one=pass b.two=fail' | sha256sum`, its first 16 digits.
    static let firstLine = "dd2374d61db81f54 00043 whole 1 1800000000 p1 a.one=pass b.two=fail\n"

    static func record(
        _ sequence: Int64, _ outcomes: [String: Outcome], isWhole: Bool = true, profile: String = "p1"
    ) -> ResultRecord {
        ResultRecord(
            isWhole: isWhole, sequence: sequence, time: 1_800_000_000 + sequence - 1, profile: profile,
            outcomes: outcomes)
    }

    @Test func aRecordIsALineWithItsChecksumAndItsLength() throws {
        let record = Self.record(1, ["b.two": .fail, "a.one": .pass])
        let line = try #require(record.line())
        #expect(String(decoding: line, as: UTF8.self) == Self.firstLine)
        let read = try #require(ResultRecord.read(line[...]))
        #expect(read.record == record)
        #expect(read.length == line.count)
    }

    @Test func noByteOfARecordCanBeOtherAndNoneMissing() throws {
        let line = Array(Self.firstLine.utf8)
        for index in line.indices {
            for bit in 0..<8 {
                var changed = line
                changed[index] ^= 1 << bit
                #expect(ResultRecord.read(changed[...]) == nil, "byte \(index) bit \(bit)")
            }
            #expect(ResultRecord.read(line[..<index]) == nil)
        }
    }

    @Test func onlyWhatDiffersIsAppended() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        var log = try ResultLog(state)
        #expect(log.last == nil)
        #expect(log.problem == nil)
        try log.append(Self.record(1, ["a.one": .pass, "b.two": .fail]), to: state)
        try log.append(Self.record(2, ["a.one": .pass, "b.two": .pass]), to: state)
        try log.append(Self.record(3, ["a.one": .pass, "b.two": .pass]), to: state)
        let lines = try room.text(ResultLog.name).split(separator: "\n").map { $0.dropFirst(23) }
        #expect(
            lines == [
                "whole 1 1800000000 p1 a.one=pass b.two=fail", "changes 2 1800000001 p1 b.two=pass",
                "changes 3 1800000002 p1",
            ])
        let again = try ResultLog(state)
        #expect(again.last == Self.record(3, ["a.one": .pass, "b.two": .pass]))
        #expect(try room.mode(room.file(ResultLog.name)) == 0o600)
    }

    @Test func anotherProfileAndARuleThatIsGoneBeginAnew() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        var log = try ResultLog(state)
        try log.append(Self.record(1, ["a.one": .pass, "b.two": .fail]), to: state)
        try log.append(Self.record(2, ["a.one": .pass]), to: state)
        #expect(try room.text(ResultLog.name).dropFirst(23) == "whole 2 1800000001 p1 a.one=pass\n")
        try log.append(Self.record(3, ["a.one": .pass], profile: "p2"), to: state)
        #expect(try room.text(ResultLog.name).dropFirst(23) == "whole 3 1800000002 p2 a.one=pass\n")
    }

    @Test func everyTruncationGivesTheLastWholeRecord() throws {
        let whole =
            try #require(Self.record(1, ["a.one": .pass]).line())
            + #require(Self.record(2, ["a.one": .fail], isWhole: false).line())
        let first = try #require(Self.record(1, ["a.one": .pass]).line()).count
        for length in 1..<whole.count {
            let room = try AgentRoom()
            do {
                let state = try StateDirectory(room.state)
                try state.write(Array(whole[..<length]), to: ResultLog.name)
                var log = try ResultLog(state)
                #expect(log.last?.sequence == (length >= first ? 1 : nil), "\(length)")
                #expect((log.problem == nil) == (length == first), "\(length)")
                // What comes next can be read again, whatever was there.
                try log.append(Self.record(9, ["a.one": .unknown]), to: state)
                let again = try ResultLog(state)
                #expect(again.problem == nil)
                #expect(again.last == Self.record(9, ["a.one": .unknown]))
            }
        }
    }

    @Test func aDamagedFileIsSetAsideAndSaid() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        var log = try ResultLog(state)
        for sequence in 1...3 { try log.append(Self.record(Int64(sequence), ["a": .pass]), to: state) }
        var bytes = try room.bytes(ResultLog.name)
        let second = try #require(bytes.firstIndex(of: 0x0a)) + 30
        bytes[second] ^= 1
        try state.write(bytes, to: ResultLog.name)
        var damaged = try ResultLog(state)
        #expect(damaged.last?.sequence == 1)
        let problem = try #require(damaged.problem)
        #expect(problem.contains("damaged after 52 of"), "\(problem)")
        #expect(try room.bytes(ResultLog.damagedName) == bytes)
        try damaged.append(Self.record(4, ["a": .fail]), to: state)
        #expect(try ResultLog(state).last == Self.record(4, ["a": .fail]))
    }

    @Test(arguments: [0, 1, 22, 23, 5000, 1_048_577])
    func garbageOfAnyLengthIsNoState(_ length: Int) throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        var generator = SystemRandomNumberGenerator()
        try state.write((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }, to: ResultLog.name)
        var log = try ResultLog(state)
        #expect(log.last == nil)
        #expect((log.problem == nil) == (length == 0))
        try log.append(Self.record(1, ["a": .pass]), to: state)
        #expect(try ResultLog(state).last == Self.record(1, ["a": .pass]))
    }

    @Test func aLinkInItsPlaceIsNotFollowed() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        let other = room.path + "/other"
        try Data(Self.firstLine.utf8).write(to: URL(fileURLWithPath: other))
        symlink(other, room.file(ResultLog.name))
        var log = try ResultLog(state)
        #expect(log.last == nil)
        #expect(log.problem != nil)
        try log.append(Self.record(1, ["a": .fail]), to: state)
        #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == Data(Self.firstLine.utf8))
    }

    @Test func aLongFileIsKeptAndTheOldestIsDropped() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        var log = try ResultLog(state)
        var outcomes: [String: Outcome] = [:]
        for index in 0..<1500 { outcomes["family.rule-number-\(index)-of-many"] = .pass }
        // Every run changes all, so that six files and more are filled.
        for sequence in 1...40 {
            for rule in outcomes.keys { outcomes[rule] = sequence % 2 == 0 ? .pass : .notApplicable }
            try log.append(Self.record(Int64(sequence), outcomes), to: state)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: room.state).sorted()
        #expect(names == ["results.1.log", "results.2.log", "results.3.log", "results.4.log", "results.log"])
        var total = 0
        for name in names {
            let bytes = try room.bytes(name)
            total += bytes.count
            #expect(ResultLog.replay(bytes).length == bytes.count, "\(name)")
        }
        #expect(total < 5 * (ResultLog.rotationSize + ResultRecord.sizeLimit))
        #expect(try ResultLog(state).last == Self.record(40, outcomes))
    }

    @Test func aRecordTooLongIsRefusedAndNotHalfWritten() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        var log = try ResultLog(state)
        try log.append(Self.record(1, ["a": .pass]), to: state)
        let before = try room.bytes(ResultLog.name)
        let long = Self.record(2, [String(repeating: "x", count: 100_000): .pass, "a": .pass])
        #expect(throws: AgentFailure.self) { try log.append(long, to: state) }
        #expect(try room.bytes(ResultLog.name) == before)
    }
}
