public import FirnModel
import FirnReportCore

/// Values as Nix expressions (Nix manual, "Language: data types").
public enum NixLiteral {
    /// The expression of a value, on one line.
    public static func render(_ value: FactValue) -> String {
        switch value {
        case .boolean(let truth): truth ? "true" : "false"
        case .integer(let number): integer(number)
        case .string(let text): string(text)
        case .list(let values):
            values.isEmpty ? "[ ]" : "[ " + values.map(element).joined(separator: " ") + " ]"
        }
    }

    /// The expression of a value as an element of a list, where an operator or a call needs parentheses.
    static func element(_ value: FactValue) -> String {
        let text = render(value)
        return switch value {
        case .integer(let number) where number < 0: "(" + text + ")"
        case .string(let content) where !isPlain(content): "(" + text + ")"
        default: text
        }
    }

    /// The expression of a value as the argument of a function, which binds closer than an operator or another call.
    static func argument(_ value: FactValue) -> String { element(value) }

    /// Nix has no negative literals: `-n` negates `n`, and the least number has no positive counterpart.
    private static func integer(_ number: Int64) -> String {
        number == .min ? "(\(Int64.min + 1) - 1)" : String(number)
    }

    /// A string in double quotes. Nix knows the escapes `\n`, `\r`, `\t` and no other for controls, so that text with
    /// others goes through JSON, which has them: nothing invisible stands in the expression.
    static func string(_ text: String) -> String {
        isPlain(text) ? quoted(text) : "builtins.fromJSON " + quoted(json(text))
    }

    private static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\r" || $0 == "\t" || VisibleText.isSafe($0) }
    }

    private static func json(_ text: String) -> String {
        let document = JSONWriter.document { $0.string(text) }
        return String(document.unicodeScalars.dropLast())
    }

    private static func quoted(_ text: String) -> String {
        var result = String.UnicodeScalarView("\"".unicodeScalars)
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\"", "\\": result.append(contentsOf: ["\\", scalar])
            case "\n": result.append(contentsOf: ["\\", "n"])
            case "\r": result.append(contentsOf: ["\\", "r"])
            case "\t": result.append(contentsOf: ["\\", "t"])
            case "$" where index + 1 < scalars.count && scalars[index + 1] == "{":
                result.append(contentsOf: ["\\", "$"])
            default: result.append(scalar)
            }
        }
        result.append("\"")
        return String(result)
    }
}

/// Option paths as Nix attribute paths.
public enum NixPath {
    /// The path with every element quoted that is no identifier (`boot.kernel.sysctl."kernel.kptr_restrict"`).
    public static func render(_ path: [String]) -> String {
        path.map(attribute).joined(separator: ".")
    }

    private static let keywords: Set<String> = [
        "assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with",
    ]

    private static func attribute(_ name: String) -> String {
        if isIdentifier(name) && !keywords.contains(name) { return name }
        let text = NixLiteral.string(name)
        // An attribute name is a string or an interpolation.
        return text.utf8.first == UInt8(ascii: "\"") ? text : "${" + text + "}"
    }

    private static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isLetter(first)
            && name.utf8.allSatisfy { byte in
                isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "'")
            }
    }
}

/// The repair of a finding as a definition in a NixOS module.
public enum NixDefinition {
    /// `path = value;` on one line, or nil when the fix names no option or no value.
    public static func render(_ fix: Fix) -> String? {
        guard let value = fix.value, !fix.path.isEmpty else { return nil }
        return NixPath.render(fix.path) + " = " + NixLiteral.render(value) + ";"
    }

    /// The definition in lines: a list that does not fit `width` columns has one element a line.
    static func lines(_ fix: Fix, width: Int) -> [String] {
        guard let line = render(fix) else { return [] }
        guard case .list(let values) = fix.value, !values.isEmpty, line.unicodeScalars.count > width else {
            return [line]
        }
        return [NixPath.render(fix.path) + " = ["] + values.map { "  " + NixLiteral.element($0) } + ["];"]
    }
}
