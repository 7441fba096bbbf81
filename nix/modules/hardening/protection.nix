# What keeps the module from locking people out of their machine.
#
# Only what the module itself decides is judged: where the user defines the option plainly, it is the user's decision.
# Keys and passwords that were set by hand on the machine cannot be seen here; the messages say how to go on then.
{
  config,
  # The value of an option by its dotted name, or a default where the release has none.
  get,
  lib,
  options,
  # path -> the option it leads to, or null.
  optionAt,
  # rule -> whether its fix is set.
  isSet,
}:
let
  inherit (lib) any elem;
  # Whether nothing stronger than this module defines what a path leads to.
  isOurs =
    path:
    let
      option = optionAt path;
      key = lib.last path;
      isStronger =
        definition:
        let
          value = definition.${key};
          isConditional = value._type or "" == "if";
          content = if isConditional then value.content else value;
        in
        definition ? ${key}
        && (isConditional -> value.condition)
        && (if content._type or "" == "override" then content.priority else 100) < 900;
    in
    if lib.isOption (lib.attrByPath path null options) then
      option.highestPrio >= 900
    else
      !(any isStronger (lib.filter builtins.isAttrs option.definitions));

  hasSettings =
    optionAt [
      "services"
      "openssh"
      "settings"
    ] != null;
  # A keyword of sshd as the release spells it; null where it is not set.
  sshPath =
    keyword: old:
    [
      "services"
      "openssh"
    ]
    ++ (
      if hasSettings then
        [
          "settings"
          keyword
        ]
      else
        [ old ]
    );
  ssh =
    keyword: old:
    if hasSettings then
      config.services.openssh.settings.${keyword} or null
    else if old == null then
      null
    else
      get "services.openssh.${old}" null;
  listOf =
    value:
    if value == null then
      [ ]
    else if builtins.isList value then
      value
    else
      lib.filter (word: word != "") (lib.splitString " " value);
  isOn = value: value == true || value == "yes";

  inherit (config.users) users mutableUsers;
  groupsOf =
    user:
    [ user.group ]
    ++ user.extraGroups
    ++ lib.attrNames (lib.filterAttrs (_: group: elem user.name group.members) config.users.groups);
  isAdmin = user: elem "wheel" (groupsOf user);
  # Accounts that people use; a key of a service account lets nobody in.
  people = lib.filter (user: user.name == "root" || user.isNormalUser || isAdmin user) (
    lib.filter (user: user.enable or true) (lib.attrValues users)
  );
  hasKey = user: user.openssh.authorizedKeys.keys != [ ] || user.openssh.authorizedKeys.keyFiles != [ ];
  opens = hash: hash != null && builtins.match "[!*].*" hash == null;
  hasPassword =
    user:
    opens user.hashedPassword
    || user.password != null
    || user.hashedPasswordFile or user.passwordFile or null != null
    || user.initialPassword != null
    || opens user.initialHashedPassword;

  # Who gets in by SSH. A pattern counts as a match.
  matches =
    names: entry:
    elem (lib.head (lib.splitString "@" entry)) names || builtins.match ".*[*?!].*" entry != null;
  isListed = names: list: any (matches names) (listOf list);
  isAllowed =
    user:
    let
      groups = groupsOf user;
      allowUsers = ssh "AllowUsers" null;
      allowGroups = ssh "AllowGroups" null;
    in
    (listOf allowUsers == [ ] || isListed [ user.name ] allowUsers)
    && (listOf allowGroups == [ ] || isListed groups allowGroups)
    && !(elem user.name (listOf (ssh "DenyUsers" null)))
    && !(any (group: elem group (listOf (ssh "DenyGroups" null))) groups);
  takesPasswords =
    isOn (ssh "PasswordAuthentication" "passwordAuthentication")
    || isOn (ssh "KbdInteractiveAuthentication" "challengeResponseAuthentication");
  rootLogin = toString (ssh "PermitRootLogin" "permitRootLogin");
  getsIn =
    user:
    isAllowed user
    && (user.name == "root" -> rootLogin != "no")
    && (
      hasKey user
      || takesPasswords
        && (user.name == "root" -> rootLogin == "yes")
        && (hasPassword user || mutableUsers)
    );

  sshd = get "services.openssh.enable" false;
  decidesSSH = any (rule: isSet rule.id && isOurs (sshPath rule.keyword rule.old)) [
    {
      id = "ssh.PasswordAuthentication";
      keyword = "PasswordAuthentication";
      old = "passwordAuthentication";
    }
    {
      id = "ssh.AllowGroups";
      keyword = "AllowGroups";
      old = "allowGroups";
    }
  ];
  isShutOut = sshd && decidesSSH && !(any getsIn people);

  # Other ways in, where a warning is enough.
  hasOtherKeys =
    !(elem (get "services.openssh.authorizedKeysCommand" "none") [
      "none"
      ""
    ])
    || !(elem (ssh "AuthorizedKeysCommand" null) [
      null
      "none"
    ])
    || ssh "TrustedUserCAKeys" null != null
    || lib.hasInfix "TrustedUserCAKeys" (get "services.openssh.extraConfig" "");
  isHeadless =
    !(get "console.enable" true) || !(config.systemd.services."getty@tty1".enable or true);
  hasConsole =
    !isHeadless && any hasPassword people
    || get "services.getty.autologinUser" (get "services.mingetty.autologinUser" null) != null;
  isInstaller = config.fileSystems ? "/nix/.ro-store";
  # The host of a container, and Windows beside WSL, are a console.
  isGuest = get "boot.isContainer" false || config.environment.etc ? "wsl.conf";
  hasOtherWay = hasOtherKeys || hasConsole || isInstaller || isGuest;

  nobody = ''
    security.hardening: SSH takes keys only, and no user who may log in has one (users.users.<name>.openssh.authorizedKeys; root
    only where PermitRootLogin allows it, and with AllowGroups only members of the groups).'';

  locksRoot =
    isSet "accounts.root-password"
    && isOurs [
      "users"
      "users"
      "root"
      "hashedPassword"
    ];
  admins = lib.filter (user: user.name != "root" && isAdmin user) people;
  logsIn = user: hasPassword user || sshd && getsIn user;
  hasAdmin = any logsIn admins || sshd && getsIn users.root;
  # sudo asks for a password, unless it is told not to.
  sudo = lib.filter (name: get "security.${name}.enable" false) [
    "sudo"
    "sudo-rs"
  ];
  isPasswordless =
    name:
    !(get "security.${name}.wheelNeedsPassword" true)
    || lib.hasInfix "NOPASSWD" (
      get "security.${name}.extraConfig" "" + builtins.toJSON (get "security.${name}.extraRules" [ ])
    );
  becomesRoot =
    any hasPassword admins
    || sudo == [ ]
    || any isPasswordless sudo
    || get "security.pam.sshAgentAuth.enable" (get "security.pam.enableSSHAgentAuth" false)
    || sshd && getsIn users.root;
in
{
  # Rules whose fix would do harm where it stands alone.
  mayBeSet = {
    # A system built from a flake has no configuration on the machine to upgrade from, or an old one.
    "nix.auto-upgrade" =
      get "nixpkgs.flake.source" null == null || get "system.autoUpgrade.flake" null != null;
  };

  config = {
    assertions = [
      {
        assertion = !(isShutOut && !hasOtherWay);
        message = ''
          ${nobody}
          There is no other way in: no AuthorizedKeysCommand, no user certificates, no console login with a password. Give a user a
          key. Where keys are set by hand on the machine, say services.openssh.settings.PasswordAuthentication = false yourself
          (passwordAuthentication before 23.05); to keep passwords, set it to true.'';
      }
      {
        assertion = !(locksRoot && !mutableUsers && !hasAdmin && !(config.users.allowNoPasswordLogin or false));
        message = ''
          security.hardening: root's password is locked (accounts.root-password), and no other member of the group wheel can log in.
          Give one a password or a key, set users.users.root.hashedPassword yourself, or leave the rule out with
          security.hardening.rules."accounts.root-password".enable = false.'';
      }
    ];

    warnings =
      lib.optional (isShutOut && hasOtherWay) "${nobody} What is left is the console, a command for keys, or certificates."
      ++ lib.optional (locksRoot && !mutableUsers && hasAdmin && !becomesRoot) ''
        security.hardening: root's password is locked (accounts.root-password), and no member of the group wheel has a password for
        sudo: nobody can become root. Set users.users.<name>.hashedPasswordFile, or say how else root is reached.'';
  };
}
