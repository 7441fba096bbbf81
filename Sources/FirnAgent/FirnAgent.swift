import FirnCatalogue
import FirnHost
public import FirnModel

/// The agent: collects the facts of the host it runs on.
public enum FirnAgent {
    /// The facts of the host whose root is given, now.
    public static func facts(root: String, now: Int64) throws -> Snapshot {
        let catalogue = try Catalogue.embedded()
        return try LiveHost.open(root: root, knowledge: catalogue.knowledge).collect(now: now)
    }
}
