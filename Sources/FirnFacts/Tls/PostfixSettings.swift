import FirnModel
import FirnParsing

/// The settings of main.cf(5), from the file or from the options.
struct PostfixSettings {
    /// The value of each parameter and where it stands.
    private(set) var values: [String: PlacedText] = [:]

    /// The last assignment counts; a line that begins with a blank continues the one before.
    init(_ bytes: [UInt8], path: String) { read(String(decoding: bytes, as: UTF8.self), path: path, isFile: true) }

    /// `services.postfix.settings.main`, before 25.11 `services.postfix.config` with `extraConfig` behind it.
    init(_ options: OptionTree) throws(ServiceDoubt) {
        let root = ["services", "postfix"]
        let paths = [root + ["settings", "main"], root + ["config"]]
        guard let path = paths.first(where: { options.readMembers($0).value != nil }),
            let members = options.readMembers(path).value
        else {
            throw ServiceDoubt("services.postfix.settings.main is not in the export", [options.evidence(root)])
        }
        for member in members {
            guard let text = Self.text(member.node) else { continue }
            let place = options.evidence(path + [member.key])
            values[member.key] = PlacedText(
                text: text, evidence: Evidence(path: place.path, line: place.line, text: "\(member.key) = \(text)"))
        }
        if case .value(let text, let place) = options.readString(root + ["extraConfig"]) {
            read(text, path: place.path, isFile: false)
        }
    }

    private static func text(_ node: JSONNode) -> String? {
        if let text = node.string { return text }
        if let truth = node.boolean { return truth ? "yes" : "no" }
        if let number = node.integer { return String(number) }
        return node.array.map { $0.compactMap(Self.text).joined(separator: ", ") }
    }

    private mutating func read(_ text: String, path: String, isFile: Bool) {
        var current: String?
        for line in TextFile.lines(text) {
            if line.text.hasPrefix("#") || line.text.trimmed.isEmpty { continue }
            if line.text.hasPrefix(" ") || line.text.hasPrefix("\t") {
                if let current { values[current]?.text += " " + line.text.trimmed }
                continue
            }
            guard let equals = line.text.firstIndex(of: "=") else { continue }
            let key = String(line.text[..<equals].trimmed)
            let value = String(line.text[line.text.index(after: equals)...].trimmed)
            values[key] = PlacedText(
                text: value,
                evidence: Evidence(path: path, line: isFile ? line.number : nil, text: "\(key) = \(value)"))
            current = key
        }
    }

    /// A value as a list.
    func words(_ key: String) -> [String] {
        (values[key]?.text ?? "").split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" }).map(String.init)
    }
}
