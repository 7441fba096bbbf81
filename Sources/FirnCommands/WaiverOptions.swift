import FirnCatalogue
import FirnCatalogueFiles
import FirnGate
import FirnModel
import FirnReportCore

/// Waivers as commands take them: a directory or a file.
enum WaiverOptions {
    /// The waivers of a path, every one of them right.
    ///
    /// - Throws: `CommandFailure` with a line for everything that is wrong, safe to print.
    static func load(_ path: String) throws(CommandFailure) -> WaiverSet {
        do {
            return try WaiverFiles.load(path)
        } catch {
            throw CommandFailure(text(error))
        }
    }

    /// One line for each error.
    static func text(_ error: CatalogueError) -> String {
        error.errors.map { VisibleText.escape($0.description) }.joined(separator: "\n")
    }

    /// The notes of a report about waivers that did not apply: their failures count.
    static func notes(_ problems: [WaiverProblem]) -> [String] {
        problems.map { "A waiver was not applied: " + VisibleText.escape($0.message) + "." }
    }
}
