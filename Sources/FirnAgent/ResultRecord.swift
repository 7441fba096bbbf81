import Crypto
import FirnModel

/// One record of the results' log: what each rule gave, whole or as far as it differs from the record before.
///
/// A record is a line: 16 hex digits of SHA-256 over the payload, the payload's length in bytes as five digits, the
/// payload. The payload is words: `whole` or `changes`, the number of the run, the time in seconds since 1970, the
/// profile's digest, then `rule=outcome` for each rule, by id.
struct ResultRecord: Equatable {
    /// The most bytes of a payload: 2,000 rules of the longest names fit.
    static let sizeLimit = 99_999
    /// The most rules of a record.
    static let ruleLimit = 4096

    /// Whether it says all results, so that nothing before it is needed.
    var isWhole: Bool
    /// The number of the run, from 1.
    var sequence: Int64
    /// When the facts were collected, in seconds since 1970.
    var time: Int64
    /// The digest of the profile.
    var profile: String
    /// The outcomes by rule.
    var outcomes: [String: Outcome]

    /// The line; nil where it would be longer than the reader takes.
    func line() -> [UInt8]? {
        var text = "\(isWhole ? "whole" : "changes") \(sequence) \(time) \(profile)"
        for (rule, outcome) in outcomes.sorted(by: { $0.key < $1.key }) { text += " \(rule)=\(outcome.rawValue)" }
        let payload = Array(text.utf8)
        guard payload.count <= Self.sizeLimit, outcomes.count <= Self.ruleLimit else { return nil }
        let length = String(payload.count)
        let padded = String(repeating: "0", count: 5 - length.utf8.count) + length
        return Array((Self.checksum(payload[...]) + " " + padded + " ").utf8) + payload + [0x0a]
    }

    /// The record at the beginning of bytes, and the length of its line; nil where there is no whole and sound one.
    static func read(_ bytes: ArraySlice<UInt8>) -> (record: ResultRecord, length: Int)? {
        // 16 digits, a blank, 5 digits, a blank.
        guard bytes.count > 23 else { return nil }
        let start = bytes.startIndex
        let digits = bytes[start + 17..<start + 22]
        guard bytes[start + 16] == 0x20, bytes[start + 22] == 0x20, digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let length = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard bytes.count >= 23 + length + 1 else { return nil }
        let payload = bytes[start + 23..<start + 23 + length]
        guard bytes[payload.endIndex] == 0x0a,
            bytes[start..<start + 16].elementsEqual(checksum(payload).utf8),
            let record = parse(payload)
        else { return nil }
        return (record, 23 + length + 1)
    }

    private static func parse(_ payload: ArraySlice<UInt8>) -> ResultRecord? {
        let words = payload.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count >= 4, words.count - 4 <= ruleLimit else { return nil }
        func text(_ word: ArraySlice<UInt8>) -> String { String(decoding: word, as: UTF8.self) }
        guard let sequence = Int64(text(words[1])), let time = Int64(text(words[2])), sequence > 0 else { return nil }
        var record = ResultRecord(
            isWhole: text(words[0]) == "whole", sequence: sequence, time: time, profile: text(words[3]), outcomes: [:])
        guard record.isWhole || text(words[0]) == "changes" else { return nil }
        for word in words[4...] {
            let parts = word.split(separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let outcome = Outcome(rawValue: text(parts[1])),
                record.outcomes.updateValue(outcome, forKey: text(parts[0])) == nil
            else { return nil }
        }
        return record
    }

    private static func checksum(_ payload: ArraySlice<UInt8>) -> String {
        String(Hexadecimal.text(SHA256.hash(data: Array(payload))).prefix(16))
    }
}
