import FirnModel
import Testing

@testable import FirnUpdates

/// What a server may answer, and what it is worth.
struct AnswerTests {
    static let hash = "abcdef123456abcdef123456abcdef123456abcd"

    static func answer(
        _ body: String, status: Int = 200, path: String = "/nixos-26.05/git-revision", release: String = "26.05"
    ) throws -> ChannelReply.Answer {
        let place = try #require(HTTPSAddress("https://channels.nixos.org" + path))
        return ChannelReply.judge(
            HTTPResponse(status: status, body: Array(body.utf8)), place: place, release: release)
    }

    @Test func aWholeRevisionIsOne() throws {
        let revision = try #require(Revision(Self.hash))
        // Without a line feed, as the channel's script writes it, or with one.
        for body in [Self.hash, Self.hash + "\n", Self.hash + "\r\n"] {
            #expect(try Self.answer(body) == .revision(revision, version: nil, published: nil))
        }
    }

    @Test(arguments: [
        "", "\n", "<!DOCTYPE html><html>", "  <html>", "abcdef123456", String(hash.dropLast()), hash + "0",
        hash.uppercased(), hash + "\n" + hash, "ref: refs/heads/master", "\u{1b}[31m", hash + " x", "\u{0}" + hash,
        String(repeating: "a", count: 5000), hash + String(repeating: "\n", count: 5000),
    ]) func anythingElseIsUnusable(_ body: String) throws {
        guard case .unusable = try Self.answer(body) else {
            Issue.record("\(body.prefix(60)) was taken for a revision")
            return
        }
    }

    @Test(arguments: [201, 204, 206, 301, 400, 401, 403, 407, 429, 500, 503]) func statusesAreNotRevisions(
        _ status: Int
    ) throws {
        #expect(try Self.answer(Self.hash, status: status) == .unusable("the server answered with status \(status)"))
    }

    @Test func aMissingChannelIsNone() throws {
        #expect(try Self.answer(Self.hash, status: 404) == .noChannel)
    }

    @Test func theDirectoryHasToAgree() throws {
        let good = "/nixos/26.05/nixos-26.05.1234.abcdef123456/git-revision"
        guard case .revision(_, let version, _) = try Self.answer(Self.hash, path: good) else {
            Issue.record("no revision")
            return
        }
        #expect(version?.count == 1234)
        let bad = "/nixos/26.05/nixos-26.05.1234.bbbbbbbbbbbb/git-revision"
        guard case .unusable = try Self.answer(Self.hash, path: bad) else {
            Issue.record("a revision that contradicts its address was believed")
            return
        }
    }

    @Test func responsesAreRead() throws {
        let text = """
            HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/2 302 \r\nLocation: https://releases.nixos.org/a\r\n\
            LOCATION: https://second.example/\r\nlast-modified: Sun, 22 Nov 2026 23:59:59 GMT\r\n\r\nbody
            """
        let response = try #require(HTTPResponse.parse(Array(text.utf8)))
        #expect(response.status == 302)
        #expect(response.location == "https://releases.nixos.org/a")
        #expect(response.lastModified == CalendarDate("2026-11-22"))
        #expect(response.body == Array("body".utf8))
        for broken in ["", "HTTP/2 200\r\n", "abc\r\n\r\n", "HTTP/2 20\r\n\r\n", "HTTP/2 abc\r\n\r\nx", Self.hash] {
            #expect(HTTPResponse.parse(Array(broken.utf8)) == nil, "\(broken)")
        }
        let day = "HTTP/2 200\r\nLast-Modified: 22 Nov 2026\r\n\r\n"
        #expect(HTTPResponse.parse(Array(day.utf8))?.lastModified == nil)
    }

    @Test func redirectsLeadToChannelsOnly() throws {
        let origin = try #require(HTTPSAddress("https://channels.nixos.org/nixos-26.05/git-revision"))
        #expect(
            origin.redirect(to: "https://releases.nixos.org/nixos/x", origin: origin)?.description
                == "https://releases.nixos.org/nixos/x")
        #expect(origin.redirect(to: "/other", origin: origin)?.description == "https://channels.nixos.org/other")
        for location in [
            "http://releases.nixos.org/x", "https://nixos.org.example/x", "https://evilnixos.org/x", "//evil.example/x",
            "https://releases.nixos.org@evil.example/", "https://releases.nixos.org:8443/", "ftp://nixos.org/", "",
            "file:///etc/passwd", "https://releases.nixos.org\\@evil.example/", "x", "https://[::1]/", "https:///x",
            "https://releases.nixos.org/\u{1b}[2J",
        ] {
            #expect(origin.redirect(to: location, origin: origin) == nil, "\(location)")
        }
        // A mirror with a port of its own may lead to itself.
        let mirror = try #require(HTTPSAddress("https://mirror.example:8443/a"))
        #expect(
            mirror.redirect(to: "/b", origin: mirror)?.description == "https://mirror.example:8443/b")
        #expect(mirror.redirect(to: "https://mirror.example/b", origin: mirror) == nil)
    }

    /// Whatever the bytes: reading ends, and only a status of 200 with exactly one whole revision becomes one.
    @Test func noChangedByteMakesARevision() throws {
        let whole = Array("HTTP/2 200\r\nServer: x\r\n\r\n\(Self.hash)".utf8)
        let place = try #require(HTTPSAddress("https://channels.nixos.org/nixos-26.05/git-revision"))
        var random = SystemRandomNumberGenerator()
        for index in whole.indices {
            for _ in 0..<8 {
                var bytes = whole
                bytes[index] = UInt8.random(in: 0...255, using: &random)
                guard let response = HTTPResponse.parse(bytes) else { continue }
                guard case .revision(let revision, _, _) = ChannelReply.judge(response, place: place, release: "26.05")
                else { continue }
                #expect(response.status == 200)
                #expect(revision.text.utf8.count == 40 && response.body.count == 40)
            }
            // Cut anywhere, nothing is left of it.
            if let cut = HTTPResponse.parse(Array(whole[..<index])) {
                guard case .unusable = ChannelReply.judge(cut, place: place, release: "26.05") else {
                    Issue.record("cut at \(index)")
                    continue
                }
            }
        }
    }
}
