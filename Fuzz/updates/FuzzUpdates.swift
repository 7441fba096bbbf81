import FirnModel
import FirnUpdates

/// What a server sends is read or refused, and only a whole revision in an answer with status 200 makes a system up to date.
///
/// The input is a version, a line feed, and an answer as `curl --include` writes it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let end = bytes.firstIndex(of: 0x0a) ?? bytes.endIndex
    let version = String(decoding: bytes[..<end], as: UTF8.self)
    let subject = UpdateSubject(
        target: "x", release: "26.05", version: version, named: nil, problem: nil, date: nil, evidence: [])
    // A revision that is not known has a reason, and one that is known stands in the version.
    precondition((subject.revision == nil) == (subject.reason != nil))
    if let revision = subject.revision { precondition(version.hasSuffix(revision.text)) }

    guard let place = HTTPSAddress("https://releases.nixos.org/nixos/26.05/nixos-26.05.12.abcdef123456/git-revision"),
        let response = HTTPResponse.parse(Array(bytes[min(end + 1, bytes.endIndex)...]))
    else { return 0 }
    if let location = response.location, let next = place.redirect(to: location, origin: place) {
        precondition(next.host == "nixos.org" || next.host.hasSuffix(".nixos.org"))
        precondition(next.port == 443 && HTTPSAddress(next.description) == next)
    }
    let answer = ChannelReply.judge(response, place: place, release: "26.05")
    let judgement = UpdateJudgement(
        subject: subject, support: .init(.pass, "x"), endOfLife: nil, age: nil,
        replies: [ChannelReply(channel: "x", address: place.description, answer: answer)], now: 0)
    precondition(UpdateJournal.datagram(judgement).count < 16 << 10)
    _ = UpdateJSON.render(judgement, tool: "x")
    _ = UpdateMetrics.render(judgement, tool: "x")
    guard judgement.exitCode == 0 else { return 0 }
    // Told by the bytes alone, without what was tested.
    let digits = response.body.prefix { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    precondition(response.status == 200 && (digits.count == 40 || digits.count == 64))
    precondition(response.body[digits.count...].allSatisfy { [0x0a, 0x0d, 0x20, 0x09].contains($0) })
    precondition(digits.starts(with: Array("abcdef123456".utf8)))
    guard let own = subject.revision else { preconditionFailure("up to date without a revision") }
    precondition(digits.starts(with: Array(own.text.utf8)))
    return 0
}
