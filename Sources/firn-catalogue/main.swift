import FirnCatalogue
import FirnCatalogueFiles
import FirnModel
import FirnReports
import FoundationEssentials
import Glibc

// Generates what is made of a profiles directory: firn-catalogue DIRECTORY CATALOGUE.C DOCS-DIRECTORY. The page of the levels
// is beside DOCS-DIRECTORY.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3 else {
    print("usage: firn-catalogue DIRECTORY CATALOGUE.C DOCS-DIRECTORY")
    exit(64)
}
let (directory, output, docs) = (arguments[0], arguments[1], URL(filePath: arguments[2]))
do {
    let source = try CompiledCatalogue.generate(directory: directory)
    try Data(source.utf8).write(to: URL(filePath: output), options: .atomic)
    print("\(output): \(source.utf8.count) bytes")
    // Beside it, so that one changed word of a rule does not show as a change of long texts.
    let benchmarks = try CompiledCatalogue.generateBenchmarks(directory: directory)
    let benchmarksFile = URL(filePath: output).deletingLastPathComponent().appending(path: "benchmarks.c")
    try Data(benchmarks.utf8).write(to: benchmarksFile, options: .atomic)
    print("\(benchmarksFile.relativePath): \(benchmarks.utf8.count) bytes")

    let catalogue = try Catalogue.load(directory: directory)
    let selected = Dictionary(uniqueKeysWithValues: Level.allCases.map { ($0, catalogue.rules(selectedAt: $0)) })
    let pages = RuleReference.pages(rules: catalogue.orderedRules, selected: selected)
    try FileManager.default.createDirectory(at: docs, withIntermediateDirectories: true)
    // A family that is gone leaves no page behind.
    for name in try FileManager.default.contentsOfDirectory(atPath: docs.path) where pages[name] == nil {
        try FileManager.default.removeItem(at: docs.appending(path: name))
    }
    for (name, text) in pages {
        try Data(text.utf8).write(to: docs.appending(path: name), options: .atomic)
    }
    let levels = docs.deletingLastPathComponent().appending(path: "hardening-levels.md")
    if FileManager.default.fileExists(atPath: levels.path) {
        let old = try String(contentsOf: levels, encoding: .utf8)
        let page = LevelReference.page(from: old, rules: catalogue.orderedRules, selected: selected)
        try Data(page.utf8).write(to: levels, options: .atomic)
        print("\(levels.relativePath): \(page.utf8.count) bytes")
    }
    print("\(arguments[2]): \(pages.count) pages, \(catalogue.orderedRules.count) rules")
} catch {
    print("\(error)")
    exit(2)
}
