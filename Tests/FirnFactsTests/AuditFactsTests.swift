import FirnModel
import Testing

@testable import FirnFacts

/// Auditing as systems made by other people show it: what must not pass, and what must not alarm.
@Suite struct AuditFactsTests {
    private let identity = ["/etc/sudoers", "/etc/passwd", "/etc/shadow", "/etc/group"].map {
        "-w \($0) -p wa -k identity"
    }
    private let mount = [
        "-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k m",
        "-a always,exit -F arch=b32 -S mount -F auid>=1000 -F auid!=unset -k m",
    ]

    // MARK: How rules are loaded

    @Test func theThreeShapesGiveTheSameRules() throws {
        let current = try AuditSupport.current(identity)
        let former = try AuditSupport.former(identity)
        #expect(current.list("audit.rules") == identity)
        #expect(former.list("audit.rules") == identity)
        #expect(current.text("audit.enabled") == "true")
        #expect(former.text("audit.enabled") == "true")
        #expect(former.text("audit.covers.stig-identity") == "true")
        #expect(former.places("audit.rules").contains("audit-start:5"))
    }

    @Test func theDisablingScriptSwitchesOff() throws {
        let batch = try AuditSupport.former([], end: "auditctl -e 0 -a task,never")
        #expect(batch.text("audit.enabled") == "false")
        #expect(batch.text("audit.covers.stig-mount") == "false")
        #expect(batch.text("audit.backlog-limit") == "absent")
    }

    @Test func aUnitThatNothingWantsLoadsNothing() throws {
        let batch = try AuditSupport.current(
            identity,
            files: ["/etc/systemd/system/sysinit.target.wants/audit-rules-nixos.service": "-> ../other.service"])
        // The link bears the name and leads elsewhere: systemd goes by the name.
        #expect(batch.text("audit.enabled") == "true")
        let none = try AuditSupport.built([
            "/etc/systemd/system/audit-rules-nixos.service": "[Service]\nExecStart=/x/auditctl -R /etc/r\n",
            "/top/kernel-params": "",
        ])
        #expect(none.text("audit.enabled") == "false")
    }

    @Test func audit0OnTheCommandLineEndsAll() throws {
        let batch = try AuditSupport.current(identity, parameters: "audit=1 audit=0")
        #expect(batch.text("audit.enabled") == "false")
        #expect(batch.places("audit.enabled").contains("audit=0"))
        #expect(try AuditSupport.current(identity, parameters: "audit=0 audit=1").text("audit.enabled") == "true")
        #expect(try AuditSupport.current(identity, parameters: "audit=off").text("audit.enabled") == "false")
    }

    @Test func aContainerHasNoAuditOfItsOwn() throws {
        let batch = try AuditSupport.current(
            identity, context: SystemContext(release: "26.11", hasOwnKernel: false))
        #expect(batch.text("audit.enabled") == "false")
        #expect(batch.text("audit.auditd.enabled") == "false")
    }

    @Test func aSingleQuoteBreaksTheScript() throws {
        let batch = try AuditSupport.former(identity + ["-w /etc/group -p wa -k it's"])
        #expect(batch.text("audit.enabled") == "?")
        #expect(batch.reason("audit.enabled").contains("single quote"))
        #expect(try AuditSupport.current(identity + ["-w /etc/hosts -p wa -k it's"]).text("audit.enabled") == "true")
    }

    @Test func whatIsNotFollowedIsNotKnown() throws {
        let other = try AuditSupport.former(identity, end: "auditctl -e 1\nsome-program")
        #expect(other.text("audit.enabled") == "?")
        let second = try AuditSupport.current(
            identity,
            files: [
                "/etc/systemd/system/tune.service": "[Service]\nExecStart=/bin/sh -c \"auditctl -D\"\n",
                "/etc/systemd/system/multi-user.target.wants/tune.service": "-> ../tune.service",
            ])
        #expect(second.text("audit.covers.stig-identity") == "?")
        let condition = try AuditSupport.current(
            identity,
            files: [
                "/etc/systemd/system/audit-rules-nixos.service.d/x.conf": "[Unit]\nConditionPathExists=/etc/audited\n"
            ])
        #expect(condition.text("audit.enabled") == "?")
        let dangling = try AuditSupport.built([
            "/etc/systemd/system/audit-rules-nixos.service":
                "[Service]\nExecStart=/x/auditctl -R /nix/store/gone/audit.rules\n",
            "/etc/systemd/system/sysinit.target.wants/audit-rules-nixos.service": "-> ../audit-rules-nixos.service",
            "/top/kernel-params": "",
        ])
        #expect(dangling.text("audit.enabled") == "?")
    }

    @Test func aDropInThatAddsARuleIsFollowed() throws {
        let batch = try AuditSupport.current(
            mount,
            files: [
                "/etc/systemd/system/audit-rules-nixos.service.d/x.conf":
                    "[Service]\nExecStartPost=/x/auditctl -w /etc/passwd -p wa -k late\n"
            ])
        #expect(batch.list("audit.rules").last == "-w /etc/passwd -p wa -k late")
        let off = try AuditSupport.current(
            mount,
            files: [
                "/etc/systemd/system/audit-rules-nixos.service.d/x.conf": "[Service]\nExecStartPost=/x/auditctl -e 0\n"
            ])
        #expect(off.text("audit.enabled") == "false")
    }

    // MARK: Controls

    @Test func theLastBacklogCounts() throws {
        #expect(try AuditSupport.current(["-b 8192"]).text("audit.backlog-limit") == "8192")
        #expect(try AuditSupport.former(["-b 8192"]).text("audit.backlog-limit") == "64")
    }

    @Test func lockingComesBeforeTheRestOfTheCall() throws {
        let call = "auditctl \\\n  -e 2 \\\n  -b 8192 \\\n  -f 2 \\\n  -r 0"
        let batch = try AuditSupport.former(identity, end: call, parameters: "audit=1 audit_backlog_limit=512")
        #expect(batch.text("audit.immutable") == "true")
        #expect(batch.text("audit.failure-mode") == "1")
        #expect(batch.text("audit.backlog-limit") == "512")
    }

    @Test func whatStandsBehindTheLockIsRefused() throws {
        let batch = try AuditSupport.current(["-e 2"] + identity)
        #expect(batch.text("audit.immutable") == "true")
        #expect(batch.list("audit.rules.refused") == [identity[0]])
        #expect(batch.text("audit.covers.stig-identity") == "false")
    }

    // MARK: Lines that are refused

    @Test func theLoadStopsAtTheFirstError() throws {
        let batch = try AuditSupport.current(mount + ["-a always,exit -S opne -k x"] + identity, end: "-e 2")
        #expect(batch.text("audit.covers.stig-mount") == "true")
        #expect(batch.text("audit.covers.stig-identity") == "false")
        #expect(batch.text("audit.immutable") == "false")
        #expect(batch.list("audit.rules.refused") == ["-a always,exit -S opne -k x"])
        #expect(batch.list("audit.rules.not-loaded").count == 5)
    }

    @Test(arguments: ["-c", "-i"])
    func withContinueItGoesOn(option: String) throws {
        let batch = try AuditSupport.current([option, "-a always,exit -S opne -k x"] + identity, end: "-e 2")
        #expect(batch.text("audit.covers.stig-identity") == "true")
        #expect(batch.text("audit.immutable") == "true")
        #expect(batch.text("audit.continues-on-error") == "true")
    }

    @Test func aRuleTwiceStopsTheLoad() throws {
        let batch = try AuditSupport.current([identity[0], identity[0]] + identity)
        #expect(batch.list("audit.rules.refused") == [identity[0]])
        #expect(batch.text("audit.covers.stig-identity") == "false")
    }

    @Test func aMissingDirectoryStopsTheLoad() throws {
        let batch = try AuditSupport.current(["-w /usr/sbin/useradd -p x -k users"] + identity)
        #expect(batch.list("audit.rules.refused") == ["-w /usr/sbin/useradd -p x -k users"])
        #expect(batch.list("audit.rules.dead-watches") == ["/usr/sbin/useradd"])
        #expect(batch.text("audit.covers.stig-identity") == "false")
        let security = try AuditSupport.current(["-w /etc/security/opasswd -p wa -k identity"] + identity)
        #expect(security.text("audit.covers.stig-identity") == "false")
    }

    @Test func aDirectoryThatMayBeMissingLeavesDoubt() throws {
        let rules = mount + ["-w /var/lib/thing/data -p wa -k thing"] + identity
        let batch = try AuditSupport.current(rules)
        #expect(batch.text("audit.covers.stig-mount") == "true")
        #expect(batch.text("audit.covers.stig-identity") == "?")
        #expect(batch.text("audit.covers.stig-delete") == "false")
        #expect(batch.text("audit.enabled") == "true")
        let locked = try AuditSupport.current(rules, end: "-e 2")
        #expect(locked.text("audit.immutable") == "?")
        let account = try AuditSupport.current(["-a always,exit -S mount -F auid=anna -k a"] + identity)
        #expect(account.text("audit.covers.stig-identity") == "?")
    }

    @Test func rulesOnWrappersMustComeBehindTheirUnit() throws {
        let rules = ["-w /run/wrappers/bin/sudo -p x -k priv"]
        func answer(_ dropIn: String) throws -> [String] {
            try AuditSupport.current(
                rules,
                files: [
                    "/etc/systemd/system/suid-sgid-wrappers.service": "[Service]\nExecStart=/x\n",
                    "/etc/systemd/system/audit-rules-nixos.service.d/x.conf": dropIn,
                ]
            ).list("audit.rules.too-early")
        }
        #expect(try answer("[Unit]\nDefaultDependencies=false\n") == ["/run/wrappers/bin/sudo"])
        #expect(try answer("[Unit]\nDefaultDependencies=false\nAfter=suid-sgid-wrappers.service\n") == [])
        #expect(try answer("[Unit]\n") == [])
    }

    // MARK: A unit that undoes all when it fails

    /// The unit of 25.11 and later, which switches auditing off when auditctl fails.
    private func undoing(
        _ rules: [String], end: String = "-e 1", order: String = "", files: [String: String] = [:]
    ) throws -> FactBatch {
        let undo = "[Service]\nExecStopPost=\(AuditSupport.store)audit/bin/auditctl -e 0\n"
        return try AuditSupport.current(
            rules, end: end,
            files: [
                "/etc/systemd/system/suid-sgid-wrappers.service": "[Service]\nExecStart=/x\n",
                "/etc/systemd/system/audit-rules-nixos.service.d/x.conf":
                    "[Unit]\nDefaultDependencies=false\n\(order)\n\(undo)",
            ].merging(files) { $1 })
    }

    @Test func aRefusedLineSwitchesAuditingOff() throws {
        let rules = mount + ["-a always,exit -S opne -k x"] + identity
        let batch = try undoing(rules, end: "-e 2")
        #expect(batch.text("audit.enabled") == "false")
        #expect(batch.text("audit.intended") == "false")
        #expect(batch.text("audit.immutable") == "false")
        #expect(batch.text("audit.covers.stig-mount") == "false")
        #expect(batch.list("audit.rules.refused") == ["-a always,exit -S opne -k x"])
        #expect(batch.list("audit.rules.not-loaded").count == 5)
        // The lock keeps the unit from undoing anything.
        let locked = try undoing(mount + ["-e 2", "-a always,exit -S opne -k x"])
        #expect(locked.text("audit.enabled") == "true")
        #expect(locked.text("audit.covers.stig-mount") == "true")
    }

    @Test(arguments: [("-c", "-e 1", "false"), ("-c", "-e 2", "true"), ("-i", "-e 1", "true")])
    func continuingHelpsWhereTheUnitDoesNotUndoIt(option: String, end: String, isOn: String) throws {
        let batch = try undoing([option, "-a always,exit -S opne -k x"] + mount, end: end)
        #expect(batch.text("audit.enabled") == isOn)
        #expect(batch.text("audit.continues-on-error") == isOn)
        #expect(batch.text("audit.covers.stig-mount") == isOn)
    }

    @Test func aRaceWithTheWrappersLeavesDoubt() throws {
        let rules = ["-w /run/wrappers/bin/sudo -p x -k priv"] + mount
        let batch = try undoing(rules, end: "-e 2")
        #expect(batch.text("audit.enabled") == "?")
        #expect(batch.text("audit.immutable") == "?")
        #expect(batch.text("audit.intended") == "true")
        #expect(batch.text("audit.covers.stig-mount") == "true")
        let ordered = try undoing(rules, end: "-e 2", order: "After=suid-sgid-wrappers.service")
        #expect(ordered.text("audit.enabled") == "true")
        #expect(ordered.text("audit.immutable") == "true")
        #expect(try undoing(["-i"] + rules).text("audit.enabled") == "true")
        #expect(try undoing(["-c"] + rules).text("audit.enabled") == "?")
    }

    @Test func aProgramThatIsNotInstalledNeedsNoRule() throws {
        let wrappers = { (name: String) in
            ["/x": "chmod 0000 \"$wrapperDir/\(name)\"\n", "\(AuditSupport.store)systemd/bin/systemd-run": "program"]
        }
        let run = ["-a always,exit -F path=\(AuditSupport.store)systemd/bin/systemd-run -F perm=x -k run"]
        let order = "After=suid-sgid-wrappers.service"
        #expect(
            try undoing(run, order: order, files: wrappers("sudo")).text("audit.covers.aud-escalation") == "true")
        #expect(
            try undoing(run, order: order, files: wrappers("pkexec")).text("audit.covers.aud-escalation") == "false")
    }

    @Test func failedLoginsAreCountedBySomebodyOrNot() throws {
        let without = try AuditSupport.current(mount, files: ["/etc/pam.d/login": "auth required pam_unix.so\n"])
        #expect(without.text("audit.covers.cis-faillock") == "absent")
        let with = try AuditSupport.current(
            mount, files: ["/etc/pam.d/sshd": "auth required /nix/store/x/pam_faillock.so preauth\n"])
        #expect(with.text("audit.covers.cis-faillock") == "false")
    }

    // MARK: Watches

    @Test func deadWatchesAndMissedWrappers() throws {
        let batch = try AuditSupport.current([
            "-w /usr/bin/sudo -p x -k priv", "-w /run/current-system/sw/bin/su -p x -k priv",
            "-a always,exit -F path=/run/current-system/sw/bin/usermod -F perm=x -k users",
            "-w /run/wrappers/bin/sudo -p x -k priv", "-w /bin/sh -p x -k sh",
        ])
        #expect(
            batch.list("audit.rules.dead-watches") == [
                "/usr/bin/sudo", "/run/current-system/sw/bin/su", "/run/current-system/sw/bin/usermod",
            ])
        #expect(
            batch.list("audit.rules.outside-wrappers") == ["/usr/bin/sudo", "/run/current-system/sw/bin/su"])
        let envfs = try AuditSupport.current(
            ["-w /usr/bin/sudo -p x -k priv"], files: ["/etc/fstab": "none /usr/bin envfs defaults 0 0\n"])
        #expect(envfs.list("audit.rules.dead-watches") == [])
    }

    @Test func aWatchOnTheLinkOfAProgramCoversNothing() throws {
        let tail = "-F perm=x -F auid>=1000 -F auid!=unset -k privileged-usermod"
        let link = try AuditSupport.current(["-a always,exit -F path=/run/current-system/sw/bin/usermod \(tail)"])
        #expect(link.text("audit.covers.stig-usermod") == "false")
        let path = "\(AuditSupport.store)shadow/bin/usermod"
        let real = try AuditSupport.current(
            ["-a always,exit -F path=\(path) \(tail)"], files: [path: "program"])
        #expect(real.text("audit.covers.stig-usermod") == "true")
        let all = try AuditSupport.current(["-a always,exit -F arch=b64 -S execve,execveat -F auid>=1000 -k exec"])
        #expect(all.text("audit.covers.stig-usermod") == "true")
        let root = try AuditSupport.current(["-a always,exit -F arch=b64 -S execve,execveat -F euid=0 -k exec"])
        #expect(root.text("audit.covers.stig-usermod") == "false")
    }
}
