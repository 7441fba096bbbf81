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

    @Test func thereAreEnoughCases() {
        #expect(SudoersOracleCases.all.count >= 100)
        #expect(Self.compared.count >= 60)
    }
}
