# A virtual machine for QEMU: `config.system.build.vm`, run by `result/bin/run-nixos-ros2-vm`.
#
# Runs without a window; port 2222 of the host is its sshd. It holds no password and no key. Keys come from the host, when
# the machine starts, as systemd credentials (docs/image-formats.md):
#
#   QEMU_OPTS="-fw_cfg name=opt/io.systemd.credentials/ssh.authorized_keys.nixos,file=$HOME/.ssh/id_ed25519.pub" \
#     result/bin/run-nixos-ros2-vm
{
  config,
  lib,
  modulesPath,
  options,
  pkgs,
  ...
}:
let
  # Releases before 21.11 have neither.
  hasShares = options.virtualisation ? sharedDirectories;
  hasForwards = options.virtualisation ? forwardPorts;

  # Where sshd looks for the keys that the host gives, by user; gone with the next start.
  hostKeys = "/run/ssh-keys-of-host";
  takeKeys = pkgs.writeShellScript "take-ssh-keys" ''
    set -eu
    umask 022
    for user in root nixos; do
      given="''${CREDENTIALS_DIRECTORY:-/nonexistent}/ssh.authorized_keys.$user"
      if [ -s "$given" ]; then
        install -D -m 0444 "$given" "${hostKeys}/$user"
      fi
    done
  '';
in
{
  imports = [
    (modulesPath + "/virtualisation/qemu-vm.nix")
    ./common.nix
  ];

  config = {
    virtualisation = {
      memorySize = lib.mkDefault 4096;
      cores = lib.mkDefault 2;
      diskSize = lib.mkDefault 16384;
      graphics = lib.mkDefault false;
      qemu.options =
        # The verdict of the gate, so that the script that runs the machine cannot be made without it. The machine finds it in
        # /sys/firmware/qemu_fw_cfg/by_name/opt/firn/verdict.json/raw.
        lib.optional config.security.hardening.gate.enable
          "-fw_cfg name=opt/firn/verdict.json,file=${config.system.build.hardeningGate}/verdict.json";
    }
    // lib.optionalAttrs hasForwards {
      # Of the host itself only: others on its network do not reach the machine.
      forwardPorts = [
        {
          from = "host";
          host.address = "127.0.0.1";
          host.port = 2222;
          guest.port = 22;
        }
      ];
    }
    // lib.optionalAttrs hasShares {
      # The store alone. The base also shares two directories in /tmp that everybody in the machine may write to; who wants to
      # share one defines it with mkForce beside this.
      sharedDirectories = lib.mkForce {
        nix-store = {
          source = builtins.storeDir;
          target = "/nix/.ro-store";
          securityModel = "none";
        };
      };
    };

    # QEMU starts the kernel itself.
    boot.loader.grub.enable = lib.mkDefault false;

    services.openssh.authorizedKeysFiles = [ "${hostKeys}/%u" ];
    systemd.services.take-ssh-keys = {
      description = "SSH keys that the host gives";
      wantedBy = [ "multi-user.target" ];
      before = [ "sshd.service" ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${takeKeys}";
        # systemd 254 and later. What the host does not give is not there, and an older systemd gives nothing.
        ImportCredential = [
          "ssh.authorized_keys.root"
          "ssh.authorized_keys.nixos"
        ];
      };
    };

    # qemu-vm.nix leaves the clock to KVM. Without KVM, or after the host slept, it would be wrong.
    services.timesyncd.enable = lib.mkForce true;
  };
}
