import FirnModel

/// What the kernel's configuration makes of a parameter that is not on the line.
struct CmdlineConfigured: Sendable, Hashable {
    /// An option that, built in, gives a value.
    struct Choice: Sendable, Hashable {
        var option: String
        var value: FactValue
    }

    /// The first option that is built in decides.
    var choices: [Choice] = []
    /// The value when none of them is.
    var otherwise: FactValue?
    /// The option whose own value it is.
    var valueOf: String?
    /// Whether nothing is set when no choice decides.
    var isAbsentOtherwise = false

    /// What a parameter comes to under a configuration; nil where that does not decide.
    func reading(_ configuration: KernelConfiguration, isList: Bool) -> CmdlineReading? {
        for choice in choices where configuration.isBuiltIn(choice.option) {
            return reading(.known(choice.value), configuration.evidence(choice.option))
        }
        if let valueOf, let value = configuration.value(valueOf) {
            var value = value
            if isList, case .string(let text) = value {
                value = .strings(text.split(separator: ",").map(String.init))
            }
            return reading(.known(value), configuration.evidence(valueOf))
        }
        guard let first = choices.first?.option else { return nil }
        if let otherwise { return reading(.known(otherwise), configuration.evidence(first)) }
        return isAbsentOtherwise ? reading(.absent, configuration.evidence(first)) : nil
    }

    private func reading(_ state: CmdlineReading.State, _ evidence: Evidence) -> CmdlineReading {
        CmdlineReading(state: state, configuration: evidence)
    }
}
