# The evaluated options of a NixOS configuration as option JSON (docs/fix.md, "What is evaluated").
#
#   nix-instantiate --eval --strict --json --readonly-mode nix/lib/evaluated-config.nix \
#     --arg configuration ./configuration.nix --arg nixpkgs '<nixpkgs>'
#
# Only what the facts read is evaluated. An option whose evaluation throws is listed under "unavailable" with its path;
# it is never left out in silence. Passwords are part of the values: the output is a secret until Firn has read it.
{
  nixpkgs ? <nixpkgs>,
  configuration,
  # Modules on top of the configuration, such as one of `firn fix`.
  extraModules ? [ ],
  system ? builtins.currentSystem,
  # Name the system that the configuration builds, so that a report of it joins one of the built system. Everything is
  # evaluated for it.
  withToplevel ? true,
}:
let
  lib = import (nixpkgs + "/lib");
  evaluated = import (nixpkgs + "/nixos/lib/eval-config.nix") {
    inherit system;
    modules = [ configuration ] ++ extraModules;
  };
  inherit (evaluated) config options;

  # The subtrees that the facts read. Beside them, single values of a package set that is not walked.
  roots = {
    boot = [
      "bcache" "binfmt" "blacklistedKernelModules" "bootspec" "cleanTmpDir" "consoleLogLevel" "crashDump" "enableContainers"
      "extraModprobeConfig" "growPartition" "hardwareScan" "initrd" "isContainer" "isNspawnContainer" "kernel"
      "kernelModules" "kernelParams" "loader" "nixStoreMountOpts" "postBootCommands" "readOnlyNixStore" "specialFileSystems"
      "supportedFilesystems" "tmp" "tmpOnTmpfs"
    ];
    console = null;
    environment = [ "etc" "ldso" "memoryAllocator" "sessionVariables" "shells" "variables" ];
    fileSystems = null;
    hardware = [ "bluetooth" "cpu" "enableAllFirmware" "enableRedistributableFirmware" ];
    networking = [
      "defaultGateway" "dhcpcd" "domain" "enableIPv6" "extraHosts" "firewall" "hostName" "hosts" "interfaces" "nameservers"
      "nat" "networkmanager" "nftables" "proxy" "resolvconf" "tempAddresses" "timeServers" "useDHCP" "useNetworkd"
      "usePredictableInterfaceNames" "wireless"
    ];
    nix = null;
    programs = [ "bash" "dconf" "firejail" "fuse" "less" "nix-ld" "ssh" "steam" "wireshark" ];
    security = null;
    services = [
      "avahi" "chrony" "clamav" "cockpit" "cron" "dbus" "displayManager" "earlyoom" "fail2ban" "fwupd" "getty" "grafana"
      "haproxy" "httpd" "journald" "logind" "logrotate" "lvm" "mingetty" "nfs" "nginx" "nscd" "ntp" "openntpd" "openssh"
      "postgresql" "printing" "redis" "resolved" "rsyncd" "rsyslogd" "samba" "smartd" "sssd" "syslog-ng" "tailscale"
      "timesyncd" "udev" "udisks2" "upower" "usbguard" "userborn" "xinetd" "xserver"
    ];
    swapDevices = null;
    system = [ "autoUpgrade" "etc" "nixos" "nixos-init" "stateVersion" "switch" ];
    systemd = null;
    time = null;
    users = null;
    virtualisation = [
      "containers" "diskSize" "docker" "incus" "libvirtd" "lxc" "oci-containers" "podman" "waydroid" "xen"
    ];
  };

  # A value as JSON can hold it: a derivation or path is its path, a function nothing.
  plain = value:
    if lib.isFunction value then null
    else if builtins.isPath value then toString value
    else if builtins.isAttrs value then
      if value ? outPath then "${value.outPath}"
      else if value ? _type && value._type == "pkgs" then null
      else lib.mapAttrs (_: plain) value
    else if builtins.isList value then map plain value
    else value;

  isAlias = option:
    option.visible or true == false && lib.hasPrefix "Alias of" (option.description.text or (toString (option.description or "")));
  # A package set is no value, and some of its members throw beyond what tryEval can catch.
  isSkipped = path: option:
    isAlias option || lib.hasPrefix "services.xserver.windowManager." path || lib.hasSuffix "Packages" path;
  spelled = lib.showOption;

  # { values, unavailable, skip } of a value. What throws, such as an option removed from a submodule, does not hide what
  # is beside it.
  collect = path: value:
    let
      failed = { values = null; unavailable.${spelled path} = "its evaluation throws"; skip = true; };
      head = builtins.tryEval (builtins.seq value (builtins.isAttrs value && !(value ? outPath) && !lib.isFunction value));
      whole = plain value;
      tried = builtins.tryEval (builtins.deepSeq whole whole);
    in
    if !head.success then failed
    else if head.value && (value._type or "") != "pkgs" then group (lib.mapAttrs (name: collect (path ++ [ name ])) value)
    else if tried.success then { values = tried.value; unavailable = { }; skip = false; }
    else failed;
  group = children: {
    values = lib.mapAttrs (_: child: child.values) (lib.filterAttrs (_: child: !child.skip) children);
    unavailable = lib.foldl' (all: child: all // child.unavailable) { } (lib.attrValues children);
    skip = false;
  };

  # The same of an option or a set of them.
  walk = path: node:
    if lib.isOption node then
      if isSkipped (spelled path) node then { values = null; unavailable = { }; skip = true; }
      else
        let
          # The text of a unit is what its other options say, and names most of the system.
          value =
            if spelled path == "systemd.units" then lib.mapAttrs (_: unit: removeAttrs unit [ "text" "unit" "name" ]) node.value
            # A "runner" is a script made of commands, and is not made for every form of them.
            else if spelled path == "systemd.services" then lib.mapAttrs (_: unit: removeAttrs unit [ "runner" "jobScripts" ]) node.value
            else node.value;
        in
        collect path value
    else
      group (lib.mapAttrs (name: walk (path ++ [ name ])) (removeAttrs node [ "_module" ]));

  parts = lib.mapAttrs
    (root: names:
      let node = options.${root} or { }; in
      walk [ root ] (
        if names == null || lib.isOption node then node
        else lib.filterAttrs (name: _: builtins.elem name names) node
      ))
    (lib.filterAttrs (root: _: options ? ${root}) roots);
  kernel = builtins.tryEval (
    let version = config.boot.kernelPackages.kernel.version; in builtins.seq version version
  );
  values = lib.mapAttrs (_: part: part.values) parts;
  # What NixOS refuses to build, in its words.
  refusals = builtins.tryEval (
    let messages = map (one: one.message) (lib.filter (one: !one.assertion) (config.assertions or [ ]));
    in builtins.deepSeq messages messages
  );
in
{
  format = "firn-options";
  version = 1;
  inherit system;
  ${if withToplevel then "toplevel" else null} = builtins.unsafeDiscardStringContext config.system.build.toplevel.outPath;
  refusals = if refusals.success then refusals.value else [ "the assertions do not evaluate" ];
  release = lib.trivial.release;
  values = values // {
    boot = values.boot // lib.optionalAttrs kernel.success { kernelPackages.kernel = { version = kernel.value; name = "linux-${kernel.value}"; }; };
  };
  unavailable = lib.foldl' (all: part: all // part.unavailable) { } (lib.attrValues parts)
    // { "nixpkgs.config" = "it is not exported"; };
}
