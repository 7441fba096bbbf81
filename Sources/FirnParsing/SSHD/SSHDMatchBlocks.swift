/// What Match blocks say, whoever connects.
public struct SSHDMatchBlocks: Sendable, Hashable {
    /// A value inside a Match block.
    public struct Value: Sendable, Hashable {
        /// The setting.
        public var setting: SSHDSetting
        /// The criteria that must hold, those of enclosing blocks first.
        public var criteria: String
        /// The Match line.
        public var match: SSHDLocation

        /// The values in force while the block holds, lists of algorithms resolved; nil where sshd
        /// refuses the line, or the release's own lists are needed and not known.
        public func resolved(_ dialect: SSHDDialect) -> [String]? {
            guard let algorithmClass = setting.keyword.algorithms else {
                return setting.refusal == nil ? setting.values : nil
            }
            return SSHDAlgorithmList.resolve(setting.values.first, algorithmClass, dialect)
        }
    }

    /// A Match block that is not for everyone.
    public struct Block: Sendable, Hashable {
        /// The criteria that must hold, those of enclosing blocks first.
        public var criteria: String
        /// The Match line.
        public var location: SSHDLocation
    }

    /// The blocks in the order of the files; blocks for everyone are left out.
    public private(set) var blocks: [Block] = []
    /// The values that can count, by keyword.
    public private(set) var values: [String: [Value]] = [:]

    /// Collects the Match blocks of a configuration.
    public init(_ configuration: SSHDConfiguration) {
        walk(
            configuration.statements, dialect: configuration.dialect, enclosing: nil, seen: [], isGlobalFile: true)
    }

    private mutating func walk(
        _ statements: [SSHDStatement], dialect: SSHDDialect, enclosing: Block?, seen: Set<String>, isGlobalFile: Bool
    ) {
        var block = enclosing
        var seen = seen
        for statement in statements {
            switch statement {
            case .setting(let setting):
                guard let block, setting.keyword.isCopied else { continue }
                // Inside one block only the first line of most keywords can ever count.
                let isFirst = seen.insert(setting.keyword.name).inserted
                if setting.keyword.repetition == .first, !isFirst { continue }
                values[setting.keyword.name, default: []].append(
                    Value(setting: setting, criteria: block.criteria, match: block.location))
            case .match(let match, let location):
                seen = []
                if !isGlobalFile, !dialect.syntax.matchInInclude, enclosing == nil {
                    // Old releases never judge such a block.
                    block = nil
                } else if match.isAll {
                    block = enclosing
                } else {
                    let criteria = enclosing.map { String(($0.criteria + "; " + match.text).prefix(600)) } ?? match.text
                    let here = Block(criteria: criteria, location: location)
                    block = here
                    blocks.append(here)
                }
            case .included(let inner):
                walk(inner, dialect: dialect, enclosing: block, seen: seen, isGlobalFile: false)
            case .unresolved: continue
            }
        }
    }
}
