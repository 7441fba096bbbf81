import Foundation
import Glibc
import Testing

/// Programs that these tests ask.
enum UpdatesTools {
    static let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    static let promtool = path("promtool")
    static let checkJSONSchema = path("check-jsonschema")
    static let hasServer = path("curl") != nil && path("openssl") != nil && path("python3") != nil

    static func path(_ name: String) -> String? {
        let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/validators/venv/bin").path
        return ([own] + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init))
            .map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

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
        let made = try UpdatesTools.run(
            try #require(UpdatesTools.path("openssl")),
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
            ])
        try #require(made.code == 0, "\(made.output)")
        process.executableURL = URL(fileURLWithPath: try #require(UpdatesTools.path("python3")))
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
