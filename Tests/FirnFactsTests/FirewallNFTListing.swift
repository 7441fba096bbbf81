import FirnParsing
import Foundation

@testable import FirnFacts

/// What a ruleset holds, counted: once from `nft -j list ruleset`, by a reader that knows nothing of ours, and once from
/// our own reading.
struct NFTListing {
    struct Chain: Hashable {
        var hook: String
        var priority: Int?
        var policy: String
        var rules: Int
    }

    /// By `family table/chain`.
    var chains: [String: Chain] = [:]
    /// The number of elements by `family table/set`.
    var sets: [String: Int] = [:]
    /// `tcp 22` of rules that do nothing but accept ports, by chain.
    var openings: [String: [String]] = [:]

    /// Reads nft's JSON (libnftables-json(5)).
    init(_ data: Data) throws {
        let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        for item in root?["nftables"] as? [[String: Any]] ?? [] {
            if let chain = item["chain"] as? [String: Any] {
                let hook = chain["hook"] as? String ?? ""
                chains[Self.key(chain, "name")] = Chain(
                    hook: hook, priority: chain["prio"] as? Int,
                    policy: hook.isEmpty ? "" : chain["policy"] as? String ?? "",
                    rules: 0)
            }
            if let set = (item["set"] ?? item["map"]) as? [String: Any], !Self.isMeter(set) {
                sets[Self.key(set, "name")] = (set["elem"] as? [Any] ?? []).count
            }
            if let rule = item["rule"] as? [String: Any] {
                let key = Self.key(rule, "chain")
                chains[key]?.rules += 1
                openings[key, default: []] += Self.simple(rule["expr"] as? [[String: Any]] ?? [])
            }
        }
        openings = openings.filter { !$0.value.isEmpty }
    }

    /// nft lists the set behind a meter as well; no text declares it.
    private static func isMeter(_ set: [String: Any]) -> Bool {
        (set["name"] as? String)?.hasPrefix("ssh") ?? false
    }

    private static func key(_ object: [String: Any], _ name: String) -> String {
        "\(object["family"] ?? "") \(object["table"] ?? "")/\(object[name] ?? "")"
    }

    private static func simple(_ expressions: [[String: Any]]) -> [String] {
        guard expressions.count == 2, expressions[1].keys.first == "accept",
            let match = expressions[0]["match"] as? [String: Any], let sign = match["op"] as? String,
            let left = (match["left"] as? [String: Any])?["payload"] as? [String: Any],
            left["field"] as? String == "dport", let name = left["protocol"] as? String, let right = match["right"]
        else { return [] }
        switch (sign, right as? Int) {
        case ("<", let number?): return ["\(name) 0-\(number - 1)"]
        case (">=", let number?): return ["\(name) \(number)-65535"]
        case ("==", _): break
        default: return []
        }
        let elements = (right as? [String: Any])?["set"] as? [Any] ?? [right]
        return elements.compactMap { element -> String? in
            if let number = element as? Int { return "\(name) \(number)" }
            guard let range = (element as? [String: Any])?["range"] as? [Int], range.count == 2 else { return nil }
            return "\(name) \(range[0])-\(range[1])"
        }.sorted()
    }

    /// The same from our own reading.
    init(_ ruleset: NFTRuleset, names: FirewallNames) {
        for table in ruleset.tables {
            let prefix = "\(table.family) \(table.name)/"
            for (name, set) in table.sets { sets[prefix + name] = set.elements?.count ?? -1 }
            for chain in table.chains {
                let policy = chain.hook == nil ? "" : chain.policy
                chains[prefix + chain.name] = Chain(
                    hook: chain.hook?.name ?? "", priority: chain.hook?.priority, policy: policy,
                    rules: chain.rules.count)
                var found: [String] = []
                for rule in chain.rules where rule.statements.count == 2 && rule.statements[1] == .verdict(.accept) {
                    guard case .match(let selectors, false, .elements(let elements)) = rule.statements[0],
                        selectors.count == 1, selectors[0].count == 2, selectors[0][1] == "dport"
                    else { continue }
                    var texts: [String] = []
                    for element in elements {
                        guard let set = element.key.first.flatMap({ names.ports([$0], separator: "-") }) else {
                            continue
                        }
                        texts += set.texts.map { "\(selectors[0][0]) \($0)" }
                    }
                    found += texts.sorted()
                }
                if !found.isEmpty { openings[prefix + chain.name] = found }
            }
        }
    }
}
