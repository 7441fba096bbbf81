import FirnParsing

/// What a module may say in a scenario.
struct PamOutcomes: Equatable {
    /// The possible results.
    var results: [UInt8]
    /// Whether we do not know the module (or its file) well enough. Otherwise several results mean that it depends on
    /// who asks and when, and whoever attacks may choose.
    var isGuess = false

    static func exactly(_ result: UInt8) -> PamOutcomes { PamOutcomes(results: [result]) }
    static let success = exactly(PamResult.success)
    static let ignore = exactly(PamResult.ignore)
    static let refused = exactly(PamResult.authenticationError)
    /// Anything at all.
    static let anything = PamOutcomes(results: Array(0..<UInt8(PamResult.count)), isGuess: true)
}

/// How a stack may end.
struct PamEnding: Hashable {
    /// What libpam tells the program.
    var status: UInt8
    /// Whether the way here rests on a guess.
    var isGuess: Bool
    /// The entries that ran and are watched, as bits by their place in the stack.
    var visited: Set<Int>

    var isSuccess: Bool { status == PamResult.success }
}

/// The answer to "is there a way through the stack such that ...".
enum PamAnswer: Equatable {
    case yes
    case no
    /// It hangs on modules we do not know.
    case unknown
}

/// All ends that are possible.
struct PamEndings {
    var endings: Set<PamEnding>

    /// Whether some way ends so. An attacker takes the way that suits him.
    func some(_ holds: (PamEnding) -> Bool) -> PamAnswer {
        var any = false
        var every = true
        for ending in endings {
            if holds(ending) {
                if !ending.isGuess { return .yes }
                any = true
            } else {
                every = false
            }
        }
        return any ? (every ? .yes : .unknown) : .no
    }

    /// Whether every way ends so.
    func every(_ holds: (PamEnding) -> Bool) -> PamAnswer {
        switch some({ !holds($0) }) {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }
}

/// Runs a stack as libpam does (`_pam_dispatch_aux`), along every way that is possible at once.
///
/// A stack has an impression of what its modules said so far: none, good or bad; the first bad result decides the status
/// for good. `done` and `die` end a substack, not what includes it.
struct PamExecutor {
    private enum Impression: Int8, Hashable {
        case undefined
        case positive
        case negative
    }

    private struct Memory: Hashable {
        var impression: Impression = .undefined
        var status = PamResult.permissionDenied
    }

    private struct State: Hashable {
        var now = Memory()
        /// What was remembered when each level of substack was entered; level 0 is the beginning.
        var entered: [Memory] = [Memory()]
        var level = 0
        var isGuess = false
        var visited: Set<Int> = []
    }

    /// More states than this are given up.
    static let maximumStates = 4096

    /// All ends of a stack. `outcomes` says what the module of an entry may say; `isWatched` which entries are of
    /// interest afterwards. Nil where there are too many ways.
    static func run(
        _ stack: [PamHandler], isWatched: (PamHandler) -> Bool = { _ in false },
        outcomes: (PamHandler) -> PamOutcomes
    ) -> PamEndings? {
        guard !stack.isEmpty else {
            return PamEndings(endings: [
                PamEnding(status: PamResult.permissionDenied, isGuess: false, visited: [])
            ])
        }
        var pending: [Set<State>] = Array(repeating: [], count: stack.count + 1)
        pending[0] = [State()]
        for index in stack.indices where !pending[index].isEmpty {
            let handler = stack[index]
            let possible: PamOutcomes? =
                switch handler.kind {
                case .substack: nil
                case .mustFail: .exactly(PamResult.permissionDenied)
                case .module: outcomes(handler)
                }
            let watched = handler.kind == .module && isWatched(handler)
            for var state in pending[index] {
                let before = state.level
                state.level = handler.level
                guard let possible else {
                    pending[index + 1].insert(state)
                    continue
                }
                if before < handler.level {
                    while state.entered.count <= handler.level { state.entered.append(Memory()) }
                    state.entered[handler.level] = state.now
                }
                if watched { state.visited.insert(index) }
                var next: [Int: Set<State>] = [:]
                for result in possible.results {
                    let (place, after) = step(state, handler, result, at: index, in: stack)
                    next[place, default: []].insert(after)
                }
                // Where every result leads to the same, knowing the module would change nothing.
                let isOpen = possible.isGuess && (next.count > 1 || next.values.contains { $0.count > 1 })
                for (place, states) in next {
                    for var after in states {
                        after.isGuess = after.isGuess || isOpen
                        pending[place].insert(after)
                    }
                }
            }
            guard pending[(index + 1)...].allSatisfy({ $0.count <= maximumStates }) else { return nil }
        }
        return PamEndings(
            endings: Set(
                pending[stack.count].map { state in
                    let isMistake = state.now.status == PamResult.success && state.now.impression != .positive
                    return PamEnding(
                        status: isMistake ? PamResult.permissionDenied : state.now.status, isGuess: state.isGuess,
                        visited: state.visited)
                }))
    }

    private static func step(
        _ state: State, _ handler: PamHandler, _ result: UInt8, at index: Int, in stack: [PamHandler]
    ) -> (Int, State) {
        var after = state
        if result == PamResult.incomplete {
            // The module wants to be called again: libpam leaves the stack at once.
            after.now = Memory(impression: .negative, status: result)
            return (stack.count, after)
        }
        let action: PamAction = result < UInt8(PamResult.count) ? handler.actions[result] : .bad
        switch action {
        case .ignore: break
        case .reset: after.now = after.entered[handler.level]
        case .ok, .done:
            if after.now.impression == .undefined
                || (after.now.impression == .positive && after.now.status == PamResult.success)
            {
                after.now = Memory(impression: .positive, status: result)
            }
            if action == .done, after.now.impression == .positive { return (end(of: index, in: stack), after) }
        case .bad, .die:
            if after.now.impression != .negative {
                after.now = Memory(
                    impression: .negative, status: result == PamResult.ignore ? PamResult.permissionDenied : result)
            }
            if action == .die { return (end(of: index, in: stack), after) }
        case .jump(let distance):
            var place = index
            var left = distance
            while left > 0, place + 1 < stack.count, stack[place + 1].level >= handler.level {
                repeat { place += 1 } while place + 1 < stack.count && stack[place + 1].level > handler.level
                left -= 1
            }
            if left > 0 { after.now = Memory(impression: .negative, status: PamResult.permissionDenied) }
            return (place + 1, after)
        }
        return (index + 1, after)
    }

    /// The first entry behind the stack or substack an entry belongs to.
    private static func end(of index: Int, in stack: [PamHandler]) -> Int {
        var place = index + 1
        while place < stack.count, stack[place].level >= stack[index].level { place += 1 }
        return place
    }
}
