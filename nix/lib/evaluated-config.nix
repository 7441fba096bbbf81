# The evaluated options of a NixOS configuration as option JSON (docs/design.md, "Documents"; docs/fix.md, "What is
# evaluated").
#
#   scripts/export-options ./configuration.nix > config.json
#   nix-instantiate --eval --strict --json --readonly-mode nix/lib/evaluated-config.nix \
#     --arg configuration ./configuration.nix --arg nixpkgs '<nixpkgs>'
#
# What is exported is a list of profiles/knowledge/exported-options.toml, and the options that rules repair. An option whose
# evaluation throws is listed under "unavailable" with its path; it is never left out in silence. What Nix cannot catch
# (abort, infinite recursion, a missing file) ends the evaluation: its trace (--show-trace) says "firn exports the option
# PATH", and the same call with that path in `omit` goes on without it. scripts/export-options and `firn fix --verify` do so.
#
# A string leaves in clear only where a fact reads it: `readable` in profiles/knowledge/exported-options.toml. There it is
# reduced by its kind: values behind names of secrets, option words and in addresses are replaced, and what facts do not need
# of a text is left out. Every other string becomes a stand-in that the scan of secrets judges as it judges the string. A
# password hash keeps its form: method, cost and length. Names of attributes, numbers, switches, null, empty strings, whole
# store paths and paths of files that are Nix paths stay. See nix/lib/option-secrets.nix.
#
# What can still show: a secret in a readable text (a command, a script, a kernel parameter, the message of an assertion) in a
# form that nobody knows, such as a bare word, and one that is a name of an attribute or of a store path.
#
# The program brings this file and option-secrets.nix along as text, so they take all their data as arguments.
{
  nixpkgs ? <nixpkgs>,
  configuration ? null,
  # Modules on top of the configuration, such as one of `firn fix`.
  extraModules ? [ ],
  system ? builtins.currentSystem,
  # { config; options; } of a system that is evaluated already, in place of a configuration.
  evaluated ? null,
  # Name the system that the configuration builds, so that a report of it joins one of the built system. Everything is
  # evaluated for it.
  withToplevel ? true,
  # Paths of options not to evaluate, and the reason: what ended an export before.
  omit ? { },
  exported ? builtins.fromTOML (builtins.readFile ../../profiles/knowledge/exported-options.toml),
  secrets ? builtins.fromTOML (builtins.readFile ../../profiles/knowledge/secrets.toml),
  # What leaves of a string: nix/lib/option-secrets.nix.
  optionSecrets ? import ./option-secrets.nix,
  # The paths that rules repair, each a list of names.
  fixPaths ? null,
}:
let
  evaluate = import (nixpkgs + "/nixos/lib/eval-config.nix");
  system' =
    if evaluated != null then
      evaluated
    else
      evaluate {
        inherit system;
        modules = [ configuration ] ++ extraModules;
      };
  inherit (system') config options;
  # An evaluated system brings its own lib along in its options' types only, and `evaluated` may be all there is: what is
  # used here is small, and the same in every release.
  lib = builtins // {
    isOption = value: (value._type or "") == "option";
    filterAttrs =
      keep: set: removeAttrs set (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set));
    hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    hasSuffix =
      suffix: text:
      let
        n = builtins.stringLength text;
        m = builtins.stringLength suffix;
      in
      n >= m && builtins.substring (n - m) m text == suffix;
    last = list: builtins.elemAt list (builtins.length list - 1);
    init = list: builtins.genList (builtins.elemAt list) (builtins.length list - 1);
    isFunction = value: builtins.isFunction value || value ? __functor;
    unique = builtins.foldl' (all: one: if builtins.elem one all then all else all ++ [ one ]) [ ];
  };
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    head
    isAttrs
    isList
    isString
    length
    listToAttrs
    map
    mapAttrs
    match
    removeAttrs
    replaceStrings
    stringLength
    substring
    tail
    tryEval
    ;
  # The option JSON names store paths, and must not make what they name a part of what is built with it.
  untracked = builtins.unsafeDiscardStringContext;
  has = words: text: replaceStrings words (map (_: "") words) text != text;

  # An option path as Nix spells it, as `OptionTree.spelled` of FirnFacts does.
  spelled =
    path:
    concatStringsSep "." (
      map (
        part:
        if match "[a-zA-Z_][a-zA-Z0-9_'-]*" part != null then
          part
        else
          "\"${replaceStrings [ "\\" "\"" "\${" ] [ "\\\\" "\\\"" "\\\${" ] part}\""
      ) path
    );

  # MARK: values

  # What leaves of a string.
  strings = optionSecrets { inherit exported secrets; };

  # A value as JSON can hold it: a derivation or path is its path, a function nothing. `name` is the nearest name, and
  # `states` are the readable paths that lead here.
  plain =
    states: name: value:
    if isString value then
      strings.safe states name value
    else if builtins.isPath value then
      toString value
    else if isAttrs value then
      if value ? outPath then
        untracked "${value.outPath}"
      else if lib.isFunction value || (value._type or "") == "pkgs" then
        null
      else
        mapAttrs (key: plain (strings.step states key) key) value
    else if isList value then
      if builtins.any isString value then
        map (one: if isString one then one else plain states name one) (strings.safeList states name value)
      else
        map (plain states name) value
    else if builtins.isFunction value then
      null
    else
      value;
  # The states of an attribute. A file of /etc counts under its target too, which facts read it by.
  below =
    states: path: key: value:
    let
      target = tryEval (
        let
          own = if isAttrs value then value.target or key else key;
        in
        if isString own then untracked own else key
      );
      named = strings.step states key;
    in
    if path == [ "environment" "etc" ] && target.success && target.value != key then
      named ++ strings.step states target.value
    else
      named;

  isAlias =
    option:
    (option.visible or true) == false
    && lib.hasPrefix "Alias of" (
      let
        description = option.description or "";
      in
      if isString description then description else description.text or ""
    );
  leftOut = exported.left-out;
  # What stands in an option that a release replaced by others as long as nobody sets it (mkMergedOptionModule,
  # mkChangedOptionModule).
  isReplaced =
    option:
    (option.visible or true) == false
    && (option.highestPrio or usual) >= 1500
    && (
      let
        tried = tryEval (option.default or null == "_mkMergedOptionModule");
      in
      tried.success && tried.value
    );
  isSkipped =
    path: option:
    isAlias option
    || isReplaced option
    || builtins.any (beginning: lib.hasPrefix beginning path) leftOut.beginnings
    || builtins.any (ending: lib.hasSuffix ending path) leftOut.endings;

  nothing = {
    values = null;
    unavailable = { };
    skip = true;
  };
  failed = path: reason: nothing // { unavailable.${spelled path} = reason; };

  # The type of the elements of a set or list, and the options of a submodule. A name that a release renamed is an alias
  # there, and reading it prints a line for each element.
  elementOf = type: type.nestedTypes.elemType or type.functor.wrapped or null;
  subOptions =
    type:
    let
      tried = tryEval (
        let
          found = if (type.name or "") == "submodule" then type.getSubOptions [ ] else { };
        in
        builtins.seq (isAttrs found) found
      );
    in
    if tried.success && isAttrs tried.value then tried.value else { };
  isSet = value: isAttrs value && !(value ? outPath) && !lib.isFunction value && (value._type or "") != "pkgs";
  # Whether a definition as it was written may say something of a key inside its value. What it does not show (a function, a
  # file) may.
  mayDefine =
    keys: value:
    let
      kind = if isAttrs value then value._type or "" else "";
    in
    if kind == "if" then
      value.condition && mayDefine keys value.content
    else if kind == "merge" then
      builtins.any (mayDefine keys) value.contents
    else if kind == "order" || kind == "override" then
      mayDefine keys value.content
    else if isList value then
      builtins.any (mayDefine keys) value
    else if keys == [ ] || !isAttrs value || value ? imports || value ? config then
      true
    else
      value ? ${head keys} && mayDefine (tail keys) value.${head keys};

  # Whether an option that throws when it is read is one that nobody set and that has no value then: a removed one, or one
  # without a default. There is nothing of it to export. What throws although it is defined, or by its default, is
  # unavailable. `written` are the definitions around an option whose own state is not known, and `keys` leads to it there.
  isUnset =
    {
      option,
      written ? null,
      keys ? [ ],
    }:
    let
      tried = tryEval (
        isAttrs option
        && lib.isOption option
        && (option.isDefined or true) == false
        && ((option.visible or true) == false || (option.type.emptyValue or { }) == { })
        && (written == null || !builtins.any (mayDefine keys) written)
      );
    in
    tried.success && tried.value;

  # { values, unavailable, skip } of a value. What throws does not hide what is beside it.
  #
  # type    of the value, or null
  # option  declares it, or null; or the set of options it consists of
  # meta    what the module system knows of the values inside (valueMeta, since 25.11), or null
  # real    whether `option` is the one of this very value, and not that of any element of the type
  # written the definitions of the option at `top`, a path; read where `real` does not hold
  # off     whether what the option belongs to is switched off
  # states  the readable paths that lead here
  collect =
    {
      path,
      value,
      type ? null,
      option ? null,
      meta ? null,
      real ? true,
      top,
      written,
      off ? false,
      states,
    }:
    let
      whole = plain states (lib.last path) value;
      tried = tryEval (builtins.deepSeq whole whole);
      inner =
        if type == null then
          null
        else if
          elem (type.name or "") [
            "nullOr"
            "uniq"
            "unique"
          ]
        then
          elementOf type
        else
          type;
      name = if inner == null then "" else inner.name or "";
      metaTried = tryEval (if isAttrs meta then meta else { });
      known = if metaTried.success then metaTried.value else { };
      isNested = isAttrs option && !lib.isOption option;
      ownOptions = known ? configuration;
      subs =
        if isNested then
          option
        else if ownOptions then
          known.configuration.options
        else if inner == null then
          { }
        else
          subOptions inner;
      isHidden =
        key: key == "_module" || subs ? ${key} && isAttrs subs.${key} && lib.isOption subs.${key} && isAlias subs.${key};
      isOfSets = elem name [
        "attrsOf"
        "lazyAttrsOf"
      ];
      child =
        key: content:
        let
          own = subs.${key} or null;
        in
        collect (
          {
            inherit top written off;
            path = path ++ [ key ];
            value = content;
            states = below states path key content;
          }
          // (
            if isOfSets && !isNested then
              {
                type = elementOf inner;
                meta = (known.attrs or { }).${key} or null;
                inherit real;
              }
            else if own == null then
              { }
            else
              {
                type = if isAttrs own && lib.isOption own then own.type or null else null;
                option = own;
                meta = if isAttrs own && lib.isOption own then own.valueMeta or null else null;
                # The options that the type alone tells are those of no element.
                real = if isNested then real else ownOptions;
              }
          )
        );
      state = tryEval (
        if isSet value then
          "group"
        else if isList value && name == "listOf" && value != [ ] && builtins.any isSet value then
          "list"
        else
          "whole"
      );
      elements = builtins.genList (
        i:
        collect {
          inherit
            top
            written
            off
            real
            states
            ;
          path = path ++ [ (toString i) ];
          value = elemAt value i;
          type = elementOf inner;
          meta = if i < length (known.list or [ ]) then elemAt known.list i else null;
        }
      ) (length value);
      thrown = concatMap (element: attrNames element.unavailable) elements;
      # The key inside the value of the option at `top`. Lists of definitions are looked through as a whole.
      keys = filter (key: match "[0-9]+" key == null) (
        builtins.genList (i: elemAt path (length top + i)) (length path - length top)
      );
      throws =
        if isUnset ({ inherit option; } // (if real then { } else { inherit written keys; })) then
          nothing
        else
          failed path "its evaluation throws";
      # What looks like a secret in the default of something that is off: nobody's secret, and in use nowhere.
      isIdleDefault =
        let
          found = tryEval (
            isAttrs option
            && lib.isOption option
            && isString value
            && strings.isSecret (lib.last path) value
            && (
              if real then (option.highestPrio or usual) >= 1500 else !builtins.any (mayDefine keys) written
            )
          );
        in
        off && found.success && found.value;
    in
    if !state.success then
      throws
    else if state.value == "group" then
      group (mapAttrs child (lib.filterAttrs (key: _: !isHidden key) value))
    else if state.value == "list" then
      # Facts read a list as a whole: one without what throws in an element would tell less than is set.
      if thrown == [ ] then
        {
          values = map (element: element.values) elements;
          unavailable = { };
          skip = false;
        }
      else
        failed path "its evaluation throws at ${head thrown}"
    else if !tried.success then
      throws
    else if isIdleDefault then
      nothing
    else
      {
        values = tried.value;
        unavailable = { };
        skip = false;
      };
  group = children: {
    values = mapAttrs (_: child: child.values) (lib.filterAttrs (_: child: !child.skip) children);
    unavailable = foldl' (all: child: all // child.unavailable) { } (attrValues children);
    skip = false;
  };

  # The same of an option or a set of them.
  walk =
    above: path: node:
    let
      isOff = tryEval (
        let
          switch = node.enable;
        in
        isAttrs switch
        && lib.isOption switch
        && !isSkipped (spelled (path ++ [ "enable" ])) switch
        && !(omit ? ${spelled (path ++ [ "enable" ])})
        && switch.value == false
      );
      off = above || isAttrs node && !lib.isOption node && node ? enable && isOff.success && isOff.value;
      own = spelled path;
      lost = leftOut.attributes.${own} or null;
      value = if lost == null then node.value else mapAttrs (_: unit: removeAttrs unit lost) node.value;
      found = collect {
        inherit path value;
        type = node.type or null;
        option = node;
        meta = node.valueMeta or null;
        top = path;
        written = node.definitions or [ ];
        off = above;
        states = foldl' strings.step strings.readable path;
      };
    in
    if !isAttrs node then
      nothing
    else if lib.isOption node then
      if omit ? ${own} then
        failed path omit.${own}
      else if isSkipped own node then
        nothing
      else
        builtins.addErrorContext "firn exports the option ${own}" (builtins.deepSeq found found)
    else
      group (mapAttrs (name: walk off (path ++ [ name ])) (removeAttrs node [ "_module" ]));

  paths =
    if fixPaths != null then
      fixPaths
    else
      let
        directory = ../../profiles/rules;
        files = filter (lib.hasSuffix ".toml") (attrNames (builtins.readDir directory));
        rules = concatMap (file: (builtins.fromTOML (builtins.readFile (directory + "/${file}"))).rule or [ ]) files;
        fixes = concatMap (
          rule:
          let
            fix = rule.fix or [ ];
          in
          if isList fix then fix else [ fix ]
        ) rules;
      in
      lib.unique (map (fix: fix.path) (filter (fix: fix ? path) fixes));
  # What facts read, and the neighbourhood of what rules repair.
  roots = foldl' (
    all: path:
    if length path < 2 || elem "*" (all.${head path} or [ ]) || elem (elemAt path 1) (all.${head path} or [ ]) then
      all
    else
      all // { ${head path} = (all.${head path} or [ ]) ++ [ (elemAt path 1) ]; }
  ) exported.roots paths;
  parts = mapAttrs (
    root: names:
    let
      node = options.${root};
      chosen = listToAttrs (
        map (name: {
          inherit name;
          value = node.${name};
        }) (filter (name: node ? ${name}) names)
      );
    in
    walk false [ root ] (if elem "*" names || lib.isOption node then node else chosen)
  ) (lib.filterAttrs (root: _: options ? ${root}) roots);
  values = mapAttrs (_: part: part.values) (lib.filterAttrs (_: part: !part.skip) parts);

  # MARK: definitions

  # The option a path leads to, and the rest of the path, which is a key inside its value; or null.
  find =
    node: done: path:
    if isAttrs node && lib.isOption node then
      {
        option = node;
        rest = path;
        path = done;
      }
    else if path == [ ] || !(isAttrs node && node ? ${head path}) then
      null
    else
      find node.${head path} (done ++ [ (head path) ]) (tail path);

  # The priority that a definition without one has.
  usual = 100;
  # What one definition says of a key inside its value, with the properties that NixOS knows: a list of { priority, line }.
  # `level` is the priority of the sets around it, where one of them has its own; what such a set lacks is hidden by it.
  inside =
    level: position: keys: value:
    let
      kind = if isAttrs value then value._type or "" else "";
      name = head keys;
      own = builtins.unsafeGetAttrPos name value;
    in
    if kind == "if" then
      if value.condition then inside level position keys value.content else [ ]
    else if kind == "merge" then
      concatMap (inside level position keys) value.contents
    else if kind == "order" then
      inside level position keys value.content
    else if kind == "override" then
      if keys == [ ] then
        map (one: one // { priority = if level == usual then value.priority else level; }) (
          inside level position keys value.content
        )
      else
        inside (if level == usual then value.priority else level) position keys value.content
    else if keys == [ ] then
      [
        (
          { priority = level; }
          // (if position == null then { } else { inherit (position) line; })
        )
      ]
    else if !isAttrs value then
      [ ]
    else if value ? ${name} then
      inside level own (tail keys) value.${name}
    else if level < usual then
      # The set wins as a whole, so nobody else's key is in it.
      [ { priority = level; } ]
    else
      [ ];
  definitionsOf =
    found:
    let
      option = found.option;
      priority = option.highestPrio or usual;
      located =
        option.definitionsWithLocations or (
          let
            defined = option.definitions or [ ];
            files = option.files or [ ];
          in
          if length files == length defined then
            builtins.genList (i: {
              file = elemAt files i;
              value = elemAt defined i;
            }) (length files)
          else
            [ ]
        );
      one =
        definition:
        map (entry: entry // { file = untracked (toString definition.file); }) (
          inside priority null found.rest definition.value
        );
      tried = tryEval (
        let
          all = concatMap one located;
        in
        builtins.deepSeq all all
      );
    in
    if tried.success then tried.value else [ ];
  # An option that is not evaluated says nothing of who defines it.
  reached =
    path:
    let
      found = find options [ ] path;
    in
    if found == null || omit ? ${spelled found.path} || isAlias found.option then null else found;
  defined =
    path:
    let
      found = reached path;
    in
    if found == null then
      [ ]
    else
      builtins.addErrorContext "firn exports the option ${spelled found.path}" (
        let
          all = definitionsOf found;
        in
        builtins.deepSeq all all
      );

  # What the hardening module sets, and what became of it.
  hasModule = options ? security && options.security ? hardening && options.security.hardening ? enforced;
  enforcing =
    let
      tried = tryEval (
        let
          list = if hasModule then config.security.hardening.enforced else [ ];
        in
        builtins.seq (length list) list
      );
    in
    tried;
  enforcements = if enforcing.success then enforcing.value else [ ];
  # The level that the module's values are made for. null: there is no module.
  level = tryEval (
    let
      value = if hasModule then config.security.hardening.level or null else null;
    in
    builtins.seq value value
  );
  valueAt = node: path: if path == [ ] then node else valueAt node.${head path} (tail path);
  isWithin =
    ours: merge: value:
    if merge != "add" then
      value == ours
    else if isList ours then
      isList value && builtins.all (element: elem element value) ours
    else if isString ours then
      isString value && has [ ours ] value
    else if isAttrs ours then
      isAttrs value && builtins.all (name: value ? ${name} && isWithin ours.${name} merge value.${name}) (attrNames ours)
    else
      value == ours;
  enforced = map (
    one:
    let
      found = reached one.path;
      all = defined one.path;
      priority = one.priority or usual;
      lowest = foldl' (low: entry: if entry.priority < low then entry.priority else low) 9999 all;
      tried = tryEval (
        let
          same = isWithin one.value (one.merge or "replace") (valueAt config one.path);
        in
        builtins.deepSeq same same
      );
    in
    {
      inherit (one) rule;
      option = spelled one.path;
      inherit priority;
      # The value in force is the one set; null where it does not evaluate.
      holds = if found == null then null else if tried.success then tried.value else null;
      # The priority of the definition in force.
      highestPrio = if all == [ ] then found.option.highestPrio or null else lowest;
      # Those that beat the module's: a lower number wins.
      winners = filter (entry: entry.priority < priority && entry.priority == lowest) all;
    }
  ) (filter (one: reached one.path != null) enforcements);

  # What facts read of the configuration of the packages in use, which need not be nixpkgs.config: nixpkgs.pkgs and the
  # arguments of modules bring one of their own. What nobody set is not there. A function cannot be written as JSON.
  packageConfig =
    let
      internal = options._module or { };
      tried = tryEval (
        let
          packages = (internal.specialArgs.value or { }).pkgs or internal.args.value.pkgs;
          found = packages.config;
          read = listToAttrs (
            map (name: {
              inherit name;
              value =
                if lib.isFunction found.${name} then
                  "a function"
                else
                  plain (foldl' strings.step strings.readable [ "nixpkgs" "config" name ]) name found.${name};
            }) (filter (name: found ? ${name}) exported.packages.config)
          );
        in
        builtins.deepSeq read read
      );
    in
    if !(internal ? args) then
      failed [ "nixpkgs" "config" ] "it is not exported"
    else if tried.success then
      {
        values = tried.value;
        unavailable = { };
      }
    else
      failed [ "nixpkgs" "config" ] "its evaluation throws";

  kernel = tryEval (
    let
      version = config.boot.kernelPackages.kernel.version or null;
    in
    builtins.seq version version
  );
  # What NixOS refuses to build, in its words.
  refusals = tryEval (
    let
      messages = map (one: strings.hard (untracked one.message)) (filter (one: !one.assertion) (config.assertions or [ ]));
    in
    builtins.deepSeq messages messages
  );
  toplevel = builtins.addErrorContext "firn exports the toplevel" (untracked config.system.build.toplevel.outPath);
  release = untracked (config.system.nixos.release or (import (nixpkgs + "/lib")).trivial.release);
in
{
  format = "firn-options";
  version = 1;
  inherit system release;
  ${if withToplevel then "toplevel" else null} = toplevel;
  refusals = if refusals.success then refusals.value else [ "the assertions do not evaluate" ];
  values =
    values
    // (if packageConfig.unavailable == { } then { nixpkgs.config = packageConfig.values; } else { })
    // {
      boot =
        values.boot
        // (
          if kernel.success && kernel.value != null then
            {
              kernelPackages.kernel = {
                version = kernel.value;
                name = "linux-${kernel.value}";
              };
            }
          else
            { }
        );
    }
    // (
      if level.success && level.value != null then
        { security = (values.security or { }) // { hardening = (values.security.hardening or { }) // { level = level.value; }; }; }
      else
        { }
    );
  unavailable =
    foldl' (all: part: all // part.unavailable) { } (attrValues parts)
    // packageConfig.unavailable
    // (if enforcing.success then { } else { "security.hardening.enforced" = "its evaluation throws"; });
  definitions = lib.filterAttrs (_: all: all != [ ]) (
    listToAttrs (
      map (path: {
        name = spelled path;
        value = defined path;
      }) (lib.unique (paths ++ map (one: one.path) enforcements))
    )
  );
  inherit enforced;
}
