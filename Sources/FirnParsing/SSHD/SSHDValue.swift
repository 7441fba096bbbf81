/// Reads and checks the arguments of a keyword as servconf.c does, and writes them as `sshd -T` prints them.
enum SSHDValue {
    /// The values of a line; the message says why sshd refuses it.
    static func read(
        _ keyword: SSHDKeyword, arguments: [String], rest: String, dialect: SSHDDialect
    ) throws(SSHDRefusal) -> [String] {
        switch keyword.kind {
        case .text:
            guard !rest.isEmpty else { throw missing(keyword) }
            return [keyword.name == "VersionAddendum" && rest.lowercased() == "none" ? "none" : rest]
        case .command:
            guard rest.hasPrefix("/") || rest.lowercased() == "none" else {
                throw SSHDRefusal("\(keyword.name) must be an absolute path")
            }
            return [rest]
        case .ignored, .patched, .include, .match:
            return arguments
        case .refused:
            throw SSHDRefusal("\(keyword.name) is not supported on Linux")
        case .list, .listOrNone, .users, .environmentNames, .environment, .penalties, .methods, .channelTimeouts,
            .permittedOpens, .permittedListens, .keyOptions:
            return try SSHDListValue.read(keyword, arguments, dialect: dialect)
        case .rekey, .ipqos, .subsystem, .listenAddress:
            return try SSHDCompoundValue.read(keyword, arguments)
        default:
            guard let first = arguments.first, !first.isEmpty else { throw missing(keyword) }
            guard arguments.count == 1 else {
                throw SSHDRefusal("\(keyword.name) has more arguments than it takes")
            }
            return [try single(keyword, first, dialect: dialect)]
        }
    }

    static func missing(_ keyword: SSHDKeyword) -> SSHDRefusal {
        SSHDRefusal("\(keyword.name) has no argument")
    }

    private static func single(
        _ keyword: SSHDKeyword, _ argument: String, dialect: SSHDDialect
    ) throws(SSHDRefusal) -> String {
        func bad() -> SSHDRefusal { SSHDRefusal("\(argument) is no value of \(keyword.name)") }
        switch keyword.kind {
        case .flag:
            let word = argument.lowercased()
            guard word == "yes" || word == "no" else { throw bad() }
            return word
        case .choice:
            guard let word = keyword.words[argument.lowercased()] else { throw bad() }
            return word
        case .integer:
            guard let number = number(argument) else { throw bad() }
            return String(number)
        case .integerOrNone:
            if argument == "none" { return argument }
            guard let number = number(argument) else { throw bad() }
            return String(number)
        case .secondsOrNone where argument.lowercased() == "none":
            return "none"
        case .seconds, .secondsOrNone:
            guard let seconds = seconds(argument) else { throw SSHDRefusal("\(argument) is no time") }
            return String(seconds)
        case .octal:
            guard let mode = Int(argument, radix: 8), (0...0o777).contains(mode) else { throw bad() }
            return "0" + String(mode, radix: 8)
        case .path:
            return argument.lowercased() == "none" ? "none" : argument
        case .port:
            guard let port = portNumber(argument), port > 0 else { throw SSHDRefusal("\(argument) is no port") }
            return String(port)
        case .startups: return try startups(argument)
        case .blockSizes: return try blockSizes(argument)
        case .addresses:
            guard SSHDPattern.addresses(nil, argument) != nil else { throw bad() }
            return argument
        case .algorithms:
            try SSHDAlgorithmList.check(keyword, argument, dialect: dialect)
            return argument
        default:
            return argument
        }
    }

    /// A whole number as `strtonum` reads it, from 0 to 2^31-1.
    static func number(_ text: String) -> Int? {
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), number <= Int(Int32.max)
        else { return nil }
        return number
    }

    /// A port from 0 to 65535; of the names of services only `ssh` is known.
    static func portNumber(_ text: String) -> Int? {
        if text == "ssh" { return 22 }
        guard let number = number(text), number <= 65535 else { return nil }
        return number
    }

    /// A time in seconds (`convtime`): numbers with the units s, m, h, d, w, or none, added up.
    static func seconds(_ text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        let limit = Int(Int32.max)
        var total = 0
        var digits = ""
        func add(_ factor: Int) -> Bool {
            guard let count = number(digits) else { return false }
            digits = ""
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow, product <= limit, total <= limit - product else { return false }
            total += product
            return true
        }
        for character in text.utf8 {
            if (0x30...0x39).contains(character) {
                digits.append(Character(Unicode.Scalar(character)))
                guard digits.utf8.count <= 10 else { return nil }
                continue
            }
            let factor: Int
            switch SSHDPattern.lower(character) {
            case UInt8(ascii: "s"): factor = 1
            case UInt8(ascii: "m"): factor = 60
            case UInt8(ascii: "h"): factor = 3600
            case UInt8(ascii: "d"): factor = 86400
            case UInt8(ascii: "w"): factor = 604800
            default: return nil
            }
            guard add(factor) else { return nil }
        }
        if !digits.isEmpty { guard add(1) else { return nil } }
        return total
    }

    /// Numbers between colons, as `sscanf` with `%d` reads them; what follows the last is not looked at.
    private static func colonNumbers(_ text: String) -> [Int] {
        var numbers: [Int] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            let trimmed = part.trimmed
            let sign = trimmed.hasPrefix("-") || trimmed.hasPrefix("+") ? 1 : 0
            let digits = trimmed.dropFirst(sign).prefix { ("0"..."9").contains($0) }
            guard !digits.isEmpty, digits.count <= 10, let number = Int(trimmed.prefix(sign + digits.count)) else {
                break
            }
            numbers.append(number)
            if trimmed.count > sign + digits.count { break }
        }
        return numbers
    }

    private static func startups(_ text: String) throws(SSHDRefusal) -> String {
        let numbers = colonNumbers(text)
        let refusal = SSHDRefusal("\(text) is no value of MaxStartups")
        if numbers.count >= 3 {
            guard numbers[0] > 0, numbers[2] > 0, numbers[0] <= numbers[2], (1...100).contains(numbers[1]) else {
                throw refusal
            }
            return "\(numbers[0]):\(numbers[1]):\(numbers[2])"
        }
        guard numbers.count == 1, numbers[0] > 0 else { throw refusal }
        return "\(numbers[0]):30:\(numbers[0])"
    }

    private static func blockSizes(_ text: String) throws(SSHDRefusal) -> String {
        let numbers = colonNumbers(text)
        guard let first = numbers.first, (0...32).contains(first),
            numbers.count < 2 || (0...128).contains(numbers[1])
        else { throw SSHDRefusal("\(text) is no value of PerSourceNetBlockSize") }
        return "\(first):\(numbers.count > 1 ? numbers[1] : 128)"
    }
}
