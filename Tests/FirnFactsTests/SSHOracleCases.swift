import FirnParsing

/// A configuration that both sshd and the parser read. `@DIR@` is the directory of the files, `@KEY@` a host key.
struct SSHOracleCase: Sendable {
    var name: String
    var config: String
    var files: [String: String] = [:]
    /// The connection, and the same as sshd's `-C`.
    var connection: SSHDConnection?
    var specification: String?
    var isRefused = false

    init(_ name: String, _ config: String, files: [String: String] = [:]) {
        self.name = name
        self.config = config
        self.files = files
    }

    /// A case with a connection.
    static func match(
        _ name: String, _ config: String, _ specification: String, _ connection: SSHDConnection,
        files: [String: String] = [:]
    ) -> SSHOracleCase {
        var new = SSHOracleCase(name, config, files: files)
        new.connection = connection
        new.specification = specification
        return new
    }

    /// A case that sshd refuses.
    static func refused(_ name: String, _ config: String, files: [String: String] = [:]) -> SSHOracleCase {
        var new = SSHOracleCase(name, config, files: files)
        new.isRefused = true
        return new
    }

    static let accepted: [SSHOracleCase] = [
        SSHOracleCase("defaults", ""),
        SSHOracleCase("first value wins", "PermitRootLogin no\nPermitRootLogin yes\nMaxAuthTries 3\nMaxAuthTries 10\n"),
        SSHOracleCase("case of keywords and words", "PERMITROOTLOGIN No\nx11forwarding YES\nloglevel verbose\n"),
        SSHOracleCase("key=value", "PermitRootLogin=no\nMaxAuthTries = 4\nX11Forwarding= yes\nLoginGraceTime =1m\n"),
        SSHOracleCase(
            "quotes", "Banner \"/etc/my banner\"\nChrootDirectory '/srv/a b'\nAcceptEnv \"LANG\" 'LC_*' A\\ B\n"),
        SSHOracleCase("escapes", "Banner \"/a\\\"b\"\nAcceptEnv a\\\\b c\\d \"e\\ f\" g'h i'j\n"),
        SSHOracleCase("quoted keyword", "\"PermitRootLogin\" no\n"),
        SSHOracleCase(
            "comments", "# a\n  # b\nPermitRootLogin no # c\nAllowUsers a#b c #d e\n\t\nBanner \"/x#y\"\n"
        ),
        SSHOracleCase(
            "tabs, carriage returns, form feeds", "\tPermitRootLogin\tno\r\n  UseDNS \t yes  \t\r\nPrintMotd no\u{0c}\n"
        ),
        SSHOracleCase("no newline at the end", "PrintMotd no\nPermitRootLogin no"),
        SSHOracleCase("ports", "Port 22\nPort 2222\nPort 8022\n"),
        SSHOracleCase(
            "listen addresses",
            "ListenAddress 10.0.0.1\nListenAddress 127.0.0.1:2022\nListenAddress [::1]:2023\nListenAddress fe80:0:0:0:0:0:0:1\nPort 22\nPort 24\n"
        ),
        SSHOracleCase("listen address before port", "ListenAddress 127.0.0.1\nPort 2200\n"),
        SSHOracleCase("address family", "AddressFamily inet\nPort 22\nPort 23\n"),
        SSHOracleCase("address family 6", "AddressFamily inet6\n"),
        SSHOracleCase(
            "allow and deny accumulate",
            "AllowUsers a b\nAllowUsers c@10.0.0.0/8 d@*.example.org\nDenyUsers x\nDenyUsers y\nAllowGroups g1\nAllowGroups g2 g3\nDenyGroups h\n"
        ),
        SSHOracleCase("AcceptEnv accumulates", "AcceptEnv LANG LC_*\nAcceptEnv TZ\n"),
        SSHOracleCase("SetEnv", "SetEnv A=1 B=2 A=3\nSetEnv C=4\n"),
        SSHOracleCase(
            "AuthorizedKeysFile is one list", "AuthorizedKeysFile %h/.ssh/a /etc/keys/%u\nAuthorizedKeysFile /other\n"),
        SSHOracleCase("AuthorizedKeysFile none", "AuthorizedKeysFile none\n"),
        SSHOracleCase("host keys", "HostKey @KEY@\nHostKey @DIR@/second\n"),
        SSHOracleCase(
            "old names",
            "ChallengeResponseAuthentication no\nPubkeyAcceptedKeyTypes +ssh-rsa\nDSAAuthentication no\nKeepAlive no\nHostbasedAcceptedKeyTypes ssh-ed25519\n"
        ),
        SSHOracleCase("skey", "SkeyAuthentication no\nKbdInteractiveAuthentication yes\n"),
        SSHOracleCase(
            "ignored names",
            "Protocol 2\nUsePrivilegeSeparation sandbox\nRSAAuthentication yes\nUseLogin no\nServerKeyBits 1024\n"),
        SSHOracleCase("time formats", "LoginGraceTime 1h30m\nClientAliveInterval 2M5s\nUnusedConnectionTimeout 1d\n"),
        SSHOracleCase(
            "time formats 2", "LoginGraceTime 0\nClientAliveInterval 1w2D3H4m5\nUnusedConnectionTimeout none\n"),
        SSHOracleCase(
            "timeout none wins",
            "UnusedConnectionTimeout 5m\nUnusedConnectionTimeout none\nUnusedConnectionTimeout 7m\n"),
        SSHOracleCase("MaxStartups", "MaxStartups 5:50:20\n"),
        SSHOracleCase("MaxStartups, one number", "MaxStartups 12\n"),
        SSHOracleCase("MaxStartups, last wins in 9.2", "MaxStartups 5:50:20\nMaxStartups 7:60:70\n"),
        SSHOracleCase("per source", "PerSourceMaxStartups 4\nPerSourceNetBlockSize 24:56\nPerSourceMaxStartups none\n"),
        SSHOracleCase("ciphers +", "Ciphers +aes128-cbc,3des-cbc,aes128-ctr\n"),
        SSHOracleCase(
            "ciphers - with wildcards", "Ciphers -aes*-ctr\nMACs -umac-*,hmac-sha1*\nKexAlgorithms -ecdh-*,diffie-*\n"),
        SSHOracleCase(
            "ciphers ^",
            "Ciphers ^aes256-ctr,aes256-gcm@openssh.com\nMACs ^hmac-sha2-512\nKexAlgorithms ^curve25519-sha256\n"),
        SSHOracleCase(
            "explicit lists",
            "Ciphers aes256-ctr,aes128-ctr,aes256-ctr\nMACs hmac-sha2-512\nKexAlgorithms curve25519-sha256,diffie-hellman-group1-sha1\nCiphers aes128-cbc\n"
        ),
        SSHOracleCase(
            "key types with wildcards",
            "HostKeyAlgorithms ssh-*\nPubkeyAcceptedAlgorithms +ssh-rsa*\nHostbasedAcceptedAlgorithms -ecdsa-*,*nistp256*\nCASignatureAlgorithms ^rsa-sha2-512\n"
        ),
        SSHOracleCase(
            "key types - and short name",
            "PubkeyAcceptedAlgorithms -ssh-*,!ssh-ed25519\nHostKeyAlgorithms RSA,ssh-ed25519\n"),
        SSHOracleCase(
            "words",
            "PermitRootLogin without-password\nCompression delayed\nAllowTcpForwarding all\nAllowStreamLocalForwarding local\nGatewayPorts clientspecified\nPermitTunnel point-to-point\nIgnoreRhosts shosts-only\n"
        ),
        SSHOracleCase(
            "words 2",
            "PermitRootLogin forced-commands-only\nCompression no\nAllowTcpForwarding remote\nPermitTunnel ethernet\nLogLevel DEBUG1\nSyslogFacility authpriv\nFingerprintHash md5\n"
        ),
        SSHOracleCase(
            "FingerprintHash, last wins",
            "FingerprintHash md5\nFingerprintHash sha512\nStreamLocalBindMask 0111\nStreamLocalBindMask 77\n"),
        SSHOracleCase("PermitUserEnvironment", "PermitUserEnvironment LANG,LC_*\nPermitUserEnvironment no\n"),
        SSHOracleCase(
            "PermitOpen", "PermitOpen host:22 [::1]:80 *:443\nPermitOpen none\nPermitListen 8080 localhost:* *\n"),
        SSHOracleCase("PermitOpen none", "PermitOpen none\nPermitListen none\n"),
        SSHOracleCase(
            "text to the end",
            "ForceCommand  /bin/echo \"a b\" # not a comment\nVersionAddendum hello world # comment\n"),
        SSHOracleCase(
            "commands",
            "AuthorizedKeysCommand /usr/bin/keys %u \"a\"\nAuthorizedKeysCommandUser nobody\nAuthorizedPrincipalsFile none\n"
        ),
        SSHOracleCase(
            "commands, the slip of 9.2",
            "AuthorizedKeysCommand /usr/bin/keys\nAuthorizedKeysCommandUser nobody\nAuthorizedPrincipalsCommand /usr/bin/p\nAuthorizedPrincipalsCommandUser nobody\n"
        ),
        SSHOracleCase(
            "AuthorizedPrincipalsCommand, last wins in 9.2",
            "AuthorizedPrincipalsCommand /a\nAuthorizedPrincipalsCommand /b\nAuthorizedPrincipalsCommandUser nobody\n"),
        SSHOracleCase(
            "methods",
            "AuthenticationMethods publickey,password publickey,keyboard-interactive:pam\nAuthenticationMethods password\nUsePAM yes\n"
        ),
        SSHOracleCase("IPQoS", "IPQoS ef 0x20\n"),
        SSHOracleCase("IPQoS, last wins", "IPQoS af21\nIPQoS 16 none\n"),
        SSHOracleCase("RekeyLimit", "RekeyLimit 1G 1h\nRekeyLimit 2G\n"),
        SSHOracleCase("RekeyLimit in two lines", "RekeyLimit 500M none\nRekeyLimit default 30m\n"),
        SSHOracleCase("PubkeyAuthOptions", "PubkeyAuthOptions verify-required touch-required\n"),
        SSHOracleCase("LogVerbose", "LogVerbose kex.c:*:1000 auth.c:*\nLogVerbose none\n"),
        SSHOracleCase("subsystems", "Subsystem sftp /usr/lib/sftp-server -l INFO\nSubsystem other \"/opt/a b\" c\n"),
        SSHOracleCase("ChannelTimeout", "ChannelTimeout session:*=5m direct-tcpip=1h\n"),
        SSHOracleCase(
            "forwarding off",
            "DisableForwarding yes\nPermitTTY no\nPermitUserRC no\nExposeAuthInfo yes\nStreamLocalBindUnlink yes\nAllowAgentForwarding no\n"
        ),
        SSHOracleCase(
            "paths",
            "Banner none\nPidFile none\nXAuthLocation /opt/xauth\nModuliFile /etc/m\nRevokedKeys /etc/r\nTrustedUserCAKeys /etc/t\nHostKeyAgent SSH_AUTH_SOCK\nSecurityKeyProvider internal\n"
        ),
        SSHOracleCase("numbers", "X11DisplayOffset 20\nMaxSessions 0\nClientAliveCountMax 0\nRequiredRSASize 3072\n"),
        SSHOracleCase(
            "include in place", "PermitRootLogin no\nInclude @DIR@/a.conf\nMaxAuthTries 9\nX11Forwarding no\n",
            files: ["a.conf": "PermitRootLogin yes\nMaxAuthTries 2\n"]),
        SSHOracleCase(
            "include with globs, in order", "Include @DIR@/d/*.conf @DIR@/e/[ab]?.cfg\nMaxAuthTries 9\n",
            files: [
                "d/20.conf": "MaxAuthTries 2\nAcceptEnv D20\n", "d/10.conf": "AcceptEnv D10\nMaxSessions 5\n",
                "d/.hidden.conf": "MaxAuthTries 1\n", "d/x.txt": "MaxAuthTries 1\n", "e/a1.cfg": "AcceptEnv A1\n",
                "e/c1.cfg": "AcceptEnv C1\n",
            ]),
        SSHOracleCase(
            "include of nothing",
            "Include @DIR@/none/*.conf\nInclude @DIR@/missing.conf\nInclude firn-no-such-directory/*.conf\nPrintMotd no\n"
        ),
        SSHOracleCase(
            "nested includes", "Include @DIR@/1.conf\nMaxAuthTries 9\n",
            files: ["1.conf": "Include @DIR@/2.conf\nAcceptEnv ONE\n", "2.conf": "AcceptEnv TWO\nMaxAuthTries 1\n"]),
        SSHOracleCase(
            "the same file twice", "Include @DIR@/a.conf\nInclude @DIR@/a.conf\n",
            files: ["a.conf": "AcceptEnv A\nPort 2022\n"]),
        SSHOracleCase(
            "a Match in an included file ends with it", "Include @DIR@/m.conf\nPermitRootLogin no\nPort 2022\n",
            files: ["m.conf": "Match User nobody\nPermitRootLogin yes\n"]),
        SSHOracleCase("Match all is for everyone", "X11Forwarding no\nMatch all\nX11Forwarding yes\nPermitTTY no\n"),
        SSHOracleCase(
            "Match all ends a block", "Match User bob\nX11Forwarding yes\nMatch all\nPermitTTY no\nCiphers aes256-ctr\n"
        ),
        SSHOracleCase(
            "Match without connection",
            "PermitRootLogin no\nMatch User root\nPermitRootLogin yes\nMatch Address 0.0.0.0/0\nPasswordAuthentication no\n"
        ),
    ]

    static let refusals: [SSHOracleCase] = [
        .refused("unknown keyword", "PermitRootLogin no\nPermitRotLogin no\n"),
        .refused("bad word", "PermitRootLogin maybe\n"),
        .refused("'#' inside a word", "X11Forwarding yes#\n"),
        .refused("any method after another line", "AuthenticationMethods publickey\nAuthenticationMethods any\n"),
        .refused("no argument", "PermitRootLogin\n"),
        .refused("extra argument", "PermitRootLogin no yes\n"),
        .refused("open quote", "Banner \"/etc/x\n"),
        .refused("bad port", "Port 0\n"),
        .refused("port too large", "Port 65536\n"),
        .refused("bad time", "LoginGraceTime 5x\n"),
        .refused("bad number", "MaxAuthTries -1\n"),
        .refused("number with unit", "MaxSessions 10s\n"),
        .refused("unknown cipher", "Ciphers aes256-ctr,rot13\n"),
        .refused("wildcard in ciphers", "Ciphers +aes*\n"),
        .refused("cipher none", "Ciphers none\n"),
        .refused("unknown key type", "PubkeyAcceptedAlgorithms ssh-foo*\n"),
        .refused("empty algorithms", "MACs \"\"\n"),
        .refused("bad MaxStartups", "MaxStartups 20:30:10\n"),
        .refused("bad MaxStartups rate", "MaxStartups 10:101:100\n"),
        .refused("global keyword in Match", "Match User a\nPort 22\n"),
        .refused("ciphers in Match", "Match User a\nCiphers aes256-ctr\n"),
        .refused("bad Match criterion", "Match Planet mars\nPermitTTY no\n"),
        .refused("Match without value", "Match User\nPermitTTY no\n"),
        .refused("Match all with others", "Match all User x\nPermitTTY no\n"),
        .refused("Match without criterion", "Match # nothing\n"),
        .refused("Match with bad network", "Match Address 10.0.0.1/8\nPermitTTY no\n"),
        .refused("Match with bad port", "Match LocalPort 99999\nPermitTTY no\n"),
        .refused("AllowUsers with bad network", "AllowUsers a@10.0.0.1/8\n"),
        .refused("subsystem twice", "Subsystem sftp /a\nSubsystem sftp /b\n"),
        .refused("command that is no path", "AuthorizedKeysCommand keys\nAuthorizedKeysCommandUser nobody\n"),
        .refused("command without user", "AuthorizedKeysCommand /usr/bin/keys\n"),
        .refused("methods that are off", "AuthenticationMethods hostbased\n"),
        .refused("unknown method", "AuthenticationMethods telepathy\n"),
        .refused("any with others", "AuthenticationMethods publickey any\n"),
        .refused("address of the other family", "AddressFamily inet\nListenAddress ::1\n"),
        .refused("AcceptEnv with value", "AcceptEnv A=1\n"),
        .refused("SetEnv without value", "SetEnv A\n"),
        .refused("PermitOpen without port", "PermitOpen host\n"),
        .refused("RDomain", "RDomain red\n"),
        .refused("Include of itself", "Include @DIR@/main.conf\n"),
        .refused("Include of bad file", "Include @DIR@/b.conf\n", files: ["b.conf": "Nonsense yes\n"]),
        .refused("keyword of a newer release", "PerSourcePenalties yes\n"),
        .refused("log level", "LogLevel loud\n"),
        .refused("octal", "StreamLocalBindMask 8\n"),
    ]

    private static let bob = SSHDConnection(
        user: "root", groups: ["root"], host: "client.example.org", address: "10.1.2.3", localAddress: "192.0.2.1",
        localPort: 2222)
    private static let bobText = "user=root,host=client.example.org,addr=10.1.2.3,laddr=192.0.2.1,lport=2222"

    static let matches: [SSHOracleCase] = [
        .match("user", "X11Forwarding no\nMatch User root\nX11Forwarding yes\n", bobText, bob),
        .match(
            "user, first of two blocks",
            "Match User root\nMaxAuthTries 1\nMatch User r*\nMaxAuthTries 2\nMaxSessions 3\n", bobText, bob),
        .match(
            "user list with negation", "Match User *,!root\nMaxAuthTries 1\nMatch User !bob,roo?\nMaxAuthTries 2\n",
            bobText, bob),
        .match("only negation", "Match User !bob\nMaxAuthTries 1\n", bobText, bob),
        .match("group", "Match Group wheel,root\nMaxAuthTries 1\nMatch Group *,!root\nMaxSessions 2\n", bobText, bob),
        .match(
            "host", "Match Host *.Example.ORG\nMaxAuthTries 1\nMatch Host !client.*,*\nMaxSessions 1\n", bobText, bob),
        .match(
            "address in network",
            "Match Address 10.0.0.0/8\nPasswordAuthentication no\nMatch Address 10.1.2.0/24,!10.1.2.3\nPermitTTY no\n",
            bobText, bob),
        .match(
            "address by wildcard",
            "Match Address 10.1.*\nPermitTTY no\nMatch Address 192.168.0.0/16,fe80::/10\nMaxSessions 1\n", bobText, bob),
        .match(
            "address 6",
            "Match Address 2001:db8::/32\nPermitTTY no\nMatch Address 2001:db8:0:0:0:0:0:1\nMaxSessions 1\n",
            "user=root,addr=2001:db8::1,host=h",
            SSHDConnection(user: "root", groups: ["root"], host: "h", address: "2001:db8::1")),
        .match(
            "local address and port",
            "Match LocalAddress 192.0.2.0/24 LocalPort 2222\nPermitTTY no\nMatch LocalPort 22\nMaxSessions 1\n",
            bobText, bob),
        .match(
            "all criteria must hold",
            "Match User root Address 10.9.0.0/16\nPermitTTY no\nMatch User root Address 10.1.0.0/16\nMaxSessions 1\n",
            bobText, bob),
        .match("keyword=value in Match", "Match User=root Address=10.0.0.0/8\nPermitTTY no\n", bobText, bob),
        .match(
            "case of criteria, comment", "match uSeR root # no\nPermitTTY no\nMATCH ALL\nMaxSessions 2\n", bobText, bob),
        .match(
            "Match all after others",
            "MaxSessions 9\nMatch User root\nMaxSessions 1\nMatch all\nMaxSessions 2\nX11Forwarding yes\n", bobText, bob
        ),
        .match(
            "lists replace the global ones",
            "AllowUsers a b\nAcceptEnv X\nMatch User root\nAllowUsers root\nAllowUsers r2\nAcceptEnv Y\nAuthorizedKeysFile /k\n",
            bobText, bob),
        .match(
            "algorithms in Match",
            "PubkeyAcceptedAlgorithms ssh-ed25519\nMatch User root\nPubkeyAcceptedAlgorithms +ssh-rsa\nCASignatureAlgorithms -ecdsa*\n",
            bobText, bob),
        .match(
            "Match overrides global once",
            "PermitRootLogin no\nPermitRootLogin yes\nMatch Address 10.*\nPermitRootLogin forced-commands-only\nPermitRootLogin yes\n",
            bobText, bob),
        .match(
            "include inside a block that holds", "Match User root\nInclude @DIR@/i.conf\nMaxSessions 7\n", bobText, bob,
            files: ["i.conf": "PermitTTY no\nMaxSessions 1\n"]),
        .match(
            "include inside a block that does not", "Match User bob\nInclude @DIR@/i.conf\nMaxSessions 7\n", bobText,
            bob,
            files: ["i.conf": "PermitTTY no\nMatch User root\nMaxSessions 1\nMatch all\nMaxAuthTries 1\n"]),
        .match(
            "Match in a global include", "Include @DIR@/i.conf\nMaxSessions 7\n", bobText, bob,
            files: ["i.conf": "Match User root\nMaxSessions 1\nX11Forwarding yes\n"]),
        .match(
            "Match in an include of a block that holds", "Match User root\nInclude @DIR@/i.conf\nMaxAuthTries 5\n",
            bobText, bob,
            files: ["i.conf": "Match User bob\nMaxSessions 1\nMatch Address 10.0.0.0/8\nPermitTTY no\n"]),
        .match(
            "user only", "Match Address *\nPermitTTY no\nMatch User root\nMaxSessions 3\n", "user=root",
            SSHDConnection(user: "root", groups: ["root"])),
        .match(
            "IPQoS and masks in Match",
            "IPQoS af21\nMatch User root\nIPQoS ef\nStreamLocalBindMask 0\nRekeyLimit 1G\nLogLevel DEBUG\nBanner none\nForceCommand none\n",
            bobText, bob),
    ]
}
