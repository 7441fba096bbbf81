# A configuration of NixOS 26.11 with secrets in many places and forms. Each holds the word CANARY and a number of its own:
# none may be in an export in clear.
{ pkgs, ... }:
let
  key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
in
{
  system.stateVersion = "26.11";
  boot.loader.grub = {
    devices = [ "nodev" ];
    users.root.password = "CANARY1";
    extraConfig = "set superusers=\"root\"\npassword root CANARY2\n# the password is CANARY3\necho CANARY4";
  };
  boot.kernelParams = [
    "systemd.set_credential=a:CANARY5"
    "app.password=CANARY6"
    "proxy=http://u:CANARY7@h/"
  ];
  boot.initrd.systemd.enable = true;
  boot.initrd.systemd.services.i.script = "foo CANARY8";
  boot.postBootCommands = "echo CANARY9 > /run/x";

  fileSystems = {
    "/" = {
      device = "/dev/sda1";
      fsType = "ext4";
    };
    "/s" = {
      device = "//u:CANARY10@h/s";
      fsType = "cifs";
      options = [
        "username=u"
        "password=CANARY11"
        "pass=CANARY12"
        "user=u%CANARY13"
        "password=a,CANARY14"
      ];
    };
    "/d" = {
      device = "https://CANARY15@dav.example.org/";
      fsType = "davfs";
    };
  };
  systemd.mounts = [
    {
      where = "/m";
      what = "//u:CANARY16@h/m";
      type = "cifs";
      options = "vers=3.0,password=CANARY17,nosuid";
    }
  ];
  systemd.tmpfiles.rules = [ "f /etc/pw 0600 root root - CANARY18" ];
  systemd.tmpfiles.settings.pw."/etc/pw2".f.argument = "CANARY19";

  services.nginx = {
    enable = true;
    appendHttpConfig = ''
      map $http_key $ok { "CANARY20" 1; CANARY21 2; }
    '';
    virtualHosts.h = {
      basicAuth.bob = "CANARY22";
      extraConfig = ''
        # token CANARY23
        set $token "CANARY24 ; x";
        if ($http_x = 'CANARY25') { return 403; }
        add_header Set-Cookie "CANARY26";
        add_header Strict-Transport-Security "max-age=31536000; CANARY27";
        secure_link_md5 "$uri CANARY28";
        proxy_pass http://u:CANARY29@h/;
      '';
      locations."/".basicAuth.eve = "CANARY30";
      locations."/r".return = "200 CANARY31";
      locations."/p".extraConfig = ''proxy_set_header Authorization "Basic CANARY32";'';
    };
  };
  services.haproxy = {
    enable = true;
    config = ''
      userlist u
        user a insecure-password CANARY33
      listen s
        bind :8404
        stats auth admin:CANARY34
    '';
  };
  services.sssd = {
    enable = true;
    config = "ldap_default_authtok = CANARY35";
  };
  services.cron = {
    enable = true;
    systemCronJobs = [ "0 0 * * * root borg --passphrase CANARY36" ];
  };
  services.grafana = {
    enable = true;
    settings = {
      security.admin_password = "!CANARY37";
      security.secret_key = "CANARY38";
      smtp.password = "CANARY39";
      database.password = "CANARY40";
      "auth.generic_oauth".client_secret = "CANARY41";
    };
    provision.datasources.settings.datasources = [
      {
        name = "d";
        type = "loki";
        secureJsonData.httpHeaderValue1 = "Bearer CANARY42";
        secureJsonData.password = "CANARY43";
      }
    ];
  };
  services.prometheus = {
    enable = true;
    checkConfig = false;
    scrapeConfigs = [
      {
        job_name = "j";
        basic_auth = {
          username = "u";
          password = "CANARY44";
        };
      }
    ];
  };
  services.redis.servers.a = {
    enable = true;
    requirePass = "CANARY45";
    masterAuth = "CANARY46";
  };
  services.tailscale = {
    enable = true;
    extraUpFlags = [
      "--auth-key"
      "CANARY47"
      "--auth-key=CANARY48"
    ];
  };
  services.samba = {
    enable = true;
    settings.global."ldap password" = "CANARY49";
  };
  services.rsyslogd = {
    enable = true;
    extraConfig = ''
      action(type="omelasticsearch" server="h" pwd="CANARY50" uid="u")
      # CANARY51
    '';
  };
  services.postgresql = {
    enable = true;
    authentication = ''host all all 10.0.0.0/8 ldap ldapserver=l ldapbindpasswd="CANARY52 x"'';
    settings.primary_conninfo = "host=h password=CANARY53";
  };
  services.openvpn.servers.v = {
    config = "<tls-auth>\nCANARY54\n</tls-auth>";
    authUserPass = {
      username = "u";
      password = "CANARY55";
    };
  };
  services.openssh = {
    enable = true;
    extraConfig = "# the password is CANARY56";
  };
  services.journald.extraConfig = "# password CANARY57";
  services.logrotate.settings.x.postrotate = "curl -u u:CANARY58 x";
  services.fail2ban.enable = true;

  networking = {
    wireguard.interfaces.wg0 = {
      ips = [ "10.0.0.1/24" ];
      privateKey = "/CANARY59abcdefghijklmnopqrstuvwxyz01234567=";
      postSetup = "wg set wg0 private-key CANARY60";
      peers = [
        {
          publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
          presharedKey = "+CANARY61/bcdefghijklmnopqrstuvwxyz0123456=";
          allowedIPs = [ "10.0.0.2/32" ];
        }
      ];
    };
    wireless = {
      enable = true;
      networks = {
        n1.psk = "CANARY62";
        n2.psk = "!CANARY63pass";
        n4.psk = "$CANARY64pass";
        n3.auth = ''
          key_mgmt=SAE
          sae_password="CANARY65"
          password="$CANARY66"
        '';
        n5.extraConfig = "wep_key0=CANARY67";
      };
      extraConfig = "wps_pin=CANARY68";
    };
    networkmanager = {
      enable = true;
      ensureProfiles.profiles.w = {
        connection.id = "w";
        connection.type = "wifi";
        wifi-security.psk = "CANARY69";
        wifi-security.wep-key0 = "CANARY70";
        vpn-secrets.password = "CANARY71";
        gsm.pin = "CANARY72";
      };
    };
    proxy.default = "http://u:CANARY73@h:1";
    firewall.extraCommands = ''
      # token CANARY74
      curl --header "X-Api-Key: CANARY75" https://h/
    '';
    extraHosts = "10.0.0.1 CANARY76";
  };

  nix = {
    extraOptions = "access-tokens = git.example.org=PAT:CANARY77 other=CANARY78";
    settings.access-tokens = "git.example.org=CANARY79";
    settings.substituters = [
      "https://u:CANARY80@c.example.org"
      "https://CANARY81@c.example.org"
    ];
    registry.r.to = {
      type = "git";
      url = "https://u:CANARY82@h/r";
    };
  };
  system.autoUpgrade = {
    enable = true;
    flake = "git+https://CANARY83@h/r";
    flags = [
      "--option"
      "access-tokens"
      "github.com=CANARY84"
    ];
  };

  systemd.services.x = {
    wantedBy = [ "multi-user.target" ];
    environment = {
      SMTP_PASS = "CANARY85";
      SSHPASS = "CANARY86";
      MYSQL_PWD = "CANARY87";
      API_TOKEN = "CANARY88";
      DB_PASSWORD = "%CANARY89";
      PGPASSWORD = "CANARY90";
      URL = "postgres://u:CANARY91@h/d";
    };
    script = ''
      curl -u user:CANARY92 https://x
      curl -uuser:CANARY93 https://x
      mysql --password CANARY94
      mysql -pCANARY95 d
      sshpass -p CANARY96 ssh h
      curl -H 'Authorization: Bearer CANARY97' x
      foo --token=CANARY98 --other
      foo --password \
        CANARY99
      export DB_PASSWORD='CANARY100 CANARY101'
      psql postgres://u:CANARY102@h/d
      openssl enc -pass pass:CANARY103
      redis-cli -a CANARY104 ping
      ldapsearch -w CANARY105
      smbclient -U u%CANARY106 //h/s
      docker run -e KEY=CANARY107 -e 'OTHER=CANARY108' i
      wget --user u --password "CANARY109 CANARY110" x
      kubectl create secret generic s --from-literal=password=CANARY111
      cat <<EOF
      {"password":"CANARY112","a":{"token": "CANARY113\"CANARY114"}}
      <password>CANARY115</password>
      machine h login u password CANARY116
      EOF
    '';
    serviceConfig = {
      ExecStart = "/bin/foo --token CANARY117";
      ExecStartPost = ''/bin/foo --passphrase "CANARY118 CANARY119" --quiet'';
      Environment = [
        "TOKEN=CANARY120"
        "\"SMTP_PASS=CANARY121 x\""
      ];
      SetCredential = [ "pw:CANARY122" ];
    };
  };

  environment.etc = {
    "netrc".text = "machine h login u password CANARY123";
    "a.xml".text = "<password>CANARY124</password>";
    "a.json".text = builtins.toJSON {
      db_password = "CANARY125";
      nested.token = "CANARY126";
      pw = "!CANARY127";
      password = "%CANARY128";
    };
    "ppp/chap-secrets".text = "user server CANARY129 *";
    "pgpass".text = "host:5432:db:user:CANARY130";
    "htpasswd".text = "bob:CANARY131";
    "s".source = pkgs.writeText "s" "CANARY132";
    "pam.d/own".text = "auth required pam_mysql.so passwd=CANARY133\n# password CANARY134";
  };
  environment.variables = {
    HTTP_AUTH = "CANARY135";
    U = "https://CANARY136@git.example.org/x";
  };
  users.motd = "CANARY137";
  users.users.u = {
    isNormalUser = true;
    description = "pw CANARY138";
    initialPassword = "CANARY139";
    openssh.authorizedKeys.keys = [
      ''environment="TOKEN=CANARY140",command="x --password CANARY141" ${key}''
    ];
  };
  virtualisation.oci-containers.containers.c = {
    image = "x";
    cmd = [
      "--password"
      "CANARY142"
    ];
    environment.SECRET = "CANARY143";
    environment.KEY = "CANARY144";
  };
  virtualisation.docker.extraOptions = "--registry-mirror https://u:CANARY145@m";
  security.sudo.extraConfig = "# password: CANARY146";
  programs.ssh.extraConfig = "# CANARY147";
}
