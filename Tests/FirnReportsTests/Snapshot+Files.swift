import FirnTestSupport
import Foundation
import Testing

/// Compares text with the file `Snapshots/<name>`.
///
/// A missing file is written and the test fails, so that somebody looks at it before it counts; a differing one is
/// written anew only with `RECORD_SNAPSHOTS=1`, and the test fails then too.
func expectSnapshot(_ text: String, _ name: String, location: SourceLocation = #_sourceLocation) throws {
    let file = Repository.root.appendingPathComponent("Tests/FirnReportsTests/Snapshots/\(name)")
    guard let data = FileManager.default.contents(atPath: file.path) else {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        Issue.record("the snapshot \(name) was missing and has been written: look at it", sourceLocation: location)
        return
    }
    if data.elementsEqual(text.utf8) { return }
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
        try Data(text.utf8).write(to: file)
    }
    let old = String(decoding: data, as: UTF8.self).components(separatedBy: "\n")
    let new = text.components(separatedBy: "\n")
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
    let (was, now) = (line < old.count ? old[line] : "the end", line < new.count ? new[line] : "the end")
    Issue.record(
        "\(name):\(line + 1) was\n\(was)\nand is\n\(now)\nRECORD_SNAPSHOTS=1 accepts it", sourceLocation: location)
}
