import Glibc
import Synchronization

/// The end of the pipe that the handler writes to; -1 without one.
private let pipeEnd = Atomic<Int32>(-1)
/// Whether facts are being collected: nothing is half-written then.
private let isCollecting = Atomic<Bool>(false)

/// Signals as bytes of a pipe, so that one poll waits for them and for everything else.
struct SignalPipe: ~Copyable {
    /// How long a collection may go on after SIGTERM, in microseconds: the agent ends in less than a second.
    private static let grace = 700_000

    /// What is polled.
    let descriptor: Int32
    private let writeEnd: Int32

    /// Takes SIGTERM, SIGINT and SIGHUP of this process, and ignores SIGPIPE.
    init() throws(AgentFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FileReplacement.failure("pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writeEnd = ends[1]
        pipeEnd.store(writeEnd, ordering: .sequentiallyConsistent)
        // Before a handler can ask for it.
        isCollecting.store(false, ordering: .sequentiallyConsistent)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            var action = sigaction()
            sigfillset(&action.sa_mask)
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { number in
                let code = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = Glibc.write(pipeEnd.load(ordering: .relaxed), &byte, 1)
                if number != SIGHUP, isCollecting.load(ordering: .relaxed) {
                    // A program that a collection waits for may take longer than the service manager does. All that is
                    // finished is on the disk, so the process may end here.
                    var timer = itimerval()
                    timer.it_value.tv_usec = SignalPipe.grace
                    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
                }
                errno = code
            }
            sigaction(number, &action, nil)
        }
        var alarm = sigaction()
        alarm.__sigaction_handler.sa_handler = { _ in
            if isCollecting.load(ordering: .relaxed) { _exit(0) }
        }
        sigaction(SIGALRM, &alarm, nil)
        signal(SIGPIPE, SIG_IGN)
        // A process inherits what its parent had blocked, and would never hear that it is to end.
        var ours = sigset_t()
        sigemptyset(&ours)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGALRM] { sigaddset(&ours, number) }
        sigprocmask(SIG_UNBLOCK, &ours, nil)
    }

    deinit {
        pipeEnd.store(-1, ordering: .sequentiallyConsistent)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGALRM] { signal(number, SIG_DFL) }
        close(descriptor)
        close(writeEnd)
    }

    /// Says that a collection begins or ends.
    static func collecting(_ value: Bool) {
        isCollecting.store(value, ordering: .sequentiallyConsistent)
    }

    /// The signals that came since it was asked last.
    func signals() -> Set<Int32> {
        var result: Set<Int32> = []
        var bytes = [UInt8](repeating: 0, count: 64)
        while true {
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return result }
            result.formUnion(bytes[..<count].map(Int32.init))
        }
    }
}
