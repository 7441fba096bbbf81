import Foundation

/// A policy under which a tar may have 1 MB, so that the scripts of a release meet each answer of the gate.
enum SmallPolicy {
    static func text(profile: String) -> Data {
        Data(
            """
            id = "small"
            title = "Of a test: a tar may have 1 MB"
            profile = "\(profile)"
            fail-on = "critical"
            sources = ["built"]
            drift = "none"

            [maximum-age]
            built = "30d"

            [size]
            wsl = 1

            [artifact]
            verified = false
            """.utf8)
    }
}
