import Crypto
import FirnModel

/// What is kept of the benchmarks beside their texts: which controls a rule answers.
///
/// The texts are long, and only a report in the form of a benchmark needs them. So they are compiled apart, and every
/// other start of the program decodes this index alone. It holds the digest of the texts, so that the digest of the
/// catalogue covers them.
enum BenchmarkIndex {
    /// The folder of the benchmarks below `profiles/`, with its slash.
    static let folder = "benchmarks/"
    private static let key = "index"

    /// The files without the benchmarks, and the benchmarks.
    static func split(_ files: [String: DataNode]) -> (main: [String: DataNode], benchmarks: [String: DataNode]) {
        (files.filter { !$0.key.hasPrefix(folder) }, files.filter { $0.key.hasPrefix(folder) })
    }

    /// The compiled index of compiled benchmarks; empty where there are none.
    static func encode(_ benchmarks: [Benchmark], texts: [UInt8]) -> [UInt8] {
        guard !benchmarks.isEmpty else { return [] }
        let controls = controls(of: benchmarks).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let entries = controls.map { rule, ids in
            DataNode.Entry(key: rule, node: DataNode(.array(ids.map { DataNode(.string($0)) })))
        }
        let root = DataNode(
            .table([
                .init(key: "controls", node: DataNode(.table(entries))),
                .init(key: "texts", node: DataNode(.string(Hexadecimal.text(SHA256.hash(data: texts))))),
            ]))
        return CompiledCatalogue.encode(files: [key: root])
    }

    /// The controls by rule of a compiled index.
    static func decode(_ bytes: [UInt8]) throws(DataError) -> [String: [String]] {
        guard !bytes.isEmpty else { return [:] }
        var result: [String: [String]] = [:]
        for entry in try CompiledCatalogue.decode(bytes)[key]?["controls"]?.entries ?? [] {
            result[entry.key] = entry.node.strings
        }
        return result
    }

    /// The controls each rule answers, in the order of the benchmarks and their controls.
    static func controls(of benchmarks: [Benchmark]) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for benchmark in benchmarks {
            for control in benchmark.controls {
                for reference in control.rules { result[reference.rule, default: []].append(control.id) }
            }
        }
        return result
    }
}
