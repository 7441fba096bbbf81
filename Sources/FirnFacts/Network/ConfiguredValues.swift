import FirnParsing

/// The values that a configuration file gives a key, in the spelling of its syntax.
enum ConfiguredValues {
    struct Found {
        var key: String
        var value: String
        var line: Int
    }

    static func find(_ recipe: ServiceTable.Recipe, in bytes: [UInt8]) throws(ParseError) -> [Found] {
        let keys = Set(recipe.keys.map { $0.lowercased() })
        var found: [Found] = []
        if recipe.syntax == .json {
            let root = try JSONParser.parse(bytes)
            for key in recipe.keys {
                guard let node = root[key] else { continue }
                for element in node.array ?? [node] {
                    if let text = element.string { found.append(Found(key: key, value: text, line: element.line)) }
                    if let number = element.integer {
                        found.append(Found(key: key, value: String(number), line: element.line))
                    }
                }
            }
            return found
        }
        if recipe.syntax == .xml { return elements(recipe, try TextFile.decode(bytes, limit: 1 << 20)) }
        for line in TextFile.lines(try TextFile.decode(bytes, limit: 1 << 20)) {
            let text = line.text.trimmed
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
            let mark: (Character) -> Bool
            switch recipe.syntax {
            case .equals: mark = { $0 == "=" }
            case .colon: mark = { $0 == ":" }
            case .words, .json, .xml: mark = { $0 == " " || $0 == "\t" }
            }
            guard let cut = text.firstIndex(where: mark) else { continue }
            let key = text[..<cut].trimmed.lowercased()
            guard keys.contains(unquoted(key)) else { continue }
            var value = Substring(text[text.index(after: cut)...].trimmed)
            // A comment behind the value, and several values of one key.
            if let comment = value.firstRange(of: " #") { value = value[..<comment.lowerBound].trimmed }
            let parts = unquoted(String(value)).split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" })
            let words = parts.map { unquoted($0.filter { !"[]\"'".contains($0) || value.hasPrefix("[") && $0 == ":" }) }
            for word in words.isEmpty ? [""] : words {
                found.append(Found(key: key, value: word, line: line.number))
            }
        }
        return found
    }

    /// `<key>value</key>`, each on one line.
    private static func elements(_ recipe: ServiceTable.Recipe, _ text: String) -> [Found] {
        var found: [Found] = []
        for line in TextFile.lines(text) {
            for key in recipe.keys {
                guard let open = line.text.firstRange(of: "<\(key)>") else { continue }
                let rest = line.text[open.upperBound...]
                found.append(Found(key: key, value: String(rest.prefix { $0 != "<" }.trimmed), line: line.number))
            }
        }
        return found
    }

    private static func unquoted(_ text: String) -> String {
        for quote in ["\"", "'"] where text.utf8.count > 1 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return text
    }
}

/// `Environment=` of systemd.exec(5): assignments separated by blanks, each in quotes or not.
enum EnvironmentLine {
    static func pairs(_ text: String) -> [(name: String, value: String)] {
        var words: [String] = []
        var current: [UInt8] = []
        var quote: UInt8?
        var isWord = false
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                current.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                isWord = true
            } else if let open = quote {
                if byte == open { quote = nil } else { current.append(byte) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
                isWord = true
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if isWord { words.append(String(decoding: current, as: UTF8.self)) }
                current = []
                isWord = false
            } else {
                current.append(byte)
                isWord = true
            }
        }
        if isWord { words.append(String(decoding: current, as: UTF8.self)) }
        return words.compactMap { word in
            guard let equals = word.firstIndex(of: "=") else { return nil }
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
    }
}
