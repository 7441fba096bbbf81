import FirnModel

/// The closure of a path among registered ones. A reference that is not registered itself is an error: a closure with a
/// hole is none.
enum RegisteredClosure {
    static func of(
        _ toplevel: String, file: String, look: (String) throws(NixDatabaseError) -> StorePathInfo?
    ) throws(NixDatabaseError) -> [StorePathInfo] {
        var found: [StorePathInfo] = []
        var known: Set<String> = [toplevel]
        var waiting = [toplevel]
        while let path = waiting.popLast() {
            guard let info = try look(path) else {
                throw NixDatabaseError(path: file, reason: "\(path) is not registered in it")
            }
            found.append(info)
            for reference in info.references where known.insert(reference).inserted { waiting.append(reference) }
        }
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
}
