public import FirnModel

/// The family `network`: name resolution and network services beyond sshd.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `network.services.<presence>` | list | services of that kind which are started at boot |
/// | `network.listen.<kind>` | list | services of that kind which listen beyond loopback |
/// | `network.resolved.enabled` | boolean | systemd-resolved is started |
/// | `network.resolved.{DNSSEC,DNSOverTLS,LLMNR,MulticastDNS}` | string | its settings, in systemd's words |
/// | `network.{nfs,samba,vsftpd}.enabled` | boolean | the service is started |
/// | `network.nfs.*` | list | `directory client` of exports(5) with that weakness |
/// | `network.samba.*` | list, string | shares for guests, and global settings in lower case |
/// | `network.docker.tcp-without-tls` | list | TCP addresses of the Docker API that ask for no certificate |
/// | `network.postgresql.trust` | list | `database user address` let in without a credential |
/// | `network.postgresql.local-trust` | list | the same for local users of the machine |
/// | `network.avahi.publish` | list | what avahi tells others about this machine |
///
/// "Started" is what a `.wants` or `.requires` link of the boot, or a started unit's own line, asks for; services and
/// their units are in `profiles/knowledge/network-services.toml`.
public enum NetworkFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let source = BuiltServices(system: system)
        var facts = ServiceFacts(source: source, table: try ServiceTable(knowledge)).facts()
        facts.merge(try ResolverFacts(knowledge).built(system, source)) { _, new in new }
        facts.merge(FileServiceFacts.built(system, source)) { _, new in new }
        return FactBatch(facts: facts)
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let source = DeclaredServices(options: options)
        var facts = ServiceFacts(source: source, table: try ServiceTable(knowledge)).facts()
        facts.merge(try ResolverFacts(knowledge).declared(options, source)) { _, new in new }
        facts.merge(FileServiceFacts.declared(options, source)) { _, new in new }
        return FactBatch(facts: facts)
    }
}
