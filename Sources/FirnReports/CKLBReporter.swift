public import FirnModel
public import FirnReportCore

extension ReportFormat {
    /// CKLB 1.0, for STIG Viewer.
    public static let cklb = ReportFormat(
        name: "cklb", summary: "CKLB 1.0, for STIG Viewer", fileEnding: "cklb", needsBenchmarks: true,
        objection: CKLBReporter.objection
    ) { report, options in
        Array(CKLBReporter.render(report, options: options).utf8)
    }
}

/// A checklist in the form of STIG Viewer 3 (CKLB 1.0): every control of each benchmark, with its status, what was found
/// and the waivers as comments.
///
/// | `ControlStatus` | `status` |
/// |---|---|
/// | open | `open` |
/// | notAFinding | `not_a_finding` |
/// | notApplicable | `not_applicable` |
/// | notReviewed | `not_reviewed` |
///
/// A checklist is of one asset (`target_data`). Rules outside a benchmark are not in it. Without a benchmark of the
/// report's catalogue, the checklist lists the report's rules by their own ids: no id of a STIG is made up.
public enum CKLBReporter {
    /// Renders the checklist of the one system of a report. A report of several gives a checklist that says so and in
    /// which nothing is reviewed: hosts are never mixed.
    public static func render(_ report: Report, options: RenderOptions) -> String {
        let systems = ReportSystem.of(report)
        if systems.count == 1 { return render(report, system: systems[0], options: options) }
        return document(
            report, name: "", hostName: "", details: [objection(report) ?? "This report has no system."],
            checklists: checklists(report, system: nil, benchmarks: options.benchmarks))
    }

    /// Renders the checklist of one system of a report.
    public static func render(_ report: Report, system: ReportSystem, options: RenderOptions) -> String {
        document(
            report, name: system.name, hostName: system.identity.hostName ?? "",
            details: SystemFacts.of(system, in: report).map { "\($0.name): \($0.value)" },
            checklists: checklists(report, system: system, benchmarks: options.benchmarks))
    }

    /// Why a report cannot be one checklist, or nil.
    static func objection(_ report: Report) -> String? {
        let systems = ReportSystem.of(report)
        guard systems.count != 1 else { return nil }
        if systems.isEmpty { return "a checklist is of one system, and this report has none" }
        let names = systems.prefix(10).map { VisibleText.escape($0.name, limit: 80) }.joined(separator: ", ")
        return
            "a checklist is of one system, and this report has \(systems.count) (\(names)); firn report --bundle writes one for each"
    }

    // MARK: Contents

    private struct Checklist {
        var benchmark: Benchmark
        var assessments: [ControlAssessment]
        var isOfTheCatalogue: Bool
    }

    private static func checklists(_ report: Report, system: ReportSystem?, benchmarks: [Benchmark]) -> [Checklist] {
        let own = benchmarks.isEmpty ? [ownRules(report, system: system)] : benchmarks
        return own.map { benchmark in
            let assessments =
                system.map { ControlStatus.of(report, system: $0, benchmark: benchmark) }
                ?? benchmark.controls.map {
                    ControlAssessment(
                        control: $0, status: .notReviewed,
                        reason: "Nothing was reviewed: \(objection(report) ?? "").", results: [])
                }
            return Checklist(
                benchmark: benchmark, assessments: assessments, isOfTheCatalogue: !benchmarks.isEmpty)
        }
    }

    /// The rules of a report as if they were controls, under their own ids.
    private static func ownRules(_ report: Report, system: ReportSystem?) -> Benchmark {
        let targets = system.map { Set($0.targets) }
        let groups = RuleGroup.of(report.results.filter { targets?.contains($0.target) ?? true })
        let controls = groups.map { group in
            let expected = group.results.first?.expected ?? ""
            return Control(
                id: group.rule, ruleID: group.rule, version: group.rule, group: group.rule, severity: group.severity,
                title: group.title, check: "Firn expects: \(VisibleText.escape(expected, limit: 2000))",
                fix: group.fixes.compactMap(NixDefinition.render).joined(separator: "\n"), automation: .static,
                sources: [.static], rules: [ControlRule(group.rule)], coverage: .full,
                isInapplicableWithItsRules: true)
        }
        return Benchmark(
            id: "firn-rules", title: "Rules of Firn, profile \(report.profile)", documentID: "Firn_rules",
            version: "1", release: "1", date: "", publisher: "Firn", url: "", note: nil, controls: controls)
    }

    private static func document(
        _ report: Report, name: String, hostName: String, details: [String], checklists: [Checklist]
    ) -> String {
        // The statuses are part of the name: another result is another checklist.
        let statuses = checklists.flatMap(\.assessments).map(\.status.rawValue).joined(separator: " ")
        let time = Timestamp.text(report.collectedAt)
        let seed = [report.catalogueDigest, report.profileDigest, time, hostName, details.joined(separator: "\n")]
            .map { "\($0.utf8.count):\($0)" }.joined()
        let id = NameUUID.of("checklist", seed, statuses)
        return JSONWriter.document { writer in
            writer.object { writer in
                writer.member(
                    "title", VisibleText.escape("Firn \(name.isEmpty ? "checklist" : name) \(time)", limit: 200))
                writer.member("id", id)
                writer.member("cklb_version", "1.0")
                writer.member("active", false)
                writer.member("mode", 1)
                writer.member("has_path", false)
                writer.member("target_data") { writer in
                    target(report, hostName: hostName, details: details, to: &writer)
                }
                writer.member("stigs") { writer in
                    writer.array(checklists) { stig($1, time: time, seed: id, to: &$0) }
                }
            }
        }
    }

    private static func target(
        _ report: Report, hostName: String, details: [String], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("target_type", "Computing")
            writer.member("host_name", VisibleText.escape(hostName, limit: 255))
            for key in ["ip_address", "mac_address", "fqdn"] { writer.member(key, "") }
            let made = "Made by \(VisibleText.escape(report.tool, limit: 80)) from the results of a check."
            writer.member("comments", ([made] + details).joined(separator: "\n"))
            writer.member("role", "None")
            writer.member("is_web_database", false)
            for key in ["technology_area", "web_db_site", "web_db_instance"] { writer.member(key, "") }
            writer.member("classification", nil as String?)
        }
    }

    private static func stig(_ list: Checklist, time: String, seed: String, to writer: inout JSONWriter) {
        let benchmark = list.benchmark
        let uuid = NameUUID.of("stig", seed, benchmark.documentID, benchmark.version, benchmark.release)
        writer.object { writer in
            writer.member("stig_name", VisibleText.escape(benchmark.title, limit: 300))
            writer.member(
                "display_name",
                VisibleText.escape(
                    benchmark.title.replacing(" Security Technical Implementation Guide", with: ""), limit: 300))
            writer.member("stig_id", benchmark.documentID)
            let date = CalendarDate(benchmark.date).map { _ in " Benchmark Date: \(displayed(benchmark.date))" } ?? ""
            writer.member("release_info", "Release: \(benchmark.release)\(date)")
            writer.member("version", benchmark.version)
            writer.member("uuid", uuid)
            writer.member("reference_identifier", nil as String?)
            writer.member("size", list.assessments.count)
            writer.member("rules") { writer in
                writer.array(list.assessments) { writer, assessment in
                    rule(assessment, of: list, stig: uuid, time: time, to: &writer)
                }
            }
        }
    }

    /// A day as DISA writes it (`01 Oct 2025`).
    private static func displayed(_ date: String) -> String {
        let parts = date.split(separator: "-")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return date }
        return "\(parts[2]) \(months[month - 1]) \(parts[0])"
    }

    private static func rule(
        _ assessment: ControlAssessment, of list: Checklist, stig: String, time: String, to writer: inout JSONWriter
    ) {
        let control = assessment.control
        let shown = { (text: String) in VisibleText.escape(text, limit: 1000) }
        writer.object { writer in
            writer.member("uuid", NameUUID.of("rule", stig, control.ruleID))
            writer.member("stig_uuid", stig)
            writer.member("group_id", shown(control.id))
            writer.member("group_id_src", shown(control.id))
            writer.member(
                "rule_id",
                shown(control.ruleID.hasSuffix("_rule") ? String(control.ruleID.dropLast(5)) : control.ruleID))
            writer.member("rule_id_src", shown(control.ruleID))
            writer.member("rule_version", shown(control.version))
            writer.member("target_key", nil as String?)
            writer.member("stig_ref", nil as String?)
            writer.member("weight", "10.0")
            writer.member("classification", "Unclassified")
            // A checklist knows the three categories of a STIG only; XCCDF knows info too.
            writer.member("severity", XCCDFText.severity(max(control.severity, .low)))
            writer.member("group_title", shown(control.group))
            writer.member("rule_title", shown(control.title))
            writer.member("check_content", control.check)
            writer.member("fix_text", control.fix)
            writer.member(
                "discussion",
                list.isOfTheCatalogue
                    ? "The discussion of this control is not part of Firn's copy of the document; see "
                        + "\(list.benchmark.url)."
                    : "This is a rule of Firn, not a control of a STIG: the benchmarks of the catalogue that this "
                        + "report was made with were not at hand.")
            for key in [
                "false_positives", "false_negatives", "mitigations", "potential_impacts", "third_party_tools",
                "mitigation_control", "responsibility", "security_override_guidance", "ia_controls",
            ] { writer.member(key, "") }
            writer.member("documentable", "false")
            writer.member("check_content_ref") { writer in
                writer.object { writer in
                    writer.member("name", "M")
                    writer.member("href", "")
                }
            }
            writer.member("legacy_ids") { $0.strings([]) }
            writer.member("ccis") { $0.strings(control.ccis) }
            writer.member("group_tree") { writer in
                writer.array([control]) { writer, control in
                    writer.object { writer in
                        writer.member("id", shown(control.id))
                        writer.member("title", shown(control.group))
                        writer.member("description", "<GroupDescription></GroupDescription>")
                    }
                }
            }
            writer.member("reference_identifier", nil as String?)
            writer.member("status", status(assessment.status))
            writer.member("overrides") { $0.object { _ in } }
            writer.member("finding_details", assessment.findingDetails.joined(separator: "\n"))
            writer.member("comments", assessment.comments.joined(separator: "\n"))
            writer.member("createdAt", time)
            writer.member("updatedAt", time)
            writer.member("STIGUuid", stig)
        }
    }

    private static func status(_ status: ControlStatus) -> String {
        switch status {
        case .open: "open"
        case .notAFinding: "not_a_finding"
        case .notApplicable: "not_applicable"
        case .notReviewed: "not_reviewed"
        }
    }
}
