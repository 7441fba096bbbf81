import FirnHost
import FirnUpdates
import Glibc

/// What `firn updates` asks of the machine. Tests give it another one.
struct UpdatesMachine: Sendable {
    /// One request for an address; redirects are not followed.
    enum Answer: Sendable {
        /// What came back, as it came.
        case bytes([UInt8])
        /// Nothing came back, and why.
        case failed(String)
    }

    /// Asks an address.
    var ask: @Sendable (HTTPSAddress) throws(CommandFailure) -> Answer
    /// Gives the journal an entry; what went wrong, or nil.
    var log: @Sendable ([UInt8]) -> String?

    /// This machine.
    static var process: UpdatesMachine {
        UpdatesMachine(
            ask: { address throws(CommandFailure) in try ChannelRequest.process().ask(address) },
            log: { JournalSocket.send($0, to: JournalSocket.path) })
    }
}
