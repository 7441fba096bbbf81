/// Reads sshd_config as sshd does (sshd_config(5), servconf.c): keywords in any case, Include in place, Match blocks.
public struct SSHDConfigurationParser {
    /// Bounds on what is read.
    public struct Limits: Sendable, Hashable {
        /// The largest file in bytes.
        public var bytes = 1 << 20
        /// All files together, in bytes.
        public var allBytes = 8 << 20
        /// The deepest Include; sshd's own bound.
        public var depth = 16
        /// The files that are read in all.
        public var files = 512
        /// The lines that are read in all.
        public var lines = 100_000
        /// The arguments of one line.
        public var arguments = 4096

        /// The usual bounds.
        public init() {}
    }

    private let dialect: SSHDDialect
    private let limits: Limits
    private let includes: (String) -> SSHDIncludes
    private var problems: [SSHDProblem] = []
    private var filesLeft: Int
    private var linesLeft: Int
    private var bytesLeft: Int
    private var subsystems: Set<Substring> = []
    private var hasMethods = false

    private init(dialect: SSHDDialect, limits: Limits, includes: @escaping (String) -> SSHDIncludes) {
        self.dialect = dialect
        self.limits = limits
        self.includes = includes
        self.filesLeft = limits.files
        self.linesLeft = limits.lines
        self.bytesLeft = limits.allBytes
    }

    /// Reads a configuration. `includes` gives the files of an absolute glob(3) pattern. Lines that sshd refuses become
    /// problems; only text that is no text at all, or is over a bound, throws.
    public static func parse(
        _ bytes: [UInt8], file: String, dialect: SSHDDialect, limits: Limits = Limits(),
        includes: @escaping (String) -> SSHDIncludes
    ) throws(ParseError) -> SSHDConfiguration {
        var parser = SSHDConfigurationParser(dialect: dialect, limits: limits, includes: includes)
        var active = true
        let statements = try parser.statements(bytes, file: file, neverMatch: false, active: &active, depth: 0)
        return SSHDConfiguration(statements: statements, problems: parser.problems, dialect: dialect)
    }

    /// `active` is what it is while sshd reads the file at its start: true outside of Match blocks and in `Match all`.
    private mutating func statements(
        _ bytes: [UInt8], file: String, neverMatch: Bool, active: inout Bool, depth: Int
    ) throws(ParseError) -> [SSHDStatement] {
        bytesLeft -= bytes.count
        guard bytesLeft >= 0 else {
            throw ParseError(.limit, line: 1, "the configuration is larger than \(limits.allBytes) bytes")
        }
        let text = Array(try TextFile.decode(bytes, limit: limits.bytes).utf8)
        var result: [SSHDStatement] = []
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            linesLeft -= 1
            guard linesLeft >= 0 else {
                throw ParseError(.limit, line: number, "the configuration has more than \(limits.lines) lines")
            }
            guard let content = Self.content(line, dialect: dialect) else { continue }
            let location = SSHDLocation(file: file, line: number, text: shown(content))
            do {
                if let statement = try statement(
                    content, at: location, neverMatch: neverMatch, active: &active, depth: depth)
                {
                    result.append(statement)
                }
            } catch let refusal as SSHDRefusal {
                problems.append(SSHDProblem(location: location, message: refusal.message, isUncertain: false))
            } catch let error as ParseError {
                throw error
            } catch {
                throw ParseError(.malformed, line: number, "the line cannot be read")
            }
        }
        return result
    }

    /// The line without what sshd strips before it looks: blanks, form feeds at the end and, in old releases, comments.
    private static func content(_ line: ArraySlice<UInt8>, dialect: SSHDDialect) -> ArraySlice<UInt8>? {
        var line = line
        if !dialect.syntax.splitsArguments, let comment = line.firstIndex(of: UInt8(ascii: "#")) {
            line = line[..<comment]
        }
        while let first = line.first, SSHDTokens.blanks.contains(first) { line = line.dropFirst() }
        while let last = line.last, SSHDTokens.blanks.contains(last) || last == 0x0c { line = line.dropLast() }
        return line.isEmpty || line.first == UInt8(ascii: "#") ? nil : line
    }

    /// The line as evidence. Values of environment variables and arguments of commands may be secrets: of those the
    /// keyword and the program are shown. What is no keyword may be anything, so it shows only its first word.
    private func shown(_ content: ArraySlice<UInt8>) -> String {
        let text = String(decoding: content.prefix(400), as: UTF8.self)
        let keyword = text.prefix { !" \t=\"".contains($0) }
        guard let name = dialect.names[keyword.lowercased()] else { return "\(keyword) (the rest is not shown)" }
        switch name.keyword.kind {
        case .environment: return "\(keyword) (values not shown)"
        default:
            guard name.keyword.isCommand else { return text }
            let words = text.dropFirst(keyword.count).split(whereSeparator: { " \t=\"".contains($0) })
            guard let program = words.first else { return String(keyword) }
            return "\(keyword) \(program)" + (words.count > 1 ? " (arguments not shown)" : "")
        }
    }

    private mutating func statement(
        _ content: ArraySlice<UInt8>, at location: SSHDLocation, neverMatch: Bool, active: inout Bool, depth: Int
    ) throws -> SSHDStatement? {
        var cutter = SSHDDelimiter(content)
        guard var word = cutter.next() else { return nil }
        if word.isEmpty { word = cutter.next() ?? [] }
        if word.isEmpty || word.first == UInt8(ascii: "#") { return nil }
        let written = String(decoding: word, as: UTF8.self)
        let name = dialect.names[written.lowercased()]
        let rest = cutter.rest ?? []
        if dialect.syntax.splitsArguments, rest.isEmpty { throw SSHDRefusal("\(written) has no argument") }
        guard let name else { throw SSHDRefusal("\(written) is no keyword of sshd") }
        // servconf.c reads the values of SetEnv with strdelimw(), since each holds an '='.
        cutter.splitsAtEquals = name.keyword.kind != .environment
        let arguments = try arguments(rest, cutter)
        if !active, !name.inMatch { throw SSHDRefusal("\(written) may not stand in a Match block") }
        switch name.keyword.kind {
        case .ignored: return nil
        case .patched:
            problems.append(
                SSHDProblem(
                    location: location, message: "\(written) is known only to patched builds of sshd", isUncertain: true
                ))
            return nil
        case .match:
            let match = match(rest, at: location)
            active = match.isAll && !neverMatch
            return .match(match, location)
        case .include:
            return try include(
                arguments, written: written, at: location, neverMatch: !active, active: &active, depth: depth)
        default:
            let text = String(String(decoding: rest, as: UTF8.self).trimmed)
            return .setting(setting(name.keyword, arguments, text, at: location, active: active))
        }
    }

    /// A keyword whose values sshd refuses is a problem, and stays a setting: what it was meant to be must not turn into
    /// the default.
    private mutating func setting(
        _ keyword: SSHDKeyword, _ arguments: [String], _ text: String, at location: SSHDLocation, active: Bool
    ) -> SSHDSetting {
        do throws(SSHDRefusal) {
            let values = try SSHDValue.read(keyword, arguments: arguments, rest: text, dialect: dialect)
            if keyword.kind == .subsystem, active, !dialect.syntax.repeatedSubsystem {
                for value in values where !subsystems.insert(value.prefix { $0 != " " }).inserted {
                    throw SSHDRefusal("Subsystem \(value.prefix { $0 != " " }) is defined twice")
                }
            }
            if keyword.kind == .methods, active {
                if hasMethods, values == ["any"], !dialect.syntax.repeatedAnyMethod {
                    throw SSHDRefusal("any must stand alone in AuthenticationMethods")
                }
                hasMethods = true
            }
            return SSHDSetting(keyword: keyword, values: values, location: location)
        } catch {
            problems.append(SSHDProblem(location: location, message: error.message, isUncertain: false))
            return SSHDSetting(keyword: keyword, values: arguments, location: location, refusal: error.message)
        }
    }

    private mutating func match(_ rest: ArraySlice<UInt8>, at location: SSHDLocation) -> SSHDMatch {
        do throws(SSHDRefusal) {
            return try SSHDMatch(rest, syntax: dialect.syntax)
        } catch {
            problems.append(SSHDProblem(location: location, message: error.message, isUncertain: false))
            return SSHDMatch(unreadable: rest)
        }
    }

    private func arguments(_ rest: ArraySlice<UInt8>, _ cutter: SSHDDelimiter) throws(SSHDRefusal) -> [String] {
        var words: [[UInt8]] = []
        if dialect.syntax.splitsArguments {
            guard let split = SSHDTokens.split(rest) else { throw SSHDRefusal("a quote is not closed") }
            words = split
        } else {
            var cutter = cutter
            while let word = cutter.next(), !word.isEmpty { words.append(word) }
        }
        guard words.count <= limits.arguments else { throw SSHDRefusal("the line has too many arguments") }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    private mutating func include(
        _ arguments: [String], written: String, at location: SSHDLocation, neverMatch: Bool, active: inout Bool,
        depth: Int
    ) throws -> SSHDStatement {
        guard !arguments.isEmpty else { throw SSHDRefusal("Include has no argument") }
        var inner: [SSHDStatement] = []
        for argument in arguments {
            guard !argument.isEmpty else { throw SSHDRefusal("Include has an empty argument") }
            var pattern = argument
            if !argument.hasPrefix("/"), !argument.hasPrefix("~") {
                pattern = "/etc/ssh/" + (dialect.syntax.relativeInclude ? argument : written)
            }
            switch includes(pattern) {
            case .unknown(let reason):
                inner.append(.unresolved(reason, location))
            case .files(let files):
                for file in files {
                    filesLeft -= 1
                    guard filesLeft >= 0 else {
                        throw ParseError(.limit, line: location.line, "more than \(limits.files) files are included")
                    }
                    guard depth + 1 <= limits.depth else {
                        throw SSHDRefusal("Includes are nested deeper than \(limits.depth) levels")
                    }
                    // An included file cannot change whether the lines after the Include count.
                    let before = active
                    do throws(ParseError) {
                        let statements = try statements(
                            file.bytes, file: file.path, neverMatch: neverMatch, active: &active, depth: depth + 1)
                        inner.append(.included(statements))
                    } catch {
                        inner.append(.unresolved("\(file.path): \(error)", location))
                    }
                    active = before
                }
            }
        }
        return inner.count == 1 ? inner[0] : .included(inner)
    }
}
