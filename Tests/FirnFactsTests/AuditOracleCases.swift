import FirnParsing
import FirnTestSupport
import Foundation

@testable import FirnFacts

/// Rules files for the comparison with auditctl.
enum AuditOracleCases {
    struct Case {
        var group: String
        var lines: [String]
        /// Whether the one line is refused; nil for files of several lines.
        var isRefused: Bool?
    }

    static func all() throws -> [Case] {
        try sets() + fixtures() + files.map { Case(group: "files of several lines", lines: $0) }
            + taken.map { Case(group: "lines taken", lines: [$0], isRefused: false) }
            + refused.map { Case(group: "lines refused", lines: [$0], isRefused: true) }
    }

    /// The sets of the catalogue, each as one file.
    private static func sets() throws -> [Case] {
        try AuditSupport.table().sets.map { Case(group: "rule sets", lines: $0.wanted + $0.present) }
            + Self.published.map { Case(group: "rule sets as published", lines: $0) }
    }

    /// Sets whose published lines differ from those that NixOS can have.
    private static let published: [[String]] = [
        ["-c"],
        [
            "-w /etc/sudoers -p wa -k identity", "-w /etc/passwd -p wa -k identity", "-w /etc/shadow -p wa -k identity",
            "-w /etc/gshadow -p wa -k identity", "-w /etc/group -p wa -k identity",
            "-w /etc/security/opasswd -p wa -k identity",
        ],
        [
            "-a always,exit -F path=/run/current-system/sw/bin/usermod -F perm=x -F auid>=1000 -F auid!=unset "
                + "-k privileged-usermod"
        ],
        [
            "-a always,exit -F arch=b64 -F path=/etc/sudoers -F perm=wa -F key=actions",
            "-a always,exit -F arch=b64 -F dir=/etc/sudoers.d/ -F perm=wa -F key=actions",
        ],
    ]

    /// What the real systems load.
    private static func fixtures() throws -> [Case] {
        var cases: [Case] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.path).sorted() {
            let store = Repository.fixtures.appendingPathComponent("\(name)/system/nix/store")
            guard let entries = try? FileManager.default.contentsOfDirectory(atPath: store.path) else { continue }
            for entry in entries.sorted() {
                if entry.hasSuffix("-audit.rules") {
                    let text = try String(
                        contentsOf: store.appendingPathComponent("\(entry)/audit.rules"), encoding: .utf8)
                    cases.append(Case(group: "real systems", lines: lines(text)))
                } else if entry.hasSuffix("-audit-start") {
                    let text = try String(contentsOf: store.appendingPathComponent(entry), encoding: .utf8)
                    let rules = lines(text).filter { $0.hasPrefix("echo '") }.map {
                        String($0.dropFirst("echo '".count).dropLast("' >> $rulesfile".count))
                    }
                    cases.append(Case(group: "real systems", lines: rules))
                }
            }
        }
        return cases
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }

    private static let files: [[String]] = [
        // A rule that stands there twice stops the load.
        ["-w /etc/passwd -p wa -k a", "-w /etc/passwd -p wa -k a", "-w /etc/group -p wa -k a"],
        // The key is part of the rule.
        ["-w /etc/passwd -p wa -k a", "-w /etc/passwd -p wa -k b", "-w /etc/passwd -p w -k a"],
        // So is the order of the fields.
        [
            "-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k m",
            "-a always,exit -F arch=b64 -S mount -F auid!=unset -F auid>=1000 -k m",
        ],
        [
            "-a always,exit -F arch=b64 -S mount -F auid!=-1 -k m",
            "-a always,exit -F arch=b64 -S mount -F auid!=4294967295 -k m", "-w /etc/group -p wa",
        ],
        // The first error ends the file; -i and -c go on.
        ["-w /etc/passwd -p wa -k a", "-a always,exit -S nonsense -k b", "-w /etc/group -p wa -k a"],
        ["-i", "-w /etc/passwd -p wa -k a", "-a always,exit -S nonsense -k b", "-w /etc/group -p wa -k a"],
        ["-c", "-w /nonsense/x -p wa -k a", "-a always,exit -S nonsense -k b", "-w /etc/group -p wa -k a"],
        ["-w /etc/passwd -p wa -k a", "-c", "-w /nonsense/x -p wa", "-w /etc/group -p wa -k a"],
        // A missing directory, a missing tree.
        ["-w /nonsense/x -p wa -k a", "-w /etc/group -p wa -k a"],
        ["-a always,exit -F dir=/nonsense -F perm=wa -k a", "-w /etc/group -p wa -k a"],
        ["-w /usr/bin/no-such-program -p x -k a", "-w /etc/group -p wa -k a"],
        // Order, deletion.
        ["-w /etc/passwd -p wa -k a", "-A always,exit -F arch=b64 -S mount -k m", "-w /etc/group -p wa -k a"],
        ["-w /etc/passwd -p wa -k a", "-W /etc/passwd -p wa -k a", "-w /etc/group -p wa -k a"],
        ["-w /etc/passwd -p wa -k a", "-W /etc/passwd -p w -k a", "-w /etc/group -p wa -k a"],
        [
            "-a never,exit -F arch=b64 -S mount", "-d never,exit -F arch=b64 -S mount",
            "-a always,exit -F arch=b64 -S mount -k m",
        ],
        ["-w /etc/passwd -p wa -k a", "-D", "-w /etc/group -p wa -k a"],
        ["-w /etc/passwd -p wa -k a", "-w /etc/group -p wa -k b", "-D -k a"],
        ["-w /etc/passwd -p wa -k abc", "-w /etc/group -p wa -k b", "-D -k b"],
        // Lists of their own.
        [
            "-a always,exclude -F msgtype=CWD", "-a never,task", "-a never,user -F uid=1000",
            "-a always,exit -F arch=b64 -S mount -k m", "-a never,filesystem -F fstype=tracefs",
            "-A never,exclude -F msgtype=EOE",
        ],
        ["# a comment", "", "   ", "  # another", "-w /etc/passwd -p wa", "#-w /etc/group"],
        ["\t-w /etc/passwd -p wa", "-w /etc/group -p wa"],
    ]

    static let taken: [String] = [
        "-w /etc/passwd", "-w /etc/passwd -p rwxa", "-w /etc/passwd -p WA -k key", "-w /etc/ -p wa -k dir",
        "-w /etc/passwd -k a -k b", "-w /etc/passwd -p wa -F auid>=1000 -k x", "-w / -p x", "-w /etc/passwd -pwa -kkey",
        "-w /var/log/lastlog -p wa -k logins", "   -w   /etc/passwd   -p   wa   ",
        "-w /etc/passwd -p wa -F key=other",
        "-a always,exit -F path=/etc/passwd -F perm=wa -k p", "-a exit,always -F path=/etc/passwd -F perm=wa",
        "-a always,exit -F dir=/etc -F perm=w", "-a always,exit -F dir=/etc/ -F perm=w",
        "-a always,exit -F dir=/home -F uid=0 -F auid>=1000 -F auid!=unset -C auid!=obj_uid -F key=power-abuse",
        "-a always,exit -F arch=b64 -S all -k everything", "-a always,exit -F arch=b32 -S all",
        "-a always,exit -S all", "-a always,exit", "-a never,exit", "-a always,exit -F auid=1000",
        "-a always,exit -F loginuid=1000", "-a always,exit -F auid!=-1 -S mount", "-a always,exit -F auid=unset",
        "-a always,exit -F arch=x86_64 -S open,openat,creat -F exit=-EACCES", "-a always,exit -F arch=i386 -S open",
        "-a always,exit -F arch=0xC000003E -S 2", "-a always,exit -F arch=b64 -S 59 -S 322 -k exec",
        "-a always,exit -F arch=b64 -S execve -S execveat", "-a always,exit -F arch!=b64 -S all",
        "-a always,exit -S mount", "-S mount -a always,exit", "-a always,exit -F arch=B64 -S mount",
        "-a always,exit -F arch=b64 -S clone -F a0&0x7C020000 -F key=container-create",
        "-a always,exit -F arch=b64 -S ptrace -F a0=0x4 -F a1&=1 -F a2>3 -F a3<=9",
        "-a always,exit -F arch=b64 -S kill -F exit=-1", "-a always,exit -F arch=b64 -S kill -F exit>0",
        "-a always,exit -F arch=b64 -S open -F success=0", "-a always,exit -F arch=b64 -S open -F success!=1",
        "-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0 -k execpriv",
        "-a always,exit -F arch=b64 -S execve -C euid!=uid", "-a always,exit -F arch=b64 -S execve -C gid=sgid",
        "-a always,exit -F arch=b64 -S execve -F exe=/usr/bin/true", "-a never,exit -F exe=/usr/bin/true",
        "-a always,exit -F uid=root -F gid=root", "-a always,exit -F ppid=1 -F pid!=2", "-a always,exit -F inode=12345",
        "-a always,exit -F devmajor=8 -F devminor=1", "-a always,exit -F filetype=file -F path=/etc/passwd",
        "-a always,exit -F filetype=character -S open", "-a always,exit -F sessionid=unset", "-a always,exit -F pers=8",
        "-a always,exit -F saddr_fam=2 -S connect", "-a always,exit -F obj_uid=0 -F obj_gid!=0",
        "-a always,exit -F path=/etc/passwd -k one -k two -k three", "-a always,exit -F perm=x -k x",
        "-a always,exit -F path=/etc/passwd -p wa", "-a never,task", "-a never,task -F uid=1000", "-a task,never",
        "-a always,exclude -F msgtype=SYSCALL", "-a never,exclude -F msgtype=1300", "-a exclude,never -F msgtype>=1400",
        "-a never,exclude -F auid=unset", "-a always,exclude -F msgtype=cwd", "-a never,exclude -F exe=/usr/bin/true",
        "-a never,user -F uid=1000", "-a always,user -F msgtype=USER_LOGIN", "-a never,filesystem -F fstype=debugfs",
        "-a never,filesystem -F fstype=0x64626720", "-a never,filesystem -F fstype=tracefs -k noise",
        "-A always,exit -F path=/etc/passwd", "-a always,exit -F auid>=0x3e8 -S mount",
        "-a always,exit -F auid>=1000abc -S mount", "-a always,exit -F arch=b64 -S MOUNT",
        "-a always,exit -F AUID=1000", "-a always,exit -F arch=b64 -S mount,,umount2",
    ]

    static let refused: [String] = [
        "-w etc/passwd -p wa", "-w /etc/passwd -p q", "-w /etc/passwd -p rwxar", "-p wa -w /etc/passwd", "-w",
        "-w /etc/passwd extra", "-k key -w /etc/passwd", "-a always,exit -w /etc/passwd", "-w /nonsense/dir/x -p wa",
        "-a always,exit -F path=passwd", "-a always,exit -F path=/etc/", "-a always,exit -F path!=/etc/passwd",
        "-a always,exit -F path=/etc/passwd -F path=/etc/group", "-a always,exit -F path=/etc/passwd -F dir=/etc",
        "-a always,exit -F dir=/nonsense", "-a always", "-a always,exit,exit", "-a sometimes,exit", "-a always,entry",
        "-a always,watch", "-a ALWAYS,exit", "-F auid=1000 -a always,exit", "-a always,exit -F auid",
        "-a always,exit -F =1",
        "-a always,exit -F auid=", "-a always,exit -F nonsense=1", "-a always,exit -S nonsense", "-S mount",
        "-a always,exit -S 99999", "-a always,exit -S mount -F arch=b64", "-a always,exit -F arch=b16 -S mount",
        "-a always,exit -F arch>b64 -S mount", "-a always,exit -F auid>=unset", "-a always,exit -F uid=-1",
        "-a always,exit -F auid&1", "-a always,exit -F uid&=1", "-a always,exit -F a0=x", "-a always,exit -F pid=x",
        "-a always,exit -F exit=-ENONSENSE", "-a always,exit -F perm!=x", "-a always,exit -F perm=y",
        "-a always,exit -F filetype=nonsense", "-a always,exit -F msgtype=SYSCALL", "-a always,exit -F fstype=tracefs",
        "-a always,exit -F inode>5", "-a always,exit -F exe>/usr/bin/true", "-a always,exit -F exe=true",
        "-a always,exit -F saddr_fam=99", "-a always,exit -C uid!=gid", "-a always,exit -C uid!=uid",
        "-a always,exit -C uid>euid", "-C uid!=euid -a always,exit", "-a never,task -C uid!=euid",
        "-a never,task -S open",
        "-a never,user -S open", "-a never,exclude -S open", "-a never,filesystem -S open",
        "-a never,filesystem -F auid=1000", "-a never,exclude -F msgtype=NONSENSE",
        "-a never,exclude -F path=/etc/passwd",
        "-a never,exclude -F msgtype=CWD -k key", "-a never,task -F path=/etc/passwd", "-a never,user -F exit=0",
        "-a always,exit -F auid=1000 -k key", "-a always,exit -a never,exit", "-x", "--nonsense", "-a always,exit -Z",
        "-R /etc/audit/audit.rules", "-d always,exit -S mount",
        "-W /etc/passwd -p wa", "-a always,exit nonsense", "-a always,exit -F uid!=4294967295", "always,exit -S mount",
        "-a always,exit -F exit=-EACCES -F perm", "-a always,possible", "-a always,exit -F gid=-1",
        "-a always,exit -F exe=/nonsense/x/y",
    ]
}
