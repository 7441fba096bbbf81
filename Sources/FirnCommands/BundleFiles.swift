import Crypto
import FirnModel
import FirnReportCore
import FirnReports

/// A file of a bundle, in memory.
struct BundleFile {
    var name: String
    var mediaType: String
    var about: String
    var bytes: [UInt8]
}

/// Every document of a bundle, rendered: the same report gives the same bytes.
enum BundleFiles {
    static let index = "index.json"
    static let checksums = "SHA256SUMS"

    private struct Kind {
        var format: ReportFormat
        var name: String
        var mediaType: String
        var about: String
    }

    private static let kinds: [Kind] = [
        Kind(format: .html, name: "report.html", mediaType: "text/html", about: "to read and to print"),
        Kind(
            format: .markdown, name: "report.md", mediaType: "text/markdown", about: "for a pull request or a wiki"),
        Kind(format: .text, name: "report.txt", mediaType: "text/plain", about: "for a terminal or a mail"),
        Kind(format: .csv, name: "report.csv", mediaType: "text/csv", about: "for a spreadsheet: a line a result"),
        Kind(
            format: .json, name: "report.json", mediaType: "application/json",
            about: "the whole report, for firn gate and other programs"),
        Kind(format: .sarif, name: "report.sarif", mediaType: "application/sarif+json", about: "for code scanning"),
        Kind(
            format: .junit, name: "report.junit.xml", mediaType: "application/xml", about: "for test reports in CI"),
        Kind(
            format: .xccdf, name: "report.xccdf.xml", mediaType: "application/xml",
            about: "XCCDF 1.2 results, for SCAP tools"),
        Kind(
            format: .oscal, name: "report.oscal.json", mediaType: "application/oscal+json",
            about: "OSCAL assessment results 1.1.3, for GRC tools"),
        Kind(
            format: .openmetrics, name: "report.prom", mediaType: "text/plain",
            about: "metrics, for node_exporter's textfile collector"),
    ]

    /// All files but the checksums, the index last.
    static func of(_ report: Report, options: RenderOptions, material: BundleMaterial?) -> [BundleFile] {
        var files = kinds.map { kind in
            BundleFile(
                name: kind.name, mediaType: kind.mediaType, about: kind.about,
                bytes: kind.format.render(report, options))
        }
        let systems = ReportSystem.of(report)
        var used: Set<String> = []
        for system in systems {
            let name = fileName(system.name, used: &used)
            files.append(
                BundleFile(
                    name: name + ".cklb", mediaType: "application/json",
                    about: "checklist of \(VisibleText.escape(system.name, limit: 60)), for STIG Viewer",
                    bytes: Array(CKLBReporter.render(report, system: system, options: options).utf8)))
        }
        if let material {
            files.append(
                BundleFile(
                    name: "sbom.cdx.json", mediaType: "application/vnd.cyclonedx+json",
                    about: "CycloneDX 1.6 bill of materials of the closure, \(material.paths) store paths",
                    bytes: Array(material.text.utf8)))
        }
        let tool = "firn \(FirnCommand.version)"
        func index() -> BundleIndex {
            BundleIndex(
                report: report, tool: tool,
                files: files.map {
                    BundleIndex.File(
                        name: $0.name, mediaType: $0.mediaType, bytes: $0.bytes.count,
                        sha256: SHA256.text(of: $0.bytes), about: $0.about)
                })
        }
        files.append(
            BundleFile(
                name: "index.html", mediaType: "text/html", about: "what is in this directory",
                bytes: Array(index().html().utf8)))
        files.append(
            BundleFile(
                name: Self.index, mediaType: "application/json", about: "what is in this directory, for programs",
                bytes: Array(index().json().utf8)))
        return files + [
            BundleFile(
                name: checksums, mediaType: "text/plain", about: "for sha256sum --check",
                bytes: Array(
                    files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                        .map { "\(SHA256.text(of: $0.bytes))  \($0.name)\n" }.joined().utf8))
        ]
    }

    /// A system's name as a file name that no other has, also where upper and lower case are one.
    private static func fileName(_ text: String, used: inout Set<String>) -> String {
        var base = ""
        for scalar in text.unicodeScalars.prefix(100) {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": base.unicodeScalars.append(scalar)
            case ".": base += base.isEmpty ? "_" : "."
            default: base += "_"
            }
        }
        while base.hasPrefix("-") { base.removeFirst() }
        if base.isEmpty { base = "system" }
        var name = base
        var number = 2
        while !used.insert(name.lowercased()).inserted {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }
}
