import FirnModel
import FirnReportCore

/// Writes a plan as an importable NixOS module.
///
/// A replacing definition has priority 40: the finding proves that the definition in force is wrong, so the repair wins
/// over plain definitions (100) and over `lib.mkForce` (50), and yields to `lib.mkVMOverride` (10). `docs/adr/` says why.
public enum NixModuleRenderer {
    /// The priority of a replacing definition.
    public static let priority = 40

    /// What the head of the module says.
    public struct Head: Sendable, Hashable {
        /// The tool's name and version.
        public var tool: String
        /// The profile.
        public var profile: String
        /// The digest of the catalogue.
        public var catalogueDigest: String
        /// The system's name.
        public var system: String
        /// Its release, where known.
        public var release: String?
        /// When the facts were collected, as printed.
        public var collectedAt: String

        /// Creates a head.
        public init(
            tool: String, profile: String, catalogueDigest: String, system: String, release: String?,
            collectedAt: String
        ) {
            self.tool = tool
            self.profile = profile
            self.catalogueDigest = catalogueDigest
            self.system = system
            self.release = release
            self.collectedAt = collectedAt
        }
    }

    /// The module. `sideEffects` are those of the catalogue by rule id; empty where the report has another catalogue.
    public static func render(_ plan: FixModulePlan, head: Head, sideEffects: [String: String]) -> String {
        var text = ""
        func comment(_ line: String, indent: String = "") { text += Self.comment(line, indent: indent) }
        comment("Repairs of \(head.system), written by \(head.tool) from its report.")
        comment("Profile \(head.profile), catalogue \(head.catalogueDigest), facts of \(head.collectedAt).")
        if let release = head.release {
            comment("The options are those of NixOS \(release).")
        } else {
            comment(
                "The report does not know the NixOS release: the first way to repair that each rule names was taken."
                    + " An option of another release stops the evaluation with its name.")
        }
        comment("")
        comment("To use it: add it to imports, build, and test before switching. To see what it does:")
        comment("  firn fix --verify ./configuration.nix REPORT")
        comment("To roll back one repair remove its line; to roll back all, remove the import.")
        comment(
            "repair = priority \(priority): it wins over plain definitions and lib.mkForce. Lines without it join the"
                + " configuration's own lists and lines, and are lost where those are forced.")
        let replacing = plan.definitions.filter { !$0.adds }.flatMap(\.repairs)
        let isBlind = !replacing.isEmpty && replacing.allSatisfy { !$0.isDeclared }
        if isBlind {
            comment("")
            comment(
                "What the configuration declares is not known: no report of it was given. Where it declares a stricter"
                    + " value, which another file hides, a line with repair lowers it. Give the report of the"
                    + " configuration too, or look at the lines \"changes a pass\" of --verify.")
        }
        let replaces = plan.definitions.contains { !$0.adds }
        let merges = plan.definitions.contains { definition in
            isMerged(definition) || definition.adds && definition.values.contains { $0.map(isText) == true }
        }
        text += replaces || merges ? "{ lib, ... }:\n" : "{ ... }:\n"
        text += replaces ? "let\n  repair = lib.mkOverride \(priority);\nin\n{\n" : "{\n"
        func describe(_ repair: FixModulePlan.Repair, replaces: Bool = false, indent: String) {
            comment("\(repair.rule) (\(repair.severity.rawValue)): \(repair.title).", indent: indent)
            comment(
                "  was: \(short(repair.observed ?? "not known")); wanted: \(short(repair.expected))", indent: indent)
            let effects = sideEffects[repair.rule] ?? "see firn explain \(repair.rule)"
            comment("  side effects: \(effects)", indent: indent)
            if replaces, !repair.isDeclared, !isBlind {
                comment("  declared: not known; a stricter value there would be lowered", indent: indent)
            }
        }
        for (index, definition) in plan.definitions.enumerated() {
            if index > 0 { text += "\n" }
            let path = NixPath.render(definition.path)
            if isMerged(definition) {
                text += "  \(path) = lib.mkMerge [\n"
                for (repair, value) in zip(definition.repairs, definition.values) {
                    describe(repair, indent: "    ")
                    if let value {
                        let isText = Self.isText(value)
                        let rendered = self.value(value, indent: "    ", isArgument: true).dropFirst(4)
                        text += "    " + (isText ? "(lib.mkAfter \(rendered))" : rendered) + "\n"
                    } else {
                        comment("  (the lines above do it)", indent: "    ")
                    }
                }
                text += "  ];\n"
                continue
            }
            for repair in definition.repairs { describe(repair, replaces: !definition.adds, indent: "  ") }
            guard let value = definition.values.compactMap({ $0 }).first else { continue }
            let isLast = definition.adds && isText(value)
            let rendered = self.value(value, indent: "  ", isArgument: !definition.adds || isLast).dropFirst(2)
            text += "  \(path) = \(definition.adds ? isLast ? "lib.mkAfter " : "" : "repair ")\(rendered);\n"
        }
        if plan.definitions.isEmpty { comment("No finding has a repair by an option.", indent: "  ") }
        text += "}\n"
        if !plan.leftovers.isEmpty {
            comment("")
            comment("Not done here (\(plan.leftovers.count)):")
            for leftover in plan.leftovers {
                let repair = leftover.repair
                comment("")
                comment("\(repair.rule) (\(repair.severity.rawValue)): \(repair.title).")
                comment("  was: \(short(repair.observed ?? "not known")); wanted: \(short(repair.expected))")
                comment("  \(leftover.reason)")
            }
        }
        return text
    }

    /// Lines go behind the configuration's own: where a program takes the last of two, that is the repair.
    private static func isText(_ value: FactValue) -> Bool {
        if case .string = value { true } else { false }
    }

    private static func isMerged(_ definition: FixModulePlan.Definition) -> Bool {
        definition.values.count { $0 != nil } > 1
    }

    /// A value, indented: a long list has one element a line, lines of text are joined from one literal a line.
    private static func value(_ value: FactValue, indent: String, isArgument: Bool) -> String {
        let literal = isArgument ? NixLiteral.argument(value) : NixLiteral.render(value)
        guard literal.utf8.count + indent.utf8.count > 90 else { return indent + literal }
        switch value {
        case .list(let elements) where !elements.isEmpty:
            let lines = elements.map { indent + "  " + NixLiteral.element($0) + "\n" }.joined()
            return "\(indent)[\n\(lines)\(indent)]"
        case .string(let text) where text.contains("\n"):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let literals = lines.enumerated().compactMap { index, line -> String? in
                let isLast = index == lines.count - 1
                if isLast, line.isEmpty { return nil }
                return NixLiteral.element(.string(isLast ? String(line) : line + "\n"))
            }
            return "\(indent)(\n" + literals.map { "\(indent)  \($0)" }.joined(separator: " +\n") + "\n\(indent))"
        default:
            return indent + literal
        }
    }

    private static func short(_ text: String) -> String {
        VisibleText.escape(text, limit: 160)
    }

    /// A text as line comments: whatever it holds, no line of it is code. Nix ends a comment at CR and LF, which are
    /// written out with all other controls.
    private static func comment(_ text: String, indent: String) -> String {
        let safe = VisibleText.escape(text)
        let start = indent + "#"
        guard !safe.isEmpty else { return start + "\n" }
        let lead = String(safe.prefix { $0 == " " })
        var lines: [String] = []
        var line = lead
        for word in safe.split(separator: " ") {
            if line.count > lead.count, indent.count + line.count + word.count + 3 > 118 {
                lines.append(line)
                line = lead + (lead.isEmpty ? "" : "  ")
            }
            line += (line.allSatisfy { $0 == " " } ? "" : " ") + word
        }
        lines.append(line)
        return lines.map { start + " " + $0 + "\n" }.joined()
    }
}
