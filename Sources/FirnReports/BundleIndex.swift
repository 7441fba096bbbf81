public import FirnModel
import FirnReportCore

/// What a bundle of documents holds: `index.json` for programs and `index.html` for people.
public struct BundleIndex: Sendable, Hashable {
    /// The version of the index document.
    public static let schemaVersion = 1
    /// What `format` says in `index.json`.
    public static let format = "firn-bundle"

    /// One file of the bundle.
    public struct File: Sendable, Hashable {
        /// Its name in the bundle.
        public var name: String
        /// Its media type.
        public var mediaType: String
        /// Its size in bytes.
        public var bytes: Int
        /// SHA-256 of its bytes, lower-case hex.
        public var sha256: String
        /// What it is for.
        public var about: String

        /// Creates a file.
        public init(name: String, mediaType: String, bytes: Int, sha256: String, about: String) {
            self.name = name
            self.mediaType = mediaType
            self.bytes = bytes
            self.sha256 = sha256
            self.about = about
        }
    }

    /// The report the documents are of.
    public var report: Report
    /// The tool that wrote the bundle.
    public var tool: String
    /// The files, in the order they are told.
    public var files: [File]

    /// Creates an index.
    public init(report: Report, tool: String, files: [File]) {
        self.report = report
        self.tool = tool
        self.files = files
    }

    /// The index as JSON, described by `reports/schema/bundle.schema.json`.
    public func json() -> String {
        let summary = ReportSummary(report).total
        return JSONWriter.document { writer in
            writer.object { writer in
                writer.member("format", Self.format)
                writer.member("schemaVersion", Self.schemaVersion)
                writer.member("tool", tool)
                writer.member("collectedAt", Timestamp.text(report.collectedAt))
                writer.member("profile") { writer in
                    writer.object { writer in
                        writer.member("id", report.profile)
                        writer.member("digest", report.profileDigest)
                    }
                }
                writer.member("catalogue") { $0.object { $0.member("digest", report.catalogueDigest) } }
                writer.member("systems") { writer in
                    writer.array(ReportSystem.of(report)) { writer, system in
                        writer.object { writer in
                            writer.member("name", system.name)
                            writer.member("toplevel", system.identity.toplevel)
                            writer.member("closureDigest", system.identity.closureDigest?.value)
                        }
                    }
                }
                writer.member("summary") { writer in
                    writer.object { writer in
                        for outcome in Outcome.allCases { writer.member(outcome.rawValue, summary.count(outcome)) }
                        writer.member("waived", summary.waived)
                    }
                }
                writer.member("verdict", report.verdict?.decision.rawValue)
                writer.member("files") { writer in
                    writer.array(files) { writer, file in
                        writer.object { writer in
                            writer.member("name", file.name)
                            writer.member("mediaType", file.mediaType)
                            writer.member("bytes", file.bytes)
                            writer.member("sha256", file.sha256)
                            writer.member("about", file.about)
                        }
                    }
                }
            }
        }
    }

    /// A page that lists the files: no script, nothing fetched.
    public func html() -> String {
        let summary = ReportSummary(report).total
        let systems = ReportSystem.of(report)
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Hardening documents</title>
            <style>
            :root { color-scheme: light dark; --line: #8886; }
            body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
            h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
            h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
            p { margin: .25rem 0; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
            td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            code { font-family: ui-monospace, monospace; font-size: .875em; overflow-wrap: anywhere; }
            @media (max-width: 40rem) { .wide { display: none; } }
            </style>
            </head>
            <body>
            <main>
            <h1>Hardening documents</h1>

            """
        page +=
            "<p>Profile \(Self.escape(report.profile)), collected \(Timestamp.text(report.collectedAt)), "
            + "written by \(Self.escape(tool)).</p>\n"
        page +=
            "<p>\(summary.count(.pass)) passed, \(summary.count(.fail)) failed (\(summary.waived) of them waived), "
            + "\(summary.count(.unknown)) could not be told, \(summary.count(.error)) in error, "
            + "\(summary.count(.notApplicable)) not applicable, \(summary.count(.notChecked)) not checked.</p>\n"
        if let verdict = report.verdict {
            page += "<p>The gate's decision: <strong>\(verdict.decision.rawValue)</strong>, valid until "
            page += "\(Timestamp.text(verdict.validUntil)).</p>\n"
        }
        page += "<h2>Systems</h2>\n<table>\n<tr><th scope=\"col\">system</th><th scope=\"col\">toplevel</th></tr>\n"
        for system in systems {
            page += "<tr><td>\(Self.escape(system.name))</td>"
            page += "<td><code>\(Self.escape(system.identity.toplevel ?? "not named"))</code></td></tr>\n"
        }
        page += "</table>\n<h2>Files</h2>\n<table>\n<tr><th scope=\"col\">file</th><th scope=\"col\">for</th>"
        page += "<th scope=\"col\" class=\"number\">bytes</th></tr>\n"
        for file in files {
            page += "<tr><td><a href=\"\(Self.escape(file.name))\">\(Self.escape(file.name))</a></td>"
            page += "<td>\(Self.escape(file.about))</td><td class=\"number\">\(file.bytes)</td></tr>\n"
        }
        page += "</table>\n<p>Check that the files are whole with <code>sha256sum --check SHA256SUMS</code>.</p>\n"
        return page + "</main>\n</body>\n</html>\n"
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in VisibleText.escape(text, limit: 300).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
