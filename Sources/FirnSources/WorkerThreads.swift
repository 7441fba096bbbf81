import Glibc
import Synchronization

/// Independent pieces of work on two threads, the calling one and one more: families of facts ask nothing of each other.
enum WorkerThreads {
    /// Runs all pieces and returns when the last one is done; the results have the order of the pieces.
    @Sendable static func run<Value: Sendable>(_ pieces: [@Sendable () -> Value]) -> [Value] {
        let queue = Queue(pieces)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(queue as any Workable as AnyObject)
        let isStarted =
            pthread_create(
                &thread, nil,
                { context in
                    if let context,
                        let queue = Unmanaged<AnyObject>.fromOpaque(context).takeRetainedValue() as? any Workable
                    {
                        queue.work()
                    }
                    return nil
                }, context.toOpaque()) == 0
        // Without a second thread the first one does it all.
        if !isStarted { context.release() }
        queue.work()
        if isStarted { pthread_join(thread, nil) }
        return queue.results
    }

    private protocol Workable: AnyObject, Sendable {
        func work()
    }

    private final class Queue<Value: Sendable>: Workable {
        private let pieces: [@Sendable () -> Value]
        private let next = Mutex(0)
        private let values: Mutex<[Int: Value]>

        init(_ pieces: [@Sendable () -> Value]) {
            self.pieces = pieces
            values = Mutex([:])
        }

        /// Takes pieces until none is left.
        func work() {
            while true {
                let index = next.withLock { next in
                    next += 1
                    return next - 1
                }
                guard index < pieces.count else { return }
                let value = pieces[index]()
                values.withLock { $0[index] = value }
            }
        }

        var results: [Value] {
            values.withLock { values in values.sorted { $0.key < $1.key }.map(\.value) }
        }
    }
}
