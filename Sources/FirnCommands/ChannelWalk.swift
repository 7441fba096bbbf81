import FirnReportCore
import FirnUpdates

/// Asks channels for their revision, one after the other, and follows where they lead.
struct ChannelWalk {
    let machine: UpdatesMachine
    let release: String

    /// `channels.nixos.org` leads to `releases.nixos.org` at once; more than a few steps lead nowhere.
    private static let hops = 4

    /// Asks until one serves the revision, or the network fails, which it would for the others too.
    func ask(
        _ channels: [(name: String, address: HTTPSAddress)], until own: Revision
    ) throws(CommandFailure) -> [ChannelReply] {
        var replies: [ChannelReply] = []
        for channel in channels {
            let (answer, isReached) = try ask(channel.address)
            replies.append(
                ChannelReply(channel: channel.name, address: channel.address.description, answer: answer))
            if case .revision(let newest, _, _) = answer, own.matches(newest) { break }
            if !isReached { break }
        }
        return replies
    }

    private func ask(_ origin: HTTPSAddress) throws(CommandFailure) -> (ChannelReply.Answer, isReached: Bool) {
        var place = origin
        for _ in 0...Self.hops {
            switch try machine.ask(place) {
            case .failed(let reason): return (.unusable("it could not be asked: \(reason)"), false)
            case .bytes(let bytes):
                guard let response = HTTPResponse.parse(bytes) else {
                    return (.unusable("the answer is no HTTP response of a size we read"), true)
                }
                guard [301, 302, 303, 307, 308].contains(response.status) else {
                    return (ChannelReply.judge(response, place: place, release: release), true)
                }
                guard let location = response.location else {
                    return (.unusable("the server redirects to nowhere"), true)
                }
                guard let next = place.redirect(to: location, origin: origin) else {
                    let shown = VisibleText.escape(location, limit: 120)
                    return (.unusable("the server redirects to \(shown), which does not speak for the channel"), true)
                }
                place = next
            }
        }
        return (.unusable("the server redirects without end"), true)
    }
}
