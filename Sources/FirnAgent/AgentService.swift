import FirnHost
import FirnModel
import FirnReportCore
import FirnSigning
import Glibc

/// The agent as a service: collects when it is due, reports what changed, and answers signals between.
struct AgentService: ~Copyable {
    /// Gives the report of now, by settings; tests give reports of their own.
    typealias Collector = (AgentSettings, Int64) throws(AgentFailure) -> Report

    private let state: StateDirectory
    private let key: PrivateKey?
    private let journal: AgentJournal
    private let manager: ServiceManager
    private let clock: AgentClock
    private let metricsPath: String
    private let collect: Collector
    private var settings: AgentSettings
    private var log: ResultLog
    private var schedule: Schedule
    private var jump = WallClockJump()
    private var audit: (any AuditEvents)?
    private(set) var metrics = AgentMetrics()

    /// Opens the service over its state.
    ///
    /// - Parameter key: What reports are signed with; a report of another root is not this machine's, and has none.
    init(
        settings: AgentSettings, state: consuming StateDirectory, key: PrivateKey?, journal: AgentJournal,
        manager: ServiceManager, metricsPath: String, clock: AgentClock, audit: (any AuditEvents)? = nil,
        collect: @escaping Collector
    ) throws(AgentFailure) {
        log = try ResultLog(state)
        self.state = state
        self.key = key
        self.journal = journal
        self.manager = manager
        self.metricsPath = metricsPath
        self.clock = clock
        self.settings = settings
        self.collect = collect
        self.audit = audit
        schedule = Schedule(interval: settings.interval, jitter: settings.jitter, now: clock.uptime())
        if audit != nil { metrics.audit = AuditTally() }
        if let problem = log.problem {
            metrics.isStateDamaged = true
            journal.write(problem, AgentJournal.MessageID.trouble, .warning)
        }
    }

    // MARK: - One run

    /// Collects, judges, reports and writes. What fails is said and counted; the service goes on.
    ///
    /// - Parameter collecting: Called as the collection begins (true) and as it ends (false).
    mutating func run(collecting: (Bool) -> Void = { _ in }) {
        let start = clock.uptime()
        let now = clock.wall()
        schedule.advance(start)
        metrics.runs += 1
        var notes: [String] = []
        if let seconds = jump.since(uptime: start, wall: now) {
            metrics.clockJumps += 1
            let note = "The wall clock was set by \(seconds) seconds since the run before."
            notes.append(note)
            journal.write(note, AgentJournal.MessageID.trouble, .warning)
        }
        collecting(true)
        let collected: Swift.Result<Report, AgentFailure>
        do throws(AgentFailure) {
            collected = .success(try collect(settings, now))
        } catch {
            collected = .failure(error)
        }
        collecting(false)
        switch collected {
        case .success(var report):
            drainAudit()
            if let audit = metrics.audit {
                if audit.lost > 0 {
                    notes.append("At least \(audit.lost) audit records were lost since the agent started.")
                }
                if let failure = audit.failure { notes.append("The audit stream is not followed: \(failure).") }
            }
            report.notes += notes
            finish(report, sequence: (log.last?.sequence ?? 0) + 1)
        case .failure(let error):
            metrics.failedRuns += 1
            journal.write("no report: \(error.message)", AgentJournal.MessageID.trouble, .error)
            manager.notify("STATUS=No report in the last run: \(error.message)")
        }
        metrics.milliseconds = (clock.uptime() - start) / 1_000_000
        writeMetrics()
    }

    private mutating func finish(_ report: Report, sequence: Int64) {
        // Before any file, so that a full disk keeps no news back. After a power cut they may be told twice.
        let before = log.last.flatMap { $0.profile == report.profileDigest ? $0.outcomes : nil }
        let changes = ResultChange.between(before ?? [:], report.results)
        journal.write(changes, sequence: sequence, profile: report.profile)
        metrics.changes += Int64(changes.count)
        metrics.worse += Int64(changes.count { $0.isWorse })
        metrics.take(report)

        do throws(AgentFailure) {
            try ReportFiles.write(report, signedBy: key, in: state)
            metrics.written = clock.wall()
        } catch {
            failedWrite(error)
        }
        var outcomes: [String: Outcome] = [:]
        for result in report.results { outcomes[result.rule] = result.outcome }
        let record = ResultRecord(
            isWhole: true, sequence: sequence, time: report.collectedAt, profile: report.profileDigest,
            outcomes: outcomes)
        do throws(AgentFailure) {
            try log.append(record, to: state)
        } catch {
            failedWrite(error)
        }

        let tally = Tally(report.results)
        let words =
            "\(tally.count(.pass)) pass, \(tally.count(.fail)) fail, \(tally.count(.unknown)) unknown, "
            + "\(tally.count(.error)) error, profile \(report.profile)"
        manager.notify("STATUS=\(words)")
        if before == nil || !changes.isEmpty {
            journal.write(
                "run \(sequence): \(words); \(before == nil ? "the first of this profile" : "\(changes.count) changed")",
                AgentJournal.MessageID.run, .information)
        }
    }

    private mutating func failedWrite(_ error: AgentFailure) {
        metrics.failedWrites += 1
        journal.write(
            "cannot write \(error.message); what was written before stays", AgentJournal.MessageID.trouble, .error)
    }

    private mutating func writeMetrics() {
        do throws(AgentFailure) {
            try AgentMetrics.write(metrics.text(), to: metricsPath)
        } catch {
            failedWrite(error)
        }
    }

    private mutating func drainAudit() {
        guard audit != nil, let tally = audit?.drain() else { return }
        metrics.audit?.add(tally)
        if let failure = tally.failure {
            audit = nil
            journal.write(
                "the audit stream is not followed any more: \(failure)", AgentJournal.MessageID.trouble, .error)
        }
    }

    // MARK: - The loop

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameter reload: Gives the settings anew after SIGHUP.
    mutating func serve(_ signals: borrowing SignalPipe, reload: () throws(AgentFailure) -> AgentSettings) {
        manager.notify("READY=1")
        journal.write(
            "firn-agent \(FirnAgent.version) started: profile \(settings.profile), every \(settings.interval) s",
            AgentJournal.MessageID.service, .information)
        var sign = clock.uptime()
        while true {
            let now = clock.uptime()
            if let watchdog = manager.watchdog, now >= sign {
                manager.notify("WATCHDOG=1")
                sign = now + watchdog
            }
            var wait = schedule.wait(now)
            if wait == 0 {
                run(collecting: SignalPipe.collecting)
                wait = schedule.wait(clock.uptime())
            }
            if manager.watchdog != nil { wait = min(wait, max(0, sign - clock.uptime())) }
            // poll(2) does not count the time a machine sleeps, so it never waits for long.
            let milliseconds = Int32(min(wait / 1_000_000 + 1, 60_000))
            var polled = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
            if let audit { polled.append(pollfd(fd: audit.descriptor, events: Int16(POLLIN), revents: 0)) }
            guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { continue }
            if polled.count > 1, polled[1].revents != 0 { drainAudit() }
            guard polled[0].revents != 0 else { continue }
            let caught = signals.signals()
            if caught.contains(SIGTERM) || caught.contains(SIGINT) { break }
            if caught.contains(SIGHUP) { take(reload) }
        }
        manager.notify("STOPPING=1")
        journal.write("firn-agent ends", AgentJournal.MessageID.service, .information)
    }

    /// Takes new settings; wrong ones are said, and the old ones stay.
    private mutating func take(_ reload: () throws(AgentFailure) -> AgentSettings) {
        manager.notify("RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds())")
        do throws(AgentFailure) {
            let new = try reload()
            let isOther = new.interval != settings.interval || new.jitter != settings.jitter
            settings = new
            // What changed is seen at once; so the settings are known to work.
            if isOther { schedule = Schedule(interval: new.interval, jitter: new.jitter, now: clock.uptime()) }
            schedule.hurry(clock.uptime())
            journal.write(
                "settings read again: profile \(new.profile), every \(new.interval) s",
                AgentJournal.MessageID.service, .information)
        } catch {
            journal.write(
                "settings not taken, the old ones stay: \(error.message)", AgentJournal.MessageID.trouble, .error)
        }
        manager.notify("READY=1")
    }

    private func monotonicMicroseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }
}
