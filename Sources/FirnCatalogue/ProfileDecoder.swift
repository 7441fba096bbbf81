import FirnModel

/// Decodes a profile file.
enum ProfileDecoder {
    static func decode(file: String, root: DataNode, origin: DataOrigin) -> (profile: Profile?, errors: [DataError]) {
        var reader = TableReader(root, file: file)
        let id = reader.text("id")
        let title = reader.text("title")
        let inherits = reader.text("inherits", required: false)
        let level: Level? = reader.word("level", required: false)
        let rules = reader.strings("rules") ?? []
        var set: [String: Condition] = [:]
        if let table = reader.optional("set") {
            // A dotted rule id as a bare key is a path of tables in TOML: it must be quoted.
            for entry in table.entries ?? [] {
                var own = TableReader(entry.node, file: file)
                if let node = own.required("expect") {
                    let (condition, errors) = ConditionDecoder.decode(node, file: file, origin: origin)
                    own.absorb(errors)
                    if let condition { set[entry.key] = condition }
                }
                own.finish()
                reader.absorb(own.errors)
            }
        }
        if let table = root["set"], table.entries == nil { reader.fail("\"set\" must be a table", at: table.line) }
        var drop: [String: String] = [:]
        if let table = reader.optional("drop") {
            for entry in table.entries ?? [] {
                var own = TableReader(entry.node, file: file)
                if let reason = own.text("reason") { drop[entry.key] = reason }
                own.finish()
                reader.absorb(own.errors)
            }
        }
        if let table = root["drop"], table.entries == nil { reader.fail("\"drop\" must be a table", at: table.line) }
        reader.finish()
        guard let id, let title else { return (nil, reader.errors) }
        let profile = Profile(
            id: id, title: title, inherits: inherits, level: level, rules: rules, set: set, drop: drop, file: file)
        return (profile, reader.errors)
    }
}
