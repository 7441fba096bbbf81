# What the hardening module does to small systems, as plain values that ModuleTests.swift expects by hand.
#
#   nix-instantiate --eval --strict --json --readonly-mode Tests/Fixtures/module/cases.nix --arg nixpkgs '<nixpkgs>' -A protection
#
# Several systems an evaluation, since starting one costs seconds; in groups, since each takes memory.
{
  nixpkgs,
  hardening ? ../../../nix/modules/hardening.nix,
}:
let
  lib = import (nixpkgs + "/lib");
  evaluate =
    modules:
    import (nixpkgs + "/nixos/lib/eval-config.nix") {
      system = "x86_64-linux";
      inherit modules;
    };
  hardened =
    level: modules:
    evaluate (
      [
        hardening
        ./server.nix
        (
          { pkgs, ... }:
          {
            security.hardening = {
              enable = true;
              inherit level;
              # Whether this nixpkgs can build firn is asked by `package` below.
              package = lib.mkDefault (pkgs.writeTextDir "bin/firn" "a stand-in");
            };
          }
        )
      ]
      ++ modules
    );
  at = path: config: lib.attrByPath path null config;
  levels = [
    "minimal"
    "standard"
    "strict"
  ];
  plain = evaluate [ ./server.nix ];

  # What the module's own files say, without the assertions of all of NixOS.
  own =
    option:
    lib.concatLists (
      lib.zipListsWith (
        file: value: lib.optionals (lib.hasInfix "/modules/hardening" (toString file)) value
      ) option.files option.definitions
    );
  said = system: {
    refused = map (one: one.message) (lib.filter (one: !one.assertion) (own system.options.assertions));
    warned = own system.options.warnings;
  };

  # Definitions of the module whose value is not in force.
  lost =
    system:
    lib.filter
      (
        one:
        let
          value = at one.path system.config;
        in
        if one.merge == "replace" then
          value != one.value
        else if builtins.isList one.value then
          !(lib.all (element: lib.elem element value) one.value)
        else
          !(lib.hasInfix (lib.removeSuffix "\n" one.value) value)
      )
      system.config.security.hardening.enforced;
  strict = hardened "strict" [ ];
  # Another value of the same form.
  other =
    value:
    if builtins.isBool value then
      !value
    else if builtins.isList value then
      [ "firn-user-choice" ]
    else
      null;
  users = lib.filter (one: other one.value != null) (
    lib.filter (one: one.merge == "replace") strict.config.security.hardening.enforced
  );
  isChoice = one: builtins.isList one.value;
  withUsers =
    wanted:
    hardened "strict" (
      map (one: lib.setAttrByPath one.path (other one.value)) (
        lib.attrValues (lib.listToAttrs (map (one: lib.nameValuePair (builtins.toJSON one.path) one) wanted))
      )
    );

  keyless = {
    users.users.admin = {
      openssh.authorizedKeys.keys = lib.mkForce [ ];
      hashedPassword = lib.mkForce null;
    };
  };
  headless = nixpkgs + "/nixos/modules/profiles/headless.nix";
  isOld = lib.versionOlder lib.trivial.release "23.05";
  sshd = keyword: old: value: {
    services.openssh = if isOld then { ${old} = value; } else { settings.${keyword} = value; };
  };
  passwords = sshd "PasswordAuthentication" "passwordAuthentication";
  password = {
    users.users.admin.hashedPassword = lib.mkOverride 40 "$6$firnfirnfirnfirn$z7O2ZjLM6hkHPqUkBnVYlGqOSYwBS0pGHHqZJdhVKO6sZG2WzQh4EpkmhjSVfjhfYFIK1mGcZnPPHUyqsPXSK1";
  };
in
{
  # Each level: builds, says nothing, and what it sets is in force.
  levels = lib.genAttrs levels (
    level:
    let
      system = hardened level [ ];
    in
    {
      refusals = map (one: one.message) (lib.filter (one: !one.assertion) system.config.assertions);
      newWarnings = lib.subtractLists plain.config.warnings system.config.warnings;
      rules = lib.unique (map (one: one.rule) system.config.security.hardening.enforced);
      lost = lost system;
    }
  );

  # A plain definition of the user wins whole.
  choices =
    let
      lists = lib.filter isChoice users;
      system = withUsers lists;
    in
    map (one: {
      inherit (one) rule path;
      value = at one.path system.config;
    }) lists;
  switches =
    let
      # nixpkgs defines sandbox-fallback plainly itself.
      bools = lib.filter (one: !(isChoice one) && one.rule != "nix.sandbox-fallback") users;
      system = withUsers bools;
    in
    map (one: {
      inherit (one) rule;
      wins = at one.path system.config == other one.value;
    }) bools;

  protection = lib.mapAttrs (_: said) {
    keyless = hardened "standard" [
      keyless
      headless
    ];
    console = hardened "standard" [
      keyless
      password
    ];
    headlessPassword = hardened "standard" [
      keyless
      password
      headless
    ];
    command = hardened "standard" [
      keyless
      headless
      { services.openssh.authorizedKeysCommand = "/run/wrappers/bin/keys"; }
    ];
    certificates = hardened "standard" [
      keyless
      headless
      { services.openssh.extraConfig = "TrustedUserCAKeys /etc/ssh/ca.pub"; }
    ];
    installer = hardened "standard" [
      keyless
      headless
      {
        fileSystems."/nix/.ro-store" = {
          device = "/dev/loop0";
          fsType = "squashfs";
        };
      }
    ];
  };
  protectionOfChoices = lib.mapAttrs (_: said) {
    userKeepsPasswords = hardened "standard" [
      keyless
      headless
      (passwords true)
    ];
    userTakesKeysOnly = hardened "standard" [
      keyless
      headless
      (passwords false)
    ];
    ruleLeftOut = hardened "standard" [
      keyless
      headless
      { security.hardening.rules."ssh.PasswordAuthentication".enable = false; }
    ];
    withoutSSH = hardened "standard" [
      keyless
      headless
      { services.openssh.enable = lib.mkForce false; }
    ];
    noAdmin = hardened "strict" [
      {
        users.users.admin.extraGroups = lib.mkForce [ ];
        users.users.admin.isNormalUser = true;
      }
    ];
    noPasswordForSudo = hardened "strict" [ { users.users.admin.hashedPassword = lib.mkForce null; } ];
  };

  mounts =
    let
      system = hardened "strict" [
        {
          fileSystems."/home" = {
            device = "/dev/disk/by-label/home";
            fsType = "ext4";
            options = [ "noatime" ];
          };
          fileSystems.logs = {
            mountPoint = "/var/log";
            device = "/dev/disk/by-label/log";
            fsType = "ext4";
          };
        }
      ];
    in
    {
      declared = lib.sort (a: b: a < b) (map (mount: mount.mountPoint) (lib.attrValues system.config.fileSystems));
      home = system.config.fileSystems."/home".options;
      log = system.config.fileSystems.logs.options;
      root = system.config.fileSystems."/".options;
      enforced = lib.filter (path: path != null) (
        map (
          one: if lib.head one.path == "fileSystems" then lib.elemAt one.path 1 else null
        ) system.config.security.hardening.enforced
      );
    };

  parts =
    let
      rulesOf = system: map (one: one.rule) system.config.security.hardening.enforced;
      off = hardened "strict" [ { security.hardening.auditd.enable = false; } ];
      firewall = hardened "minimal" [ { security.hardening.firewall.strict = true; } ];
      relaxed = hardened "strict" [ { security.hardening.firewall.strict = false; } ];
      desktop = hardened "strict" [ { services.xserver.enable = true; } ];
      leftOut = hardened "standard" [
        { security.hardening.rules."sysctl.kernel.dmesg_restrict".enable = false; }
      ];
      disabled = evaluate [
        hardening
        ./server.nix
      ];
      container = hardened "strict" [ { boot.isContainer = true; } ];
    in
    {
      auditOff = {
        enable = off.config.security.audit.enable;
        rules = lib.length off.config.security.audit.rules;
        of = lib.filter (lib.hasPrefix "audit.") (rulesOf off);
      };
      firewallStrict = {
        ping = firewall.config.networking.firewall.allowPing;
        reverse = firewall.config.networking.firewall.checkReversePath;
        level = firewall.config.boot.kernel.sysctl."kernel.dmesg_restrict" or null;
      };
      firewallRelaxed = {
        ping = relaxed.config.networking.firewall.allowPing;
        reverse = relaxed.config.networking.firewall.checkReversePath;
      };
      desktop = lib.filter (rule: lib.elem rule (rulesOf desktop)) [
        "modules.bluetooth"
        "modules.usb-storage"
        "modules.can-bus"
      ];
      leftOut = lib.elem "sysctl.kernel.dmesg_restrict" (rulesOf leftOut);
      disabled = rulesOf disabled;
      container = lib.filter (lib.hasPrefix "sysctl.") (rulesOf container);
    };

  # What other modules say by mkDefault, the module wins over; what a user says plainly, wins over it.
  weakened =
    let
      weak = priority: {
        boot.kernel.sysctl."kernel.randomize_va_space" = lib.mkOverride priority 0;
        networking.firewall.enable = lib.mkOverride priority false;
        boot.loader.systemd-boot.editor = lib.mkOverride priority true;
      };
      values = level: priority: {
        sysctl = (hardened level [ (weak priority) ]).config.boot.kernel.sysctl."kernel.randomize_va_space";
        firewall = (hardened level [ (weak priority) ]).config.networking.firewall.enable;
        editor = (hardened level [ (weak priority) ]).config.boot.loader.systemd-boot.editor;
      };
    in
    {
      byOthers = values "minimal" 1000;
      byOthersAtStandard = values "standard" 1000;
      byUser = values "standard" 100;
    };

  # What the sentences of rules ask, carried out. Stacks are asked for the order of their lines.
  byHand =
    let
      system = hardened "standard" modules;
      modules = [ { security.audit.rules = [ "-w /etc/firn -p wa -k firn" ]; } ];
      rules = system.config.security.audit.rules;
      stack = service: system: (system.config.security.pam.services.${service}).text;
      others = hardened "strict" [ { users.ldap.enable = true; users.ldap.server = "ldap://localhost"; } ];
      isSet = rule: system: lib.any (one: one.rule == rule) system.config.security.hardening.enforced;
      leftOut = hardened "standard" [
        {
          security.hardening.rules = lib.genAttrs [ "pam.lockout.console" "pam.quality" "audit.stig-usermod" ] (_: {
            enable = false;
          });
        }
      ];
      patient = hardened "standard" [
        { security.pam.services.login.rules.auth.faillock_preauth.settings.deny = 5; }
        { security.pam.services.passwd.rules.password.pwquality.enable = false; }
      ];
      rust = hardened "strict" [
        {
          security.sudo.enable = false;
          security.sudo-rs.enable = true;
        }
      ];
    in
    {
      first = lib.head rules;
      twice = lib.length rules - lib.length (lib.unique rules);
      watches = lib.filter (rule: lib.any (key: lib.hasInfix key rule) [ "privileged-usermod" "/etc/firn" "lastlog2" ]) rules;
      loader = system.config.systemd.services.audit-rules-nixos.after;
      auditd = {
        inherit (system.config.security.auditd.settings) max_log_file_action num_logs;
      };
      login = stack "login" system;
      passwd = stack "passwd" system;
      ldap = stack "login" others;
      leftOut = {
        login = stack "login" leftOut;
        passwd = stack "passwd" leftOut;
        audit = lib.any (lib.hasInfix "privileged-usermod") leftOut.config.security.audit.rules;
        enforced = isSet "pam.quality" leftOut;
      };
      patient = {
        login = stack "login" patient;
        passwd = stack "passwd" patient;
      };
      rust = {
        stack = stack "sudo" rust;
        rules = lib.filter (lib.hasPrefix "sudo.") (map (one: one.rule) rust.config.security.hardening.enforced);
      };
      minimal = stack "login" (hardened "minimal" [ ]);
    };

  # An unbuildable package warns where the system uses it, and only there.
  package =
    let
      package = pkgs: pkgs.writeTextDir "bin/firn" "" // { unbuildable = "for a test."; };
      warned =
        level: more:
        lib.filter (lib.hasInfix "security.hardening.package") (said (
          hardened level ([ ({ pkgs, ... }: { security.hardening.package = package pkgs; }) ] ++ more)
        )).warned;
    in
    {
      used = warned "standard" [ ];
      unused = warned "standard" [ { security.hardening.updates.enable = false; } ];
      minimal = warned "minimal" [ ];
    };

  added = map (one: removeAttrs one [ "merge" ]) (
    lib.filter (one: one.rule == "sysctl.firn.added") (hardened "minimal" [ ]).config.security.hardening.enforced
  );
  addedValue = (hardened "minimal" [ ]).config.boot.kernel.sysctl."firn.added";
}
