import FirnCatalogue
import FirnCatalogueFiles
import FirnFacts
import FirnModel
import FirnParsing
import FirnTestSupport

/// What the command line tests share.
enum CmdlineSupport {
    static func knowledge() throws -> Knowledge {
        let path = "profiles/knowledge/cmdline.toml"
        let text = String(decoding: try Repository.bytes(path), as: UTF8.self)
        return Knowledge(tables: ["cmdline": try TOMLDocument.parse(text, file: path)])
    }

    static func context(_ version: String?, hasOwnKernel: Bool? = true) -> SystemContext {
        SystemContext(release: nil, kernelVersion: version, hasOwnKernel: hasOwnKernel)
    }

    static func snapshot(_ batch: FactBatch) -> Snapshot {
        Snapshot(source: .declared, identity: Identity(), collectedAt: 0, batch: batch)
    }

    /// The facts of one line as the option `boot.kernelParams` would give them.
    static func declared(_ line: String, _ version: String?) throws -> Snapshot {
        let parameters = line.split(separator: " ").map { JSONNode(.string(String($0))) }
        var boot = JSONObject()
        _ = boot.append("kernelParams", JSONNode(.array(parameters)))
        var root = JSONObject()
        _ = root.append("boot", JSONNode(.object(boot)))
        let options = OptionTree(name: "test", values: JSONNode(.object(root)))
        return snapshot(
            try CmdlineFacts.declared(options, knowledge: try knowledge(), context: context(version)))
    }

    /// A fact in one word: the value with its type, `absent`, or `?` for unavailable.
    static func shown(_ fact: Fact?) -> String {
        switch fact {
        case nil: "not supplied"
        case .absent: "absent"
        case .unavailable: "?"
        case .known(let value, _): shown(value)
        }
    }

    private static func shown(_ value: FactValue) -> String {
        switch value {
        case .boolean(let truth): truth ? "true" : "false"
        case .integer(let number): "#\(number)"
        case .string(let text): "'\(text)'"
        case .list(let values): "[" + values.map(shown).joined(separator: " ") + "]"
        }
    }
}
