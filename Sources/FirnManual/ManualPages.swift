/// The manual pages of section 1, made of the definitions of the commands.
public struct ManualPages {
    /// When the commands of this version were written down. Changed by hand with the version: a page must not change
    /// because it was made on another day.
    public static let date = "November 24, 2026"

    private let root: CommandDescription
    private let version: String

    /// The pages of a command and all below it.
    public init(_ root: CommandDescription, version: String) {
        self.root = root
        self.version = version
    }

    /// Each page by its file name.
    public var pages: [String: String] {
        Dictionary(uniqueKeysWithValues: root.all.map { (Self.name($0.path) + ".1", page($0)) })
    }

    private static func name(_ path: [String]) -> String { path.joined(separator: "-") }

    private func page(_ command: CommandDescription) -> String {
        let discussion = Discussion(command.discussion)
        let name = Self.name(command.path)
        var text = """
            .\\" Made by firn-manual (make manual) of the definitions of the commands. Do not edit.
            .Dd \(Self.date)
            .Dt \(name.uppercased()) 1
            .Os "Firn \(version)"
            .Sh NAME
            .Nm \(name)
            .Nd \(ManualText.words(Self.heading(command.abstract)))

            """
        text += synopsis(command)
        text += ".Sh DESCRIPTION\n"
        // NAME has the abstract; it is only said again where nothing else is.
        if discussion.description.isEmpty { text += ManualText.sentences(command.abstract) }
        for (index, block) in discussion.description.enumerated() {
            switch block {
            case .prose(let prose): text += (index > 0 ? ".Pp\n" : "") + ManualText.sentences(prose)
            case .literal(let lines): text += Self.literal(lines)
            }
        }
        text += commands(command)
        text += arguments(command.arguments.filter { $0.kind == .positional }, heading: "Operands")
        // swift-argument-parser gives every command --version; the page of firn says it once.
        let isRoot = command.path.count == 1
        text += arguments(
            command.arguments.filter { $0.kind != .positional && (isRoot || !$0.names.contains("--version")) },
            heading: "Options")
        if isRoot { text += Self.environment }
        text += Self.files(command)
        text += exitStatus(command, discussion)
        if !discussion.examples.isEmpty { text += ".Sh EXAMPLES\n" + Self.literal(discussion.examples) }
        return text + seeAlso(command)
    }

    /// An abstract as the line of NAME: no full stop, and no capital at the start.
    private static func heading(_ abstract: String) -> String {
        let text = abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private static func literal(_ lines: [String]) -> String {
        ".Bd -literal -offset 2n\n" + lines.map { ManualText.line($0, isLiteral: true) }.joined() + ".Ed\n"
    }

    // MARK: - Synopsis

    private func synopsis(_ command: CommandDescription) -> String {
        var text = ".Sh SYNOPSIS\n"
        let words = command.path.dropFirst().map { " Cm " + ManualText.argument($0) }.joined()
        func start() { text += ".Nm firn\n" + (words.isEmpty ? "" : "." + words.dropFirst() + "\n") }
        if !command.subcommands.isEmpty {
            start()
            text += ".Ar command\n.Op Ar argument ...\n"
            return text
        }
        start()
        // Options first, then operands, as they are documented.
        for argument in command.arguments where argument.kind != .positional && !Self.isGeneral(argument) {
            guard let name = argument.names.last else { continue }
            let value = argument.kind == .option ? " Ar " + ManualText.argument(argument.valueName) : ""
            let more = argument.isRepeating ? " ..." : ""
            text += (argument.isOptional ? ".Op Fl " : ".Fl ") + Self.flag(name) + value + more + "\n"
        }
        for argument in command.arguments where argument.kind == .positional {
            let more = argument.isRepeating ? " ..." : ""
            text += (argument.isOptional ? ".Op Ar " : ".Ar ") + ManualText.argument(argument.valueName) + more + "\n"
        }
        return text
    }

    /// Whether every command has it.
    private static func isGeneral(_ argument: ArgumentDescription) -> Bool {
        argument.names.contains("--help") || argument.names.contains("--version")
    }

    /// The name of an option behind the dash that `.Fl` writes.
    private static func flag(_ name: String) -> String {
        ManualText.escape(String(name.dropFirst()), isLiteral: true)
    }

    // MARK: - What it takes

    private func commands(_ command: CommandDescription) -> String {
        guard !command.subcommands.isEmpty else { return "" }
        var text = ".Ss Commands\n.Bl -tag -width Ds\n"
        for subcommand in command.subcommands {
            text += ".It Xr \(Self.name(subcommand.path)) 1\n" + ManualText.sentences(subcommand.abstract)
        }
        return text + ".El\n"
    }

    private func arguments(_ arguments: [ArgumentDescription], heading: String) -> String {
        guard !arguments.isEmpty else { return "" }
        var text = ".Ss \(heading)\n.Bl -tag -width Ds\n"
        for argument in arguments {
            let value = argument.kind == .flag ? "" : " Ar " + ManualText.argument(argument.valueName)
            if argument.kind == .positional {
                text += ".It" + value + (argument.isRepeating ? " ..." : "") + "\n"
            } else {
                text += ".It " + argument.names.map { "Fl " + Self.flag($0) }.joined(separator: " , ") + value + "\n"
            }
            text += ManualText.sentences(argument.abstract)
            let named = argument.allValues.filter { !argument.abstract.contains($0) }
            if argument.kind != .flag, !named.isEmpty {
                text += ManualText.sentences("Values: " + argument.allValues.joined(separator: ", ") + ".")
            }
            if argument.kind != .flag, let value = argument.defaultValue {
                text += ManualText.sentences("Default: \(value).")
            }
            if argument.isRepeating, argument.kind == .option, !argument.abstract.contains("epeated") {
                text += "May be repeated.\n"
            }
        }
        return text + ".El\n"
    }

    // MARK: - Around it

    private static let environment = """
        .Sh ENVIRONMENT
        .Bl -tag -width Ds
        .It Ev NO_COLOR , CLICOLOR_FORCE , TERM
        Whether text is coloured where
        .Fl \\-color
        does not say.
        .It Ev LC_ALL , LC_CTYPE , LANG
        A character set other than UTF\\-8 makes charts and marks plain ASCII.
        .It Ev SOURCE_DATE_EPOCH
        The time that reports print, in seconds since 1970.
        Decisions are made by the real clock.
        .It Ev NIXPKGS , NIX_PATH , TMPDIR
        What
        .Xr firn\\-fix 1
        evaluates with, and where it keeps its files meanwhile.
        .El

        """

    private static func files(_ command: CommandDescription) -> String {
        guard command.path.count == 1 else { return "" }
        return """
            .Sh FILES
            Firn reads no configuration file and keeps no state: rules, profiles and policies are built in, and every other
            file is named on the command line.
            What it writes is complete or not there.

            """
    }

    private func exitStatus(_ command: CommandDescription, _ discussion: Discussion) -> String {
        var codes = discussion.exitCodes
        // Groups only choose a command; and every command ends the same way on bad input.
        if codes.isEmpty { codes = [(0, "done"), (2, "tool or input error")] }
        if !codes.contains(where: { $0.code == 64 }) { codes.append((64, "usage")) }
        var text = ".Sh EXIT STATUS\n.Bl -tag -width Ds\n"
        for (code, meaning) in codes {
            text += ".It \(code)\n"
            text += ManualText.sentences(meaning.prefix(1).uppercased() + meaning.dropFirst() + ".")
        }
        return text + ".El\n"
    }

    /// What a reader of a page wants next, beside the pages above and below it.
    private static let related: [String: [String]] = [
        "": ["firn-policy 5", "firn-waiver 5"],
        "check": ["firn-explain 1", "firn-fix 1", "firn-gate 1", "firn-waiver 5"],
        "gate": ["firn-check 1", "firn-sign 1", "firn-policy 5", "firn-waiver 5"],
        "report": ["firn-check 1", "firn-sign 1"],
        "sign": ["firn-gate 1", "firn-verify 1"],
        "verify": ["firn-sign 1"],
        "fix": ["firn-check 1"],
        "waiver": ["firn-gate 1", "firn-waiver 5"],
    ]

    private func seeAlso(_ command: CommandDescription) -> String {
        var pages: Set<String> = []
        if command.path.count > 1 { pages.insert("firn 1") }
        if command.path.count > 2 { pages.insert(Self.name(command.path.dropLast()) + " 1") }
        pages.formUnion(command.subcommands.map { Self.name($0.path) + " 1" })
        let word = command.path.dropFirst().first ?? ""
        pages.formUnion(Self.related[word] ?? [])
        func key(_ page: String) -> [String] { page.split(separator: " ").reversed().map(String.init) }
        let sorted = pages.sorted { key($0).lexicographicallyPrecedes(key($1)) }
        return ".Sh SEE ALSO\n"
            + sorted.enumerated().map { index, page in
                ".Xr " + ManualText.escape(page, isLiteral: true) + (index == sorted.count - 1 ? "\n" : " ,\n")
            }.joined()
    }
}
