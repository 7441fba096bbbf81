import FirnFacts
import FirnModel

/// What a deep scan says while it runs and when it is done.
enum DeepScanLine {
    /// Progress on standard error, on a terminal only.
    static func callback(_ console: Console) -> @Sendable (DeepScanProgress) -> Void {
        guard console.isTerminal else { return { _ in } }
        let write = console.err
        return { progress in
            let (done, known) = progress.objects
            write("\r\u{1b}[Ksearching for secrets: \(done) of \(known) store objects, \(progress.bytes >> 20) MiB")
            if done == known { write("\r\u{1b}[K") }
        }
    }

    /// One note for each closure that was searched whole.
    static func notes(_ snapshots: [Snapshot], targets: [ReportTarget]) -> [String] {
        zip(snapshots, targets).compactMap { snapshot, target in
            guard case .known(.integer(let files), let evidence) = snapshot.fact("secrets.deep.scanned-files") else {
                return nil
            }
            let detail = evidence.first?.text.map { " (\($0))" } ?? ""
            return "\(target.name): \(files) text files of the whole closure were searched for secrets\(detail)"
        }
    }
}
