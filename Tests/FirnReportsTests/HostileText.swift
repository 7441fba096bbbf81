/// Texts an image could hold to deceive whoever reads a report of it.
enum HostileText {
    /// Every C0 and C1 control, DEL, bidirectional and invisible characters, separators, tags and noncharacters.
    static let controls: [Unicode.Scalar] =
        [0...0x1f, 0x7f...0x9f, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfff9...0xfffb, 0xfdd0...0xfdef]
        .flatMap { (range: ClosedRange<UInt32>) in range.compactMap { Unicode.Scalar($0) } }
        + [0xad, 0x61c, 0x180e, 0xfeff, 0xfffe, 0xffff, 0x1fffe, 0x10ffff, 0xe0001, 0xe0041].compactMap {
            Unicode.Scalar($0)
        }

    static let all: [String] =
        controls.map { "a" + String($0) + "b" } + [
            "\r\nFORGED line", "\u{1b}]8;;https://example.org\u{7}link\u{1b}]8;;\u{7}", "]]><FORGED/>",
            "<script>FORGED</script>", "\"/><FORGED a=\"", "'\"\\", "&amp;&#27;", "${FORGED}", "$${FORGED}", "\\u001b",
            "../../../etc/shadow", "//example.org/x", "http://example.org/?q=1#f", "file:///etc/shadow", "%2e%2e/%00",
            "", " ", "  two  blanks  ", ",", "a,b,,c", "-", "/", "//", "..", "e\u{301}\u{301}", "日本語", "\u{1f600}",
            String(repeating: "x", count: 5000), String(repeating: "x,", count: 3000), "null", "true", "-1", "1.0",
            // Spreadsheets.
            "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://example.org\",\"FORGED\")", "+1+1", "@SUM(1)", "  =1+1",
            "\"=1+1",
            "'=1+1", "'", "\t=1+1", "\u{ff1d}1+1", "a\r\n=1+1,\"x\"", "a;=1+1",
            // Markdown.
            "[FORGED](http://example.org)", "![x](http://example.org/x.png)", "<http://example.org>", "www.example.org",
            "[x]: http://example.org", "@octocat", "see #1 and GH-2", "octo/repo#3",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "# FORGED", "- FORGED", "1. FORGED", "> FORGED", "===", "```", "`", "``", "a`b", "|", "a|b\\|c", "\\",
            "\\`", "$x$",
            "</details>", "<!--", "--", "&lt;script&gt;", "**b**", "~~s~~", "a\\", "<details><summary>FORGED</summary>",
            // Metrics, XML and JSON.
            "a\"} 1\nFORGED_metric 1", "# EOF", "<![CDATA[", "<?xml?>",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/shadow\">]>",
        ]
}
