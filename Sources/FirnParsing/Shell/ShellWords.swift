/// A word of a shell script, with what the shell would put in place of its expansions left open (bash(1), "QUOTING").
public struct ShellWord: Sendable, Hashable {
    /// A piece of a word.
    public enum Part: Sendable, Hashable {
        /// Text as it stands, quotes and backslashes removed.
        case literal(String)
        /// `$NAME` or `${NAME}`.
        case variable(String, isQuoted: Bool)
        /// `"$@"`: all arguments, each a word of its own.
        case arguments
    }

    /// The pieces in order.
    public var parts: [Part]
    /// Whether some of it stood in quotes, so that it is a word even when it is empty.
    public var isQuoted: Bool

    /// Creates a word.
    public init(parts: [Part], isQuoted: Bool = false) {
        self.parts = parts
        self.isQuoted = isQuoted
    }

    /// The text when nothing in it has to be expanded.
    public var literal: String? {
        var text = ""
        for part in parts {
            guard case .literal(let piece) = part else { return nil }
            text += piece
        }
        return text
    }

    /// The text when it can be a reserved word or a name: literal and without quotes.
    var plain: String? {
        isQuoted ? nil : literal
    }
}

/// A command of a shell script, or a construct made of commands.
public indirect enum ShellNode: Sendable, Hashable {
    /// A simple command: its words, redirections left out.
    case command([ShellWord], line: Int, text: String)
    /// `NAME=word` that stands alone.
    case assignment(String, ShellWord, line: Int, text: String)
    /// `name() { ... }`.
    case function(String, [ShellNode], line: Int)
    /// `for name in words; do ...; done`.
    case loop(String, [ShellWord], [ShellNode], line: Int)
    /// `a && b`.
    case and(ShellNode, ShellNode)
    /// `a || b`.
    case or(ShellNode, ShellNode)

    /// The line it starts on.
    public var line: Int {
        switch self {
        case .command(_, let line, _), .assignment(_, _, let line, _), .function(_, _, let line),
            .loop(_, _, _, let line):
            line
        case .and(let left, _), .or(let left, _): left.line
        }
    }
}

/// The small part of the shell's language in which generated firewall scripts are written: simple commands, `&&`, `||`,
/// `;`, functions, `for` over words, literal assignments, comments, quotes, continued lines and redirections.
///
/// Reading stops at the first construct outside of it; what stood before is kept, and `stop` says where and why.
public struct ShellScript: Sendable, Hashable {
    /// Why and where reading stopped.
    public struct Stop: Sendable, Hashable {
        /// The line, counted from 1.
        public var line: Int
        /// What stands there, in words.
        public var reason: String
        /// The text of the line.
        public var text: String
    }

    /// The commands that were understood, in order.
    public var nodes: [ShellNode]
    /// Where reading stopped; nil when all was read.
    public var stop: Stop?
    /// Whether the interpreter line asks to end at the first command that fails (`#! /bin/bash -e`).
    public var stopsAtFailure: Bool

    /// Creates a script.
    public init(nodes: [ShellNode] = [], stop: Stop? = nil, stopsAtFailure: Bool = false) {
        self.nodes = nodes
        self.stop = stop
        self.stopsAtFailure = stopsAtFailure
    }

    /// Reads a script of at most 1 MiB; throws only when it is no text.
    public static func parse(_ bytes: [UInt8]) throws(ParseError) -> ShellScript {
        _ = try TextFile.decode(bytes, limit: 1 << 20)
        var lexer = ShellLexer(bytes)
        lexer.run()
        var parser = ShellParser(tokens: lexer.tokens)
        var script = ShellScript(stopsAtFailure: asksForErrorExit(bytes))
        script.nodes = parser.script()
        if let stop = parser.stop {
            script.stop = Stop(line: stop.line, reason: stop.reason, text: lexer.lineText(stop.line))
        }
        return script
    }

    private static func asksForErrorExit(_ bytes: [UInt8]) -> Bool {
        guard bytes.starts(with: [UInt8(ascii: "#"), UInt8(ascii: "!")]) else { return false }
        let first = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }.dropFirst(2), as: UTF8.self)
        return first.split(separator: " ").dropFirst().contains { word in
            word.hasPrefix("-") && !word.hasPrefix("--") && word.contains("e")
        }
    }
}
