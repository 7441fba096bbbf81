# The facts of the catalogue that the module can tell from options, for `applies-when` and for the `when` of a fix.
#
# { <fact> = { reads; value; }; }: a fact that is not here, or whose value is null, is not known; then the fix is set,
# as the auditor asks for it unless the condition is known to be false. `reads` are the options behind the value: a fix
# of one of them cannot depend on the fact, which would depend on the fix. What lives in the option that its own rules
# set (a keyword of sshd, which fail2ban's module sets too, or a sysctl) is left out for that reason. A value of { absent = true; } is known not to be there.
{
  config,
  # The value of an option by its dotted name, or a default where the release has none.
  get,
  lib,
  pkgs,
}:
let
  # { reads, value } of options by their names.
  from = names: value: {
    reads = map (lib.splitString ".") names;
    inherit value;
  };
  isPresentIf = names: condition: from names (if condition then true else { absent = true; });
  isAnyOn = names: from names (lib.any (name: get name false == true) names);

  # Those whose editor an option closes, and GRUB, which has passwords in its place.
  loaders = [
    "systemd-boot"
    "grub"
    "limine"
  ];

  package = name: default: (get name default).version or null;
in
{
  "system.has-own-kernel" = from [ "boot.isContainer" "boot.kernel.enable" ] (
    !get "boot.isContainer" false && get "boot.kernel.enable" true
  );
  "system.architecture" = from [ ] pkgs.stdenv.hostPlatform.parsed.cpu.name;
  "system.kernel-version" = from [ "boot.kernelPackages" ] config.boot.kernelPackages.kernel.version;

  "boot.loader" = from (map (name: "boot.loader.${name}.enable") loaders ++ [ "boot.lanzaboote.enable" ]) (
    let
      chosen = lib.filter (name: get "boot.loader.${name}.enable" false) loaders;
    in
    if get "boot.lanzaboote.enable" false then
      "lanzaboote"
    else if chosen == [ ] then
      null
    else
      lib.head chosen
  );
  "accounts.mutable-users" = from [ "users.mutableUsers" ] config.users.mutableUsers;

  "role.desktop" = isAnyOn [
    "services.xserver.enable"
    "services.displayManager.enable"
  ];
  "role.installer" = from [ "fileSystems" ] (config.fileSystems ? "/nix/.ro-store");
  "role.container-host" = isAnyOn [
    "virtualisation.docker.enable"
    "virtualisation.podman.enable"
    "virtualisation.libvirtd.enable"
    "virtualisation.incus.enable"
    "virtualisation.lxd.enable"
    "virtualisation.containerd.enable"
    "services.k3s.enable"
    "services.kubernetes.kubelet.enable"
  ];
  # A packet may be forwarded by a rule in many places: only "yes" is certain.
  "role.router" = from [ "networking.nat.enable" "networking.firewall.extraForwardRules" ] (
    if get "networking.nat.enable" false || get "networking.firewall.extraForwardRules" "" != "" then true else null
  );

  "firewall.enabled" = isAnyOn [ "networking.firewall.enable" ];
  "firewall.backend" = from [ "networking.nftables.enable" ] (
    if get "networking.nftables.enable" false then "nftables" else "iptables"
  );

  "ssh.enabled" = isAnyOn [ "services.openssh.enable" ];
  "ssh.configured" = isAnyOn [ "services.openssh.enable" ];
  "ssh.activation" = from [ "services.openssh.startWhenNeeded" ] (
    if get "services.openssh.startWhenNeeded" false then "socket" else "service"
  );
  "ssh.version" = from [ "services.openssh.package" "programs.ssh.package" ] (
    package "services.openssh.package" (get "programs.ssh.package" pkgs.openssh)
  );

  "audit.intended" = from [ "security.audit.enable" ] (get "security.audit.enable" false != false);
  "audit.auditd.enabled" = isAnyOn [ "security.auditd.enable" ];
  # The rules watch what only these programs make; a watch on nothing stops auditctl.
  "audit.covers.stig-cron" = isPresentIf [ "services.cron.enable" ] (get "services.cron.enable" false);
  "audit.covers.cis-apparmor" = isPresentIf [ "security.apparmor.enable" ] (get "security.apparmor.enable" false);
  "audit.covers.cis-sudo-log" = isPresentIf [ "security.sudo.extraConfig" ] (
    lib.hasInfix "logfile" (get "security.sudo.extraConfig" "")
  );

  "sudo.enabled" = isAnyOn [
    "security.sudo.enable"
    "security.sudo-rs.enable"
  ];
  "sudo.implementation" = from [ "security.sudo-rs.enable" ] (
    if get "security.sudo-rs.enable" false then "sudo-rs" else "sudo"
  );
  "logging.syslog-daemon" = isAnyOn [
    "services.rsyslogd.enable"
    "services.syslog-ng.enable"
  ];
  "polkit.enabled" = isAnyOn [ "security.polkit.enable" ];
  "nix.enabled" = from [ "nix.enable" ] (get "nix.enable" true);
  "nix.auto-upgrade" = isAnyOn [ "system.autoUpgrade.enable" ];
  "network.resolved.enabled" = isAnyOn [ "services.resolved.enable" ];
  "network.samba.enabled" = isAnyOn [ "services.samba.enable" ];
  "tls.httpd.enabled" = isAnyOn [ "services.httpd.enable" ];
}
