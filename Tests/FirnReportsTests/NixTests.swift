import FirnModel
import Testing

@testable import FirnReports

struct NixTests {
    static let values: [FactValue] = [
        .boolean(true), .integer(0), .integer(-5), .integer(.min), .integer(.max), .list([]),
        .list([.integer(-5), .boolean(false), .string("a b"), .list([.integer(.min)]), .string("\u{1b}")]),
        .string("$"), .string("${x}"), .string("$${x}"), .string("$\\{x}"), .string("\\"), .string("''${x}''"),
    ]

    @Test(arguments: [
        (FactValue.boolean(false), "false"), (.integer(-5), "-5"), (.integer(.min), "(-9223372036854775807 - 1)"),
        (.string("no"), #""no""#), (.string(#"a"b\c"#), #""a\"b\\c""#), (.string("${x} $x {"), #""\${x} $x {""#),
        (.string("a\nb\tc"), #""a\nb\tc""#), (.string("\u{1b}"), #"builtins.fromJSON "\"\\u001b\"""#),
        (.list([]), "[ ]"), (.list([.integer(-1), .string("x")]), #"[ (-1) "x" ]"#),
    ])
    func literals(_ value: FactValue, _ expected: String) {
        #expect(NixLiteral.render(value) == expected)
    }

    @Test(arguments: [
        (["boot", "kernel", "sysctl", "kernel.kptr_restrict"], #"boot.kernel.sysctl."kernel.kptr_restrict""#),
        (["a-b", "_c'", "1d", "", "with", "é"], #"a-b._c'."1d".""."with"."é""#),
        (["a${b}\"\\"], #""a\${b}\"\\""#), (["\u{7}"], #"${builtins.fromJSON "\"\\u0007\""}"#),
    ])
    func paths(_ path: [String], _ expected: String) {
        #expect(NixPath.render(path) == expected)
    }

    @Test func definitionsNeedAnOptionAndAValue() {
        #expect(NixDefinition.render(Fix(path: ["a"], value: .boolean(true))) == "a = true;")
        #expect(NixDefinition.render(Fix(manual: "do it")) == nil)
        #expect(NixDefinition.render(Fix(path: ["a"])) == nil)
        #expect(NixDefinition.render(Fix(value: .integer(1))) == nil)
    }

    @Test func longListsBreak() {
        let fix = Fix(path: ["a"], value: .strings(["one", "two"]))
        #expect(NixDefinition.lines(fix, width: 22) == [#"a = [ "one" "two" ];"#])
        #expect(NixDefinition.lines(fix, width: 10) == ["a = [", #"  "one""#, #"  "two""#, "];"])
    }
}
