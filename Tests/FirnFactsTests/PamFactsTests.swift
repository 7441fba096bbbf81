import FirnModel
import FirnParsing
import FirnTestSupport
import Testing

@testable import FirnFacts

/// What the stacks of a service decide, from texts.
struct PamFactsTests {
    private static let lib = "/nix/store/x/lib/security/"
    private static let tail = """
        account required pam_unix.so
        password sufficient pam_unix.so nullok yescrypt
        session required pam_unix.so
        session required pam_loginuid.so

        """

    /// A service with this auth stack and an ordinary rest.
    private func facts(
        _ auth: String, service: String = "login", files: [String: String] = [:]
    ) throws -> FactBatch {
        try PamSupport.facts([service: auth + "\n" + Self.tail], files: files)
    }

    @Test func theOrdinaryStackHoldsNothingOpen() throws {
        let batch = try PamSupport.facts([
            "login": PamSupport.ordinary, "sshd": PamSupport.ordinary, "passwd": PamSupport.ordinary,
            "su": PamSupport.ordinary, "unheard-of": "auth required pam_permit.so\n",
        ])
        let expected = [
            "services": "login, passwd, sshd, su", "open": "(none)", "open-to-some": "(none)",
            "null-password": "(none)",
            "lockout-missing.remote": "sshd", "lockout-missing.console": "login", "lockout-missing.switch": "su",
            "lockout.services": "(none)", "lockout.never-counts": "(none)", "lockout.skipped": "(none)",
            "lockout.deny": "absent", "su-unrestricted": "su", "quality-missing": "passwd", "quality.minlen": "absent",
            "history.remember": "0", "hash": "yescrypt", "account-unchecked": "(none)", "no-delay": "(none)",
            "loginuid-missing": "(none)", "sessions-refused": "(none)", "other-denies": "true", "malformed": "(none)",
            "agent-user-files": "(none)", "second-factor-optional": "(none)", "password-to-programs": "(none)",
            "limits.core-allowed": "*", "limits.maxlogins": "absent",
        ]
        for (key, value) in expected { #expect(PamSupport.text(batch, key) == value, "\(key)") }
    }

    // MARK: Open services

    @Test(arguments: [
        "auth sufficient pam_permit.so\nauth required pam_deny.so",
        // login runs as root: pam_rootok says yes to everybody.
        "auth sufficient pam_rootok.so\nauth required pam_deny.so",
        "auth optional pam_unix.so\nauth required pam_permit.so",
        "auth [default=ignore] pam_unix.so\nauth [success=done default=ignore] pam_permit.so\nauth required pam_deny.so",
        "auth [success=1 default=1] pam_unix.so\nauth required pam_deny.so\nauth required pam_permit.so",
        "auth sufficient pam_succeed_if.so quiet\nauth required pam_deny.so",
        "auth required pam_debug.so",
    ])
    func aStackThatSucceedsByItselfIsOpen(auth: String) throws {
        let batch = try facts(auth)
        #expect(PamSupport.text(batch, "open") == "login")
        // Who needs no password has none to guess.
        #expect(PamSupport.text(batch, "lockout-missing.console") == "(none)")
    }

    @Test(arguments: [
        "auth required pam_permit.so\nauth required pam_unix.so",
        "auth required pam_env.so",
        "auth required pam_unix.so\nauth optional pam_permit.so",
        "auth required pam_nologin.so\nauth sufficient pam_unix.so\nauth required pam_deny.so",
        "auth sufficient pam_unix.so\nauth required pam_deny.so\nauth sufficient pam_permit.so",
        "auth required pam_faillock.so preauth\nauth sufficient pam_unix.so\nauth required pam_deny.so",
        "auth sufficient \(lib)pam_fprintd.so\nauth sufficient pam_unix.so\nauth required pam_deny.so",
        "auth optional \(lib)pam_gnome_keyring.so\nauth required pam_unix.so",
        // What it says is not known, and changes nothing.
        "auth required pam_unix.so\nauth optional \(lib)pam_other.so",
    ])
    func aStackThatAsksIsNotOpen(auth: String) throws {
        let batch = try facts(auth)
        #expect(PamSupport.text(batch, "open") == "(none)")
        #expect(PamSupport.text(batch, "open-to-some") == "(none)")
    }

    @Test func rootOfSuNeedsNoPasswordAndThatIsNoFinding() throws {
        let batch = try facts(
            "auth sufficient pam_rootok.so\nauth sufficient pam_unix.so\nauth required pam_deny.so", service: "su")
        #expect(PamSupport.text(batch, "open") == "(none)")
    }

    @Test(arguments: [
        "auth sufficient pam_wheel.so trust use_uid\nauth sufficient pam_unix.so\nauth required pam_deny.so",
        "auth sufficient pam_succeed_if.so user ingroup nopasswdlogin\nauth sufficient pam_unix.so\nauth required pam_deny.so",
        "auth [success=done default=ignore] pam_access.so\nauth sufficient pam_unix.so\nauth required pam_deny.so",
        "auth sufficient \(lib)pam_u2f.so nouserok\nauth sufficient pam_unix.so\nauth required pam_deny.so",
    ])
    func aMembershipThatReplacesThePasswordIsFound(auth: String) throws {
        let batch = try facts(auth, service: "su")
        #expect(PamSupport.text(batch, "open-to-some") == "su")
        #expect(PamSupport.text(batch, "open") == "(none)")
    }

    @Test func anUnknownModuleThatMattersLeavesTheAnswerOpen() throws {
        let batch = try facts(
            "auth sufficient \(Self.lib)pam_other.so\nauth sufficient pam_unix.so\nauth required pam_deny.so")
        #expect(PamSupport.text(batch, "open") == "unavailable")
        guard case .unavailable(let reason, _) = batch.facts["pam.open"] else { return }
        #expect(reason.contains("pam_other at /etc/pam.d/login:1"))
    }

    @Test func aServiceOutsideTheTableThatIsOpenIsNamed() throws {
        let open = "auth required pam_permit.so\naccount required pam_permit.so\n"
        let batch = try PamSupport.facts(["kiosk": open, "gdm-launch-environment": open, "cups": PamSupport.ordinary])
        #expect(PamSupport.text(batch, "open-unlisted") == "kiosk")
        #expect(PamSupport.text(batch, "open") == "(none)")
    }

    // MARK: Empty passwords

    @Test func nullokCountsWhereItIsReached() throws {
        #expect(
            PamSupport.text(try facts("auth sufficient pam_unix.so nullok\nauth required pam_deny.so"), "null-password")
                == "login")
        // pam_unix looks at the beginning of the word only.
        #expect(PamSupport.text(try facts("auth required pam_unix.so nullok_secure"), "null-password") == "login")
        #expect(
            PamSupport.text(try facts("auth requisite pam_deny.so\nauth required pam_unix.so nullok"), "null-password")
                == "(none)")
        #expect(PamSupport.text(try facts("auth required pam_unix.so # nullok"), "null-password") == "(none)")
        let remote = try facts("auth required pam_unix.so nullok", service: "sshd")
        #expect(PamSupport.text(remote, "null-password.remote") == "sshd")
        #expect(PamSupport.text(remote, "null-password") == "(none)")
    }

    // MARK: Lockout

    private static func faillock(_ more: String = "", preauth: String = "required") -> String {
        """
        auth \(preauth) pam_faillock.so preauth \(more)
        auth sufficient pam_unix.so
        auth [default=die] pam_faillock.so authfail \(more)
        auth required pam_deny.so
        account required pam_faillock.so
        """
    }

    @Test func aFaillockInOrderLocks() throws {
        let batch = try facts(Self.faillock("deny=4 unlock_time=900 fail_interval=1200"))
        #expect(PamSupport.text(batch, "lockout.services") == "login")
        #expect(PamSupport.text(batch, "lockout-missing.console") == "(none)")
        #expect(PamSupport.text(batch, "lockout.deny") == "4")
        #expect(PamSupport.text(batch, "lockout.unlock-time") == "900")
        #expect(PamSupport.text(batch, "lockout.fail-interval") == "1200")
        #expect(PamSupport.text(batch, "lockout.root-exempt") == "login")
        #expect(PamSupport.text(try facts(Self.faillock("even_deny_root")), "lockout.root-exempt") == "(none)")
    }

    @Test func numbersComeFromTheFileAndThenTheArguments() throws {
        let file = ["/etc/security/faillock.conf": "deny = 7\nunlock_time = never\n"]
        let batch = try facts(Self.faillock(), files: file)
        #expect(PamSupport.text(batch, "lockout.deny") == "7" && PamSupport.text(batch, "lockout.unlock-time") == "0")
        #expect(PamSupport.text(try facts(Self.faillock("deny=2"), files: file), "lockout.deny") == "2")
        #expect(PamSupport.text(try facts(Self.faillock()), "lockout.deny") == "3")
        // Seven days are the most; a longer time is refused and the default stays.
        #expect(PamSupport.text(try facts(Self.faillock("unlock_time=604801")), "lockout.unlock-time") == "600")
        #expect(PamSupport.text(try facts(Self.faillock("unlock_time=604800")), "lockout.unlock-time") == "604800")
        // Only sixteen bits of deny are kept.
        #expect(PamSupport.text(try facts(Self.faillock("deny=65536")), "lockout-missing.console") == "login")
    }

    @Test func aNamedFileThatIsMissingMakesTheModuleFail() throws {
        // The module says service_err; as a required one that closes the service for everybody.
        let batch = try facts(Self.faillock("conf=/etc/security/other.conf"))
        #expect(PamSupport.text(batch, "lockout.services") == "(none)")
        #expect(PamSupport.text(batch, "lockout-missing.console") == "(none)")
        // Optional, it lets the right password through after any number of failures.
        let open = try facts(Self.faillock("conf=/etc/security/other.conf", preauth: "optional"))
        #expect(PamSupport.text(open, "lockout-missing.console") == "login")
        // A file of the store that the target lacks cannot be judged.
        let far = try facts(Self.faillock("conf=/nix/store/x-faillock.conf"))
        #expect(PamSupport.text(far, "lockout.services") == "unavailable")
    }

    @Test func aBareFaillockNeverCounts() throws {
        let batch = try facts(
            "auth required pam_faillock.so\nauth sufficient pam_unix.so\nauth required pam_deny.so", service: "su")
        #expect(PamSupport.text(batch, "lockout.never-counts") == "su")
        #expect(PamSupport.text(batch, "lockout-missing.switch") == "su")
        #expect(PamSupport.text(batch, "lockout.skipped") == "(none)")
        #expect(PamSupport.evidence(batch, "lockout.never-counts").contains("/etc/pam.d/su:1"))
        #expect(PamSupport.evidence(batch, "lockout.never-counts").contains("nixpkgs#486259"))
    }

    @Test func anEarlySufficientSkipsFaillock() throws {
        let batch = try facts(
            "auth sufficient pam_unix.so\nauth required pam_deny.so\n" + Self.faillock("deny=3"))
        #expect(PamSupport.text(batch, "lockout.skipped") == "login")
        #expect(PamSupport.text(batch, "lockout-missing.console") == "login")
        #expect(PamSupport.evidence(batch, "lockout.skipped").contains("/etc/pam.d/login:1"))
    }

    @Test func twoFactorsLeaveNothingToGuess() throws {
        let batch = try facts(
            "auth required pam_unix.so\nauth required \(Self.lib)pam_u2f.so", service: "sshd")
        #expect(PamSupport.text(batch, "lockout-missing.remote") == "(none)")
        #expect(PamSupport.text(batch, "second-factor-optional") == "(none)")
        let loose = try facts(
            "auth required pam_unix.so\nauth required \(Self.lib)pam_u2f.so nouserok", service: "sshd")
        #expect(PamSupport.text(loose, "second-factor-optional") == "sshd")
        #expect(PamSupport.text(loose, "lockout-missing.remote") == "sshd")
    }

    @Test func aServiceWithoutPasswordsNeedsNoLock() throws {
        #expect(
            PamSupport.text(try facts("auth required pam_deny.so", service: "sshd"), "lockout-missing.remote")
                == "(none)")
        // No auth line at all: that of `other` stands in.
        #expect(PamSupport.text(try facts("", service: "sshd"), "lockout-missing.remote") == "(none)")
    }

    @Test func someWhoAreNotCountedMakeTheLockIncomplete() throws {
        let batch = try facts(
            """
            auth required pam_faillock.so preauth
            auth sufficient pam_unix.so
            auth [success=1 default=ignore] pam_succeed_if.so user ingroup wheel
            auth [default=die] pam_faillock.so authfail
            auth required pam_deny.so
            """)
        #expect(PamSupport.text(batch, "lockout-missing.console") == "login")
        #expect(PamSupport.text(batch, "lockout.never-counts") == "login")
    }

    // MARK: su

    @Test(arguments: [
        ("auth required pam_wheel.so use_uid", "(none)"),
        ("auth required pam_wheel.so use_uid root_only", "(none)"),
        ("auth required pam_succeed_if.so use_uid user ingroup wheel", "(none)"),
        ("auth optional pam_wheel.so use_uid", "su"),
        ("auth required pam_wheel.so use_uid deny", "su"),
        ("auth sufficient pam_wheel.so use_uid", "su"),
        ("# auth required pam_wheel.so use_uid", "su"),
    ])
    func wheelIsAskedOrNot(line: String, expected: String) throws {
        let batch = try facts(line + "\nauth sufficient pam_unix.so\nauth required pam_deny.so", service: "su")
        #expect(PamSupport.text(batch, "su-unrestricted") == expected)
    }

    @Test func aWheelBehindTheDecisionIsNotAsked() throws {
        let batch = try facts(
            "auth sufficient pam_unix.so\nauth required pam_wheel.so use_uid\nauth required pam_deny.so", service: "su")
        #expect(PamSupport.text(batch, "su-unrestricted") == "su")
    }

    // MARK: New passwords

    private func password(_ lines: String, files: [String: String] = [:]) throws -> FactBatch {
        try PamSupport.facts(
            ["passwd": "auth required pam_unix.so\naccount required pam_unix.so\n\(lines)\n"], files: files)
    }

    @Test func qualityCountsWhereItDecides() throws {
        let module = "\(Self.lib)pam_pwquality.so"
        let conf = ["/etc/security/pwquality.conf": "minlen = 14\ndcredit = 1\nucredit = -1\n"]
        let good = try password(
            "password requisite \(module)\npassword sufficient pam_unix.so use_authtok yescrypt", files: conf)
        #expect(PamSupport.text(good, "quality-missing") == "(none)")
        #expect(PamSupport.text(good, "quality.minlen") == "13")
        for lines in [
            "password optional \(module)\npassword sufficient pam_unix.so",
            "password sufficient pam_unix.so\npassword requisite \(module)",
            "password requisite \(module) enforcing=0\npassword sufficient pam_unix.so",
            "password sufficient pam_unix.so yescrypt",
        ] {
            #expect(PamSupport.text(try password(lines), "quality-missing") == "passwd", "\(lines)")
        }
        let lax = try password(
            "password requisite \(module)\npassword sufficient pam_unix.so",
            files: ["/etc/security/pwquality.conf": "enforcing = 0\n"])
        #expect(PamSupport.text(lax, "quality-missing") == "passwd")
    }

    @Test func aBareNameOfAForeignModuleIsNotFound() throws {
        // Nobody can change a password then; the check itself is not missing, and nothing is enforced either.
        let batch = try password("password optional pam_pwquality.so\npassword sufficient pam_unix.so")
        #expect(PamSupport.text(batch, "quality-missing") == "passwd")
        #expect(
            PamSupport.evidence(batch, "quality-missing").contains("a bare name finds only the modules of linux-pam"))
    }

    @Test func theHashIsTheLastWordOrThatOfLoginDefs() throws {
        #expect(PamSupport.text(try password("password required pam_unix.so yescrypt md5"), "hash") == "md5")
        #expect(PamSupport.text(try password("password required pam_unix.so sha512 rounds=5000"), "hash") == "sha512")
        let defs = ["/etc/login.defs": "ENCRYPT_METHOD YESCRYPT\n"]
        #expect(PamSupport.text(try password("password required pam_unix.so", files: defs), "hash") == "yescrypt")
        #expect(PamSupport.text(try password("password required pam_unix.so"), "hash") == "des")
        // The line wins over the file.
        let des = ["/etc/login.defs": "ENCRYPT_METHOD DES\n"]
        #expect(
            PamSupport.text(try password("password required pam_unix.so yescrypt", files: des), "hash") == "yescrypt")
    }

    @Test func historyIsRemembered() throws {
        #expect(PamSupport.text(try password("password required pam_unix.so remember=5"), "history.remember") == "5")
        #expect(
            PamSupport.text(
                try password("password required pam_pwhistory.so\npassword required pam_unix.so"), "history.remember")
                == "10")
        #expect(
            PamSupport.text(
                try password("password sufficient pam_unix.so\npassword required pam_pwhistory.so"), "history.remember")
                == "0")
    }

    // MARK: The rest

    @Test func anAccountStackThatDoesNotAskIsFound() throws {
        let text = "auth required pam_unix.so\naccount sufficient pam_permit.so\naccount required pam_unix.so\n"
        #expect(PamSupport.text(try PamSupport.facts(["sshd": text]), "account-unchecked") == "sshd")
    }

    @Test func delaysAreSeen() throws {
        #expect(PamSupport.text(try facts("auth required pam_unix.so nodelay"), "no-delay") == "login")
        #expect(
            PamSupport.text(
                try facts("auth optional pam_faildelay.so delay=3000000\nauth required pam_unix.so nodelay"), "no-delay"
            ) == "(none)")
    }

    @Test func sessionsNeedTheirFiles() throws {
        let text =
            "auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_limits.so conf=/etc/security/limits.conf\n"
        #expect(PamSupport.text(try PamSupport.facts(["login": text]), "sessions-refused") == "login")
        let limits = ["/etc/security/limits.conf": "* hard core 0\n* - maxlogins 8\n@dev hard core unlimited\n"]
        let batch = try PamSupport.facts(["login": text], files: limits)
        #expect(PamSupport.text(batch, "sessions-refused") == "(none)")
        #expect(PamSupport.text(batch, "limits.core-allowed") == "@dev")
        #expect(PamSupport.text(batch, "limits.maxlogins") == "8")
        #expect(PamSupport.text(batch, "loginuid-missing") == "login")
    }

    @Test func limitsOfSessionsThatAreRefusedAreReadAllTheSame() throws {
        let text = """
            auth required pam_unix.so
            account required pam_unix.so
            session required pam_limits.so conf=/etc/gone.conf
            session required pam_limits.so conf=/etc/a.conf
            """
        let batch = try PamSupport.facts(
            ["login": text], files: ["/etc/a.conf": "* hard core 0\n* hard maxlogins 3\n"])
        #expect(PamSupport.text(batch, "sessions-refused") == "login")
        #expect(PamSupport.text(batch, "limits.core-allowed") == "(none)")
        #expect(PamSupport.text(batch, "limits.maxlogins") == "3")
    }

    @Test func aGroupThatIsNeverLockedLeavesItsMembersOpen() throws {
        func lockout(_ arguments: String) throws -> String {
            let line = "pam_faillock.so"
            return PamSupport.text(
                try facts(
                    """
                    auth required \(line) preauth \(arguments)
                    auth sufficient pam_unix.so
                    auth [default=die] \(line) authfail \(arguments)
                    """), "lockout-missing.console")
        }
        #expect(try lockout("deny=3") == "(none)")
        #expect(try lockout("deny=3 admin_group=wheel") == "login")
        #expect(try lockout("deny=3 admin_group=wheel even_deny_root") == "(none)")
    }

    @Test func aModuleThatLibpamDoesNotFindIsNamed() throws {
        #expect(
            PamSupport.text(
                try facts("auth required pam_unix.so\npassword requisite pam_pwquality.so"), "malformed") == "login")
        #expect(
            PamSupport.text(
                try facts("auth required pam_unix.so\npassword requisite /nix/store/x/pam_pwquality.so"), "malformed")
                == "(none)")
    }

    @Test func otherIsAskedForWhatHasNoFile() throws {
        #expect(PamSupport.text(try PamSupport.facts(["login": PamSupport.ordinary]), "other-denies") == "true")
        let open = try PamSupport.facts(["other": "auth required pam_permit.so\n", "login": PamSupport.ordinary])
        #expect(PamSupport.text(open, "other-denies") == "false")
    }

    @Test func linesThatMeanNothingAreNamed() throws {
        let batch = try facts("@include common-auth\nauth required pam_unix.so")
        #expect(PamSupport.text(batch, "malformed") == "login")
        #expect(PamSupport.evidence(batch, "malformed").contains("/etc/pam.d/login:1"))
        // It fails in the auth stack: nobody gets in, so there is nothing to lock.
        #expect(PamSupport.text(batch, "lockout-missing.console") == "(none)")
    }

    @Test func includesAndSubstacksAreFollowed() throws {
        let included = try PamSupport.facts(
            ["login": "auth include common\n" + Self.tail],
            files: ["/etc/pam.d/common": "auth sufficient pam_permit.so\n"])
        #expect(PamSupport.text(included, "open") == "login")
        let loop = try PamSupport.facts(["login": "auth include login\nauth sufficient pam_unix.so\n" + Self.tail])
        #expect(PamSupport.text(loop, "malformed") == "login")
    }

    @Test func whatCannotBeReadIsNotJudged() throws {
        let tree = MemoryTree(nodes: [
            "/etc/pam.d/login": .link("/nix/store/gone-login.pam"),
            "/etc/pam.d/other": .file(Array(PamSupport.deny.utf8)),
        ])
        let view = SystemView(tree: tree, toplevel: "/toplevel", etcRoot: "/etc")
        let batch = try PamFacts.built(view, knowledge: try PamSupport.tables.get(), context: SystemContext())
        #expect(PamSupport.text(batch, "open") == "unavailable")
        #expect(PamSupport.text(batch, "limits.core-allowed") == "unavailable")
        let empty = SystemView(tree: MemoryTree([:]), toplevel: "/toplevel", etcRoot: "/etc")
        let none = try PamFacts.built(empty, knowledge: try PamSupport.tables.get(), context: SystemContext())
        #expect(PamSupport.text(none, "services") == "unavailable")
        #expect(PamSupport.text(none, "hash") == "unavailable")
    }

    @Test func agentKeysOfTheUserAreFound() throws {
        let own = try facts(
            "auth sufficient \(Self.lib)pam_ssh_agent_auth.so file=%h/.ssh/authorized_keys\nauth sufficient pam_unix.so\nauth required pam_deny.so",
            service: "sudo")
        #expect(PamSupport.text(own, "agent-user-files") == "sudo")
        let fixed = try facts(
            "auth sufficient \(Self.lib)pam_ssh_agent_auth.so file=/etc/ssh/authorized_keys.d/%u\nauth sufficient pam_unix.so\nauth required pam_deny.so",
            service: "sudo")
        #expect(PamSupport.text(fixed, "agent-user-files") == "(none)")
        #expect(PamSupport.text(fixed, "open") == "(none)")
    }

    @Test func secretsInArgumentsAreNotShown() throws {
        let secret = "canary-4711"
        for line in [
            "auth optional \(Self.lib)pam_mysql.so user=x passwd=\(secret) host=y",
            "auth optional \(Self.lib)pam_mysql.so [password=\(secret) \(secret)]",
            "auth nonsense passwd=\(secret)", "passwd=\(secret)", "auth [default=ignore] pam_permit.so token=\(secret)",
        ] {
            let batch = try facts(line + "\nauth sufficient pam_permit.so")
            for fact in batch.facts.values {
                #expect(!"\(fact)".contains(secret), "\(line)")
            }
        }
    }

    @Test func directoriesDoNotKnowLocalAccounts() throws {
        // As NixOS writes it with users.ldap.
        let batch = try PamSupport.facts([
            "sshd": """
            account sufficient \(Self.lib)pam_ldap.so
            account required pam_unix.so
            auth optional pam_unix.so likeauth
            auth optional \(Self.lib)pam_gnome_keyring.so
            auth sufficient pam_unix.so likeauth try_first_pass
            auth sufficient \(Self.lib)pam_ldap.so use_first_pass
            auth required pam_deny.so
            """
        ])
        #expect(PamSupport.text(batch, "account-unchecked") == "(none)")
        #expect(PamSupport.text(batch, "open") == "(none)" && PamSupport.text(batch, "open-to-some") == "(none)")
        #expect(PamSupport.text(batch, "lockout-missing.remote") == "sshd")
    }

    @Test func aDisplayManagerThatIncludesLoginIsJudgedByIt() throws {
        let text = "auth substack login\naccount include login\npassword substack login\nsession include login\n"
        let batch = try PamSupport.facts(["gdm-password": text, "login": Self.faillock("deny=3") + "\n" + Self.tail])
        #expect(PamSupport.text(batch, "lockout.services") == "gdm-password, login")
        #expect(PamSupport.text(batch, "loginuid-missing") == "(none)")
    }

    @Test func limitsOfSeveralLinesAddUp() throws {
        let text = """
            auth required pam_unix.so
            account required pam_unix.so
            session required pam_limits.so conf=/etc/a.conf
            session required pam_limits.so conf=/etc/b.conf
            session required pam_loginuid.so
            """
        let batch = try PamSupport.facts(
            ["login": text], files: ["/etc/a.conf": "* hard core 0\n", "/etc/b.conf": "* hard maxlogins 3\n"])
        #expect(PamSupport.text(batch, "limits.core-allowed") == "(none)")
        #expect(PamSupport.text(batch, "limits.maxlogins") == "3")
    }

    // MARK: The options

    private func declared(_ json: String) throws -> FactBatch {
        let options = OptionTree(name: "config.json", values: try JSONParser.parse(Array(json.utf8)))
        return try PamFacts.declared(options, knowledge: try PamSupport.tables.get(), context: SystemContext())
    }

    @Test func theOptionsGiveTheSameAnswers() throws {
        let batch = try declared(
            #"""
            {"environment": {"etc": {
               "pam.d/login": {"enable": true, "source": "/nix/store/x-login.pam", "text": null},
               "pam.d/xlock": {"enable": false, "source": "/nix/store/x-xlock.pam", "text": null},
               "pam.d/other": {"enable": true, "source": "/nix/store/x-other.pam", "text": null}}},
             "security": {"pam": {"loginLimits": [{"domain": "*", "type": "hard", "item": "core", "value": 0}], "services": {
               "login": {"text": "auth sufficient pam_unix.so nullok\nauth required pam_deny.so\naccount required pam_unix.so\nsession required pam_limits.so conf=/nix/store/y-limits.conf\n"},
               "xlock": {"text": "auth required pam_permit.so\n"},
               "other": {"text": "auth required pam_deny.so\n"}}}}}
            """#)
        #expect(PamSupport.text(batch, "services") == "login")
        #expect(PamSupport.text(batch, "null-password") == "login")
        #expect(PamSupport.text(batch, "limits.core-allowed") == "(none)")
        #expect(PamSupport.evidence(batch, "null-password").contains("security.pam.services.login.text:6 line 1:"))
    }

    @Test func aFileOfTheUsersOwnTakesThePlaceOfTheOption() throws {
        let batch = try declared(
            #"""
            {"environment": {"etc": {
               "pam.d/login": {"enable": true, "source": "/nix/store/x-etc-pam.d-login", "text": "auth required pam_permit.so\naccount required pam_permit.so\n"},
               "pam.d/sshd": {"enable": true, "source": "/nix/store/x-elsewhere", "text": null},
               "pam.d/other": {"enable": true, "source": "/nix/store/x-other.pam", "text": null}}},
             "security": {"pam": {"services": {
               "login": {"text": "auth required pam_deny.so\n"}, "sshd": {"text": "auth required pam_deny.so\n"},
               "other": {"text": "auth required pam_deny.so\n"}}}}}
            """#)
        #expect(PamSupport.text(batch, "open") == "login")
        #expect(PamSupport.text(batch, "null-password.remote") == "unavailable")
    }

    @Test func missingOptionsProveNothing() throws {
        #expect(PamSupport.text(try declared("{}"), "open") == "unavailable")
        #expect(PamSupport.text(try declared(#"{"environment": {"etc": {}}}"#), "open") == "unavailable")
    }
}
