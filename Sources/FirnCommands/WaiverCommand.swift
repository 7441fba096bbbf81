import ArgumentParser
import FirnCatalogue
import FirnCatalogueFiles
import FirnGate
import FirnModel
import FirnReportCore
import FirnReports

/// `firn waiver`: accepted failures.
struct WaiverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiver",
        abstract: "Check and list waivers: who accepted which failure, why, and until when.",
        discussion: """
            A waiver accepts a failure for a while; the result stays a failure and says so. docs/waivers.md has the \
            format.

            Examples:
              firn waiver lint waivers/ report.json
              firn waiver list waivers/
            """,
        subcommands: [Lint.self, List.self])

    struct Lint: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find waivers that are wrong, about to expire, or no longer needed.",
            discussion: """
                Errors: not readable, an unknown or retired rule, a pattern for a rule, expired, more than a year, less \
                severe than its rule, a duplicate. Warnings: expiring soon, too broad, and with reports unused and \
                already fixed.

                Examples:
                  firn waiver lint waivers/
                  firn waiver lint waivers/ web1.json web2.json --within 60

                Exit codes: 0 right (there may be warnings), 1 at least one error, 2 tool or input error, 64 usage.
                """)

        @Argument(help: ArgumentHelp("A directory of *.toml, or one file.", valueName: "waivers"), completion: .file())
        var waivers: String

        @Argument(
            help: ArgumentHelp("Saved reports of the systems the waivers are for.", valueName: "report"),
            completion: .file())
        var reports: [String] = []

        @Option(
            help: ArgumentHelp(
                "Judge at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.", valueName: "time"))
        var now: String?

        @Option(help: ArgumentHelp("Warn this many days before the last day.", valueName: "days"))
        var within: UInt16 = 30

        @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format: ListFormat = .text
        @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when")) var color: ColorChoice = .auto
        @OptionGroup var catalogueOptions: CatalogueOptions

        mutating func run(_ console: Console) throws -> Int32 {
            let time = try now.map(CheckCommand.time) ?? console.now()
            let catalogue = try catalogueOptions.load()
            let read: (set: WaiverSet, errors: [DataError])
            do {
                read = try WaiverFiles.read(waivers)
            } catch {
                throw CommandFailure(WaiverOptions.text(error))
            }
            let reports = try reports.map { path in try SavedReport.read(path).report }
            let findings = WaiverLint(rules: Self.rules(catalogue), now: time, within: Int64(within))
                .findings(set: read.set, errors: read.errors, reports: reports)
            switch format {
            case .text:
                console.out(
                    text(findings, count: read.set.waivers.count, width: console.columns, colour: color.isOn(console)))
            case .json: console.out(json(findings, count: read.set.waivers.count))
            }
            return findings.contains(where: \.isError) ? 1 : 0
        }

        /// What the linter must know of a catalogue.
        static func rules(_ catalogue: Catalogue) -> WaiverLint.Rules {
            var severities: [String: ClosedRange<Severity>] = [:]
            for rule in catalogue.orderedRules {
                let all = [rule.severity] + Level.allCases.map { rule.severity(at: $0) }
                severities[rule.id] = (all.min() ?? rule.severity)...(all.max() ?? rule.severity)
            }
            return WaiverLint.Rules(
                severities: severities, retired: catalogue.retired, suggestion: { catalogue.nearestRule(to: $0) })
        }

        private func text(_ findings: [WaiverFinding], count: Int, width: Int, colour: Bool) -> String {
            var table = TextTable(width: width, colour: colour)
            for finding in findings {
                table.add(
                    TextTable.Cell(finding.line > 0 ? "\(finding.file):\(finding.line)" : finding.file, .strong),
                    TextTable.Cell(finding.isError ? "error" : "warning", finding.isError ? .bad : .warning),
                    TextTable.Cell(Self.words(finding.kind)),
                    TextTable.Cell(finding.rule.map { "\($0): \(finding.message)" } ?? finding.message))
            }
            let errors = findings.count(where: \.isError)
            let warnings = findings.count - errors
            let parts = [
                Self.plural(count, "waiver"), Self.plural(errors, "error"), Self.plural(warnings, "warning"),
            ]
            let tables = findings.isEmpty ? "" : table.render() + "\n"
            return tables + parts.joined(separator: ", ") + "\n"
        }

        private func json(_ findings: [WaiverFinding], count: Int) -> String {
            JSONWriter.document { writer in
                writer.object { writer in
                    writer.member("schemaVersion", 1)
                    writer.member("waivers", count)
                    writer.member("errors", findings.count(where: \.isError))
                    writer.member("warnings", findings.count { !$0.isError })
                    writer.member("findings") { writer in
                        writer.array(findings) { writer, finding in
                            writer.object { writer in
                                writer.member("kind", finding.kind.rawValue)
                                writer.member("level", finding.isError ? "error" : "warning")
                                writer.member("file", finding.file)
                                writer.member("line") { writer in
                                    if finding.line > 0 { writer.integer(finding.line) } else { writer.null() }
                                }
                                writer.member("rule", finding.rule)
                                writer.member("message", finding.message)
                            }
                        }
                    }
                }
            }
        }

        private static func words(_ kind: WaiverFinding.Kind) -> String {
            switch kind {
            case .invalid: "invalid"
            case .unknownRule: "unknown rule"
            case .tooBroad: "too broad"
            case .expired: "expired"
            case .tooLong: "too long"
            case .tooSevere: "too severe"
            case .duplicate: "duplicate"
            case .expiringSoon: "expires soon"
            case .alreadyFixed: "already fixed"
            case .unused: "unused"
            }
        }

        private static func plural(_ count: Int, _ noun: String) -> String {
            count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
        }
    }

    struct List: ParsableCommand, ConsoleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List waivers with their owners and the days they still hold, the nearest end first.",
            discussion: """
                Example:
                  firn waiver list waivers/
                """)

        @Argument(help: ArgumentHelp("A directory of *.toml, or one file.", valueName: "waivers"), completion: .file())
        var waivers: String

        @Option(
            help: ArgumentHelp(
                "Count from this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.", valueName: "time"))
        var now: String?

        @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format: ListFormat = .text
        @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when")) var color: ColorChoice = .auto

        mutating func run(_ console: Console) throws -> Int32 {
            let time = try now.map(CheckCommand.time) ?? console.now()
            let set = try WaiverOptions.load(waivers)
            let rows = set.waivers.enumerated().sorted { left, right in
                let (first, second) = (left.element.waiver.expires, right.element.waiver.expires)
                return first == second ? left.offset < right.offset : first < second
            }.map(\.element)
            switch format {
            case .text: console.out(text(rows, now: time, width: console.columns, colour: color.isOn(console)))
            case .json: console.out(json(rows, now: time, digest: set.digest))
            }
            return 0
        }

        private func text(_ rows: [LocatedWaiver], now: Int64, width: Int, colour: Bool) -> String {
            guard !rows.isEmpty else { return "no waivers\n" }
            var table = TextTable(width: width, colour: colour)
            table.header(
                TextTable.Cell("until"), TextTable.Cell("days left", isNumber: true), TextTable.Cell("rule"),
                TextTable.Cell("for"), TextTable.Cell("owner"), TextTable.Cell("reason"))
            for row in rows {
                let left = WaiverTerm.daysLeft(row.waiver, now: now) ?? -1
                let tone: TextTable.Tone = left < 0 ? .bad : left <= 30 ? .warning : .plain
                table.add(
                    TextTable.Cell(row.waiver.expires, tone),
                    TextTable.Cell(left < 0 ? "expired" : String(left), tone, isNumber: true),
                    TextTable.Cell(row.waiver.rule, .strong), TextTable.Cell(WaiverText.scope(row.waiver)),
                    TextTable.Cell(row.waiver.owner),
                    TextTable.Cell(row.waiver.reason + (row.waiver.ticket.map { " (\($0))" } ?? "")))
            }
            return table.render()
        }

        private func json(_ rows: [LocatedWaiver], now: Int64, digest: String?) -> String {
            JSONWriter.document { writer in
                writer.object { writer in
                    writer.member("schemaVersion", 1)
                    writer.member("digest", digest)
                    writer.member("waivers") { writer in
                        writer.array(rows) { writer, row in
                            writer.object { writer in
                                writer.member("file", row.file)
                                writer.member("line", row.line)
                                writer.member("rule", row.waiver.rule)
                                writer.member("scope") { writer in
                                    writer.object { writer in
                                        writer.member("hosts") { $0.strings(row.waiver.scope.hosts) }
                                        writer.member("images") { $0.strings(row.waiver.scope.images) }
                                        writer.member("sources") {
                                            $0.strings(row.waiver.scope.sources.map(\.rawValue))
                                        }
                                    }
                                }
                                writer.member("owner", row.waiver.owner)
                                writer.member("reason", row.waiver.reason)
                                writer.member("ticket", row.waiver.ticket)
                                writer.member("expires", row.waiver.expires)
                                writer.member("daysLeft", WaiverTerm.daysLeft(row.waiver, now: now))
                                writer.member("maximumSeverity", row.waiver.maximumSeverity?.rawValue)
                            }
                        }
                    }
                }
            }
        }
    }
}
