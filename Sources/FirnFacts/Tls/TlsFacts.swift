public import FirnModel
import FirnParsing

/// The family `tls`: transport encryption of the servers that NixOS configures.
///
/// | key | type | meaning |
/// |---|---|---|
/// | `tls.{nginx,httpd,postfix,dovecot,haproxy}.enabled` | boolean | the server is started |
/// | `tls.nginx.protocols`, `.ciphers` | list | `host word`: weak protocols, words of OpenSSL's language that bring weak suites |
/// | `tls.nginx.plain-http` | list | hosts that give content without TLS beyond loopback |
/// | `tls.nginx.hsts` | list | hosts with TLS and without Strict-Transport-Security |
/// | `tls.nginx.server_tokens` | string | `on` tells the version |
/// | `tls.nginx.autoindex` | list | hosts and paths that list directories |
/// | `tls.httpd.protocols`, `.ciphers` | list | weak ones of SSLProtocol and SSLCipherSuite |
/// | `tls.postfix.receives` | boolean | it listens beyond loopback |
/// | `tls.postfix.smtpd`, `.smtp` | string | smtpd_tls_security_level and smtp_tls_security_level |
/// | `tls.postfix.protocols` | list | weak ones of smtpd_tls_mandatory_protocols |
/// | `tls.postfix.relay` | list | networks of mynetworks that are everybody |
/// | `tls.dovecot.protocol` | string | ssl_min_protocol |
/// | `tls.dovecot.ssl` | string | ssl: `yes`, `no`, `required` |
/// | `tls.dovecot.clear-text` | boolean | passwords are taken without TLS |
/// | `tls.haproxy.version` | string | ssl-min-ver of ssl-default-bind-options; before 2.2 the default is lower |
///
/// A server that is not started has absent facts. From the options nginx's, postfix's and haproxy's settings are read;
/// those of httpd and dovecot, which modules put together from many places, are unavailable there.
public enum TlsFacts {
    /// The facts of a system closure.
    public static func built(
        _ system: SystemView, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let source = BuiltServices(system: system)
        let servers = TlsServers(table: try TlsKnowledge(knowledge))
        return FactBatch(
            facts: servers.facts(source) { (server) throws(ServiceDoubt) in
                try servers.text(server, source)
            })
    }

    /// The facts of an evaluated configuration.
    public static func declared(
        _ options: OptionTree, knowledge: Knowledge, context: SystemContext
    ) throws(DataError) -> FactBatch {
        let source = DeclaredServices(options: options)
        let servers = TlsServers(table: try TlsKnowledge(knowledge))
        return FactBatch(
            facts: servers.facts(source) { (server) throws(ServiceDoubt) in
                try servers.text(server, options)
            })
    }
}
