import FirnReportCore
import FirnUpdates
import Glibc

/// One request by `curl`.
///
/// Why curl and not URLSession: FoundationNetworking needs libcurl and with it a TLS library, so that a static `firn` does
/// not link without static copies of both, and every command would load what one of them needs (docs/updates.md has the
/// numbers). The curl of the system gets its security updates with the system.
struct ChannelRequest {
    /// Where curl is.
    var program: String
    /// Its environment: proxies and certificates, nothing else.
    var environment: [String]

    /// Seconds for one request.
    private static let patience = 20

    /// The variables that say where proxies and certificates are (curl(1), "ENVIRONMENT").
    private static let variables = [
        "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "CURL_CA_BUNDLE",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE",
    ]

    /// A request by the curl in PATH.
    static func process() throws(CommandFailure) -> ChannelRequest {
        guard let program = NixProgram.path("curl") else {
            throw CommandFailure("curl is not in PATH; install it, or judge by the tables alone with --offline")
        }
        return ChannelRequest(
            program: program,
            environment: variables.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } })
    }

    /// Asks an address.
    func ask(_ address: HTTPSAddress) throws(CommandFailure) -> UpdatesMachine.Answer {
        // --disable has to stand first: no ~/.curlrc, which could allow or send anything.
        var run = NixProgram.Run(arguments: [
            program, "--disable", "--silent", "--show-error", "--include", "--suppress-connect-headers", "--proto",
            "=https", "--max-redirs", "0", "--tlsv1.2", "--connect-timeout", "10", "--max-time", "\(Self.patience)",
            "--max-filesize", "\(HTTPResponse.limit / 2)", "--globoff", "--user-agent",
            "firn/\(FirnCommand.version)", "--header", "Accept: text/plain, */*", "--url", address.description,
        ])
        run.environment = ["LC_ALL=C"] + environment
        run.timeout = Self.patience + 5
        run.limit = 1 << 20
        let ended: NixProgram.Ended
        do throws(CommandFailure) {
            ended = try run.run()
        } catch {
            return .failed(VisibleText.escape(error.message, limit: 200))
        }
        guard ended.code == 0 else {
            let words = String(decoding: ended.err, as: UTF8.self).split(separator: "\n").first ?? ""
            let reason = VisibleText.escape(String(words), limit: 200)
            return .failed(reason.isEmpty ? "curl ended with code \(ended.code)" : reason)
        }
        return .bytes(ended.out)
    }
}
