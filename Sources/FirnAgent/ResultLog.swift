import FirnModel
import Glibc

/// The results of the runs, as plain files that are only appended to: `results.log`, and older ones beside it.
///
/// The first record of a file is whole, so each can be read alone. A file that has grown long is kept as
/// `results.1.log` and begun anew; the oldest is dropped. What a power cut left half-written at the end is dropped, and
/// said; a file that is damaged elsewhere is set aside as `results.damaged`.
struct ResultLog {
    /// At this size a file is begun anew, in bytes.
    static let rotationSize = 262_144
    /// The longest file that is read, in bytes.
    static let sizeLimit = 1_048_576
    /// How many older files are kept.
    static let kept = 4

    static let name = "results.log"
    static let damagedName = "results.damaged"

    /// What the log ends with: all results.
    private(set) var last: ResultRecord?
    /// What was wrong with the file, in one line.
    private(set) var problem: String?
    /// Whether the next record has to be whole in a new file: the file is damaged, or a record could not be written.
    private var startsAnew = false
    private var size = 0

    /// Reads the log, and mends it.
    ///
    /// - Throws: `AgentFailure` when it cannot be read at all, or not be mended.
    init(_ state: borrowing StateDirectory) throws(AgentFailure) {
        let bytes: [UInt8]
        do {
            guard let found = try state.read(Self.name, limit: Self.sizeLimit) else {
                startsAnew = true
                return
            }
            bytes = found
        } catch {
            // Longer than we write, a link, a directory: not of ours.
            problem = "\(error.message); set aside as \(Self.damagedName), and begun anew"
            try setAside(state)
            return
        }
        let (record, length) = Self.replay(bytes)
        last = record
        size = length
        guard length < bytes.count else {
            // An empty file has no whole record for others to follow.
            startsAnew = record == nil
            return
        }
        // A line without an end is what a power cut leaves; one that has its end was whole once.
        if bytes[length...].contains(0x0a) || record == nil {
            problem =
                "\(state.shown(Self.name)): damaged after \(length) of \(bytes.count) bytes; set aside as "
                + "\(Self.damagedName), and begun anew with the results up to there"
            try setAside(state)
        } else {
            problem =
                "\(state.shown(Self.name)): its last \(bytes.count - length) bytes were half-written and are dropped"
            try truncate(state, to: length)
        }
    }

    /// The results at the end of the sound part, and its length in bytes.
    static func replay(_ bytes: [UInt8]) -> (last: ResultRecord?, length: Int) {
        var last: ResultRecord?
        var offset = 0
        while let (record, length) = ResultRecord.read(bytes[offset...]) {
            if record.isWhole {
                last = record
            } else if var results = last, results.profile == record.profile {
                results.outcomes.merge(record.outcomes) { $1 }
                results.sequence = record.sequence
                results.time = record.time
                guard results.outcomes.count <= ResultRecord.ruleLimit else { break }
                last = results
            } else {
                break
            }
            offset += length
        }
        return (last, offset)
    }

    /// Appends the results of a run: what differs from the last record, or all of it.
    ///
    /// - Throws: `AgentFailure` when it cannot be written; what is in the file stays, and the next record says everything.
    mutating func append(_ results: ResultRecord, to state: borrowing StateDirectory) throws(AgentFailure) {
        var whole = results
        whole.isWhole = true
        defer { last = whole }
        guard !startsAnew, size < Self.rotationSize, let last, last.profile == results.profile,
            Set(last.outcomes.keys).isSubset(of: results.outcomes.keys)
        else {
            try begin(with: whole, in: state)
            return
        }
        var record = results
        record.isWhole = false
        record.outcomes = results.outcomes.filter { last.outcomes[$0.key] != $0.value }
        guard let line = record.line() else { throw AgentFailure("\(state.shown(Self.name)): the record is too long") }
        do throws(AgentFailure) {
            try append(line, to: state)
        } catch {
            startsAnew = true
            throw error
        }
    }

    private mutating func append(_ line: [UInt8], to state: borrowing StateDirectory) throws(AgentFailure) {
        let shown = state.shown(Self.name)
        let file = openat(state.descriptor, Self.name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw FileReplacement.failure(shown) }
        defer { close(file) }
        var code = FileReplacement.append(line, to: file)
        if code == 0, fdatasync(file) != 0 { code = errno }
        guard code == 0 else {
            // A full disk leaves half a line; it must not stay in front of the next.
            if ftruncate(file, off_t(size)) != 0 { startsAnew = true }
            throw FileReplacement.failure(shown, code)
        }
        size += line.count
    }

    /// Begins a new file with all results, and keeps the old one.
    private mutating func begin(with record: ResultRecord, in state: borrowing StateDirectory) throws(AgentFailure) {
        guard let line = record.line() else { throw AgentFailure("\(state.shown(Self.name)): the record is too long") }
        if size >= Self.rotationSize { rotate(state) }
        do throws(AgentFailure) {
            try state.write(line, to: Self.name)
        } catch {
            startsAnew = true
            throw error
        }
        startsAnew = false
        size = line.count
    }

    /// The name of an older file.
    static func name(_ age: Int) -> String { "results.\(age).log" }

    /// Moves each older file one on. The current one gets a second name and is replaced at once by the caller, so that
    /// there is one at any time. What cannot be moved is lost as history, and nothing is judged by it.
    private func rotate(_ state: borrowing StateDirectory) {
        let directory = state.descriptor
        for age in stride(from: Self.kept, to: 1, by: -1) {
            _ = renameat(directory, Self.name(age - 1), directory, Self.name(age))
        }
        unlinkat(directory, Self.name(1), 0)
        _ = linkat(directory, Self.name, directory, Self.name(1), 0)
    }

    private mutating func setAside(_ state: borrowing StateDirectory) throws(AgentFailure) {
        startsAnew = true
        size = 0
        guard renameat(state.descriptor, Self.name, state.descriptor, Self.damagedName) == 0 else {
            throw FileReplacement.failure(state.shown(Self.name))
        }
    }

    private mutating func truncate(_ state: borrowing StateDirectory, to length: Int) throws(AgentFailure) {
        let shown = state.shown(Self.name)
        let file = openat(state.descriptor, Self.name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw FileReplacement.failure(shown) }
        defer { close(file) }
        guard ftruncate(file, off_t(length)) == 0, fsync(file) == 0 else { throw FileReplacement.failure(shown) }
    }
}
