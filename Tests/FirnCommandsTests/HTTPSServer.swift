import FirnTestSupport
import Foundation
import Glibc
import Testing

/// A channel on this machine: https with a certificate of its own, on a port that the system chooses.
final class HTTPSServer {
    let port: Int
    let certificate: String
    private let directory: TemporaryDirectory
    private let process = Process()

    private static let program = """
        import http.server, ssl, sys
        revision, certificate, key = sys.argv[1:]
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def do_GET(self):
                name = self.path.split("/")[1]
                place = {"moved": "/good/git-revision", "away": "https://evil.example/"}.get(name)
                body = {"good": revision, "page": "<html>", "large": "a" * (1 << 22)}.get(name)
                self.send_response(302 if place else 200 if body else 404)
                if place: self.send_header("Location", place)
                self.end_headers()
                try: self.wfile.write((body or "").encode())
                except OSError: pass
        server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    init(revision: String) throws {
        directory = try TemporaryDirectory()
        certificate = directory("certificate.pem")
        let key = directory("key.pem")
        let made = try Tool("openssl").run(
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
            ])
        try #require(made.code == 0, "\(made.output)")
        process.executableURL = URL(fileURLWithPath: try #require(Tool("python3").path))
        process.arguments = ["-c", Self.program, revision, certificate, key]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.split(separator: "\n").first ?? ""))
    }

    func stop() {
        // A child of a thread of the test runner inherits its mask, in which SIGTERM is blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
