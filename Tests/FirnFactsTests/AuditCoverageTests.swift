import FirnModel
import Testing

@testable import FirnFacts

/// When a set of rules counts as audited.
@Suite struct AuditCoverageTests {
    private static let b64 = "-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k m"
    private static let b32 = "-a always,exit -F arch=b32 -S mount -F auid>=1000 -F auid!=unset -k m"

    private func covers(_ set: String, _ rules: [String]) throws -> String {
        try AuditSupport.current(rules).text("audit.covers." + set)
    }

    @Test(arguments: [
        // The rules as they are, in other spellings and with more.
        [b64, b32],
        ["-a exit,always -F arch=b64 -S umount2,mount -F auid!=-1 -F auid>=1000", b32],
        ["-a always,exit -F arch=x86_64 -S mount -F loginuid>=0x3e8 -F auid!=4294967295", b32],
        ["-a always,exit -F arch=b64 -S all -F auid>=500 -k all", b32],
        ["-a always,exit -F arch=b64 -S mount -k m", "-a always,exit -F arch=b32 -S mount -k m"],
        ["-a always,exit -F auid>=1000 -S all -k all"], ["-a always,exit -S all -k all"],
        ["-a always,exit -F arch=b64 -S 165 -k m", "-a always,exit -F arch=b32 -S 21 -k m"],
        // A never for something else.
        ["-a never,exit -F arch=b64 -S umount2", b64, b32], ["-a never,exit -F auid=unset", b64, b32],
        ["-a never,exit -F auid=0", b64, b32], ["-a never,exit -F auid<1000", b64, b32],
        ["-a never,exit -F dir=/etc -F perm=r", b64, b32], [b64, b32, "-a never,exit -S mount"],
        ["-a never,exit -F arch=b64 -S mount -F auid=unset -F uid=995", b64, b32],
        ["-a always,exclude -F msgtype=CWD", b64, b32], ["-a never,exclude -F auid=unset", b64, b32],
        ["-a never,user -F uid=1000", b64, b32], ["-a never,filesystem -F fstype=tracefs", b64, b32],
    ])
    func mountIsAudited(rules: [String]) throws {
        #expect(try covers("stig-mount", rules) == "true")
    }

    @Test(arguments: [
        [b64], [b32], [], ["-a always,exit -S mount -F auid>=1000 -F auid!=unset -k m"],
        // More conditions than wanted.
        ["-a always,exit -F arch=b64 -S mount -F auid>=1001 -k m", b32],
        ["-a always,exit -F arch=b64 -S mount -F auid>=1000 -F success=1 -k m", b32],
        ["-a always,exit -F arch=b64 -S mount -F auid>=1000 -F dir=/mnt -k m", b32],
        ["-a always,exit -F arch=b64 -S mount -F auid=1000 -k m", b32],
        ["-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=1001 -k m", b32],
        ["-a always,exit -F arch=b64 -S mount -C uid!=euid -k m", b32],
        ["-a always,exit -F arch!=b64 -S mount -k m", b32],
        ["-a always,exit -F arch=b64 -S umount2 -k m", b32],
        // Something earlier takes them.
        ["-a never,exit -F arch=b64 -S mount", b64, b32], ["-a never,exit -S all", b64, b32],
        ["-a never,exit -F auid=1005", b64, b32], ["-a never,exit -F uid=0", b64, b32], ["-a never,task", b64, b32],
        [b64, b32, "-a never,task"], [b64, b32, "-A never,exit -S mount"],
        [b64, b32, "-a never,exclude -F msgtype=SYSCALL"],
        [b64, b32, "-a always,exclude -F msgtype>=1300"], [b64, b32, "-a never,exclude -F uid=0"],
        [b64, b32, "-d always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k m"], [b64, b32, "-D"],
        ["-a never,exit -F arch=b64 -S mount -F auid=1000 -F uid=995", b64, b32],
        ["-a always,filesystem -F fstype=tracefs"], ["-a always,user -F uid=0"],
    ])
    func mountIsNotAudited(rules: [String]) throws {
        #expect(try covers("stig-mount", rules) == "false")
    }

    @Test func accessesMayBeAskedForWithSuccess() throws {
        let rules = ["b64", "b32"].map {
            "-a always,exit -F arch=\($0) -S open,creat,truncate,ftruncate,openat,open_by_handle_at -F success=0 -k a"
        }
        #expect(try covers("stig-access", rules) == "true")
        #expect(try covers("stig-access", rules.map { $0.replacing("success=0", with: "success=1") }) == "false")
        #expect(try covers("stig-access", ["-a never,exit -F dir=/etc -F perm=r"] + rules) == "false")
    }

    @Test func watchesAreCoveredByTreesAndByPathRules() throws {
        #expect(try covers("stig-identity", ["-w /etc -p wa -k etc"]) == "true")
        #expect(try covers("stig-identity", ["-w /etc/ -p wxa -k etc"]) == "true")
        #expect(try covers("stig-identity", ["-a always,exit -F dir=/etc -F perm=wa -k etc"]) == "true")
        #expect(try covers("stig-identity", ["-w /etc -p a -k etc"]) == "false")
        #expect(try covers("stig-identity", ["-w /etc/passwd.d -p wa -k etc"]) == "false")
        let files = ["/etc/sudoers", "/etc/passwd", "/etc/shadow", "/etc/group"]
        let one = files.map { "-a always,exit -F arch=b64 -F path=\($0) -F perm=wa -k i" }
        #expect(try covers("stig-identity", one) == "false")
        let both = one + files.map { "-a always,exit -F arch=b32 -F path=\($0) -F perm=wa -k i" }
        #expect(try covers("stig-identity", both) == "true")
        #expect(
            try covers("stig-identity", ["-a never,exit -F path=/etc/shadow -F perm=wa", "-w /etc -p wa -k etc"])
                == "false")
        #expect(
            try covers("stig-identity", ["-a never,exit -F path=/etc/hosts -F perm=wa", "-w /etc -p wa -k etc"])
                == "true")
        #expect(try covers("stig-identity", ["-w /etc -p wa -k etc", "-a never,exclude -F msgtype=PATH"]) == "false")
    }

    @Test func everyWrapperIsWanted() throws {
        let files = [
            "/etc/systemd/system/suid-sgid-wrappers.service": "[Service]\nExecStart=\(AuditSupport.store)w/bin/w\n",
            "\(AuditSupport.store)w/bin/w": "chmod 0000 \"$wrapperDir/sudo\"\nchmod 0000 \"$wrapperDir/mount\"\n",
        ]
        func answer(_ rules: [String]) throws -> String {
            try AuditSupport.current(rules, files: files).text("audit.covers.aud-privileged")
        }
        #expect(try answer(["-w /run/wrappers/bin/sudo -p x -k p"]) == "false")
        #expect(try answer(["-w /run/wrappers/bin/sudo -p x -k p", "-w /run/wrappers/bin/mount -p x -k p"]) == "true")
        #expect(try answer(["-a always,exit -F dir=/run/wrappers/bin -F perm=x -k p"]) == "true")
    }

    @Test func aSetWithoutItsServiceDoesNotApply() throws {
        #expect(try covers("stig-cron", []) == "absent")
        let cron = [
            "/etc/systemd/system/cron.service": "[Service]\nExecStart=/x\n",
            "/etc/systemd/system/multi-user.target.wants/cron.service": "-> ../cron.service",
        ]
        #expect(try AuditSupport.current([], files: cron).text("audit.covers.stig-cron") == "false")
    }

    @Test func shadowedRulesAreNamedWithWhatHidesThem() throws {
        let batch = try AuditSupport.current(["-a never,exit -F auid>=1000", Self.b64, "-w /etc/passwd -p wa -k i"])
        #expect(batch.list("audit.rules.shadowed").count == 1)
        #expect(batch.places("audit.rules.shadowed").contains("audit.rules:5 comes first"))
        let task = try AuditSupport.current([Self.b64, "-a never,task"])
        #expect(task.list("audit.rules.shadowed").count == 1)
        let read = try AuditSupport.current(["-a never,exit -F dir=/etc -F perm=r", "-w /etc/passwd -p wa -k i"])
        #expect(read.list("audit.rules.shadowed") == [])
    }
}
