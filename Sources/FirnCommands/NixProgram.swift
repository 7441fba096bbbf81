import Glibc
import Synchronization

/// Programs in PATH, and how one is run with pipes at both its ends.
enum NixProgram {
    /// Where a program is, or nil.
    static func path(_ name: String) -> String? {
        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for directory in search.split(separator: ":") {
            let path = "\(directory)/\(name)"
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    /// The process group that runs, for the handler of signals; 0 for none.
    private static let running = Atomic<Int32>(0)

    /// What the program wrote and how it ended.
    struct Ended {
        /// The exit code, or 128 and the signal.
        var code: Int32
        /// Standard output.
        var out: [UInt8]
        /// The end of standard error.
        var err: [UInt8]
    }

    /// One run of a program.
    struct Run {
        /// Its name and arguments.
        var arguments: [String]
        /// What it reads on standard input.
        var input: [UInt8] = []
        /// Its environment, `NAME=value`.
        var environment: [String] = []
        /// Seconds until it is killed.
        var timeout = 300
        /// The most it may write to standard output, in bytes.
        var limit = 256 << 20

        init(arguments: [String]) { self.arguments = arguments }

        /// Runs it to its end. Its process group ends with this process: at a time-out, at too much output, and when
        /// SIGINT, SIGTERM or SIGHUP ends this process.
        func run() throws(CommandFailure) -> Ended {
            let ends = Handlers()
            defer { ends.restore() }
            // A signal between the start and the note of it would leave the program behind.
            var all = sigset_t()
            var before = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, &before)
            let (pid, pipes): (pid_t, Pipes)
            do throws(CommandFailure) {
                (pid, pipes) = try spawn(mask: before)
            } catch {
                pthread_sigmask(SIG_SETMASK, &before, nil)
                throw error
            }
            running.store(pid, ordering: .sequentiallyConsistent)
            pthread_sigmask(SIG_SETMASK, &before, nil)
            defer { running.store(0, ordering: .sequentiallyConsistent) }
            var ended = Ended(code: 0, out: [], err: [])
            let problem = exchange(pipes, &ended)
            if problem != nil { kill(-pid, SIGKILL) }
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 {
                guard errno == EINTR else {
                    throw CommandFailure("\(arguments[0]): \(String(cString: strerror(errno)))")
                }
            }
            if let problem { throw CommandFailure("\(arguments[0]) \(problem)") }
            // WIFEXITED and WEXITSTATUS are macros.
            ended.code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
            return ended
        }

        private struct Pipes {
            var input: Int32
            var out: Int32
            var err: Int32
        }

        private func spawn(mask: sigset_t) throws(CommandFailure) -> (pid_t, Pipes) {
            // Sockets: writing to a program that ended must not raise SIGPIPE, and no other child may inherit an end.
            var input: [Int32] = [-1, -1]
            var out: [Int32] = [-1, -1]
            var err: [Int32] = [-1, -1]
            func open(_ pair: inout [Int32]) -> Bool {
                socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0
            }
            let isOpen = open(&input) && open(&out) && open(&err)
            let reason = errno
            func close(_ descriptors: [Int32]) { for one in descriptors where one >= 0 { Glibc.close(one) } }
            guard isOpen else {
                close(input + out + err)
                throw CommandFailure("\(arguments[0]): \(String(cString: strerror(reason)))")
            }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
            posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO)
            posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO)
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
            var mask = mask
            posix_spawnattr_setsigmask(&attributes, &mask)
            posix_spawnattr_setpgroup(&attributes, 0)
            var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
            var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
            defer { for pointer in argv + envp { free(pointer) } }
            var pid: pid_t = 0
            let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
            close([input[0], out[1], err[1]])
            guard code == 0 else {
                close([input[1], out[0], err[0]])
                throw CommandFailure("\(arguments[0]): \(String(cString: strerror(code)))")
            }
            return (pid, Pipes(input: input[1], out: out[0], err: err[0]))
        }

        /// Feeds and drains the pipes until both outputs end; what went wrong, or nil.
        private func exchange(_ pipes: Pipes, _ ended: inout Ended) -> String? {
            var descriptors = [
                pollfd(fd: pipes.input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: pipes.out, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipes.err, events: Int16(POLLIN), revents: 0),
            ]
            func close(_ index: Int) {
                Glibc.close(descriptors[index].fd)
                descriptors[index].fd = -1
            }
            defer { for index in descriptors.indices where descriptors[index].fd >= 0 { close(index) } }
            var sent = 0
            if input.isEmpty { close(0) }
            let end = Self.milliseconds() + Int64(timeout) * 1000
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while descriptors[1].fd >= 0 || descriptors[2].fd >= 0 {
                let left = end - Self.milliseconds()
                guard left > 0 else { return "did not finish within \(timeout) seconds (--timeout)" }
                let count = poll(&descriptors, nfds_t(descriptors.count), Int32(min(left, 60_000)))
                if count < 0, errno != EINTR { return String(cString: strerror(errno)) }
                guard count > 0 else { continue }
                if descriptors[0].fd >= 0, descriptors[0].revents != 0 {
                    let wrote = input[sent...].withUnsafeBytes {
                        send(
                            descriptors[0].fd, $0.baseAddress, $0.count,
                            Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                    }
                    if wrote > 0 { sent += wrote }
                    // One that stops reading says why on standard error.
                    if wrote < 0 && errno != EINTR && errno != EAGAIN || sent == input.count { close(0) }
                }
                for index in 1...2 where descriptors[index].fd >= 0 && descriptors[index].revents != 0 {
                    let got = chunk.withUnsafeMutableBytes { read(descriptors[index].fd, $0.baseAddress, $0.count) }
                    if got < 0, errno == EINTR { continue }
                    guard got > 0 else {
                        close(index)
                        continue
                    }
                    if index == 1 {
                        ended.out += chunk[..<got]
                        guard ended.out.count <= limit else { return "wrote more than \(limit >> 20) MiB" }
                    } else {
                        ended.err += chunk[..<got]
                        if ended.err.count > 2 << 20 { ended.err.removeFirst(ended.err.count - (1 << 20)) }
                    }
                }
            }
            return nil
        }

        private static func milliseconds() -> Int64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }
    }

    /// The handlers of the signals that end this process, while a program runs: the program ends with it.
    private struct Handlers {
        private static let signals = [SIGINT, SIGTERM, SIGHUP]
        private var old: [sigaction] = []

        init() {
            for number in Self.signals {
                var action = sigaction()
                var before = sigaction()
                action.__sigaction_handler.sa_handler = { number in
                    let group = NixProgram.running.load(ordering: .sequentiallyConsistent)
                    if group > 0 { kill(-group, SIGKILL) }
                    signal(number, SIG_DFL)
                    raise(number)
                }
                sigaction(number, nil, &before)
                old.append(before)
                // nohup and the like ignore a signal, and so does this.
                if unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
                sigaction(number, &action, nil)
            }
        }

        func restore() {
            for (number, action) in zip(Self.signals, old) {
                var action = action
                sigaction(number, &action, nil)
            }
        }
    }
}
