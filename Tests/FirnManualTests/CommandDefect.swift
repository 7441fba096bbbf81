import FirnManual

extension CommandDescription {
    /// What is wrong with the words of a command; nil when it could be run.
    func defect(in words: [String]) -> String? {
        var command = self
        var rest = words.dropFirst()
        while let name = rest.first, let below = command.subcommands.first(where: { $0.path.last == name }) {
            command = below
            rest = rest.dropFirst()
        }
        guard command.path.count > 1, command.subcommands.isEmpty else { return "no such command" }
        var operands = 0
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                operands += 1
                continue
            }
            guard let option = command.arguments.first(where: { $0.names.contains(word) }) else {
                return "\(command.path.joined(separator: " ")) has no \(word)"
            }
            guard option.kind == .option else { continue }
            guard let value = rest.popFirst(), !value.hasPrefix("-") else { return "\(word) without a value" }
            if !option.allValues.isEmpty, !option.allValues.contains(value) { return "\(word) \(value)" }
        }
        if operands > 0, !command.arguments.contains(where: { $0.kind == .positional }) { return "an operand too many" }
        for argument in command.arguments where !argument.isOptional && argument.kind == .option {
            if !words.contains(where: argument.names.contains) { return "no \(argument.names)" }
        }
        return nil
    }
}
