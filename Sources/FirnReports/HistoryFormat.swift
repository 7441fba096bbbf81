public import FirnReportCore

/// The forms in which a history is shown.
public enum HistoryFormat: String, Sendable, CaseIterable {
    /// For people: sparklines.
    case text
    /// The numbers.
    case json
    /// A drawing that stands alone.
    case svg

    /// Writes the trends of hosts. Only text looks at the options.
    public func render(_ trends: [HistoryTrend], _ options: RenderOptions, isASCII: Bool = false) -> String {
        switch self {
        case .text: HistoryText.render(trends, options: options, isASCII: isASCII)
        case .json: HistoryJSON.render(trends)
        case .svg: SparklineSVG.render(trends)
        }
    }
}
