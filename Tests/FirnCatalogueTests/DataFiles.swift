import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import Foundation

/// A directory in the form of `profiles/` that lives as long as the block that uses it.
enum DataFiles {
    /// Writes files by relative path, and gives the directory.
    static func with<Value>(_ files: [String: String], _ body: (String) throws -> Value) throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("firn-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, text) in files {
            let url = directory.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return try body(directory.path)
    }

    /// The catalogue of such files.
    static func load(_ files: [String: String]) throws -> Catalogue {
        try with(files) { try Catalogue.load(directory: $0) }
    }

    /// What is wrong with such files, as `file:line: message`; empty when nothing is.
    static func errors(_ files: [String: String]) throws -> [String] {
        do {
            _ = try load(files)
            return []
        } catch let error as CatalogueError {
            return error.errors.map(\.description)
        }
    }

    /// A rule file of one sound rule, every key on a line of its own.
    static let rule = """
        [[rule]]
        id = "t.one"
        title = "One is at least one"
        severity = "medium"
        fact = "t.one"
        expect = { at-least = 1 }
        applies-when = { fact = "system.kind", equals = "server" }
        rationale = "Because."
        side-effects = "None known."
        references = ["https://example.org/one"]
        example = [
            { facts = { "t.one" = 1, "system.kind" = "server" }, outcome = "pass" },
            { facts = { "t.one" = 0, "system.kind" = "server" }, outcome = "fail" },
            { facts = { "t.one" = { state = "unavailable", reason = "x" } }, outcome = "unknown" },
            { facts = { "t.one" = { state = "absent" } }, outcome = "fail" },
        ]
        [rule.fix]
        path = ["boot", "one"]
        value = 1
        [rule.level.strict]
        expect = { equals = 2 }
        severity = "high"
        fix-value = 2

        """

    /// A short rule of an id and an expectation, three lines before its expectation.
    static func rule(_ id: String, expect: String = "{ at-least = 1 }", more: String = "") -> String {
        """
        [[rule]]
        id = "\(id)"
        title = "\(id) is so"
        expect = \(expect)
        severity = "low"
        fact = "\(id)"
        rationale = "Because."
        side-effects = "None known."
        example = [
            { facts = { "\(id)" = 1 }, outcome = "pass" },
            { facts = { "\(id)" = 0 }, outcome = "fail" },
            { facts = { "\(id)" = { state = "unavailable", reason = "x" } }, outcome = "unknown" },
        ]
        \(more)

        """
    }

    /// A profile file.
    static func profile(_ id: String, _ more: String = "rules = []") -> String {
        "id = \"\(id)\"\ntitle = \"The \(id) profile\"\n\(more)\n"
    }
}
