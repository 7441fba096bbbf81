import ArgumentParser
import FirnCatalogue
import FirnModel

/// What a shell offers of the catalogue that is built in. A shell shows nothing where it cannot be read: the command
/// itself says why.
enum CatalogueCompletion {
    /// The ids of rules.
    static let rule = CompletionKind.custom { _, _, prefix in
        names { $0.orderedRules.map(\.id) }.filter { $0.hasPrefix(prefix) }
    }

    /// The families of rules.
    static let family = CompletionKind.custom { _, _, prefix in
        names { Set($0.orderedRules.map(\.family)).sorted() }.filter { $0.hasPrefix(prefix) }
    }

    private static func names(_ list: (Catalogue) -> [String]) -> [String] {
        do {
            return list(try Catalogue.embedded())
        } catch {
            return []
        }
    }
}
