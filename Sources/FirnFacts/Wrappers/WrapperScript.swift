import FirnModel
import FirnParsing

/// Reads the commands that fill `/run/wrappers/bin`: one a line, as the module of nixpkgs writes them in the activation
/// script (20.09) or in the script of suid-sgid-wrappers.service (later).
///
/// A line that touches the directory and is none of those it knows may make a wrapper that is not seen: then the whole
/// reading is a problem.
struct WrapperScript {
    private let file: String
    private var order: [String] = []
    private var wrappers: [String: Wrapper] = [:]

    struct Problem: Error {
        var reason: String
        var evidence: Evidence
    }

    init(file: String) {
        self.file = file
    }

    /// The wrappers that these lines make.
    static func read(_ lines: [TextLine], file: String) throws(Problem) -> [Wrapper] {
        var script = WrapperScript(file: file)
        var pending = ""
        for line in lines {
            if line.text.hasSuffix("\\") {
                pending += line.text.dropLast() + " "
                continue
            }
            let text = pending.isEmpty ? line.text : Substring(pending + line.text)
            pending = ""
            try script.line(text.trimmed, line.number)
        }
        return script.order.compactMap { script.wrappers[$0] }
    }

    private static let tail = [
        "if [ -L /run/wrappers/bin ]; then", "old=$(readlink -f /run/wrappers/bin)",
        "if [ -e \"/run/wrappers/bin-tmp\" ]; then", "rm --force --recursive ", "ln --symbolic ",
        "mv --no-target-directory ",
    ]

    private mutating func line(_ text: Substring, _ number: Int) throws(Problem) {
        guard !text.hasPrefix("#"), text.contains("wrapper") else { return }
        let touches = text.contains("wrapperDir") || text.contains("/run/wrappers") || text.contains("wrapperdir")
        guard touches else { return }
        if text.hasPrefix("wrapperDir=$(mktemp ") || Self.tail.contains(where: { text.hasPrefix($0) }) { return }
        let problem = Problem(
            reason: "\(file):\(number): a command on the wrappers that is not known",
            evidence: Evidence(path: file, line: number))
        guard let words = Self.words(text), let program = words.first?.split(separator: "/").last else { throw problem }
        let arguments = Array(words.dropFirst())
        switch String(program) {
        case "mkdir": return
        case "chmod" where arguments.count == 2:
            if ["$wrapperDir", "/run/wrappers"].contains(arguments[1]) { return }
            guard let name = Self.name(arguments[1]), var wrapper = wrappers[name],
                let mode = FileMode.applied(arguments[0], to: wrapper.mode)
            else { throw problem }
            wrapper.mode = mode
            wrapper.evidence = Evidence(path: file, line: number, text: String(text))
            wrappers[name] = wrapper
        case "cp" where arguments.count == 2:
            guard let name = Self.name(arguments[1]) else { throw problem }
            if wrappers[name] == nil { order.append(name) }
            // A copy has the mode of the store: 0555.
            wrappers[name] = Wrapper(
                name: name, program: Self.program(arguments[0]), owner: "root", group: "root", mode: 0o555,
                evidence: Evidence(path: file, line: number))
        case "echo" where arguments.count == 4 && arguments[0] == "-n" && arguments[2] == ">":
            guard arguments[3].hasSuffix(".real"), let name = Self.name(String(arguments[3].dropLast(5))),
                wrappers[name] != nil
            else { throw problem }
            wrappers[name]?.program = Self.base(arguments[1])
        case "chown" where arguments.count == 2:
            guard let name = Self.name(arguments[1]), wrappers[name] != nil else { throw problem }
            let parts = arguments[0].split(maxSplits: 1, whereSeparator: { $0 == ":" || $0 == "." })
            guard parts.count == 2 else { throw problem }
            wrappers[name]?.owner = String(parts[0])
            wrappers[name]?.group = String(parts[1])
        case "setcap" where arguments.count == 2:
            guard let name = Self.name(arguments[1]), wrappers[name] != nil else { throw problem }
            // The module puts cap_setpcap before what was asked for.
            let prefix = "cap_setpcap,"
            let text = arguments[0]
            wrappers[name]?.capabilities = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        default: throw problem
        }
    }

    /// `NAME` of `$wrapperDir/NAME`.
    private static func name(_ path: String) -> String? {
        for prefix in ["$wrapperDir/", "${wrapperDir}/"] where path.hasPrefix(prefix) {
            let name = path.dropFirst(prefix.count)
            return name.isEmpty || name.contains("/") || name.contains("$") ? nil : String(name)
        }
        return nil
    }

    static func base(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The program in the name of a compiled wrapper: `...-security-wrapper-python3-x86_64-unknown-linux-musl/bin/...`.
    private static func program(_ path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count >= 3, let range = parts[2].firstRange(of: "-security-wrapper-") else { return nil }
        var name = parts[2][range.upperBound...]
        if let platform = name.firstRange(of: "-unknown-linux") {
            name = name[..<platform.lowerBound]
            if let dash = name.lastIndex(of: "-") { name = name[..<dash] }
        }
        return name.isEmpty ? nil : String(name)
    }

    /// The words of a simple command; nil for anything the shell would expand or connect, other than `$wrapperDir`.
    private static func words(_ text: Substring) -> [String]? {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var inWord = false
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
                continue
            }
            switch character {
            case "\"", "'":
                quote = character
                inWord = true
            case " ", "\t":
                if inWord { words.append(word) }
                word = ""
                inWord = false
            case ";", "|", "&", "`", "(", ")", "<", "*", "?", "\\": return nil
            default:
                word.append(character)
                inWord = true
            }
        }
        guard quote == nil else { return nil }
        if inWord { words.append(word) }
        let expansions = words.filter {
            $0.contains("$") && !$0.hasPrefix("$wrapperDir") && !$0.hasPrefix("${wrapperDir}")
        }
        return expansions.isEmpty ? words : nil
    }
}
