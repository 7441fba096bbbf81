import FirnModel

/// The benchmarks in their compiled form: the index that every start reads, and the texts that few do.
struct CompiledBenchmarks: Sendable {
    /// See `BenchmarkIndex`; empty where there are no benchmarks.
    var index: [UInt8] = []
    /// The bytes of the texts. Those compiled in are copied only when they are asked for.
    var texts: @Sendable () -> [UInt8] = { [] }

    init() {}

    init(index: [UInt8], texts: @escaping @Sendable () -> [UInt8]) {
        self.index = index
        self.texts = texts
    }

    /// Compiles benchmarks and the files they were decoded from.
    init(_ benchmarks: [Benchmark], files: [String: DataNode]) {
        guard !files.isEmpty else { return }
        let bytes = CompiledCatalogue.encode(files: files)
        index = BenchmarkIndex.encode(benchmarks, texts: bytes)
        texts = { bytes }
    }
}
