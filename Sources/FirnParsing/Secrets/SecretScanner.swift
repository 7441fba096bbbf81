/// Searches text for secrets. Each byte is looked at a bounded number of times, and no value is ever copied out.
public struct SecretScanner: Sendable {
    private let shapes: SecretShapes
    private let findingLimit: Int
    /// Which bytes may begin a token.
    private let isTokenStart: [Bool]
    /// Which bytes may begin a name that stands before its value.
    private let isLeadingStart: [Bool]

    /// Creates a scanner; it stops in a file after `findingLimit` findings.
    public init(shapes: SecretShapes, findingLimit: Int = 200) {
        self.shapes = shapes
        self.findingLimit = findingLimit
        isTokenStart = shapes.tokens.map { !$0.isEmpty }
        var starts = [Bool](repeating: false, count: 256)
        for name in shapes.leadingNames {
            if let first = name.utf8.first { starts[Int(first)] = true }
        }
        isLeadingStart = starts
    }

    /// Whether bytes are text: no NUL among the first 8 KiB.
    public static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.prefix(8192).contains(0)
    }

    /// All secrets of a text. `assignments` also looks at names (`password = x`); tokens and keys are always found.
    public func scan(_ bytes: [UInt8], assignments: Bool = true) -> [SecretFinding] {
        var findings: [SecretFinding] = []
        bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            var line = 1
            while start < buffer.count, findings.count < findingLimit {
                var end = start
                var hasSeparator = false
                var hasDashes = false
                var position = start
                // One walk over the line: its end, and whether the costlier looks are worth while.
                while position < buffer.count {
                    let byte = buffer[position]
                    if byte == 0x0a { break }
                    if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") { hasSeparator = true }
                    if byte == UInt8(ascii: "-"), position + 1 < buffer.count, buffer[position + 1] == byte {
                        hasDashes = true
                    }
                    if isTokenStart[Int(byte)], position == start || !isWord(buffer[position - 1]) {
                        if let finding = token(buffer, at: position, line: line) {
                            findings.append(finding)
                        }
                    }
                    position += 1
                }
                end = position
                if hasDashes, let finding = privateKey(buffer, start..<end, line: line) { findings.append(finding) }
                if assignments, isLeadingStart[Int(firstByte(buffer, start..<end))] {
                    leading(buffer, start..<end, line: line, into: &findings)
                }
                if hasSeparator, assignments {
                    address(buffer, start..<end, line: line, into: &findings)
                    assignment(buffer, start..<end, line: line, into: &findings)
                }
                start = end + 1
                line += 1
            }
        }
        return findings
    }

    /// Whether a value given to a name is a secret in clear, as in `Environment=NAME=value` or an option.
    public func isSecret(name: String, value: String) -> Bool {
        let nameBytes = Array(name.utf8)
        let valueBytes = Array(value.utf8)
        return nameBytes.withUnsafeBufferPointer { name in
            valueBytes.withUnsafeBufferPointer { value in
                isSecret(name: name, name.indices, value: value, value.indices, isQuoted: true, isText: false)
            }
        }
    }

    // MARK: bytes

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
        default: false
        }
    }

    private func isName(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

    private func starts(_ buffer: UnsafeBufferPointer<UInt8>, at position: Int, with text: [UInt8]) -> Bool {
        guard position + text.count <= buffer.count else { return false }
        for offset in text.indices where buffer[position + offset] != text[offset] { return false }
        return true
    }

    private func lengthClass(_ count: Int) -> String { count < 8 ? "short" : (count < 20 ? "medium" : "long") }

    private func firstByte(_ buffer: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> UInt8 {
        for position in line where !isBlank(buffer[position]) { return buffer[position] }
        return 0
    }

    /// `requirepass value` of redis.conf and its like: the name is the first word of the line.
    private func leading(
        _ buffer: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, line number: Int, into findings: inout [SecretFinding]
    ) {
        var start = line.lowerBound
        while start < line.upperBound, isBlank(buffer[start]) { start += 1 }
        var end = start
        while end < line.upperBound, end - start < 64, isName(buffer[end]) { end += 1 }
        guard end < line.upperBound, isBlank(buffer[end]) else { return }
        let name = String(decoding: buffer[start..<end], as: UTF8.self)
        guard shapes.leadingNames.contains(name) else { return }
        var value = end
        while value < line.upperBound, isBlank(buffer[value]) { value += 1 }
        var stop = value
        while stop < line.upperBound, !isBlank(buffer[stop]) { stop += 1 }
        if stop - value > 2, buffer[value] == UInt8(ascii: "\""), buffer[stop - 1] == buffer[value] {
            value += 1
            stop -= 1
        }
        guard stop > value, buffer[value] != UInt8(ascii: "="), buffer[value] != UInt8(ascii: ":"),
            !isPlaceholder(buffer, value..<stop)
        else { return }
        findings.append(
            SecretFinding(
                form: .assignment, kind: "clear text", name: name, line: number, length: lengthClass(stop - value)))
    }

    // MARK: tokens

    private func token(_ buffer: UnsafeBufferPointer<UInt8>, at position: Int, line: Int) -> SecretFinding? {
        for token in shapes.tokens[Int(buffer[position])] where starts(buffer, at: position, with: token.prefix) {
            let start = position + token.prefix.count
            var end = start
            let stop = min(buffer.count, start + token.most + 1)
            while end < stop,
                isWord(buffer[end]) && buffer[end] != UInt8(ascii: "_") || token.extra.contains(buffer[end])
            {
                end += 1
            }
            let count = end - start
            guard count >= token.least, count <= token.most, isVaried(buffer, start..<end) else { continue }
            return SecretFinding(
                form: token.isHash ? .hash : .token, kind: token.kind, name: nil, line: line,
                length: lengthClass(count))
        }
        return nil
    }

    /// `AKIAXXXXXXXXXXXXXXXX` and `ghp_000...` are placeholders of manuals.
    private func isVaried(_ buffer: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var seen: (UInt64, UInt64) = (0, 0)
        for position in range {
            let byte = buffer[position] & 0x7f
            if byte < 64 { seen.0 |= 1 << UInt64(byte) } else { seen.1 |= 1 << UInt64(byte - 64) }
        }
        return seen.0.nonzeroBitCount + seen.1.nonzeroBitCount >= 5
    }

    // MARK: keys

    private static let begin = Array("-----BEGIN ".utf8)
    private static let privateKey = Array("PRIVATE KEY".utf8)

    private func privateKey(
        _ buffer: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, line number: Int
    ) -> SecretFinding? {
        var position = line.lowerBound
        while position + Self.begin.count < line.upperBound {
            guard buffer[position] == UInt8(ascii: "-"), starts(buffer, at: position, with: Self.begin) else {
                position += 1
                continue
            }
            var end = position + Self.begin.count
            var kind: [UInt8] = []
            while end < line.upperBound, buffer[end] != UInt8(ascii: "-"), kind.count <= 64 {
                kind.append(buffer[end])
                end += 1
            }
            let isKey =
                kind.count >= 11 && kind.suffix(11).elementsEqual(Self.privateKey)
                || kind.elementsEqual("PGP PRIVATE KEY BLOCK".utf8)
            guard isKey, kind.allSatisfy({ (0x41...0x5a).contains($0) || $0 == 0x20 }) else {
                position = end
                continue
            }
            // A program that looks for the header has no key behind it: a key has its lines, or `\n` and more.
            guard hasKeyBody(buffer, after: end) else {
                position = end
                continue
            }
            return SecretFinding(
                form: .privateKey, kind: String(decoding: kind, as: UTF8.self).lowercased(), name: nil, line: number,
                length: "long")
        }
        return nil
    }

    private func hasKeyBody(_ buffer: UnsafeBufferPointer<UInt8>, after end: Int) -> Bool {
        var position = end
        let stop = min(buffer.count, end + 600)
        var run = 0
        while position < stop {
            let byte = buffer[position]
            if isWord(byte) && byte != UInt8(ascii: "_") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") {
                run += 1
                if run >= 32 { return true }
            } else if byte != UInt8(ascii: "=") {
                run = 0
            }
            position += 1
        }
        return false
    }

    // MARK: addresses

    private func address(
        _ buffer: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, line number: Int, into findings: inout [SecretFinding]
    ) {
        var position = line.lowerBound
        while position + 3 < line.upperBound {
            guard buffer[position] == UInt8(ascii: ":"), buffer[position + 1] == UInt8(ascii: "/"),
                buffer[position + 2] == UInt8(ascii: "/"), position > line.lowerBound, isWord(buffer[position - 1])
            else {
                position += 1
                continue
            }
            var end = position + 3
            var colon: Int?
            var at: Int?
            while end < line.upperBound, end - position < 512 {
                let byte = buffer[end]
                if byte == UInt8(ascii: "@") {
                    at = end
                    break
                }
                if isBlank(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
                    || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "`")
                {
                    break
                }
                if byte == UInt8(ascii: ":"), colon == nil { colon = end }
                end += 1
            }
            if let colon, let at, colon > position + 2, at > colon + 1,
                !isPlaceholder(buffer, colon + 1..<at), at + 1 < line.upperBound,
                isWord(buffer[at + 1]) || buffer[at + 1] == UInt8(ascii: "[") || buffer[at + 1] == UInt8(ascii: "/")
            {
                findings.append(
                    SecretFinding(
                        form: .address, kind: "password in an address", name: nil, line: number,
                        length: lengthClass(at - colon - 1)))
            }
            position = max(end, position + 3)
        }
    }

    // MARK: assignments

    private func assignment(
        _ buffer: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, line number: Int, into findings: inout [SecretFinding]
    ) {
        var position = line.lowerBound
        while position < line.upperBound, isBlank(buffer[position]) { position += 1 }
        // Comments of shells, INI files, C and SQL.
        if position < line.upperBound {
            let first = buffer[position]
            if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") || first == UInt8(ascii: "*")
                || first == UInt8(ascii: "%")
            {
                return
            }
            if position + 1 < line.upperBound, first == buffer[position + 1],
                first == UInt8(ascii: "/")
                    || first == UInt8(ascii: "-") && position + 2 < line.upperBound && isBlank(buffer[position + 2])
            {
                return
            }
        }
        while position < line.upperBound {
            let byte = buffer[position]
            guard byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") else {
                position += 1
                continue
            }
            let separator = position
            position += 1
            // `==`, `=~`, `::`, `:=`, `!=`, `<=` and `=>` are no plain assignments; `=>` and `:=` give values as well.
            if position < line.upperBound,
                buffer[position] == UInt8(ascii: "=") || buffer[position] == UInt8(ascii: "~")
                    || buffer[position] == UInt8(ascii: ":")
            {
                if !(byte == UInt8(ascii: ":") && buffer[position] == UInt8(ascii: "=")) {
                    position += 1
                    continue
                }
                position += 1
            }
            if byte == UInt8(ascii: "="), position < line.upperBound, buffer[position] == UInt8(ascii: ">") {
                position += 1
            }
            var nameEnd = separator
            while nameEnd > line.lowerBound, isBlank(buffer[nameEnd - 1]) { nameEnd -= 1 }
            if nameEnd > line.lowerBound,
                buffer[nameEnd - 1] == UInt8(ascii: "\"") || buffer[nameEnd - 1] == UInt8(ascii: "'")
            {
                nameEnd -= 1
            }
            var nameStart = nameEnd
            while nameStart > line.lowerBound, nameEnd - nameStart < 128, isName(buffer[nameStart - 1]) {
                nameStart -= 1
            }
            guard nameEnd - nameStart >= 3 else { continue }
            // A variable or a member that is assigned to is no literal name: `$password=`, `}->password=`.
            var valueStart = position
            while valueStart < line.upperBound, isBlank(buffer[valueStart]) { valueStart += 1 }
            guard valueStart < line.upperBound else { continue }
            let quote = buffer[valueStart]
            var valueEnd = valueStart
            var isQuoted = false
            // Inside an outer quote, as in `Environment="TOKEN=abc"`, the value ends at that quote.
            if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                isQuoted = true
                valueStart += 1
                valueEnd = valueStart
                while valueEnd < line.upperBound, buffer[valueEnd] != quote {
                    if buffer[valueEnd] == UInt8(ascii: "\\") { valueEnd += 1 }
                    valueEnd += 1
                }
                valueEnd = min(valueEnd, line.upperBound)
            } else {
                while valueEnd < line.upperBound, !isBlank(buffer[valueEnd]), buffer[valueEnd] != UInt8(ascii: "\""),
                    buffer[valueEnd] != UInt8(ascii: "'"), buffer[valueEnd] != UInt8(ascii: ","),
                    buffer[valueEnd] != UInt8(ascii: ";")
                { valueEnd += 1 }
                // More words behind an unquoted value of `:` make it prose, as `passwd: files systemd`.
                if byte == UInt8(ascii: ":"), valueEnd < line.upperBound, isBlank(buffer[valueEnd]) {
                    var rest = valueEnd
                    while rest < line.upperBound, isBlank(buffer[rest]) { rest += 1 }
                    if rest < line.upperBound { continue }
                }
            }
            guard valueEnd > valueStart else { continue }
            if isSecret(
                name: buffer, nameStart..<nameEnd, value: buffer, valueStart..<valueEnd, isQuoted: isQuoted,
                isText: true)
            {
                findings.append(
                    SecretFinding(
                        form: .assignment, kind: "clear text",
                        name: String(decoding: buffer[nameStart..<nameEnd], as: UTF8.self), line: number,
                        length: lengthClass(valueEnd - valueStart)))
                position = valueEnd
                if findings.count >= findingLimit { return }
            }
        }
    }

    private func isSecret(
        name: UnsafeBufferPointer<UInt8>, _ nameRange: Range<Int>, value: UnsafeBufferPointer<UInt8>,
        _ valueRange: Range<Int>, isQuoted: Bool, isText: Bool
    ) -> Bool {
        var folded: [UInt8] = []
        folded.reserveCapacity(nameRange.count)
        for position in nameRange {
            let byte = name[position]
            if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") { continue }
            folded.append((0x41...0x5a).contains(byte) ? byte | 0x20 : byte)
        }
        let last = folded.lastIndex(of: UInt8(ascii: ".")).map { folded[($0 + 1)...] } ?? folded[...]
        let isSecretName = shapes.secretWords.contains { contains(last, $0) }
        guard isSecretName || shapes.keyWords.contains(where: { contains(last, $0) }) else { return false }
        if shapes.harmlessEndings.contains(where: { last.count >= $0.count && last.suffix($0.count).elementsEqual($0) })
        {
            return false
        }
        if shapes.harmlessBeginnings.contains(where: { last.starts(with: $0) }) { return false }
        guard valueRange.count <= 4096 else { return false }
        let isStrict = shapes.strictWords.contains { contains(last, $0) }
        let isElsewhere =
            isStrict
            ? isReference(value, valueRange, isText: isText) : isPlaceholder(value, valueRange)
        if isElsewhere || !isQuoted && isCode(value, valueRange) { return false }
        if isPublicValue(value, valueRange) { return false }
        // systemd.netdev(5): a key that begins with @ names a credential.
        if value[valueRange.lowerBound] == UInt8(ascii: "@"),
            contains(last, Array("privatekey".utf8)) || contains(last, Array("presharedkey".utf8))
        {
            return false
        }
        if isSecretName { return true }
        return valueRange.count >= 16 && isRandom(value, valueRange)
    }

    private func contains(_ text: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        guard let first = word.first, text.count >= word.count else { return false }
        for start in text.startIndex...text.endIndex - word.count
        where text[start] == first && text[start..<start + word.count].elementsEqual(word) { return true }
        return false
    }

    /// What stands for a value that comes from elsewhere: a variable, a template, a file, a credential; or says that there is none.
    private func isPlaceholder(_ value: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        guard let firstIndex = range.first, let lastIndex = range.last else { return true }
        let first = value[firstIndex]
        let last = value[lastIndex]
        switch first {
        case UInt8(ascii: "/"), UInt8(ascii: "~"): return true
        case UInt8(ascii: "$"):
            // A hash is found as such; everything else is a variable.
            return true
        case UInt8(ascii: "@"): if last == first { return true }
        case UInt8(ascii: "%"): return true
        case UInt8(ascii: "<"): if last == UInt8(ascii: ">") { return true }
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: "`"), UInt8(ascii: "!"): return true
        default: break
        }
        for position in range where position + 1 < range.upperBound {
            let pair = (value[position], value[position + 1])
            if pair == (UInt8(ascii: "$"), UInt8(ascii: "{")) || pair == (UInt8(ascii: "$"), UInt8(ascii: "("))
                || pair == (UInt8(ascii: "{"), UInt8(ascii: "{")) || pair == (UInt8(ascii: "%"), UInt8(ascii: "("))
            {
                return true
            }
        }
        return isHarmless(value, range)
    }

    /// A word that says there is none, the beginning of a source, a small number, one byte repeated.
    private func isHarmless(_ value: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        let text = String(decoding: value[range], as: UTF8.self).lowercased()
        if shapes.harmlessValues.contains(text) { return true }
        if shapes.harmlessPrefixes.contains(where: text.hasPrefix) { return true }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) } && text.utf8.count < 3
            || Set(text.utf8).count == 1 && text.utf8.count > 1
    }

    /// What stands for a value of base64 or a passphrase, which may begin with `/`, `$` or `!` itself: the path of a file
    /// below a directory, a whole variable or template. In a text a shell may fill in `$name`, in an option `$NAME`.
    private func isReference(_ value: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isText: Bool) -> Bool {
        guard !range.isEmpty else { return true }
        if isHarmless(value, range) { return true }
        for position in range where position + 1 < range.upperBound {
            let pair = (value[position], value[position + 1])
            if pair == (UInt8(ascii: "$"), UInt8(ascii: "{")) || pair == (UInt8(ascii: "$"), UInt8(ascii: "("))
                || pair == (UInt8(ascii: "{"), UInt8(ascii: "{"))
            {
                return true
            }
        }
        let bytes = value[range]
        let first = value[range.lowerBound]
        let last = value[range.upperBound - 1]
        let inner = bytes.dropFirst().dropLast()
        if bytes.count > 1, first == UInt8(ascii: "@"), last == first, !inner.contains(first) { return true }
        if bytes.count > 1, first == UInt8(ascii: "<"), last == UInt8(ascii: ">"), !inner.contains(last) { return true }
        if first == UInt8(ascii: "$") {
            let name = bytes.dropFirst()
            guard let start = name.first, isWord(start), !(0x30...0x39).contains(start) else { return false }
            return name.allSatisfy { isWord($0) && (isText || !(0x61...0x7a).contains($0)) }
        }
        // `%d/name`: a directory of systemd.
        var path = bytes
        var least = 2
        if first == UInt8(ascii: "%"), bytes.count > 2, isLetter(bytes[bytes.startIndex + 1]) {
            path = bytes.dropFirst(2)
            least = 1
        } else if first == UInt8(ascii: "~") {
            path = bytes.dropFirst()
        }
        guard path.first == UInt8(ascii: "/") else { return false }
        let parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let named = parts.last?.isEmpty == true ? parts.dropLast() : parts[...]
        return named.count >= least && named.allSatisfy { !$0.isEmpty && $0.allSatisfy(isPathByte) }
    }

    private func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) }

    private func isPathByte(_ byte: UInt8) -> Bool {
        isWord(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "-")]
                .contains(byte)
    }

    /// An unquoted value with brackets, arrows or dots of calls is an expression of a program.
    private func isCode(_ value: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range {
            switch value[position] {
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "}"),
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|"), UInt8(ascii: "\\"), UInt8(ascii: "&"):
                return true
            default: continue
            }
        }
        return false
    }

    /// Hashes of sources, public keys and certificates: `sha256-...`, `ssh-ed25519 ...`, 40 or 64 digits of a commit.
    private func isPublicValue(_ value: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        let text = String(decoding: value[range].prefix(24), as: UTF8.self)
        return [
            "sha256-", "sha512-", "sha256:", "sha512:", "sha1:", "ssh-", "ecdsa-sha2-", "sk-ssh-", "age1", "http://",
            "https://",
        ]
        .contains(where: text.hasPrefix)
    }

    /// Enough different bytes, and letters beside digits: what people do not write by hand.
    private func isRandom(_ value: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var counts = [UInt16](repeating: 0, count: 256)
        var digits = 0
        var letters = 0
        for position in range {
            let byte = value[position]
            counts[Int(byte)] += 1
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x41...0x5a, 0x61...0x7a: letters += 1
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "_"): break
            default: return false
            }
        }
        let distinct = counts.count { $0 > 0 }
        return digits > 1 && letters > 3 && distinct * 2 >= min(range.count, 24)
    }
}
