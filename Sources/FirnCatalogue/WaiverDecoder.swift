import Crypto
package import FirnModel

/// Decodes a file of waivers.
package enum WaiverDecoder {
    /// The waivers of a file that could be read, and all that is wrong with the others.
    ///
    /// Whether a date has passed, or a rule is known, is asked where they are applied: a file does not change by that.
    package static func decode(file: String, root: DataNode) -> (waivers: [LocatedWaiver], errors: [DataError]) {
        var reader = TableReader(root, file: file)
        var waivers: [LocatedWaiver] = []
        if let list = reader.optional("waiver") {
            if let elements = list.elements {
                for node in elements {
                    let (waiver, errors) = waiver(node, file: file)
                    if let waiver { waivers.append(LocatedWaiver(waiver, file: file, line: node.line)) }
                    reader.absorb(errors)
                }
            } else {
                reader.fail("\"waiver\" must be an array of tables; write [[waiver]]", at: list.line)
            }
        }
        reader.finish()
        return (waivers, reader.errors)
    }

    private static func waiver(_ node: DataNode, file: String) -> (waiver: Waiver?, errors: [DataError]) {
        var reader = TableReader(node, file: file)
        let rule = reader.text("rule")
        let owner = words("owner", &reader)
        let reason = words("reason", &reader)
        let ticket = reader.text("ticket", required: false)
        let expires = reader.text("expires")
        if let expires, CalendarDate(expires) == nil {
            reader.fail(
                "\"expires\" is \"\(expires)\", it must be a date such as 2027-03-31", at: node["expires"]?.line)
        }
        let severity: Severity? = reader.word("max-severity", required: false)
        let scope = scope(&reader)
        reader.finish()
        // A waiver of which one part is wrong accepts nothing.
        guard reader.errors.isEmpty, let rule, let owner, let reason, let expires else { return (nil, reader.errors) }
        return (
            Waiver(
                rule: rule, scope: scope, owner: owner, reason: reason, ticket: ticket, expires: expires,
                maximumSeverity: severity), []
        )
    }

    /// A text that says something: it has a letter or a digit. Blanks and invisible characters name nobody.
    private static func words(_ key: String, _ reader: inout TableReader) -> String? {
        guard let text = reader.text(key) else { return nil }
        let saysSomething = text.unicodeScalars.contains {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
        }
        if !saysSomething { reader.fail("\"\(key)\" says nothing", at: reader.node[key]?.line) }
        return text
    }

    private static func scope(_ reader: inout TableReader) -> WaiverScope {
        var scope = WaiverScope()
        guard let node = reader.optional("scope") else { return scope }
        var own = TableReader(node, file: reader.file)
        scope.hosts = names("hosts", &own)
        scope.images = names("images", &own)
        for text in names("sources", &own) {
            if let source = SourceKind(rawValue: text) {
                scope.sources.append(source)
            } else {
                let known = SourceKind.allCases.map(\.rawValue).joined(separator: ", ")
                own.fail("there is no source \"\(text)\"; there are \(known)", at: node["sources"]?.line)
            }
        }
        own.finish()
        reader.absorb(own.errors)
        return scope
    }

    /// A list of names. An empty one is refused: it would read as "none" and mean "all".
    private static func names(_ key: String, _ reader: inout TableReader) -> [String] {
        guard let names = reader.strings(key) else { return [] }
        let line = reader.node[key]?.line
        if names.isEmpty { reader.fail("\"\(key)\" is empty; leave it out for all", at: line) }
        for (index, name) in names.enumerated() {
            if name.allSatisfy(\.isWhitespace) { reader.fail("\"\(key)\" holds an empty name", at: line) }
            if names[..<index].contains(name) { reader.fail("\"\(key)\" names \"\(name)\" twice", at: line) }
        }
        return names
    }

    // MARK: - Digest

    /// The set of waivers in their order, with its digest: SHA-256 over one line for each, of quoted words. Where the
    /// files lie is no part of it; the order is, since the first waiver for a result is the one it carries.
    package static func set(_ waivers: [LocatedWaiver]) -> WaiverSet {
        var text = "firn-waivers 1\n"
        for located in waivers {
            let waiver = located.waiver
            let words = [
                "waiver", CanonicalText.quote(waiver.rule), list(waiver.scope.hosts), list(waiver.scope.images),
                list(waiver.scope.sources.map(\.rawValue)), CanonicalText.quote(waiver.owner),
                CanonicalText.quote(waiver.reason), waiver.ticket.map(CanonicalText.quote) ?? "none",
                CanonicalText.quote(waiver.expires), waiver.maximumSeverity?.rawValue ?? "any",
            ]
            text += words.joined(separator: " ") + "\n"
        }
        let digest = Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
        return WaiverSet(waivers: waivers, digest: digest)
    }

    private static func list(_ names: [String]) -> String {
        "[" + names.map(CanonicalText.quote).joined(separator: " ") + "]"
    }
}
