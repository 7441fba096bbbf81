import FirnParsing
import Testing

/// Rules of polkit: what is read, and what is refused because nobody could tell what it does.
@Suite struct PolkitParsingTests {
    @Test(arguments: [
        "polkit.addRule(function(action, subject) { return polkit.Result.YES; });",
        "polkit.addRule((action, subject) => { return polkit.Result.YES })",
        "/* a */ var ids = [\"a\", 'b']; // b\npolkit.addRule(function named(a, s) { if (ids.indexOf(a.id) > -1) return \"yes\"; })",
        "polkit.addAdminRule(function(action, subject) { return [\"unix-group:wheel\"]; });\n\n\n",
        "polkit.addRule(function(action, subject) { if (!(/^org\\.a\\./.test(action.id))) { return; } else return null; });",
        "",
    ])
    func commonForms(text: String) throws {
        _ = try PolkitScript.parse(Array(text.utf8))
    }

    @Test(arguments: [
        "polkit.addRule(function(action, subject) { for (var i = 0; i < 3; i++) {} });",
        "polkit.addRule(function(action, subject) { return x ? 1 : 2; });",
        "polkit.addRule(function(action, subject) { polkit.spawn([\"/bin/x\"]); });",
        "polkit.addRule(rule);", "function f() {}", "polkit.addRule(function(a) {", "eval('x')", "polkit._addRule(f)",
        "polkit.addRule(function(a, s) { return \"y\\u0065s\"; })", "polkit.addRule(function(a, s) { a.id = 'x'; })",
        "/* no end", "polkit.log('a", "\u{1f600}",
    ])
    func otherFormsAreRefused(text: String) {
        #expect(throws: ParseError.self) { try PolkitScript.parse(Array(text.utf8)) }
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "(", count: 5000)
        #expect(throws: ParseError.self) { try PolkitScript.parse(Array("var a = \(deep)".utf8)) }
        let negations = String(repeating: "!", count: 5000)
        #expect(throws: ParseError.self) { try PolkitScript.parse(Array("var a = \(negations)b".utf8)) }
    }
}
