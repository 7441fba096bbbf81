import FirnModel
import FirnParsing
import FirnTestSupport
import Foundation
import Testing

@testable import FirnFacts

/// The executor beside the libpam of this machine: the same stack gives the same result.
@Suite(.serialized, .enabled(if: PamOracle.isNeeded, "needs root, cc and libpam0g-dev"))
struct PamOracleTests {
    /// A small generator of numbers, the same in every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var mixed = state
            mixed ^= mixed >> 33
            mixed = mixed &* 0xff51_afd7_ed55_8ccd
            return mixed ^ (mixed >> 33)
        }
    }

    private static let common: [UInt8] = [0, 0, 0, 6, 7, 10, 12, 13, 25]

    private static func control(_ numbers: inout Numbers) -> String {
        let words = ["required", "requisite", "sufficient", "optional", "REQUIRED", "Sufficient"]
        if Int.random(in: 0..<5, using: &numbers) < 2 { return words.randomElement(using: &numbers) ?? "required" }
        var parts: [String] = []
        for _ in 0..<Int.random(in: 0...3, using: &numbers) {
            let result = PamResult.names[Int(common.randomElement(using: &numbers) ?? 0)]
            parts.append("\(result)=\(action(&numbers))")
        }
        if Int.random(in: 0..<4, using: &numbers) > 0 { parts.append("default=\(action(&numbers))") }
        if Int.random(in: 0..<3, using: &numbers) == 0 { parts.shuffle(using: &numbers) }
        return "[" + parts.joined(separator: Bool.random(using: &numbers) ? " " : "  ") + "]"
    }

    private static func action(_ numbers: inout Numbers) -> String {
        let words = ["ignore", "ok", "done", "bad", "die", "reset", "1", "2", "3", "ok", "ignore", "1", "0", "okay"]
        // The last two are errors that libpam must find.
        return words[Int.random(in: 0..<(Int.random(in: 0..<12, using: &numbers) == 0 ? 14 : 12), using: &numbers)]
    }

    private static func text(_ numbers: inout Numbers, _ name: String, depth: Int, _ texts: inout [String: String]) {
        var text = ""
        for entry in 0..<Int.random(in: 1...6, using: &numbers) {
            for type in ["auth", "account", "session"] where Int.random(in: 0..<8, using: &numbers) > 0 {
                let kind = Int.random(in: 0..<12, using: &numbers)
                if kind < 2, depth < 3 {
                    let inner = "\(name)-\(entry)\(type.prefix(2))"
                    Self.text(&numbers, inner, depth: depth + 1, &texts)
                    text += "\(type) \(kind == 0 ? "include" : "substack") \(inner)\n"
                    continue
                }
                let result = PamResult.names[Int(common.randomElement(using: &numbers) ?? 0)]
                let line = "\(control(&numbers)) pam_debug.so auth=\(result) acct=\(result) open_session=\(result)"
                switch Int.random(in: 0..<40, using: &numbers) {
                case 0: text += "\(type) sufficient\n"
                case 1: text += "\(type)\n"
                case 2: text += "nonsense required pam_debug.so\n"
                case 3: text += "\(type) include not-there\n"
                case 4: text += "-\(type) \(control(&numbers)) pam_not_there.so\n"
                case 5: text += "  \(type.uppercased())\t\(line) # comment\n"
                case 6: text += "\(type) \\\n   \(line)\n\n# only a comment \\\n"
                case 7: text += "nosuchtype [default=ignore] pam_debug.so\n"
                default: text += "\(type) \(line)\n"
                }
            }
        }
        texts[name] = text
    }

    private static let types: [(PamType, String)] = [(.auth, "auth"), (.account, "account"), (.session, "session")]

    @Test func randomStacksEndAsInLibpam() throws {
        let bench = try PamOracle.Bench()
        defer { try? bench.remove() }
        var numbers = Numbers(state: 4)
        var texts = ["other": PamSupport.deny]
        let names = (0..<400).map { "random\($0)" }
        for name in names { Self.text(&numbers, name, depth: 0, &texts) }
        try bench.write(texts)
        let knowledge = try PamSupport.knowledge()
        var compared = 0
        var kinds: [Int: Int] = [:]
        var failures: [String] = []
        for chunk in stride(from: 0, to: names.count, by: 50) {
            let part = names[chunk..<min(chunk + 50, names.count)]
            let answers = try bench.ask(part.flatMap { name in Self.types.map { "\(name) nobody \($0.1)" } })
            try #require(answers.count == part.count * 3)
            for (place, name) in part.enumerated() {
                let stacks = try PamStacks.load(name, from: PamMemory(texts: texts))
                for (index, (type, _)) in Self.types.enumerated() {
                    let found = try Self.results(stacks, type, knowledge)
                    let expected = answers[place * 3 + index]
                    if found != [UInt8(expected)] {
                        let files = texts.filter { $0.key == name || $0.key.hasPrefix(name + "-") }
                        let text = files.sorted { $0.key < $1.key }.map { "== \($0.key)\n\($0.value)" }.joined()
                        failures.append("\(type): libpam \(expected), here \(found)\n\(text)")
                    }
                    compared += 1
                    kinds[expected, default: 0] += 1
                }
            }
        }
        // The shortest says most.
        let shortest = failures.min { $0.count < $1.count } ?? ""
        #expect(failures.isEmpty, "\(failures.count) of \(compared) differ; \(shortest)")
        #expect(compared == 1200)
        #expect(kinds.count >= 6 && (kinds[0] ?? 0) > 50, "the stacks were too much alike: \(kinds)")
    }

    private static func results(
        _ stacks: PamStacks, _ type: PamType, _ knowledge: PamKnowledge, _ scenario: PamScenario = PamScenario()
    ) throws -> Set<UInt8> {
        let modules = PamModules(
            knowledge: knowledge,
            faillock: { .options(PamFaillock(settings: nil, arguments: $0.arguments)) },
            hasFile: { FileManager.default.fileExists(atPath: $0) }, enforcesQuality: true)
        let endings = try #require(
            PamExecutor.run(stacks.isRefused ? [] : stacks.stacks[type] ?? []) { handler in
                // Here a file that is not there is known to be missing.
                handler.module == "pam_not_there"
                    ? .exactly(PamResult.moduleUnknown) : modules.outcomes(handler, type, scenario)
            })
        return Set(endings.endings.map(\.status))
    }

    // MARK: Real modules

    /// A stack, whom it is asked for, and what libpam must say or may say.
    struct Real: Sendable, CustomTestStringConvertible {
        var testDescription: String { name }
        var name: String
        var text: String
        var user = "nobody"
        var type = PamType.auth
        var isCallerMember: Bool?
    }

    static let real: [Real] = [
        Real(name: "permit", text: "auth required pam_permit.so\n"),
        Real(name: "deny", text: "auth required pam_deny.so\n"),
        Real(name: "rootok-sufficient", text: "auth sufficient pam_rootok.so\nauth required pam_deny.so\n"),
        Real(name: "rootok-required", text: "auth required pam_rootok.so\nauth required pam_deny.so\n"),
        Real(
            name: "su-debian",
            text:
                "auth sufficient pam_rootok.so\nauth required pam_wheel.so use_uid group=root\nauth required pam_deny.so\n"
        ),
        Real(name: "wheel-alone", text: "auth required pam_wheel.so use_uid group=root\n", isCallerMember: true),
        Real(
            name: "wheel-trust",
            text: "auth sufficient pam_wheel.so trust use_uid group=root\nauth required pam_deny.so\n",
            isCallerMember: true),
        Real(
            name: "wheel-outsider",
            text: "auth required pam_wheel.so use_uid group=nogroup\nauth required pam_permit.so\n",
            isCallerMember: false),
        Real(
            name: "wheel-deny-member",
            text: "auth required pam_wheel.so deny use_uid group=root\nauth required pam_permit.so\n",
            isCallerMember: true),
        Real(
            name: "wheel-deny-trust",
            text: "auth sufficient pam_wheel.so deny trust use_uid group=nogroup\nauth required pam_deny.so\n",
            isCallerMember: false),
        Real(
            name: "wheel-root-only",
            text: "auth required pam_wheel.so root_only use_uid group=nogroup\nauth required pam_permit.so\n",
            isCallerMember: false),
        Real(
            name: "succeed-if",
            text: "auth requisite pam_succeed_if.so user = nobody quiet\nauth required pam_permit.so\n"),
        Real(
            name: "succeed-if-not", text: "auth requisite pam_succeed_if.so uid < 1000\nauth required pam_permit.so\n"),
        Real(name: "succeed-if-nothing", text: "auth sufficient pam_succeed_if.so quiet\nauth required pam_deny.so\n"),
        Real(
            name: "succeed-if-broken",
            text: "auth required pam_succeed_if.so user ingroup\nauth required pam_permit.so\n"),
        Real(name: "warn-alone", text: "auth required pam_warn.so\n"),
        Real(name: "faildelay-alone", text: "auth optional pam_faildelay.so delay=1\n"),
        Real(name: "faillock-alone", text: "auth required pam_faillock.so dir=/tmp/firn-no-such-tally\n"),
        Real(name: "nologin", text: "auth requisite pam_nologin.so\nauth required pam_permit.so\n"),
        Real(
            name: "debian-jump",
            text:
                "auth [success=1 default=ignore] pam_debug.so auth=auth_err\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
        ),
        Real(
            name: "debian-jump-good",
            text:
                "auth [success=1 default=ignore] pam_debug.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
        ),
        Real(
            name: "redhat",
            text:
                "auth required pam_env.so\nauth sufficient pam_debug.so auth=auth_err\nauth requisite pam_succeed_if.so uid >= 1000 quiet_success\nauth required pam_deny.so\n"
        ),
        Real(name: "missing-module", text: "auth sufficient pam_pwquality_x.so\nauth required pam_permit.so\n"),
        Real(name: "unfinished", text: "auth required pam_permit.so\nauth required \\\n"),
        Real(name: "no-auth", text: "account required pam_permit.so\n"),
        Real(
            name: "limits-missing", text: "session required pam_limits.so conf=/nonexistent/limits.conf\n",
            type: .session),
        Real(
            name: "limits-optional",
            text: "session optional pam_limits.so conf=/nonexistent/limits.conf\nsession required pam_permit.so\n",
            type: .session),
        Real(
            name: "account-nothing", text: "account sufficient pam_localuser.so\naccount required pam_deny.so\n",
            type: .account),
        Real(
            name: "account-access", text: "account required pam_access.so\naccount required pam_permit.so\n",
            type: .account),
        Real(name: "account-faillock", text: "account required pam_faillock.so\n", type: .account),
        Real(name: "shells", text: "auth required pam_shells.so\n"),
        Real(name: "unix-locked", text: "auth sufficient pam_unix.so nullok\nauth required pam_deny.so\n"),
        Real(name: "env-auth", text: "auth required pam_env.so\n", type: .auth),
        Real(name: "lastlog-auth", text: "auth required pam_lastlog.so\n", type: .auth),
        Real(name: "loginuid-auth", text: "auth required pam_loginuid.so\n", type: .auth),
        Real(name: "umask-auth", text: "auth required pam_umask.so\n", type: .auth),
        Real(name: "motd-auth", text: "auth required pam_motd.so\n", type: .auth),
        Real(name: "motd-session", text: "session required pam_motd.so\n", type: .session),
        Real(name: "mail-auth", text: "auth required pam_mail.so\n", type: .auth),
        Real(name: "keyinit-auth", text: "auth required pam_keyinit.so\n", type: .auth),
        Real(name: "mkhomedir-account", text: "account required pam_mkhomedir.so\n", type: .account),
        Real(name: "selinux-auth", text: "auth required pam_selinux.so\n", type: .auth),
        Real(name: "warn-session", text: "session required pam_warn.so\n", type: .session),
        Real(name: "group-account", text: "account required pam_group.so\n", type: .account),
        Real(name: "time-auth", text: "auth required pam_time.so\n", type: .auth),
        Real(name: "nologin-session", text: "session required pam_nologin.so\n", type: .session),
        Real(name: "cap-session", text: "session required pam_cap.so\n", type: .session),
        Real(name: "faillock-session", text: "session required pam_faillock.so\n", type: .session),
        Real(name: "crlf", text: "auth required pam_permit.so\r\n"),
    ]

    @Test(arguments: real)
    func realModulesEndAsInLibpam(real: Real) throws {
        let bench = try PamOracle.Bench()
        defer { try? bench.remove() }
        let texts = [real.name: real.text, "other": PamSupport.deny]
        try bench.write(texts)
        let operation = real.type.rawValue
        let answer = try #require(try bench.ask(["\(real.name) \(real.user) \(operation)"]).first)
        let stacks = try PamStacks.load(real.name, from: PamMemory(texts: texts))
        // The harness runs as root, and nobody has no password: what is typed is wrong.
        var scenario = PamScenario(password: .wrong, isCallerRoot: true)
        scenario.isCallerMember = real.isCallerMember
        let found = try Self.results(stacks, real.type, try PamSupport.knowledge(), scenario)
        if stacks.isRefused {
            #expect(answer != 0)
        } else {
            #expect(found.contains(UInt8(answer)), "libpam says \(answer), here \(found)")
        }
    }

    // MARK: Lockout

    /// Stacks with PASSWORD where the password is verified, and what becomes of N failures.
    struct Lock: Sendable, CustomTestStringConvertible {
        var testDescription: String { name }
        var name: String
        var text: String
        /// Failures after which the right password is refused; nil: never.
        var deny: Int?
    }

    static let locks: [Lock] = [
        Lock(
            name: "manual-page",
            text:
                "auth required pam_faillock.so preauth silent deny=3 DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=3 DIR\nauth required pam_deny.so\naccount required pam_faillock.so\n",
            deny: 3),
        Lock(
            name: "manual-page-2",
            text:
                "auth [success=1 default=bad] PASSWORD\nauth [default=die] pam_faillock.so authfail deny=4 DIR\nauth sufficient pam_faillock.so authsucc deny=4 DIR\nauth required pam_deny.so\n",
            deny: 4),
        Lock(
            name: "nixpkgs-486259",
            text: "auth required pam_faillock.so DIR\nauth sufficient PASSWORD\nauth required pam_deny.so\n", deny: nil),
        Lock(
            name: "appended",
            text:
                "auth sufficient PASSWORD\nauth required pam_deny.so\nauth required pam_faillock.so preauth deny=3 DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=3 DIR\nauth required pam_deny.so\n",
            deny: nil),
        Lock(
            name: "no-authfail",
            text:
                "auth required pam_faillock.so preauth deny=3 DIR\nauth sufficient PASSWORD\nauth required pam_deny.so\n",
            deny: nil),
        Lock(
            name: "no-preauth",
            text:
                "auth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=3 DIR\nauth required pam_deny.so\n",
            deny: nil),
        Lock(
            name: "deny-0",
            text:
                "auth required pam_faillock.so preauth deny=0 DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=0 DIR\nauth required pam_deny.so\n",
            deny: nil),
        Lock(
            name: "optional-preauth",
            text:
                "auth optional pam_faillock.so preauth deny=3 DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=3 DIR\nauth required pam_deny.so\n",
            deny: nil),
        Lock(
            name: "requisite-preauth",
            text:
                "auth requisite pam_faillock.so preauth deny=2 DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=9 DIR\nauth required pam_deny.so\n",
            deny: 2),
        Lock(
            name: "two-numbers",
            text:
                "auth required pam_faillock.so preauth deny=6 DIR\nauth [success=1 default=ignore] PASSWORD\nauth [default=die] pam_faillock.so authfail deny=2 DIR\nauth required pam_permit.so\n",
            deny: nil),
        Lock(
            name: "authfail-not-reached",
            text:
                "auth required pam_faillock.so preauth deny=3 DIR\nauth requisite PASSWORD\nauth required pam_faillock.so authfail deny=0 DIR\nauth required pam_permit.so\n",
            deny: nil),
        Lock(
            name: "default-numbers",
            text:
                "auth required pam_faillock.so preauth DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail DIR\nauth required pam_deny.so\n",
            deny: 3),
        Lock(
            name: "cleared-at-once",
            text:
                "auth required pam_faillock.so preauth deny=3 DIR\nauth [default=ignore success=3] PASSWORD\nauth [default=ignore] pam_faillock.so authfail deny=3 DIR\nauth required pam_faillock.so authsucc deny=3 DIR\nauth required pam_deny.so\nauth required pam_permit.so\n",
            deny: nil),
        Lock(name: "in-a-substack", text: "auth substack common\nauth required pam_permit.so\n", deny: 3),
        Lock(
            name: "done-within-a-substack",
            text:
                "auth substack early\nauth required pam_faillock.so preauth deny=3 DIR\nauth required pam_permit.so\n",
            deny: nil),
    ]

    @Test(arguments: locks)
    func theLockIsRealOrNot(lock: Lock) throws {
        let bench = try PamOracle.Bench()
        defer { try? bench.remove() }
        func texts(_ password: String, tally: String) -> [String: String] {
            let directory = bench.root.appendingPathComponent(tally).path
            let all = [
                "common":
                    "auth required pam_faillock.so preauth deny=3 DIR\nauth sufficient PASSWORD\nauth [default=die] pam_faillock.so authfail deny=3 DIR\nauth required pam_deny.so\n",
                "early": "auth sufficient PASSWORD\nauth required pam_deny.so\n",
                "svc": lock.text + "account required pam_permit.so\n", "other": PamSupport.deny,
            ]
            return all.mapValues {
                $0.replacing("PASSWORD", with: password).replacing("DIR", with: "dir=" + directory)
            }
        }
        // What the executor says.
        let memory = PamMemory(texts: texts("pam_unix.so", tally: "none"))
        let service = PamService(
            service: PamKnowledge.Service(
                name: "svc", kind: .console, isCalledByRoot: false, opensSessions: false, isForAdministrators: false),
            stacks: try PamStacks.load("svc", from: memory),
            modules: PamModules(
                knowledge: try PamSupport.knowledge(),
                faillock: { .options(PamFaillock(settings: nil, arguments: $0.arguments)) }, hasFile: { _ in true },
                enforcesQuality: true))
        let found: Int? =
            switch PamLockout.of(service).state {
            case .locked(let deny): deny
            case .missing: nil
            default: -1
            }
        #expect(found == lock.deny, "the executor")
        // What libpam does: N wrong passwords, then the right one.
        func isRefused(after failures: Int) throws -> Bool {
            let tally = "tally\(failures)"
            try FileManager.default.createDirectory(
                at: bench.root.appendingPathComponent(tally), withIntermediateDirectories: true)
            let wrong = texts("pam_debug.so auth=auth_err", tally: tally)
            let right = texts("pam_debug.so auth=success", tally: tally)
            try bench.write(wrong)
            let answers = try bench.ask(Array(repeating: "svc nobody auth", count: failures))
            #expect(answers.count == failures && !answers.contains(0))
            try bench.write(right)
            return try bench.ask(["svc nobody auth"]) != [0]
        }
        if let deny = lock.deny {
            #expect(try isRefused(after: deny), "libpam locks after \(deny)")
            #expect(try !isRefused(after: deny - 1), "libpam does not lock after \(deny - 1)")
        } else {
            #expect(try !isRefused(after: 12), "libpam never locks")
        }
    }
}
