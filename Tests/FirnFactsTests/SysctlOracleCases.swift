import FirnParsing
import FirnTestSupport
import Foundation

/// A set of files for the comparison with systemd-sysctl; all of them set `net.*` only.
struct SysctlOracleCase: Sendable {
    var name: String
    /// Text, or `-> target` for a link, by path.
    var files: [String: String]
    /// Settings that are unavailable on purpose.
    var untold: Set<String> = []

    init(_ name: String, _ files: [String: String], untold: Set<String> = []) {
        self.name = name
        self.files = files
        self.untold = untold
    }

    /// One file.
    init(_ name: String, _ text: String, untold: Set<String> = []) {
        self.init(name, ["/etc/sysctl.d/60-nixos.conf": text], untold: untold)
    }

    /// The paths the files assign by name.
    var paths: [String] {
        files.values.flatMap { text in
            ((try? SysctlFile.parse(Array(text.utf8)))?.entries ?? []).filter { !$0.isGlob }.map(\.path)
        }
    }

    static let written: [SysctlOracleCase] = [
        SysctlOracleCase("nothing set: defaults", "# nothing\n"),
        SysctlOracleCase(
            "plain assignments, blanks, comments",
            """
              # comment
            ; comment
            net.ipv4.conf.all.rp_filter=1
              net.ipv4.conf.all.log_martians \t =   1\u{20}
            net.ipv4.conf.all.shared_media = 0 # not a comment, but the kernel stops at the blank
            """),
        SysctlOracleCase(
            "slash and dot spelling name one key",
            "net/ipv4/conf/all/rp_filter = 1\nnet.ipv4.conf.all.rp_filter = 2\nnet/ipv4/conf/all/arp_filter=1\n"),
        SysctlOracleCase("doubled and leading separators", "net..ipv4.tcp_sack = 0\n/net//ipv4/tcp_rfc1337 = 1\n"),
        SysctlOracleCase(
            "a later file replaces",
            [
                "/etc/sysctl.d/60-nixos.conf": "net.ipv4.tcp_syncookies=1\n",
                "/etc/sysctl.d/70-vendor.conf": "net.ipv4.tcp_syncookies = 2\n",
            ]),
        SysctlOracleCase(
            "order is by name over all directories",
            [
                "/usr/lib/sysctl.d/90-late.conf": "net.ipv4.tcp_syncookies=2\n",
                "/etc/sysctl.d/10-early.conf": "net.ipv4.tcp_syncookies=0\n",
                "/run/sysctl.d/50-middle.conf": "net.ipv4.tcp_syncookies=1\nnet.ipv4.tcp_rfc1337=1\n",
            ]),
        SysctlOracleCase(
            "the first directory with a name wins",
            [
                "/etc/sysctl.d/50-a.conf": "net.ipv4.tcp_syncookies=2\n",
                "/run/sysctl.d/50-a.conf": "net.ipv4.tcp_syncookies=0\nnet.ipv4.tcp_sack=0\n",
                "/usr/local/lib/sysctl.d/50-b.conf": "net.ipv4.tcp_rfc1337=1\n",
                "/usr/lib/sysctl.d/50-b.conf": "net.ipv4.tcp_rfc1337=0\nnet.ipv4.tcp_timestamps=0\n",
            ]),
        SysctlOracleCase(
            "a link to /dev/null masks",
            [
                "/etc/sysctl.d/50-default.conf": "-> /dev/null",
                "/usr/lib/sysctl.d/50-default.conf": "net.ipv4.tcp_syncookies=0\n",
            ]),
        SysctlOracleCase(
            "an empty file masks",
            ["/etc/sysctl.d/50-x.conf": "", "/usr/lib/sysctl.d/50-x.conf": "net.ipv4.tcp_syncookies=0\n"]),
        SysctlOracleCase(
            "only .conf files, no hidden ones",
            [
                "/etc/sysctl.d/99-x.conf.bak": "net.ipv4.tcp_syncookies=0\n",
                "/etc/sysctl.d/.99-x.conf": "net.ipv4.tcp_syncookies=0\n",
                "/etc/sysctl.d/99-x": "net.ipv4.tcp_syncookies=0\n", "/etc/sysctl.d/README": "net.ipv4.tcp_sack=0\n",
            ]),
        SysctlOracleCase(
            "lines that are no assignment", "net.ipv4.tcp_syncookies 0\nnonsense\n= 5\nnet.ipv4.tcp_sack = 0\n"),
        SysctlOracleCase(
            "a dash before an assignment ignores errors",
            "-net.ipv4.no_such_key = 1\n-net.ipv4.tcp_sack = 0\n- net.ipv4.tcp_rfc1337 = 1\n"),
        SysctlOracleCase(
            "an exclusion takes an earlier assignment away",
            [
                "/etc/sysctl.d/40-a.conf": "net.ipv4.conf.all.rp_filter = 1\n",
                "/etc/sysctl.d/50-b.conf": "-net.ipv4.conf.all.rp_filter\n",
            ]),
        SysctlOracleCase(
            "an assignment after an exclusion holds",
            "-net.ipv4.conf.all.rp_filter\nnet.ipv4.conf.*.rp_filter = 2\nnet.ipv4.conf.all.rp_filter = 1\n"),
        SysctlOracleCase("a glob reaches all and default", "net.ipv4.conf.*.rp_filter = 2\n"),
        SysctlOracleCase(
            "a glob leaves explicit keys alone, before and after",
            "net.ipv4.conf.all.log_martians = 0\nnet.ipv4.conf.*.log_martians = 1\n"
                + "net.ipv4.conf.*.arp_filter = 1\nnet.ipv4.conf.default.arp_filter = 0\n"),
        SysctlOracleCase(
            "a glob and its exclusion",
            "net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n"),
        SysctlOracleCase(
            "excluding a glob takes the glob away, not its keys",
            "net.ipv4.conf.*.rp_filter = 2\nnet.ipv4.conf.a*.rp_filter = 1\n-net.ipv4.conf.*.rp_filter\n"),
        SysctlOracleCase(
            "two globs write in order",
            "net.ipv4.conf.*.rp_filter = 2\nnet.ipv4.conf.[a]ll.rp_filter = 1\nnet.ipv4.conf.d??????.rp_filter = 0\n",
            untold: ["net.ipv4.conf.*.rp_filter"]),
        SysctlOracleCase(
            "sets, ranges and negation",
            "net.ipv4.conf.[!d]*.arp_accept = 1\nnet.ipv4.conf.[b-e]efault.arp_notify = 1\n"),
        SysctlOracleCase(
            "braces only beside another glob sign",
            "net.ipv4.conf.{all,default}.arp_notify = 1\nnet.ipv4.conf.{all,default}.arp_accep[t] = 1\n"),
        SysctlOracleCase(
            "a glob does not cross a separator", "net.ipv4.*.rp_filter = 1\nnet.*.tcp_sack = 0\nnet.*.x = 1\n"),
        SysctlOracleCase("a glob over names", "net.ipv4.tcp_s*k = 0\nnet.ipv4.conf.all.*_redirects = 0\n"),
        SysctlOracleCase("ip_forward is conf.all.forwarding", "net.ipv4.ip_forward = 1\n"),
        SysctlOracleCase("conf.all.forwarding is ip_forward", "net.ipv4.conf.all.forwarding = 1\n"),
        SysctlOracleCase(
            "forwarding switched off, then on by its other name",
            "net.ipv4.conf.all.forwarding=0\nnet.ipv4.ip_forward=1\n"),
        SysctlOracleCase(
            "forwarding on, then off by its other name", "net.ipv4.ip_forward=1\nnet.ipv4.conf.all.forwarding=0\n"),
        SysctlOracleCase(
            "forwarding turns redirects off, after a file set them off",
            "net.ipv4.conf.all.accept_redirects=0\nnet.ipv4.conf.all.forwarding=1\n"),
        SysctlOracleCase(
            "redirects set after forwarding stay",
            "net.ipv4.conf.all.forwarding=1\nnet.ipv4.conf.all.accept_redirects=1\n"),
        SysctlOracleCase(
            "redirects on, then forwarding on: a second run differs",
            "net.ipv4.conf.all.accept_redirects=1\nnet.ipv4.conf.all.forwarding=1\n",
            untold: ["net.ipv4.conf.all.accept_redirects"]),
        SysctlOracleCase(
            "default.forwarding set after all", "net.ipv4.conf.all.forwarding=1\nnet.ipv4.conf.default.forwarding=0\n"),
        SysctlOracleCase(
            "the same value keeps its early place",
            [
                "/etc/sysctl.d/10-a.conf": "net.ipv4.conf.all.forwarding = 0\nnet.ipv4.ip_forward = 1\n",
                "/etc/sysctl.d/90-b.conf": "net.ipv4.conf.all.forwarding = 0\n",
            ]),
        SysctlOracleCase(
            "another value moves to the end",
            [
                "/etc/sysctl.d/10-a.conf": "net.ipv4.conf.all.forwarding = 1\nnet.ipv4.ip_forward = 1\n",
                "/etc/sysctl.d/90-b.conf": "net.ipv4.conf.all.forwarding = 0\n",
            ]),
        SysctlOracleCase("a glob over forwarding", "net.ipv4.conf.*.forwarding = 1\n"),
        SysctlOracleCase("IPv6 forwarding reaches default", "net.ipv6.conf.all.forwarding = 1\n"),
        SysctlOracleCase(
            "IPv6 forwarding of single interfaces beside the switch",
            "net.ipv6.conf.all.force_forwarding=1\nnet.ipv6.conf.all.forwarding=0\n"),
        SysctlOracleCase(
            "IPv6 forwarding on and off leaves single interfaces",
            [
                "/etc/sysctl.d/10-a.conf":
                    "net.ipv6.conf.default.forwarding = 0\nnet.ipv6.conf.all.force_forwarding = 1\n",
                "/etc/sysctl.d/20-b.conf": "net.ipv6.conf.*.forwarding = 1\nnet.ipv6.conf.[a]ll.forwarding = 0\n",
            ]),
        SysctlOracleCase(
            "IPv6 switched off reaches default", "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.all.accept_ra=0\n"),
        SysctlOracleCase(
            "IPv6 default first, then all with the value it has: no write",
            "net.ipv6.conf.default.disable_ipv6=1\nnet.ipv6.conf.all.disable_ipv6=0\n",
            untold: ["net.ipv6.conf.default.disable_ipv6"]),
        SysctlOracleCase(
            "IPv6 default after all", "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=0\n"),
        SysctlOracleCase(
            "hexadecimal, octal, signs, what follows a blank",
            "net.ipv4.conf.all.arp_ignore=0x2\nnet.ipv4.conf.all.arp_announce=010\nnet.ipv4.conf.all.arp_accept=-1\n"
                + "net.ipv4.conf.all.arp_notify=7 8 9\nnet.ipv4.conf.all.arp_filter=00\n"),
        SysctlOracleCase(
            "numbers the kernel refuses",
            "net.ipv4.conf.all.arp_ignore=abc\nnet.ipv4.conf.all.arp_announce=+1\nnet.ipv4.conf.all.rp_filter=1,2\n"
                + "net.ipv4.conf.all.log_martians=\nnet.ipv4.conf.all.arp_filter=4294967296\n"
                + "net.ipv4.conf.all.proxy_arp=08\nnet.ipv4.conf.all.bootp_relay=true\n",
            untold: Set(
                ["arp_ignore", "arp_announce", "rp_filter", "log_martians", "arp_filter", "proxy_arp", "bootp_relay"]
                    .map { "net.ipv4.conf.all." + $0 })),
        SysctlOracleCase(
            "numbers outside the range",
            "net.ipv4.icmp_echo_ignore_broadcasts = 2\nnet.ipv4.tcp_syncookies = 256\nnet.ipv4.tcp_sack = -1\n",
            untold: ["net.ipv4.icmp_echo_ignore_broadcasts", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_sack"]),
        SysctlOracleCase(
            "lists of numbers",
            "net.ipv4.ping_group_range =  0 \t 2147483647\nnet.ipv4.ip_local_port_range=1024\t65535\n"),
        SysctlOracleCase(
            "carriage returns", "net.ipv4.tcp_sack=0\r\nnet.ipv4.tcp_rfc1337=1\rnet.ipv4.tcp_timestamps=0\n"),
        SysctlOracleCase("the same key twice in a file", "net.ipv4.tcp_sack=0\nnet.ipv4.tcp_sack=1\n"),
        SysctlOracleCase(
            "a key below all that only looks alike", "net.ipv4.conf.ALL.rp_filter=1\nnet.ipv4.conf.all.rp_filter/=1\n"),
    ]

    /// The files of every fixture, without the settings that would reach this machine.
    static func fixtures() throws -> [SysctlOracleCase] {
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: Repository.fixtures.path).sorted().map { name in
            let root = Repository.fixtures.appendingPathComponent(name).appendingPathComponent("system").path
            var files: [String: String] = [:]
            for file in try manager.contentsOfDirectory(atPath: root + "/etc/sysctl.d") {
                var path = root + "/etc/sysctl.d/" + file
                while let target = try? manager.destinationOfSymbolicLink(atPath: path) {
                    path = root + target
                }
                if !manager.fileExists(atPath: path) {
                    // The old generation links to a file inside a linked directory.
                    path = try resolved(path, root)
                }
                let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                files["/etc/sysctl.d/" + file] =
                    lines.filter { $0.hasPrefix("net.") || $0.hasPrefix("-net.") }.joined(separator: "\n") + "\n"
            }
            return SysctlOracleCase(
                "fixture " + name, files,
                untold: name.hasSuffix("-d-insecure") && !name.hasPrefix("old")
                    ? ["net.ipv4.conf.all.accept_redirects"] : [])
        }
    }

    private static func resolved(_ path: String, _ root: String) throws -> String {
        var current = root
        for component in path.dropFirst(root.count).split(separator: "/") {
            current += "/" + component
            while let target = try? FileManager.default.destinationOfSymbolicLink(atPath: current) {
                current = root + target
            }
        }
        return current
    }
}
