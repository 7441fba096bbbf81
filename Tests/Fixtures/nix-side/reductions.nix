# What leaves of strings (nix/lib/option-secrets.nix): the path of an option, its value, and what is exported of it. Every
# secret holds the word CANARY. Builtins only.
let
  strings = import ../../../nix/lib/option-secrets.nix {
    exported = builtins.fromTOML (builtins.readFile ../../../profiles/knowledge/exported-options.toml);
    secrets = builtins.fromTOML (builtins.readFile ../../../profiles/knowledge/secrets.toml);
  };
  case = path: value: expected: {
    inherit path value expected;
    actual = strings.data (builtins.foldl' strings.step strings.readable path) path (
      builtins.elemAt path (builtins.length path - 1)
    ) value;
  };
  judged = "value-not-shown-4Nb7";
  hidden = "<not-shown>";
  script = [
    "systemd"
    "services"
    "x"
    "script"
  ];
  exec = [
    "systemd"
    "services"
    "x"
    "serviceConfig"
    "ExecStart"
  ];
  environment = [
    "systemd"
    "services"
    "x"
    "serviceConfig"
    "Environment"
  ];
  nobody = [
    "services"
    "some"
    "text"
  ];
  nginx = [
    "services"
    "nginx"
    "virtualHosts"
    "h"
    "extraConfig"
  ];
  etc = name: [
    "environment"
    "etc"
    name
    "text"
  ];
  wireguard = [
    "networking"
    "wireguard"
    "interfaces"
    "wg0"
    "privateKey"
  ];
  psk = [
    "networking"
    "wireless"
    "networks"
    "n"
    "psk"
  ];
  store = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-name";
  github = "ghp_CANARYaaaaaaaaaa0123456789bcdefghijklmnop";
  body = "CANARYMIIEpAIBAAKCAQEAabcdefghijklmnopqrstuvwxyz0123456789";
  filledBody = "valueNotShown4Nb7valueNotShown4Nb7valueNotShown4Nb7valueNotShown";
  filled = "ghp_valueNotShown4Nb7valueNotShown4Nb7va";
in
[
  # Strings that nobody reads.
  (case nobody "CANARY" hidden)
  (case nobody "" "")
  (case nobody store store)
  (case nobody "${store}/bin/x" "${store}/bin/x")
  (case nobody "${store} CANARY" hidden)
  (case nobody "a = b\nCANARY" hidden)
  (case nobody "password = CANARY\nuser = me\n" "${hidden}\npassword=${judged}")
  (case nobody "# password = CANARY" hidden)
  (case nobody "password: CANARY and more" hidden)
  (case nobody "requirepass CANARY" "${hidden}\nrequirepass ${judged}")
  (case nobody ''{"db_password":"CANARY","a":{"token": "CANARY\"CANARY"},"pw":"!CANARY"}''
    "${hidden}\ndb_password=${judged}\ntoken=${judged}"
  )
  (case nobody "https://me:CANARY@h/" "${hidden}\nhttps://not-shown:${judged}@host")
  (case nobody "https://CANARY@h/" hidden)
  (case nobody "x ${github} CANARY" "${hidden}\n${filled}")
  (case nobody "<password>CANARY</password>" hidden)
  (case nobody "host:5432:db:user:CANARY" hidden)
  (case [ "services" "some" "enable" ] true true)
  (case [ "services" "some" "password" ] "CANARY" judged)
  (case [ "services" "some" "apiToken" ] "CANARY" judged)
  (case [ "services" "some" "apiToken" ] "/run/secrets/x" hidden)
  (case [ "services" "some" "tokenFile" ] "/run/secrets/x" hidden)
  (case [ "services" "some" "cmd" ] [ "--password" "CANARY" 1 null ] [ hidden hidden 1 null ])
  (case [ "services" "some" ] { a.secret = "CANARY"; b = [ { token = "CANARY"; } ]; } {
    a.secret = judged;
    b = [ { token = judged; } ];
  })

  # Values that may begin with any byte, and references that are none of them.
  (case wireguard "/CANARYabcdefghijklmnopqrstuvwxyz0123456789a=" judged)
  (case wireguard "+CANARYabcdefghijklmnopqrstuvwxyz0123456789a=" judged)
  (case psk "!CANARY" judged)
  (case psk "$CANARYpass" judged)
  (case psk "%CANARY" judged)
  (case psk "(CANARY" judged)
  (case psk "$HOME_PSK" hidden)
  (case psk "@PSK_HOME@" hidden)
  (case psk "\${PSK}" hidden)
  (case psk "ext:home" hidden)
  (case psk "/run/secrets/psk" hidden)

  # Passwords keep their form.
  (case [ "users" "users" "u" "hashedPassword" ] "$6$CANARY$CANARY" "$6$......$......")
  (case [ "users" "users" "u" "password" ] "CANARY" judged)
  (case [ "users" "users" "u" "shell" ] "/bin/sh" "/bin/sh")
  (case [ "users" "users" "u" "description" ] "pw CANARY" hidden)
  (case [ "users" "users" "u" "openssh" "authorizedKeys" "keys" ]
    [ ''environment="TOKEN=CANARY",command="x --pw CANARY",restrict ssh-ed25519 AAAA me@h'' ]
    [ ''environment="${hidden}",command="${hidden}",restrict ssh-ed25519 AAAA me@h'' ]
  )

  # Commands.
  (case exec "/bin/foo --token CANARY --quiet" "/bin/foo --token ${hidden} --quiet")
  (case exec "/bin/foo --token=CANARY --quiet" "/bin/foo --token=${judged} --quiet")
  (case exec ''/bin/foo --passphrase "CANARY CANARY" -v'' ''/bin/foo --passphrase "${hidden}" -v'')
  (case exec "/bin/foo --token-file /run/x --user me" "/bin/foo --token-file /run/x --user me")
  (case exec "/bin/foo --password=!CANARY" "/bin/foo --password=${hidden}")
  (case exec "/bin/foo --password=$CANARY;/tmp/x" "/bin/foo --password=${hidden};/tmp/x")
  (case exec "/bin/foo --password /run/secrets/x" "/bin/foo --password /run/secrets/x")
  (case script "curl -u user:CANARY https://x" "curl -u ${hidden} https://x")
  (case script "curl -uuser:CANARY https://x" "curl -u${hidden} https://x")
  (case script "docker run -u 1000:1000 x" "docker run -u 1000:1000 x")
  (case script "curl -H 'Authorization: Bearer CANARY' x" "curl -H 'Authorization: ${hidden} ${hidden}' x")
  (case script ''curl -H "X-Api-Key: CANARY" x'' ''curl -H "X-Api-Key: ${judged}" x'')
  (case script "mysql -pCANARY d" "mysql -p${hidden} d")
  (case script "sshpass -p CANARY ssh h" "sshpass -p ${hidden} ssh h")
  (case script "mkdir -p /run/x" "mkdir -p /run/x")
  (case script "foo --password \\\n  CANARY\nbar" "foo --password \\\n  ${hidden}\nbar")
  (case script "export DB_PASSWORD='CANARY CANARY'" "export DB_PASSWORD='${judged}'")
  (case script "TOKEN=$(cat /run/x)" "TOKEN=${hidden} /run/x)")
  (case script "docker run -e KEY=CANARY -e 'OTHER=CANARY' i" "docker run -e KEY=${hidden} -e 'OTHER=${hidden}' i")
  (case script "psql postgres://u:CANARY@h/d" "psql postgres://not-shown:${judged}@h/d")
  (case script "git clone https://CANARY@h/r" "git clone https://not-shown@h/r")
  (case script "rsync ssh://git@h/r" "rsync ssh://git@h/r")
  (case script "<password>CANARY</password>" "<password>${hidden}</password>")
  (case script "machine h login u password CANARY" "machine h login u password ${hidden}")
  (case script ''{"token": "CANARY\"CANARY"}'' ''{"token": "${judged}"}'')
  (case script "echo ${github}" "echo ghp_valueNotShown4Nb7valueNotShown4Nb7valueNo")
  (case script "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----"
    "-----BEGIN RSA PRIVATE KEY-----\n${hidden}\n-----END RSA PRIVATE KEY-----"
  )
  (case script "-----BEGIN RSA PRIVATE KEY-----\n${body}\nCANARY\n-----END RSA PRIVATE KEY-----"
    "-----BEGIN RSA PRIVATE KEY-----\n${filledBody}\n-----END RSA PRIVATE KEY-----"
  )
  (case nobody "x = 1\n-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\nCANARY" "${hidden}\n-----BEGIN OPENSSH PRIVATE KEY-----\n${filledBody}")
  # What looks for a key holds none.
  (case script "grep -q -- '-----BEGIN RSA PRIVATE KEY-----' f && /tmp/x" "grep -q -- '-----BEGIN RSA PRIVATE KEY-----' f && /tmp/x")
  (case nobody "PRIVATE KEY of CANARY ${body}" hidden)
  # What does not end: a line of a hundred thousand members, and a long script.
  (case nobody (builtins.concatStringsSep "," (builtins.genList (i: "\"k${toString i}\": \"CANARY\"") 100000) + ",\"token\":\"CANARY\"")
    "${hidden}\ntoken=${judged}"
  )
  (case script (builtins.concatStringsSep "\n" (builtins.genList (_: "foo --token CANARY") 5000))
    (builtins.concatStringsSep "\n" (builtins.genList (_: "foo --token ${hidden}") 5000))
  )
  (case environment [ "TOKEN=CANARY" "\"SMTP_PASS=CANARY x\"" "A=CANARY SYSTEMD_SULOGIN_FORCE=1" "K=${github}" ] [
    "TOKEN=${judged}"
    "SMTP_PASS=${hidden}"
    "A=${hidden} SYSTEMD_SULOGIN_FORCE=1"
    "K=${filled}"
  ])
  (case [ "systemd" "services" "x" "serviceConfig" "SetCredential" ] [ "pw:CANARY" ] [ "pw:${judged}" ])
  (case [ "systemd" "services" "x" "environment" "URL" ] "postgres://u:CANARY@h" "${hidden}\nhttps://not-shown:${judged}@host")
  (case [ "systemd" "services" "x" "environment" "SMTP_PASS" ] "CANARY" hidden)
  (case [ "systemd" "services" "x" "serviceConfig" "ProtectSystem" ] "strict" "strict")
  (case [ "systemd" "tmpfiles" "rules" ]
    [ "f /etc/pw 0600 root root - CANARY" "d /x 0755 root root -" "L+ /root/.nix-channels - - - - http://x" ]
    [ "f /etc/pw 0600 root root - ${hidden}" "d /x 0755 root root -" "L+ /root/.nix-channels - - - - http://x" ]
  )

  # Formats of their own.
  (case [ "boot" "kernelParams" ] [ "quiet" "a.password=CANARY" "systemd.set_credential=a:CANARY" ] [
    "quiet"
    "a.password=${judged}"
    "systemd.set_credential=${judged}"
  ])
  (case [ "boot" "loader" "grub" "extraConfig" ] "set superusers=\"root\"\npassword root CANARY\necho CANARY"
    "set superusers=\"root\"\npassword root ${hidden}\nnot-shown"
  )
  (case [ "fileSystems" "/s" ]
    {
      device = "//u:CANARY@h/s";
      fsType = "cifs";
      options = [ "nosuid" "uid=1000" "password=CANARY" "password=a,CANARY" "user=u%CANARY" "CANARY" "username=guest" ];
    }
    {
      device = "//not-shown:${hidden}@h/s";
      fsType = "cifs";
      options = [ "nosuid" "uid=1000" "password=${hidden}" "password=${hidden},${hidden}" "user=not-shown%${hidden}" hidden "username=guest" ];
    }
  )
  (case [ "nix" "extraOptions" ]
    "# CANARY\naccess-tokens = h=PAT:CANARY\nsandbox = true\nsome = CANARY\n!include /run/x\nsubstituters = https://CANARY@c"
    "\naccess-tokens = ${judged}\nsandbox = true\nsome = ${hidden}\n!include /run/x\nsubstituters = https://not-shown@c"
  )
  (case [ "nix" "settings" "access-tokens" ] "h=CANARY" judged)
  (case [ "system" "autoUpgrade" "flags" ] [ "--option" "access-tokens" "github.com=CANARY" ] [ "--option" "access-tokens" hidden ])
  (case [ "services" "haproxy" "config" ] "userlist u\n  user a insecure-password CANARY\nlisten s\n  bind :1 ssl ssl-min-ver TLSv1.2"
    "\n\n\n  bind :1 ssl ssl-min-ver TLSv1.2"
  )
  (case [ "services" "rsyslogd" "extraConfig" ] ''action(type="omhttp" pwd="CANARY")'' "x omhttp")
  (case nginx ''set $token "CANARY ; x"; listen 80; if ($x = 'CANARY') { return 403; }''
    "not_shown ${hidden} ${hidden}; listen 80; if ${hidden} ${hidden} ${hidden}${hidden} { return 403; }"
  )
  (case nginx ''add_header Strict-Transport-Security "max-age=0; CANARY";'' "add_header Strict-Transport-Security max-age=0;")
  (case nginx ''add_header Set-Cookie "CANARY"; # CANARY'' "add_header ${hidden} ${hidden}; not_shown ${hidden}")
  (case [ "services" "nginx" "virtualHosts" "h" "locations" "/" "return" ] "200 CANARY" "200 ${hidden}")
  (case [ "services" "nginx" "virtualHosts" "h" "locations" "/" "return" ] "301 https://CANARY" "301 https://not-shown")
  (case (etc "pam.d/x") "password required pam_unix.so\nauth required pam_mysql.so passwd=CANARY\n# CANARY"
    "password required pam_unix.so\nauth required pam_mysql.so passwd=${judged}\n#"
  )
  (case (etc "sudoers") "#include /etc/x\n# CANARY\nu ALL=(ALL) NOPASSWD: ALL" "#include /etc/x\n#\nu ALL=(ALL) NOPASSWD: ALL")
  # A file counts by its target too.
  (case [ "environment" "etc" ] { a = { target = "sysctl.d/a.conf"; text = "kernel.x = 1"; }; } {
    a = {
      target = "sysctl.d/a.conf";
      text = "kernel.x = 1";
    };
  })
  (case (etc "netrc") "machine h login u password CANARY" hidden)
]
