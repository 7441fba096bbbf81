import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@Suite("Kernel command line: words")
struct KernelCommandLineTests {
    private func pairs(_ arguments: [KernelCommandLine.Argument]) -> [String] {
        arguments.map { argument in argument.value.map { "\(argument.name)|\($0)" } ?? argument.name }
    }

    private func parse(_ text: String) throws -> KernelCommandLine {
        try KernelCommandLine.parse(Array(text.utf8))
    }

    /// Each case by hand from lib/cmdline.c next_arg and kernel/params.c parse_args.
    @Test(arguments: [
        ("", []),
        ("   ", []),
        ("quiet", ["quiet"]),
        ("  a   b=1\tc ", ["a", "b|1", "c"]),
        ("a=b=c", ["a|b=c"]),
        ("a=", ["a|"]),
        // Quotes at both ends of the value are not part of it, and blanks inside belong to it.
        ("dyndbg=\"file a.c +p\" x", ["dyndbg|file a.c +p", "x"]),
        // Quotes around the whole word.
        ("\"dyndbg=file a.c +p\" x", ["dyndbg|file a.c +p", "x"]),
        ("\"quiet\"", ["quiet"]),
        // An inner quote hides a blank and stays in the value when the value does not begin with it.
        ("a=b\" \"c d", ["a|b\" \"c", "d"]),
        ("a=\"b\"c", ["a|b\"c"]),
        ("a=\"", ["a|"]),
        ("a=\"b c ", ["a|b c "]),
        ("\"", [""]),
        ("\"\"", [""]),
        // An equals sign as the first byte does not split; the second one does.
        ("=x", ["=x"]),
        ("=x=y", ["=x|y"]),
        // Names keep their spelling; parameq is the reader's business.
        ("kvm-intel.nested=1", ["kvm-intel.nested|1"]),
        ("a -- b c=d", ["a"]),
        ("a \"--\" b", ["a"]),
        ("a --x --=y b", ["a", "--x", "--|y", "b"]),
    ])
    func kernelWords(line: String, expected: [String]) throws {
        #expect(pairs(try parse(line).parameters) == expected)
    }

    @Test("What follows a bare -- belongs to init, and a second -- does not end it")
    func initArguments() throws {
        let line = try parse("quiet -- single init=/x -- y")
        #expect(pairs(line.parameters) == ["quiet"])
        #expect(pairs(line.initArguments) == ["single", "init|/x", "--", "y"])
        // The early x86 code and systemd read on.
        #expect(pairs(line.words) == ["quiet", "--", "single", "init|/x", "--", "y"])
        #expect(pairs(line.userspaceArguments).contains("single"))
    }

    @Test("Index, bytes and text say where a word stands")
    func evidence() throws {
        let line = try parse(" a=1  \"b=2 3\"\n")
        #expect(line.parameters.map(\.index) == [0, 1])
        #expect(line.parameters.map(\.bytes) == [1..<4, 6..<13])
        #expect(line.parameters.map(\.text) == ["a=1", "\"b=2 3\""])
        #expect(line.length == 13)
    }

    @Test("The early x86 code knows no quotes")
    func literalWords() throws {
        #expect(pairs(try parse("\"nopti\" pti=\"on\" nopti").words) == ["\"nopti\"", "pti|\"on\"", "nopti"])
    }

    @Test(
        "systemd removes single and double quotes anywhere",
        arguments: [
            ("a='b c' \"d e\"=f", ["a|b c", "d e|f"]),
            ("sys'tem'd.unit=x", ["systemd.unit|x"]),
            ("a='b", ["a|b"]),
            ("a=\"it's\"", ["a|it's"]),
        ])
    func systemdWords(line: String, expected: [String]) throws {
        #expect(pairs(try parse(line).userspaceArguments) == expected)
    }

    @Test("A no-break space is a blank to the kernel's ctype table")
    func noBreakSpace() throws {
        let line = try KernelCommandLine.parse([0x61, 0xa0, 0x62])
        #expect(line.parameters.map(\.name) == ["a", "b"])
        #expect(line.words.count == 1)
    }

    @Test func canonicalNames() {
        #expect(KernelCommandLine.canonicalName("systemd.debug-shell") == "systemd.debug_shell")
        #expect(KernelCommandLine.canonicalName("a_b") == "a_b")
    }

    @Test("NUL, a line break inside and a line without end are no command line")
    func refused() {
        #expect(throws: ParseError.self) { try KernelCommandLine.parse([0x61, 0, 0x62]) }
        #expect(throws: ParseError.self) { try KernelCommandLine.parse(Array("a\nb".utf8)) }
        #expect(throws: ParseError.self) { try KernelCommandLine.parse([UInt8](repeating: 0x61, count: 65 << 10)) }
    }

    @Test("Random bytes never trap and every word lies inside the line")
    func randomBytes() throws {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        let alphabet: [UInt8] = Array("ab=\"'- .,_\t".utf8) + [0xa0, 0xff, 0x80]
        for _ in 0..<5_000 {
            var bytes: [UInt8] = []
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            let line = try KernelCommandLine.parse(bytes)
            for argument in line.parameters + line.initArguments + line.words + line.userspaceArguments {
                #expect(argument.bytes.upperBound <= line.length)
                #expect(!argument.bytes.isEmpty)
            }
        }
    }

    @Test(
        "The running kernel's own line parses",
        .enabled(if: FileManager.default.isReadableFile(atPath: "/proc/cmdline")))
    func runningKernel() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/proc/cmdline")))
        let line = try KernelCommandLine.parse(bytes)
        #expect(line.length < KernelCommandLine.commandLineSize)
        #expect(!line.words.isEmpty)
    }
}
