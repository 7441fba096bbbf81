/// The scores of a `TestResult` by the models of NISTIR 7275 Rev. 4, section 7.3.
///
/// What is not applicable or was not checked does not count; what could not be told and what is in error counts as not
/// passed. All rules of one profile weigh the same here, so the hierarchical default model gives the share that passed.
struct XCCDFScore {
    /// The weight of each rule, in tenths.
    let weight: Int
    private(set) var passed = 0
    private(set) var counted = 0

    init(weight: Int) {
        self.weight = weight
    }

    mutating func add(_ result: String) {
        switch result {
        case "notapplicable", "notchecked", "informational", "notselected": return
        case "pass", "fixed": passed += 1
        default: break
        }
        counted += 1
    }

    /// `urn:xccdf:scoring:default`, of 100; 0 where nothing counted.
    var share: String {
        guard counted > 0 else { return "0.0" }
        let millionths = passed * 100_000_000 / counted
        let fraction = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// A sum of weights.
    func weighed(_ count: Int) -> String {
        "\(count * weight / 10).\(count * weight % 10)"
    }
}
