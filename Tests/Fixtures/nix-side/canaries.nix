# A configuration whose secrets all hold the word CANARY: none of them may be in an export.
{ lib, options, ... }:
let
  digest = lib.concatStrings (lib.genList (_: "a") 80);
in
{
  fileSystems."/" = {
    device = "/dev/sda1";
    fsType = "ext4";
  };
  boot.loader.grub.enable = false;
  services.openssh.enable = true;
  users.users = {
    locked.hashedPassword = "!";
    sha512.hashedPassword = "$6$rounds=7000$CANARYsalt$CANARY${digest}";
    yescrypt.hashedPassword = "$y$j9T$CANARYsalt$CANARY.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    md5.hashedPassword = "$1$CANARY$CANARYaaaaaaaaaaaaaaaa";
    broken.hashedPassword = "CANARY in clear";
    clear.password = "CANARY1";
    first.initialPassword = "CANARY2";
    open.initialHashedPassword = "";
  };
  networking.wireless = {
    enable = true;
    networks.home.psk = "CANARY-psk-pass";
    networks.corp.auth = ''
      password="CANARY-eap"
    '';
  };
  networking.wireguard.interfaces.wg0 = {
    ips = [ "10.0.0.1/24" ];
    privateKey = "CANARYaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=";
    peers = [
      {
        publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        presharedKey = "CANARYbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb=";
        allowedIPs = [ "10.0.0.2/32" ];
      }
    ];
  };
  environment.etc."app.conf".text = ''
    user = me
    password = CANARY-etc
    url = https://me:CANARYurl@example.org/
    requirepass CANARYredis
    token=ghp_CANARYaaaaaaaaaa0123456789bcdefghijklmnop
  '';
  environment.etc."key.pem".text = ''
    -----BEGIN OPENSSH PRIVATE KEY-----
    CANARYb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2g
    -----END OPENSSH PRIVATE KEY-----
  '';
  environment.variables.MY_PASSWORD = "CANARY-var";
  systemd.services.app = {
    environment.API_TOKEN = "CANARY-token";
    script = "export DB_PASSWORD=CANARY-script";
    serviceConfig = {
      SetCredential = "db:CANARY-cred";
      Environment = [ "AWS_SECRET=CANARY-env" ];
      ExecStartPre = "/bin/app --password=CANARY-exec";
    };
  };
  nix = lib.optionalAttrs (options.nix ? settings) { settings.access-tokens = "github.com=CANARY-nixtoken"; };
}
