public import FirnParsing

/// One command of the tree that swift-argument-parser writes for `--experimental-dump-help`.
public struct CommandDescription: Sendable {
    /// The words that call it: `["firn", "history", "add"]`.
    public var path: [String]
    /// What it does, in a sentence.
    public var abstract: String
    /// Paragraphs, examples and exit codes.
    public var discussion: String
    /// Its options and operands, those that help shows.
    public var arguments: [ArgumentDescription]
    /// The commands below it, those that help shows.
    public var subcommands: [CommandDescription]

    /// It and all below it, each before its subcommands.
    public var all: [CommandDescription] { [self] + subcommands.flatMap(\.all) }

    /// Reads the whole dump. Nil when it is not what swift-argument-parser 1.8 writes.
    public init?(dump: JSONNode) {
        guard dump["serializationVersion"]?.integer == 0, let command = dump["command"] else { return nil }
        self.init(command, above: [])
    }

    private init?(_ node: JSONNode, above: [String]) {
        guard let name = node["commandName"]?.string else { return nil }
        path = above + [name]
        abstract = node["abstract"]?.string ?? ""
        discussion = node["discussion"]?.string ?? ""
        arguments = []
        for argument in node["arguments"]?.array ?? [] where argument["shouldDisplay"]?.boolean != false {
            guard let argument = ArgumentDescription(argument) else { return nil }
            arguments.append(argument)
        }
        subcommands = []
        for subcommand in node["subcommands"]?.array ?? [] where subcommand["shouldDisplay"]?.boolean != false {
            guard let subcommand = CommandDescription(subcommand, above: path) else { return nil }
            // `firn help` is the help itself.
            if subcommand.path.last != "help" { subcommands.append(subcommand) }
        }
    }
}

/// One option, flag or operand.
public struct ArgumentDescription: Sendable {
    /// How it is given.
    public enum Kind: String, Sendable {
        case positional, option, flag
    }

    /// How it is given.
    public var kind: Kind
    /// Its spellings with their dashes; none for an operand.
    public var names: [String]
    /// What stands for its value in the synopsis.
    public var valueName: String
    /// What it does.
    public var abstract: String
    /// The value it has when it is not given.
    public var defaultValue: String?
    /// All values it may have, where they are few.
    public var allValues: [String]
    /// Whether it may be left out.
    public var isOptional: Bool
    /// Whether it may be given more than once.
    public var isRepeating: Bool

    init?(_ node: JSONNode) {
        guard let kind = node["kind"]?.string.flatMap(Kind.init) else { return nil }
        self.kind = kind
        names = []
        for name in node["names"]?.array ?? [] {
            guard let text = name["name"]?.string else { return nil }
            names.append((name["kind"]?.string == "long" ? "--" : "-") + text)
        }
        valueName = node["valueName"]?.string ?? ""
        abstract = [node["abstract"]?.string, node["discussion"]?.string].compactMap { $0 }.joined(separator: " ")
        defaultValue = node["defaultValue"]?.string
        allValues = (node["allValues"]?.array ?? []).compactMap(\.string)
        isOptional = node["isOptional"]?.boolean ?? false
        isRepeating = node["isRepeating"]?.boolean ?? false
    }
}
