import FirnModel
import FirnParsing

/// What a handler makes of its words, one after the other.
extension CmdlineEvaluator {
    func fold(_ words: [Word], _ handler: CmdlineParameter, at version: KernelVersion) -> CmdlineReading {
        if handler.kind == .attackVectors || handler.name == "mitigations" {
            return foldMitigations(words, handler, at: version)
        }
        let own = words.filter { $0.aliasValue == nil }
        let others = words.filter { $0.aliasValue != nil }
        switch handler.combination {
        case .last: return run(words, handler, at: version)
        case .own:
            let answer = run(own, handler, at: version)
            if case .known = answer.state { return answer }
            if case .unclear = answer.state { return answer }
            return run(others, handler, at: version)
        case .alias:
            return run(others.isEmpty ? own : others, handler, at: version)
        }
    }

    private func foldMitigations(
        _ words: [Word], _ handler: CmdlineParameter, at version: KernelVersion
    ) -> CmdlineReading {
        let arguments = words.map(\.argument)
        if arguments.contains(where: { $0.value == nil }) {
            return CmdlineReading(state: .unclear("mitigations needs a value"), words: arguments)
        }
        let state = mitigations(at: version)
        if state.isGiven { return CmdlineReading(state: .known(.string(state.spelled)), words: arguments) }
        if arguments.isEmpty { return CmdlineReading(state: .absent) }
        return CmdlineReading(
            state: .unclear("its value is not one the kernel's handler knows; the kernel ignores it"), words: arguments)
    }

    private func run(_ words: [Word], _ handler: CmdlineParameter, at version: KernelVersion) -> CmdlineReading {
        var state = CmdlineReading.State.absent
        var deciding: [Argument] = []
        var ignored: Argument?
        for word in words {
            let step: Step
            if handler.kind == .flag {
                step = .set(.boolean(word.aliasValue != "false"))
            } else if let alias = word.aliasValue {
                step = value(alias, handler, after: state, at: version)
            } else if let text = word.argument.value {
                step = value(text, handler, after: state, at: version)
            } else {
                step = resolve(handler.bare, handler, after: state, at: version)
            }
            switch step {
            case .none: ignored = word.argument
            case .noted: deciding.append(word.argument)
            case .set(let value):
                let keepsFormer = [.accumulate, .options, .assignments].contains(handler.kind)
                deciding = keepsFormer ? deciding + [word.argument] : [word.argument]
                state = .known(value)
            case .unclear:
                deciding = [word.argument]
                state = .unclear("\(shown(word, handler)) is not a value the handler's table knows")
            }
        }
        if state == .absent, let ignored {
            if ignored.value == nil, handler.bare == .keep {
                return CmdlineReading(state: .absent, words: [ignored], note: "without a value it does nothing")
            }
            return CmdlineReading(
                state: .unclear("its value is not one the handler knows; the handler ignores it"), words: [ignored])
        }
        return CmdlineReading(state: state, words: deciding)
    }

    private func shown(_ word: Word, _ handler: CmdlineParameter) -> String {
        word.argument.value ?? word.argument.name
    }

    /// What one word does.
    private enum Step {
        case none
        case noted
        case set(FactValue)
        case unclear
    }

    private func resolve(
        _ invalid: CmdlineParameter.Invalid, _ handler: CmdlineParameter, after state: CmdlineReading.State,
        at version: KernelVersion
    ) -> Step {
        switch invalid {
        case .keep: return .none
        case .unclear: return .unclear
        case .becomes(let text):
            // A replacement the handler itself does not know would never end.
            let step = value(text, handler, after: state, at: version, isReplacement: true)
            return step
        }
    }

    private func value(
        _ text: String, _ handler: CmdlineParameter, after state: CmdlineReading.State, at version: KernelVersion,
        isReplacement: Bool = false
    ) -> Step {
        let refused: () -> Step = {
            isReplacement ? .unclear : resolve(handler.invalid, handler, after: state, at: version)
        }
        switch handler.kind {
        case .flag: return .set(.boolean(true))
        case .boolean, .enableOnly:
            if CmdlineWords.isRecentKernelBoolean(text), let bound = KernelVersion("5.19"), version < bound {
                return .unclear
            }
            guard let truth = CmdlineWords.kernelBoolean(text) else { return refused() }
            if handler.kind == .enableOnly, !truth { return .noted }
            return .set(.boolean(truth))
        case .userspaceBoolean:
            guard let truth = CmdlineWords.userspaceBoolean(text) else { return refused() }
            return .set(.boolean(truth))
        case .environment:
            guard let truth = CmdlineWords.userspaceBoolean(text) else { return refused() }
            return state == .known(.boolean(true)) ? .noted : .set(.boolean(truth))
        case .replace:
            guard let word = known(text, handler) else { return refused() }
            return .set(.string(word))
        case .raiseOnly:
            guard let word = known(text, handler) else { return refused() }
            if case .known(.string(let former)) = state,
                let old = handler.values.firstIndex(of: former), let new = handler.values.firstIndex(of: word),
                new <= old
            {
                return .noted
            }
            return .set(.string(word))
        case .text: return .set(.string(text))
        case .integer:
            guard let number = CmdlineWords.unsigned(text) else { return refused() }
            return .set(.integer(number))
        case .signed:
            let magnitude = CmdlineWords.unsigned(text.hasPrefix("-") ? String(text.dropFirst()) : text, limit: 1 << 31)
            guard let magnitude else { return refused() }
            return .set(.integer(text.hasPrefix("-") ? -magnitude : magnitude))
        case .nonzero:
            guard let number = CmdlineWords.unsigned(text, limit: UInt64(Int64.max)) else { return refused() }
            return .set(.boolean(number != 0))
        case .list:
            return .set(.strings(text.split(separator: ",", omittingEmptySubsequences: true).map(String.init)))
        case .accumulate: return .set(appending([text], to: state))
        case .options:
            return .set(appending(text.split(separator: ",").map(String.init), to: state))
        case .assignments: return .set(appending([String(text.prefix { $0 != "=" })], to: state))
        case .attackVectors: return .unclear
        }
    }

    private func known(_ text: String, _ handler: CmdlineParameter) -> String? {
        if handler.valuesArePrefixes { return handler.values.first { text.hasPrefix($0) } }
        return handler.values.contains(text) ? text : nil
    }

    private func appending(_ texts: [String], to state: CmdlineReading.State) -> FactValue {
        let new = texts.map { FactValue.string($0) }
        if case .known(.list(let former)) = state { return .list(former + new) }
        return .list(new)
    }
}
