import FirnModel
import FirnParsing

/// Reads parameters off one line with the handlers of one kernel.
struct CmdlineEvaluator: Sendable {
    typealias Argument = KernelCommandLine.Argument

    /// A word, and what it means when it is another spelling (`nopti` for `pti=off`).
    struct Word: Sendable {
        var argument: Argument
        var aliasValue: String?
    }

    let table: CmdlineTable
    let line: KernelCommandLine
    /// The kernel; nil where it is not known: then all kernels of the table must agree.
    let version: KernelVersion?
    /// The kernel's configuration, where the target holds it.
    let configuration: KernelConfiguration?
    private let byName: [String: [Argument]]
    private let byUserspaceName: [String: [Argument]]

    init(
        table: CmdlineTable, line: KernelCommandLine, version: KernelVersion?,
        configuration: KernelConfiguration? = nil
    ) {
        self.table = table
        self.line = line
        self.version = version
        self.configuration = configuration
        byName = Dictionary(grouping: line.parameters) { KernelCommandLine.canonicalName($0.name) }
        byUserspaceName = Dictionary(grouping: line.userspaceArguments) { KernelCommandLine.canonicalName($0.name) }
    }

    /// What a parameter of the table comes to.
    func reading(_ name: String) -> CmdlineReading {
        agreement { reading(name, at: $0) }
    }

    /// What `mitigations=` comes to, for one kernel.
    func mitigations(at version: KernelVersion) -> CmdlineMitigations {
        var state = CmdlineMitigations()
        for handler in handlers("mitigations", at: version) {
            for word in words(of: handler) {
                guard let value = word.argument.value else { continue }
                if handler.kind == .attackVectors {
                    _ = state.applyWithVectors(value)
                } else {
                    _ = state.applyBeforeVectors(value)
                }
            }
        }
        return state
    }

    /// Asks for each kernel that may be meant; where the answers differ, the version decides and is not known.
    func agreement(_ ask: (KernelVersion) -> CmdlineReading) -> CmdlineReading {
        if let version { return ask(version) }
        var answer: CmdlineReading?
        for candidate in table.candidateVersions {
            let next = ask(candidate)
            guard let previous = answer else {
                answer = next
                continue
            }
            if !Self.agree(previous, next) {
                return CmdlineReading(
                    state: .unclear("its handler differs between kernels, and the kernel's version is not known"),
                    words: previous.words + next.words.filter { !previous.words.contains($0) })
            }
        }
        return answer ?? CmdlineReading(state: .unclear("the table knows no kernel"))
    }

    private static func agree(_ left: CmdlineReading, _ right: CmdlineReading) -> Bool {
        switch (left.state, right.state) {
        case (.unclear, .unclear): true
        default: left.state == right.state
        }
    }

    private func handlers(_ name: String, at version: KernelVersion) -> [CmdlineParameter] {
        (table.parameters[name] ?? []).filter { handler in
            (handler.since.map { $0 <= version } ?? true) && (handler.until.map { version < $0 } ?? true)
        }
    }

    private func reading(_ name: String, at version: KernelVersion) -> CmdlineReading {
        let handlers = handlers(name, at: version)
        guard let first = handlers.first else { return readingWithoutHandler(name) }
        var answer = reading(first, at: version)
        for handler in handlers.dropFirst() {
            let next = reading(handler, at: version)
            if !Self.agree(answer, next) {
                answer.state = .unclear("the table knows its handler before and after this kernel, and they differ")
            }
        }
        return answer
    }

    /// A parameter this kernel has no handler for does nothing, unless a stable kernel got it later.
    private func readingWithoutHandler(_ name: String) -> CmdlineReading {
        let known = table.parameters[name] ?? []
        let words = known.first.map { self.words(of: $0) } ?? []
        guard !words.isEmpty else { return CmdlineReading(state: .absent) }
        let arguments = words.map(\.argument)
        if known.contains(where: \.isBackported) {
            return CmdlineReading(
                state: .unclear("this kernel has no handler for it unless it was backported"), words: arguments)
        }
        return CmdlineReading(state: .absent, words: arguments, note: "this kernel has no handler for it")
    }

    private func reading(_ handler: CmdlineParameter, at version: KernelVersion) -> CmdlineReading {
        let words = words(of: handler)
        if let cut = words.first(where: { $0.argument.bytes.upperBound > table.loaderBudget }) {
            return CmdlineReading(state: .unclear(table.cutReason("it")), words: [cut.argument])
        }
        var answer = fold(words, handler, at: version)
        answer = withGlobalOff(answer, handler, at: version)
        if !answer.words.isEmpty, let other = handler.supersededBy.first(where: { isGiven($0, at: version) }) {
            return CmdlineReading(state: .absent, words: answer.words, note: "ignored: \(other)= supersedes it")
        }
        if let configuration, let option = handler.neededOption, !answer.words.isEmpty,
            configuration.value(option) == nil
        {
            return CmdlineReading(
                state: .absent, words: answer.words, note: "the kernel is built without \(option)",
                configuration: configuration.evidence(option))
        }
        if answer.state == .absent, let option = handler.defaultKconfig {
            let isList = handler.kind == .list || handler.kind == .accumulate
            if let configuration, let reading = handler.configured.reading(configuration, isList: isList) {
                return reading
            }
            answer.state = .unclear(
                "not on the command line; the default depends on \(option), which this target does not show")
        }
        return answer
    }

    /// The first word of that name that may not reach the kernel.
    func cutWord(_ name: String) -> Argument? {
        byName[name]?.first { $0.bytes.upperBound > table.loaderBudget }
    }

    private func isGiven(_ name: String, at version: KernelVersion) -> Bool {
        handlers(name, at: version).contains { handler in words(of: handler).contains { $0.argument.value != nil } }
    }

    private func withGlobalOff(
        _ answer: CmdlineReading, _ handler: CmdlineParameter, at version: KernelVersion
    ) -> CmdlineReading {
        guard handler.globalOff != .none else { return answer }
        if let cut = cutWord("mitigations") {
            return CmdlineReading(state: .unclear(table.cutReason("mitigations=")), words: [cut])
        }
        let state = mitigations(at: version)
        let isSwitchedOff: Bool
        switch handler.globalOff {
        case .none: isSwitchedOff = false
        case .overrides: isSwitchedOff = state.isOff
        case .byDefault:
            let leavesItToTheDefault = answer.state == .absent || answer.state == .known(.string("auto"))
            isSwitchedOff = leavesItToTheDefault && state.vectorsOff.isSuperset(of: handler.vectors)
        }
        guard isSwitchedOff else { return answer }
        let off: FactValue
        switch handler.kind {
        case .flag: off = .boolean(true)
        case .boolean: off = .boolean(false)
        default: off = .string(handler.offValue ?? "off")
        }
        if answer.state == .known(off) { return answer }
        return CmdlineReading(
            state: .known(off), words: (byName["mitigations"] ?? []) + answer.words,
            note: "switched off by mitigations=")
    }

    // MARK: Words

    /// The words a handler reads, in the order of the line.
    private func words(of handler: CmdlineParameter) -> [Word] {
        if handler.kind == .environment { return environmentWords(handler.name) }
        var result: [Word] = []
        switch handler.reader {
        case .kernel: result = kernelWords(handler)
        case .literal: result = literalWords(handler)
        case .systemd: result = userspaceWords(handler)
        case .either:
            result = kernelWords(handler)
            for word in literalWords(handler)
            where !result.contains(where: { $0.argument.bytes == word.argument.bytes }) {
                result.append(word)
            }
        }
        return result.sorted { $0.argument.bytes.lowerBound < $1.argument.bytes.lowerBound }
    }

    private func kernelWords(_ handler: CmdlineParameter) -> [Word] {
        let canonical = KernelCommandLine.canonicalName(handler.name)
        var result: [Word]
        if handler.isPrefix {
            result = line.parameters.filter { KernelCommandLine.canonicalName($0.name).hasPrefix(canonical) }
                .map { Word(argument: $0) }
        } else {
            result = (byName[canonical] ?? []).map { Word(argument: $0) }
        }
        for (spelling, value) in handler.aliases {
            let (name, wanted) = Self.split(spelling)
            for argument in byName[KernelCommandLine.canonicalName(name)] ?? [] {
                if let wanted, argument.value?.lowercased() != wanted { continue }
                // A spelling of its own value (`audit=off`) takes the place of the word itself.
                result.removeAll { $0.argument.bytes == argument.bytes }
                result.append(Word(argument: argument, aliasValue: value))
            }
        }
        return result
    }

    /// Exact words: a switch and another spelling only bare, a value only after `=`; the last one counts.
    private func literalWords(_ handler: CmdlineParameter) -> [Word] {
        var result: [Word] = []
        for argument in line.words {
            if argument.name == handler.name, (argument.value == nil) == (handler.kind == .flag) {
                if handler.kind != .flag { result.removeAll { $0.aliasValue == nil } }
                result.append(Word(argument: argument))
            } else if let value = handler.aliases[argument.text] {
                result.append(Word(argument: argument, aliasValue: value))
            }
        }
        return result
    }

    private func userspaceWords(_ handler: CmdlineParameter) -> [Word] {
        var result = (byUserspaceName[KernelCommandLine.canonicalName(handler.name)] ?? []).map { Word(argument: $0) }
        for argument in line.userspaceArguments where argument.value == nil {
            if let value = handler.aliases[argument.name] { result.append(Word(argument: argument, aliasValue: value)) }
        }
        return result
    }

    private func environmentWords(_ name: String) -> [Word] {
        var result: [Word] = line.userspaceArguments.filter { $0.name == name }
            .map { Word(argument: $0, aliasValue: $0.value ?? "1") }
        for setter in ["systemd.setenv", "rd.systemd.setenv"] {
            for argument in byUserspaceName[setter] ?? [] {
                guard let assignment = argument.value, assignment.hasPrefix(name + "=") else { continue }
                result.append(Word(argument: argument, aliasValue: String(assignment.dropFirst(name.count + 1))))
            }
        }
        return result.sorted { $0.argument.bytes.lowerBound < $1.argument.bytes.lowerBound }
    }

    private static func split(_ spelling: String) -> (name: String, value: String?) {
        guard let equals = spelling.firstIndex(of: "=") else { return (spelling, nil) }
        return (String(spelling[..<equals]), String(spelling[spelling.index(after: equals)...]))
    }
}

extension CmdlineTable {
    /// The bytes of the line that reach the kernel whatever the boot loader puts in front.
    var loaderBudget: Int { KernelCommandLine.commandLineSize - 1 - loaderReserve }

    /// Why a word near the end of a long line decides nothing.
    func cutReason(_ subject: String) -> String {
        "\(subject) stands where the kernel may cut the line (\(KernelCommandLine.commandLineSize) bytes with what the "
            + "boot loader adds)"
    }

    /// One kernel for every span in which the handlers of the table are the same.
    var candidateVersions: [KernelVersion] {
        var result: Set<KernelVersion> = []
        for handlers in parameters.values {
            for handler in handlers {
                if let since = handler.since { result.insert(since) }
                if let until = handler.until { result.insert(until) }
            }
        }
        if let oldest = KernelVersion("5.4") { result.insert(oldest) }
        return result.sorted()
    }
}
