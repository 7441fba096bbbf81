/// The discussion of a command, taken apart: prose, examples, exit codes.
struct Discussion {
    /// A piece of it.
    enum Block: Equatable {
        case prose(String)
        case literal([String])
    }

    private(set) var description: [Block] = []
    private(set) var examples: [String] = []
    private(set) var exitCodes: [(code: Int, meaning: String)] = []

    init(_ text: String) {
        var paragraph: [String] = []
        var literal: [String] = []
        var isExample = false

        func flush(_ discussion: inout Discussion) {
            if !paragraph.isEmpty { discussion.addProse(paragraph.joined(separator: " ")) }
            if !literal.isEmpty {
                if isExample {
                    discussion.examples += literal
                } else {
                    discussion.description.append(.literal(literal))
                }
            }
            paragraph = []
            literal = []
        }

        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "Example:" || line == "Examples:" {
                flush(&self)
                isExample = true
            } else if line.hasPrefix("  ") {
                if !paragraph.isEmpty { flush(&self) }
                literal.append(String(line.dropFirst(2)))
            } else if line.allSatisfy({ $0 == " " }) {
                flush(&self)
                isExample = false
            } else {
                if !literal.isEmpty {
                    flush(&self)
                    isExample = false
                }
                paragraph.append(String(line))
            }
        }
        flush(&self)
    }

    /// A paragraph; one of exit codes goes where they belong.
    private mutating func addProse(_ text: String) {
        let heading = "Exit codes:"
        guard text.hasPrefix(heading) else {
            description.append(.prose(text))
            return
        }
        var code: Int?
        var words: [Substring] = []
        func finish(_ discussion: inout Discussion) {
            guard let code else { return }
            var meaning = words.joined(separator: " ")
            while let last = meaning.last, ",;.".contains(last) { meaning.removeLast() }
            discussion.exitCodes.append((code, meaning))
        }
        var isStart = true
        for word in text.dropFirst(heading.count).split(separator: " ") {
            // A number begins an item only after a delimiter: "older than 3 days" does not.
            if isStart, let number = Int(word), [0, 1, 2, 3, 64].contains(number) {
                finish(&self)
                code = number
                words = []
            } else {
                words.append(word)
            }
            isStart = word.last.map { ",;.".contains($0) } ?? false
        }
        finish(&self)
    }
}
