import FirnModel

/// Decodes a file of `profiles/benchmarks/`.
enum BenchmarkDecoder {
    /// Decodes a file. `isRule` says whether an id is one of the catalogue's rules.
    static func decode(
        file: String, root: DataNode, isRule: (String) -> Bool
    ) -> (benchmark: Benchmark?, errors: [DataError]) {
        var reader = TableReader(root, file: file)
        let id = reader.text("id")
        let title = reader.text("title")
        let documentID = reader.text("stig-id")
        let version = reader.text("version")
        let release = reader.text("release")
        let date = reader.text("date")
        let publisher = reader.text("publisher")
        let url = reader.text("url")
        let note = reader.text("note", required: false)
        if let date, CalendarDate(date) == nil {
            reader.fail("\"date\" must be a day such as 2025-10-01", at: root["date"]?.line)
        }
        if let id, file.split(separator: "/").last?.dropLast(".toml".count) != Substring(id) {
            reader.fail("\"id\" must be the name of the file without its ending", at: root["id"]?.line)
        }
        var controls: [Control] = []
        var seen: Set<String> = []
        if let list = reader.required("control"), list.elements?.isEmpty != false {
            reader.fail("\"control\" must be an array of tables, with one at least", at: list.line)
        }
        for node in root["control"]?.elements ?? [] {
            let (control, errors) = self.control(node, file: file, isRule: isRule)
            reader.absorb(errors)
            guard let control else { continue }
            for name in [control.id, control.ruleID, control.version] where !seen.insert(name).inserted {
                reader.fail("the id \(name) is there twice", at: node.line)
            }
            controls.append(control)
        }
        reader.finish()
        guard reader.errors.isEmpty, let id, let title, let documentID, let version, let release, let date,
            let publisher, let url
        else { return (nil, reader.errors) }
        let benchmark = Benchmark(
            id: id, title: title, documentID: documentID, version: version, release: release, date: date,
            publisher: publisher, url: url, note: note, controls: controls)
        return (benchmark, [])
    }

    private static func control(
        _ node: DataNode, file: String, isRule: (String) -> Bool
    ) -> (control: Control?, errors: [DataError]) {
        var reader = TableReader(node, file: file)
        let id = reader.text("id")
        let ruleID = reader.text("rule-id")
        let version = reader.text("version")
        let group = reader.text("group")
        let satisfies = reader.strings("satisfies") ?? []
        let severity: Severity? = reader.word("severity")
        let title = reader.text("title")
        let check = reader.text("check")
        let fix = reader.text("fix")
        let ccis = reader.strings("ccis") ?? []
        let nist = reader.strings("nist") ?? []
        let automation: Control.Automation? = reader.word("automation")
        let sources = self.sources(&reader)
        let rules = self.rules(&reader, isRule: isRule)
        let coverage: Control.Coverage? = reader.word("coverage")
        let unmet: Control.Unmet = reader.word("unmet", required: false) ?? .open
        let inapplicable = reader.optional("not-applicable")
        if let inapplicable, inapplicable.boolean == nil {
            reader.fail("\"not-applicable\" must be true or false", at: inapplicable.line)
        }
        let remains = reader.text("remains", required: false)
        let question = reader.text("question", required: false)
        let note = reader.text("note", required: false)
        reader.finish()
        if let severity, ![.low, .medium, .high].contains(severity) {
            reader.fail("\"severity\" must be low, medium or high", at: node["severity"]?.line)
        }
        for entry in [("id", id), ("rule-id", ruleID), ("version", version), ("group", group)] {
            guard let text = entry.1, !text.utf8.allSatisfy(isNameByte) else { continue }
            reader.fail("\"\(entry.0)\" may hold letters, digits, '-', '_' and '.' only", at: node[entry.0]?.line)
        }
        if let coverage {
            let line = node["coverage"]?.line
            if (coverage == .none) != rules.isEmpty {
                reader.fail("\"coverage\" must be \"none\" without rules, and something else with rules", at: line)
            }
            if coverage != .full, remains == nil, question == nil {
                reader.fail("what is not fully covered needs \"remains\" or \"question\"", at: line)
            }
            if coverage == .full, sources.contains(.person) {
                reader.fail("what a person must judge cannot be fully covered", at: line)
            }
        }
        guard reader.errors.isEmpty, let id, let ruleID, let version, let group, let severity, let title, let check,
            let fix, let automation, let coverage
        else { return (nil, reader.errors) }
        let control = Control(
            id: id, ruleID: ruleID, version: version, group: group, satisfies: satisfies, severity: severity,
            title: title, check: check, fix: fix, ccis: ccis, nist: nist, automation: automation, sources: sources,
            rules: rules, coverage: coverage, unmet: unmet,
            isInapplicableWithItsRules: inapplicable?.boolean ?? false, remains: remains, question: question,
            note: note)
        return (control, [])
    }

    /// What an XCCDF id may hold (NCName), without the letters outside ASCII.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func sources(_ reader: inout TableReader) -> [Control.Source] {
        guard let node = reader.required("sources") else { return [] }
        var result: [Control.Source] = []
        for element in node.elements ?? [] {
            guard let source = element.string.flatMap(Control.Source.init(rawValue:)), !result.contains(source) else {
                reader.fail("\"sources\" must be different words of static, live, person", at: element.line)
                continue
            }
            result.append(source)
        }
        if node.elements?.isEmpty != false {
            reader.fail("\"sources\" must be a list with one word at least", at: node.line)
        }
        return result
    }

    private static func rules(_ reader: inout TableReader, isRule: (String) -> Bool) -> [ControlRule] {
        let list = reader.optional("rules")
        let beyond = reader.optional("beyond")
        let wants = reader.optional("wants")
        var result: [ControlRule] = []
        if let list, list.strings == nil { reader.fail("\"rules\" must be a list of texts", at: list.line) }
        for element in list?.elements ?? [] {
            guard let id = element.string else { continue }
            if !isRule(id) { reader.fail("\"\(id)\" is no rule", at: element.line) }
            if result.contains(where: { $0.rule == id }) { reader.fail("\"\(id)\" is there twice", at: element.line) }
            result.append(ControlRule(id))
        }
        if let beyond, beyond.strings == nil { reader.fail("\"beyond\" must be a list of texts", at: beyond.line) }
        for element in beyond?.elements ?? [] {
            guard let id = element.string else { continue }
            guard let index = result.firstIndex(where: { $0.rule == id }) else {
                reader.fail("\"beyond\" names \"\(id)\", which is not among the rules", at: element.line)
                continue
            }
            result[index].isBeyond = true
        }
        if let wants, wants.entries == nil { reader.fail("\"wants\" must be a table", at: wants.line) }
        for entry in wants?.entries ?? [] {
            guard let index = result.firstIndex(where: { $0.rule == entry.key }) else {
                reader.fail("\"wants\" names \"\(entry.key)\", which is not among the rules", at: entry.node.line)
                continue
            }
            var own = TableReader(entry.node, file: reader.file)
            let oneOf = own.strings("one-of") ?? []
            var bounds: [Int64?] = []
            for key in ["at-least", "at-most"] {
                let bound = own.optional(key)
                if let bound, bound.integer == nil { own.fail("\"\(key)\" must be a whole number", at: bound.line) }
                bounds.append(bound?.integer)
            }
            if oneOf.isEmpty, bounds.allSatisfy({ $0 == nil }) { own.fail("it wants nothing") }
            own.finish()
            reader.absorb(own.errors)
            result[index].wants = ControlRule.Wanted(oneOf: oneOf, atLeast: bounds[0], atMost: bounds[1])
        }
        return result
    }
}
