import FirnModel

/// Homes of accounts, in which they can change the programs that sudo runs.
enum SudoHomes: Sendable {
    case homes([String])
    /// The accounts cannot be told, and why.
    case unknown(String)

    /// Directories that are nobody's own, whoever has them for a home.
    private static let shared: Set<String> = [
        "", "/var", "/var/lib", "/var/empty", "/run", "/etc", "/root", "/nix", "/srv",
    ]

    /// What the configuration of a built system makes.
    static func built(_ system: SystemView, _ knowledge: AccountsKnowledge, release: String?) -> SudoHomes {
        do {
            return reading(try AccountsBuilt(system: system, knowledge: knowledge, release: release).model())
        } catch {
            return .unknown(error.reason)
        }
    }

    /// What the options make.
    static func declared(_ options: OptionTree, _ knowledge: AccountsKnowledge, release: String?) -> SudoHomes {
        do {
            return reading(try AccountsDeclared(options: options, knowledge: knowledge, release: release).model())
        } catch {
            return .unknown(error.reason)
        }
    }

    private static func reading(_ model: AccountsModel) -> SudoHomes {
        guard model.isDeclarationKnown else { return .unknown("nothing says which accounts the system makes") }
        return .homes(
            model.declared.compactMap { account in
                guard account.createHome == true, account.uid != 0, account.name != "root", var home = account.home
                else { return nil }
                while home.hasSuffix("/") { home.removeLast() }
                return shared.contains(home) ? nil : home
            })
    }
}
