import Testing

@testable import FirnReports

/// Contrast of text and charts in both themes, by the formulas of WCAG 2.2 (relative luminance, contrast ratio).
struct HTMLStyleTests {
    private static let style = "\(HTMLAssets.style)"

    /// The colours of a theme: those named in the block that begins with `head`.
    private static func colours(after head: String) -> [String: String] {
        guard let start = style.firstRange(of: head)?.upperBound else { return [:] }
        let block = style[start...].prefix { $0 != "}" }
        var result: [String: String] = [:]
        for part in block.split(separator: ";") {
            let pair = part.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
            if pair.count == 2, pair[0].hasPrefix("--"), pair[1].hasPrefix("#") { result[pair[0]] = pair[1] }
        }
        return result
    }

    private static func luminance(_ colour: String) -> Double {
        let digits = Int(colour.dropFirst(), radix: 16) ?? 0
        let parts = [digits >> 16 & 255, digits >> 8 & 255, digits & 255].map { value -> Double in
            let part = Double(value) / 255
            return part <= 0.04045 ? part / 12.92 : power((part + 0.055) / 1.055)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// x to the power of 2.4: x squared times the fifth root of x squared, by Newton's method.
    private static func power(_ x: Double) -> Double {
        let square = x * x
        var root = 1.0
        for _ in 0..<60 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
        return square * root
    }

    private static func contrast(_ one: String, _ other: String) -> Double {
        let (a, b) = (luminance(one), luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    @Test func theFormulaIsRight() {
        // Known pairs: black on white is 21; #777777 on white is 4.48, just below AA.
        #expect(abs(Self.contrast("#000000", "#ffffff") - 21) < 0.01)
        #expect(abs(Self.contrast("#777777", "#ffffff") - 4.48) < 0.01)
    }

    @Test(arguments: [":root {", "prefers-color-scheme: dark) {\n  :root {"])
    func textIsLegible(_ head: String) throws {
        let colours = Self.colours(after: head)
        let texts = [
            "--text", "--quiet", "--link", "--bad", "--warn", "--good", "--critical", "--high", "--medium", "--low",
            "--info", "--fail", "--waived", "--unknown", "--error", "--pass",
        ]
        for ground in ["--page", "--sheet", "--code"] {
            let behind = try #require(colours[ground])
            for text in texts {
                let ratio = Self.contrast(try #require(colours[text]), behind)
                // Only plain, quiet and link text stands on code's ground.
                if ground == "--code" && !["--text", "--quiet", "--link"].contains(text) { continue }
                #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
            }
        }
        for heat in ["--heat1", "--heat2", "--heat3", "--heat4"] {
            let ratio = Self.contrast(try #require(colours["--text"]), try #require(colours[heat]))
            #expect(ratio >= 4.5, "--text on \(heat): \(ratio)")
        }
        // Borders of controls (1.4.11).
        let edge = Self.contrast(try #require(colours["--edge"]), try #require(colours["--sheet"]))
        #expect(edge >= 3, "--edge: \(edge)")
    }

    @Test func paperIsAlwaysLight() {
        #expect(Self.style.contains("@media screen and (prefers-color-scheme: dark)"))
        #expect(!Self.style.contains("@media (prefers-color-scheme: dark)"))
    }

    /// The style sheet fetches nothing: no address, no import, no font.
    @Test func nothingIsFetched() {
        for text in ["url(", "@import", "@font-face", "http"] {
            #expect(!Self.style.contains(text))
            #expect(text == "url(" || !"\(HTMLAssets.script)".contains(text))
        }
        for text in ["innerHTML", "eval", "fetch", "XMLHttp", "document.write", "localStorage", "cookie"] {
            #expect(!"\(HTMLAssets.script)".contains(text))
        }
    }
}
