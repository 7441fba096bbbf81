import FirnModel
import FirnReportCore

/// The words of XCCDF 1.2 (NISTIR 7275 Rev. 4) for ours.
enum XCCDFText {
    /// XCCDF ends at `high`.
    static func severity(_ severity: Severity) -> String {
        switch severity {
        case .info: "info"
        case .low: "low"
        case .medium: "medium"
        case .high, .critical: "high"
        }
    }

    /// The result of one rule on one target.
    static func result(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "pass"
        case .fail: "fail"
        case .notApplicable: "notapplicable"
        case .notChecked: "notchecked"
        case .unknown: "unknown"
        case .error: "error"
        }
    }

    /// The result of a control. One that nobody reviewed is `notchecked`, unless a rule tried and could not tell.
    static func result(_ assessment: ControlAssessment) -> String {
        switch assessment.status {
        case .open: "fail"
        case .notAFinding: "pass"
        case .notApplicable: "notapplicable"
        case .notReviewed:
            switch assessment.obstacle {
            case .error: "error"
            case .unknown: "unknown"
            case nil: "notchecked"
            }
        }
    }

    /// Text as the end of an id (NCName), the rest as `-` and its hexadecimal number.
    static func name(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(200) {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": result.unicodeScalars.append(scalar)
            default: result += "-" + String(scalar.value, radix: 16)
            }
        }
        return result.isEmpty ? "none" : result
    }

    /// Ids of their own for texts, in the order given.
    static func names(_ texts: [String]) -> [String: String] {
        var result: [String: String] = [:]
        var used: Set<String> = []
        for text in texts where result[text] == nil {
            let base = name(text)
            var candidate = base
            var number = 2
            while !used.insert(candidate).inserted {
                candidate = "\(base)-\(number)"
                number += 1
            }
            result[text] = candidate
        }
        return result
    }
}
