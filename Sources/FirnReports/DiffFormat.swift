public import FirnReportCore

/// The forms in which a diff is written.
public enum DiffFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// The whole diff, described by `reports/schema/diff.schema.json`.
    case json
    /// For a pull request.
    case markdown

    /// Writes a diff. Only text looks at the options.
    public func render(_ diff: ReportDiff, _ options: RenderOptions) -> String {
        switch self {
        case .text: DiffText.render(diff, options: options)
        case .json: DiffJSON.render(diff)
        case .markdown: DiffMarkdown.render(diff)
        }
    }
}
