import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// The parser and the resolver against visudo and cvtsudoers of sudo 1.9.13.
@Suite struct SudoersOracleTests {
    @Test(.enabled(if: SudoersOracle.isNeeded), arguments: SudoersOracleCases.all)
    func visudoAndFirnAgree(text: String) throws {
        #expect(try SudoersOracle.ownVerdict(text) == (try SudoersOracle.accepts(text)), "\(text)")
    }

    /// cvtsudoers writes no JSON for aliases that are not defined.
    static let compared = (SudoersOracleCases.plain + SudoersOracleCases.lists + SudoersOracleCases.tags)
        .filter { !$0.contains("UNDEFINED") && !$0.isEmpty }

    @Test(.enabled(if: SudoersOracle.isNeeded), arguments: compared)
    func cvtsudoersResolvesTheSame(text: String) throws {
        let theirs = try SudoersOracle.resolved(text)
        #expect(!theirs.isEmpty, "\(text)")
        #expect(try SudoersOracle.ownLines(text) == theirs)
    }

    @Test(.enabled(if: SudoersOracle.isNeeded))
    func everyRealSystemAgrees() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).sorted()
        var count = 0
        for name in names where !name.hasPrefix(".") {
            let path = Repository.fixtures.appendingPathComponent(name).path + "/system/etc/sudoers"
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            let text = String(decoding: data, as: UTF8.self)
            #expect(try SudoersOracle.accepts(text) && SudoersOracle.ownVerdict(text), "\(name)")
            #expect(try SudoersOracle.ownLines(text) == SudoersOracle.resolved(text), "\(name)")
            count += 1
        }
        #expect(count == 21)
    }

    /// visudo only warns of an alias that leads back to itself; nobody can tell what was meant, so Firn does not pass it.
    @Test(.enabled(if: SudoersOracle.isNeeded)) func anAliasThatLeadsBackToItselfIsStricter() throws {
        let text = "User_Alias A = B\nUser_Alias B = A\nA ALL=(ALL) ALL\n"
        #expect(try SudoersOracle.accepts(text))
        #expect(try !SudoersOracle.ownVerdict(text))
    }

    /// Settings that came after 1.9.13, or that its build does not have.
    static let later: Set<String> = ["pam_silent", "sudoers_locale", "cmddenial_message"]

    /// Each setting in each of its possible forms.
    static func forms() throws -> [String] {
        let knowledge = try SudoKnowledge(try SudoSupport.knowledge.get())
        return knowledge.settings.keys.filter { !later.contains($0) }.sorted().flatMap { name in
            [
                "Defaults \(name)\n", "Defaults !\(name)\n", "Defaults \(name)=1\n", "Defaults \(name)=/abc\n",
                "Defaults \(name)+=abc\n",
            ]
        }
    }

    @Test(.enabled(if: SudoersOracle.isNeeded)) func visudoAndFirnAgreeOnEverySetting() throws {
        let forms = try Self.forms()
        #expect(forms.count > 700)
        for text in forms where try SudoersOracle.accepts(text) != SudoersOracle.ownVerdict(text) {
            Issue.record("\(text)")
        }
    }

    /// Patterns are left out, since Firn does not compile them: one that is malformed is no error here.
    /// Texts changed at random: both must still agree on what is sudoers and on what it means. `DIFFERENTIAL=5000` runs
    /// more of them.
    @Test(.enabled(if: SudoersOracle.isNeeded)) func changedTextsAgree() throws {
        let rounds = ProcessInfo.processInfo.environment["DIFFERENTIAL"].flatMap { Int($0) } ?? 150
        var state: UInt64 = rounds > 150 ? UInt64(rounds) : 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let pieces = [
            ",", ":", "=", "!", "(", ")", " ", "\n", "\\\n", "#", "\"", "%", "+", "ALL", "NOPASSWD:", "/bin/x", "*",
            "a", "A", "\\,", "@", "PASSWD: ", "sudoedit", "\t", "[", "1", "-", "Defaults ", "list",
        ]
        let texts =
            SudoersOracleCases.plain + SudoersOracleCases.lists + SudoersOracleCases.tags + SudoersOracleCases.settings
        for _ in 0..<rounds {
            var characters = Array(texts[random(texts.count)].unicodeScalars).map(Character.init)
            guard !characters.isEmpty else { continue }
            for _ in 0...random(2) {
                let place = random(characters.count + 1)
                switch random(3) {
                case 0 where place < characters.count: characters.remove(at: place)
                case 1: characters.insert(contentsOf: pieces[random(pieces.count)], at: place)
                default:
                    if place < characters.count {
                        characters.replaceSubrange(place...place, with: pieces[random(pieces.count)])
                    }
                }
            }
            let text = String(characters)
            if text.contains("^") { continue }
            let isTaken = try SudoersOracle.accepts(text)
            #expect(
                try SudoersOracle.ownVerdict(text) == isTaken,
                "visudo \(isTaken ? "takes" : "refuses"): \(text.debugDescription)")
            guard isTaken, let theirs = try? SudoersOracle.resolved(text), !theirs.isEmpty else { continue }
            #expect(try SudoersOracle.ownLines(text) == theirs, "\(text.debugDescription)")
        }
    }

    /// Writes docs/comparisons/sudoers.md.
    @Test(.enabled(if: SudoersOracle.isNeeded && ProcessInfo.processInfo.environment["RECORD_COMPARISONS"] != nil))
    func record() throws {
        var rows: [String] = []
        var same = 0
        let compared = Set(Self.compared)
        for text in SudoersOracleCases.all {
            let theirs = try SudoersOracle.accepts(text)
            let own = try SudoersOracle.ownVerdict(text)
            var resolved = "-"
            if compared.contains(text) {
                let lines = try SudoersOracle.resolved(text)
                resolved = lines == (try SudoersOracle.ownLines(text)) ? "\(lines.count) lines, the same" : "differs"
            }
            if theirs == own { same += 1 }
            let shown = text.replacing("\n", with: "\\n").replacing("\t", with: "\\t").replacing("\r", with: "\\r")
                .replacing("|", with: "\\|")
            rows.append(
                "| `\(shown.isEmpty ? " " : shown)` | \(theirs ? "takes" : "refuses") | \(own ? "takes" : "refuses") | \(resolved) |"
            )
        }
        let forms = try Self.forms()
        let agree = try forms.filter { try SudoersOracle.accepts($0) == SudoersOracle.ownVerdict($0) }.count
        let text = """
            # Sudoers: Firn beside visudo and cvtsudoers

            Each text was given to `visudo -c` and `cvtsudoers -e -f json` of sudo 1.9.13p3 (Debian 12), and to Firn. "Resolved"
            compares users, hosts, run-as users and groups, tags and commands, line by line, aliases expanded.
            Written by `RECORD_COMPARISONS=1 swift test --filter SudoersOracleTests`; every test run repeats the comparison, also
            on /etc/sudoers of the 21 real systems, which all agree.

            \(same) of \(SudoersOracleCases.all.count) texts are taken or refused alike; \(compared.count) are resolved alike.
            \(agree) of \(forms.count) forms of settings (each as `x`, `!x`, `x=1`, `x=/abc`, `x+=abc`) are taken or refused alike.

            Known differences, on purpose: an alias that leads back to itself is only warned of by visudo, and an error here. cvtsudoers
            prints SETENV, which `ALL` implies, for the rest of the list too; sudo itself does not hand it down.

            | text | visudo | Firn | resolved |
            |---|---|---|---|

            """
        try Data((text + rows.joined(separator: "\n") + "\n").utf8).write(
            to: URL(fileURLWithPath: Repository.path("docs/comparisons/sudoers.md")))
    }

    @Test func thereAreEnoughCases() {
        #expect(SudoersOracleCases.all.count >= 100)
        #expect(Self.compared.count >= 60)
    }
}
