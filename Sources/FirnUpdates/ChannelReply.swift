public import FirnModel

/// What a channel was asked and what came back.
public struct ChannelReply: Sendable, Hashable {
    /// What an answer is worth.
    public enum Answer: Sendable, Hashable {
        /// The revision the channel serves; the version its directory is called by, and the day it was put there.
        case revision(Revision, version: SystemVersion?, published: CalendarDate?)
        /// There is no such channel.
        case noChannel
        /// Nothing can be learned of it, and why.
        case unusable(String)
    }

    /// The channel's name, or the address that was named in its place.
    public var channel: String
    /// The address that was asked first.
    public var address: String
    /// The answer.
    public var answer: Answer

    /// Creates one.
    public init(channel: String, address: String, answer: Answer) {
        self.channel = channel
        self.address = address
        self.answer = answer
    }

    /// The longest body of a `git-revision`, in bytes: a hash, and what an editor may put after it.
    public static let bodyLimit = 256

    /// Judges the last answer of a chain of redirects. `place` is where it came from: the directory of a release is called
    /// by its version (`nixos-26.05.1234.abcdef123456`), which has to agree with the revision.
    public static func judge(_ response: HTTPResponse, place: HTTPSAddress, release: String) -> Answer {
        switch response.status {
        case 200: break
        case 404, 410: return .noChannel
        default: return .unusable("the server answered with status \(response.status)")
        }
        var text = response.body[...]
        while let last = text.last, [0x0a, 0x0d, 0x20, 0x09].contains(last) { text.removeLast() }
        if text.isEmpty { return .unusable("the answer is empty") }
        let start = String(decoding: text.prefix(64), as: UTF8.self).drop { $0.isWhitespace }
        if start.hasPrefix("<") { return .unusable("the answer is a page, not a revision") }
        guard response.body.count <= bodyLimit else { return .unusable("the answer is too long for a revision") }
        guard let revision = Revision(String(decoding: text, as: UTF8.self)) else {
            return .unusable("the answer is no revision")
        }
        guard revision.isWhole else {
            return .unusable("the answer is a revision of \(revision.text.utf8.count) digits, not a whole one")
        }
        let version = directoryVersion(place, release: release)
        if let own = version?.revision, !own.matches(revision) {
            return .unusable("the answer contradicts its address, which is of revision \(own)")
        }
        return .revision(revision, version: version, published: response.lastModified)
    }

    private static func directoryVersion(_ place: HTTPSAddress, release: String) -> SystemVersion? {
        for part in place.path.split(separator: "/") {
            for prefix in ["nixos-", "nixpkgs-"] where part.hasPrefix(prefix + release) {
                let version = SystemVersion(String(part.dropFirst(prefix.count)), release: release)
                if version.revision != nil { return version }
            }
        }
        return nil
    }
}
