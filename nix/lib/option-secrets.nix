# What of a string leaves a configuration (nix/lib/evaluated-config.nix exports it): its text where a fact reads it, else a
# stand-in. Builtins only.
#
# `exported` is profiles/knowledge/exported-options.toml, `secrets` is profiles/knowledge/secrets.toml. The comments of their
# tables say which strings are shown, and how each kind of them is reduced.
#
# The stand-ins: `masked` is judged a secret by the scan (SecretScanner of FirnParsing), `hidden` is not. Where a text holds
# what the scan judges, `hidden` is followed by lines that are judged alike: names, and beginnings of tokens, without values.
#
# A readable text can hold a secret in a form that nobody knows: a bare word of a command is one. What is read is reduced as
# far as facts allow; that is a matter of care and no proof.
{ exported, secrets }:
let
  inherit (builtins)
    any
    attrValues
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isString
    length
    listToAttrs
    map
    match
    replaceStrings
    split
    stringLength
    substring
    tail
    ;
  untracked = builtins.unsafeDiscardStringContext;
  letters = text: genList (i: substring i 1 text) (stringLength text);
  upper = letters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  lower = letters "abcdefghijklmnopqrstuvwxyz";
  digits = letters "0123456789";
  toLower = replaceStrings upper lower;
  special = letters "\\^$.|?*+()[]{}";
  escapeRegex = replaceStrings special (map (c: "\\${c}") special);
  blanks = [
    " "
    "\t"
    "\r"
  ];
  # Folds to an `out` that does not pile up unevaluated.
  fold =
    step:
    foldl' (
      state: one:
      let
        next = step state one;
      in
      builtins.seq next.out next
    );
  without = words: text: replaceStrings words (map (_: "") words) text;
  # Whether a text holds one of the words: one walk, before the slow regular expressions.
  has = words: text: without words text != text;
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      n = stringLength text;
      m = stringLength suffix;
    in
    n >= m && substring (n - m) m text == suffix;
  last = list: elemAt list (length list - 1);
  # builtins.split without the matches of the groups.
  splitString = separator: text: filter isString (split (escapeRegex separator) (untracked text));

  # MARK: passwords

  # What stands in for a secret. It is judged as one, and says what it is.
  masked = "value-not-shown-4Nb7";
  fill =
    count:
    let
      doubled = text: if stringLength text >= count then substring 0 count text else doubled (text + text);
    in
    if count <= 0 then "" else doubled "valueNotShown4Nb7";
  dots = text: concatStringsSep "" (genList (_: ".") (stringLength text));

  # A field of shadow(5) with its salt and its digest replaced. What is no hash and no lock fits no password, and may be one
  # in clear.
  crypt64 = "[./0-9A-Za-z]";
  hashForm =
    text:
    let
      field = match "[[:space:]]*([^[:space:]](.*[^[:space:]])?)?[[:space:]]*" text;
      bare = if field == null || head field == null then "" else head field;
      known = match "\\$(y|gy|7|2a|2b|2x|2y|6|5|sha1|1|3|md5[^$]*)\\$(.*)" bare;
      method = head known;
      pieces = splitString "$" (elemAt known 1);
      blank = piece: if match "${crypt64}*" piece != null then dots piece else "?";
      # Parameters of the method, which are no secret: the first piece of most, "rounds=N" of the SHA ones.
      isParameter =
        i: piece:
        i == 0
        && (
          elem method [
            "y"
            "gy"
            "7"
            "sha1"
            "2a"
            "2b"
            "2x"
            "2y"
          ]
          && i < length pieces - 1
          || match "rounds=[0-9]+" piece != null
        );
      form =
        i:
        let
          piece = elemAt pieces i;
        in
        if method == "3" then
          replaceStrings (letters "0123456789abcdefABCDEF") (genList (_: "0") 22) piece
        else if method == "7" && i == 0 && length pieces > 1 then
          # Of scrypt the salt stands behind eleven digits.
          substring 0 11 piece + dots (substring 11 (-1) piece)
        else if isParameter i piece then
          piece
        else if i < length pieces - 1 && !(elem method [ "y" "gy" ]) then
          dots piece
        else
          blank piece;
    in
    if bare == "" then
      ""
    else if bare == "x" || match "[!*].*" bare != null then
      "!"
    else if stringLength bare > 512 then
      "unusable"
    else if known != null then
      "\$${method}\$" + concatStringsSep "$" (genList form (length pieces))
    else if match "_${crypt64}{19}" bare != null then
      "_" + dots (substring 1 (-1) bare)
    else if match "${crypt64}+" bare != null then
      dots bare
    else
      "unusable";

  # What stands in for a string that nobody reads, and for what only looks like a place of a secret. SecretScanner takes it
  # for a placeholder.
  hidden = "<not-shown>";

  # MARK: what the scan judges, as SecretScanner does

  words = map toLower secrets.names.secret;
  # The words of keys, whose values are secret when they look random.
  keyWords = map toLower secrets.names.key;
  folded = name: replaceStrings [ "_" "-" ] [ "" "" ] (toLower name);
  nameOf = name: last (splitString "." (folded name));
  isHarmlessName =
    name:
    any (ending: hasSuffix ending name) secrets.names.harmless-endings
    || any (beginning: hasPrefix beginning name) secrets.names.harmless-beginnings;
  # A file below a directory, from the root or the home.
  isPath = text: stringLength text < 512 && match "~?(/[A-Za-z0-9._+@%-]+)(/[A-Za-z0-9._+@%-]+)+/?" text != null;
  isHarmlessValue =
    text:
    elem (toLower text) secrets.names.harmless-values
    || any (prefix: hasPrefix prefix (toLower text)) secrets.names.harmless-prefixes
    || match "[0-9]{1,2}" text != null
    || stringLength text > 1 && without [ (substring 0 1 text) ] text == "";
  isReference = text: has [ "\${" "$(" "{{" ] text || match "@[^@]*@|<[^>]*>|[$][A-Z_][A-Z0-9_]*" text != null;
  # What stands for a value that comes from elsewhere. `isStrict`: only what is that as a whole.
  isPlaceholder =
    isStrict: isText: text:
    text == ""
    || isHarmlessValue text
    || (
      if isStrict then
        isPath text
        || match "%[a-zA-Z](/[A-Za-z0-9._+@-]+)+" text != null
        || isReference text
        || isText && match "[$][A-Za-z_][A-Za-z0-9_]*" text != null
      else
        elem (substring 0 1 text) [
          "/"
          "~"
          "$"
          "%"
          "{"
          "["
          "("
          "`"
          "!"
        ]
        || match "@.*@|<.*>" text != null
        || has [ "\${" "$(" "{{" "%(" ] text
    );
  isPublic =
    text: match "(sha256-|sha512-|sha256:|sha512:|sha1:|ssh-|ecdsa-sha2-|sk-ssh-|age1|https?://).*" text != null;
  looksRandom =
    text:
    stringLength text >= 16
    && match "[A-Za-z0-9+/=_-]+" text != null
    && stringLength text - stringLength (without digits text) > 1
    && stringLength text - stringLength (without (upper ++ lower) text) > 3
    && (
      let
        bytes = listToAttrs (
          map (name: {
            inherit name;
            value = null;
          }) (letters text)
        );
        least = if stringLength text < 24 then stringLength text else 24;
      in
      length (attrValues bytes) * 2 >= least
    );
  # Whether a value that is given to a name is a secret. `isText`: in a text, where a shell may fill in a variable.
  judged =
    isText: name: text:
    let
      own = nameOf name;
      isSecret = has words own;
      isStrict = has secrets.names.strict own;
    in
    (isSecret || has keyWords own && stringLength text <= 4096 && looksRandom text)
    && stringLength text <= 4096
    && !(elem name exported.passwords.public)
    && !isHarmlessName own
    && !isPlaceholder isStrict isText text
    && !isPublic text
    && !(substring 0 1 text == "@" && has [ "privatekey" "presharedkey" ] own);
  # An unquoted value with brackets is an expression of a program.
  isCode = has (letters "()[{}<>|\\&");
  # Regular expressions recurse for each byte, so that only the beginning of a line is looked at.
  isComment = line: match "[[:space:]]*([#;*%]|//|--[[:space:]]).*" (substring 0 200 line) != null;

  # MARK: what is hidden beside it

  isAlways = name: elem (nameOf name) exported.passwords.always;
  # A part of a name, between marks.
  hasHiddenPart =
    name:
    let
      parts = filter isString (split "[_.-]+" (toLower name));
    in
    any (part: elem part secrets.hidden.parts) parts || elem (folded name) secrets.hidden.parts;
  isHiding =
    name:
    isAlways name || (has words (nameOf name) || hasHiddenPart name) && !isHarmlessName (nameOf name);
  isStorePath = text: stringLength text < 1024 && match "/nix/store/[0-9a-z]{32}-[0-9A-Za-z+._?=/-]+" text != null;
  # What may stand behind a name of a secret: the closed list of words, and whole paths.
  isShownBehind = text: elem (toLower text) secrets.names.harmless-values || isPath text || isStorePath text;

  # MARK: tokens, keys, addresses

  # What follows the beginning of a token of a known shape is replaced, password hashes among them.
  tokenPrefixes = map (token: token.prefix) secrets.token;
  withoutTokens =
    text:
    foldl' (
      rest: token:
      if !has [ token.prefix ] rest then
        rest
      else
        let
          extra = token.extra or "";
          class = "[A-Za-z0-9${replaceStrings [ "-" ] [ "" ] extra}${if has [ "-" ] extra then "-" else ""}]";
          parts = splitString token.prefix rest;
          replaced =
            part:
            let
              # Longer runs are cut: no token is, and a regular expression recurses.
              start = substring 0 5000 part;
              run = match "(${class}+).*" start;
              count = stringLength (head run);
            in
            if run == null || count < token.least then part else fill count + substring count (-1) part;
        in
        concatStringsSep token.prefix ([ (head parts) ] ++ map replaced (tail parts))
    ) text secrets.token;
  # The lines of a private key in PEM form.
  withoutKeys =
    text:
    let
      parts = splitString "PRIVATE KEY" text;
      part =
        i:
        let
          own = elemAt parts i;
          before = splitString "-----BEGIN " (elemAt parts (i - 1));
          end = splitString "-----END" own;
          # A program that looks for the header has no key behind it.
          hasBody = length (split "[A-Za-z0-9+/]{32}" (substring 0 600 own)) > 1;
        in
        if
          i == 0
          || length before < 2
          || stringLength (last before) > 64
          || match "[A-Z ]*" (last before) == null
          || length end < 2 && !hasBody
        then
          own
        else
          "-----\n${if hasBody then fill 64 else hidden}\n" + (if length end > 1 then "-----END${last end}" else "");
    in
    if !has [ "PRIVATE KEY" ] text then text else concatStringsSep "PRIVATE KEY" (genList part (length parts));
  # `scheme://user:password@host`, `scheme://token@host`. The scan judges the first one alone.
  withoutAddresses =
    text:
    let
      pieces = split "://([^][:space:]/<>\"'`]+)@" text;
    in
    if !has [ "://" ] text || !has [ "@" ] text then
      text
    else
      concatStringsSep "" (
        genList (
          i:
          let
            part = elemAt pieces i;
          in
          if isString part then
            part
          else
            let
              user = head part;
              parts = splitString ":" user;
              password = concatStringsSep ":" (tail parts);
            in
            if hasSuffix "ssh" (elemAt pieces (i - 1)) && length parts == 1 then
              "://${user}@"
            else if length parts == 1 || password == "" then
              "://not-shown@"
            else if isPlaceholder false true password then
              "://not-shown:<not-shown>@"
            else
              "://not-shown:${masked}@"
        ) (length pieces)
      );

  # MARK: assignments

  # `name = value`, `name: value`, `"name": "value"` in a line. { text, found }: the line without the values, and what the scan
  # judges in it.
  #
  # isHard   what has a name of a secret is hidden although the scan does not judge it
  # isShell  a command ends at `;`, `&` and `|`
  assignments =
    { isHard, isShell }:
    line:
    let
      pieces = split "([A-Za-z0-9_.-]+)([\"']?[[:space:]]*(:=|=>|=|:)[[:space:]]*)([\"']?)" line;
      count = length pieces;
      comment = isComment line;
      raw = piece: if isString piece then piece else elemAt piece 0 + elemAt piece 1 + elemAt piece 3;
      finish =
        state: rest: isEnd:
        let
          isQuoted = state.quote != "";
          # What the scan takes for the value.
          seen = if isQuoted then state.value else head (split "[\"',;]" state.value);
          # More words behind an unquoted value of `:` make it prose.
          isProse =
            !isQuoted
            && match "[\"']?[[:space:]]*:.*" state.sign != null
            && seen == state.value
            && elem (substring 0 1 rest) blanks
            && !(isEnd && match "[[:space:]]*" rest != null);
          isFound =
            !comment
            && seen != ""
            && stringLength state.name >= 3
            && !isProse
            && (isQuoted || !isCode seen)
            && judged true state.name seen;
          always = isAlways state.name;
          closing =
            let
              m = if stringLength state.value < 256 then match ".*[^;)]([;)]+)" state.value else null;
            in
            if m == null then "" else head m;
          shown =
            if isFound || always then
              masked
              + (
                if isQuoted then
                  ""
                else if isHard then
                  closing
                else
                  substring (stringLength seen) (-1) state.value
              )
            else if state.value == "" || !isHard || isShownBehind seen then
              state.value
            else
              hidden + (if isQuoted then "" else closing);
        in
        state
        // {
          mode = "none";
          out = state.out ++ [ shown ];
          found = if isFound then state.found ++ [ "${state.name}=${masked}" ] else state.found;
        };
      # Takes a text into a value that has begun.
      take =
        state: text: isEnd:
        if state.mode == "none" then
          state // { out = state.out ++ [ text ]; }
        else if state.mode == "rest" then
          state
        else
          let
            ends = if state.mode == "quote" then "[${state.quote}]" else "[[:space:]${state.ends}]";
            start = head (split ends text);
            n = stringLength start;
            isOver = n < stringLength text;
            grown = state // { value = state.value + start; };
            # `\"` ends nothing.
            isEscaped = state.mode == "quote" && hasSuffix "\\" start;
            rest = substring n (-1) text;
          in
          if !isOver then
            grown
          else if isEscaped then
            take (grown // { value = grown.value + state.quote; }) (substring 1 (-1) rest) isEnd
          else
            let
              done = finish grown rest isEnd;
            in
            done // { out = done.out ++ [ rest ]; };
      step =
        state: i:
        let
          piece = elemAt pieces i;
          name = elemAt piece 0;
          quote = elemAt piece 3;
          prior = concatStringsSep "" state.out;
          isName =
            has keyWords (nameOf name)
            || (if isHard then isHiding name else isAlways name || has words (nameOf name));
          begun = state // {
            inherit name quote;
            sign = elemAt piece 1;
            value = "";
            out = state.out ++ [ (raw piece) ];
            mode = if quote != "" then "quote" else "word";
            ends =
              (if isShell then ";&|" else "")
              + (if has [ "\"" ] prior || !isHard then "\"" else "")
              + (if has [ "'" ] prior || !isHard then "'" else "");
          };
        in
        if isString piece || state.mode != "none" then
          take state (raw piece) (i == count - 1)
        else if isAlways name && !comment then
          begun // {
            mode = "rest";
            out = state.out ++ [ (elemAt piece 0 + elemAt piece 1 + masked) ];
            found =
              state.found ++ (if judged true name "value-of-${name}" then [ "${name}=${masked}" ] else [ ]);
          }
        else if isName then
          begun
        else
          take state (raw piece) false;
      end = fold step {
        out = [ ];
        found = [ ];
        mode = "none";
      } (genList (i: i) count);
      # A name with a key word hides what looks random.
      final = if elem end.mode [ "word" "quote" ] then finish end "" true else end;
    in
    {
      text = concatStringsSep "" final.out;
      inherit (final) found;
    };

  # MARK: words of commands

  # A value that stands in a word, between quotes and marks.
  hideWord =
    word:
    let
      m = if stringLength word < 512 then match "([\"'(]*)(.*[^]\"'),;}])([]\"'),;}]*)" word else null;
    in
    if m == null then
      hidden
    else if isShownBehind (elemAt m 1) then
      word
    else
      elemAt m 0 + hidden + elemAt m 2;
  optionName =
    word:
    let
      m = if stringLength word < 128 then match "[\"'([]*--?([A-Za-z0-9][A-Za-z0-9_.-]*)[\"',]*" word else null;
    in
    if m == null then null else head m;
  bareName =
    word:
    let
      m = if stringLength word < 64 then match "[\"'([{]*([A-Za-z-]+)[\"',]*" word else null;
    in
    if m == null then "" else toLower (head m);
  # What the next word is: "" nothing, "value" a secret, "user" a name and a password.
  expects =
    options: word:
    let
      option = optionName word;
    in
    if option != null then
      if isHiding option || elem option options then
        "value"
      else if elem option [ "u" "user" "proxy-user" "U" ] then
        "user"
      else if elem option [ "e" "env" ] then
        "variable"
      else
        ""
    else if elem (bareName word) secrets.hidden.before then
      "value"
    else
      "";
  # `mysql -pSECRET`, `curl -uNAME:SECRET`. null: it is no such word.
  glued =
    options: word:
    let
      m = if stringLength word < 256 then match "-([A-Za-z])([^[:space:]]+)" word else null;
    in
    if m == null then
      null
    else if elem (head m) options || head m == "u" && has [ ":" ] (elemAt m 1) then
      "-${head m}${hidden}"
    else
      null;
  # What stands between words and is none.
  signs = [
    "="
    ":"
    "=>"
    ":="
    "|"
    ">"
    ">>"
    "<"
    "&&"
    "||"
    ";"
  ];
  behindOptions =
    line:
    let
      pieces = split "([[:space:]]+)" line;
      options = map (one: one.option) (filter (one: has [ one.name ] line) secrets.hidden.commands);
      step =
        state: piece:
        if !isString piece then
          state // { out = state.out ++ (if state.quote == "" then piece else [ ]); }
        else if state.quote != "" then
          # A value in quotes that holds blanks.
          let
            parts = splitString state.quote piece;
          in
          if length parts == 1 then
            state
          else
            state
            // {
              quote = "";
              out = state.out ++ [ (state.quote + concatStringsSep state.quote (tail parts)) ];
            }
        else if piece == "" || piece == "\\" then
          state // { out = state.out ++ [ piece ]; }
        else if state.next == "" || hasPrefix "-" piece || elem piece signs then
          state
          // {
            next = if elem piece [ "=" ":" "=>" ":=" ] then "" else expects options piece;
            out = state.out ++ [ (if glued options piece == null then piece else glued options piece) ];
          }
        else
          let
            quote = substring 0 1 piece;
            isOpen = elem quote [ "\"" "'" ] && length (splitString quote piece) == 2;
            user = match "([^:%]*)[:%](.+)" piece;
            isUser = state.next == "user";
            isScheme = elem (bareName piece) [ "basic" "bearer" ];
            # `-e NAME=value` of containers; a name of a secret is judged with the rest of the line.
            variable =
              if state.next == "variable" && stringLength piece < 4096 then
                match "([\"']?[A-Za-z0-9_]+=)([^[:space:]]*)" piece
              else
                null;
          in
          if state.next == "variable" then
            state
            // {
              next = if variable == null then expects options piece else "";
              quote = if variable != null && isOpen then quote else "";
              out = state.out ++ [
                (
                  if variable == null || elemAt variable 1 == "" || isHiding (head variable) then
                    piece
                  else
                    head variable + hidden + (if elem quote [ "\"" "'" ] && !isOpen then quote else "")
                )
              ];
            }
          else
          if isUser && (stringLength piece > 512 || user == null || match "[0-9]+[\"']?" (elemAt user 1) != null) then
            state
            // {
              next = expects options piece;
              out = state.out ++ [ piece ];
            }
          else if isOpen then
            state
            // {
              inherit quote;
              next = "";
              out = state.out ++ [ (quote + hidden) ];
            }
          else
            state
            // {
              # `Authorization: Basic VALUE`
              next = if isScheme then "value" else "";
              out = state.out ++ [ (if !isUser && isScheme then piece else hideWord piece) ];
            };
      end = fold step {
        out = [ ];
        quote = "";
        next = "";
      } pieces;
    in
    concatStringsSep "" end.out + end.quote;
  # `<password>value</password>`
  withoutElements =
    line:
    if !has [ "</" ] line then
      line
    else
      concatStringsSep "" (
        map (
          part:
          if isString part then
            part
          else
            "<${elemAt part 0}${elemAt part 1}>"
            + (if elemAt part 2 == "" || !isHiding (elemAt part 0) then elemAt part 2 else hidden)
            + "</"
        ) (split "<([A-Za-z0-9_.:-]+)([^<>]*)>([^<]*)</" line)
      );

  # MARK: texts

  # `requirepass value` of redis.conf and its like.
  leading =
    let
      names = concatStringsSep "|" secrets.names.leading;
    in
    match "([[:space:]]*)(${names})([[:space:]]+)\"?([^=:[:space:]\"][^[:space:]\"]*)(.*)";
  suspicious = words ++ keyWords ++ secrets.names.leading;
  hardWords =
    suspicious
    ++ secrets.hidden.parts
    ++ [
      "bearer"
      "basic"
      "accesstokens"
    ]
    ++ map (one: folded one.name) secrets.hidden.commands;
  # Options of one letter and their like, whose dash counts.
  optionWords = [
    " -u"
    " -e "
    "--user"
    "--proxy-user"
    "--env"
  ];
  isSuspect =
    isHard: text:
    has (if isHard then hardWords else suspicious) (folded text) || isHard && has optionWords text;
  # A longer line is taken for no text: what walks over it recurses.
  longest = 16384;
  # One line. { text, found }
  reduceLine =
    { isHard, isShell }@how:
    line:
    if !isSuspect isHard line then
      {
        text = line;
        found = [ ];
      }
    else if stringLength line > longest then
      {
        text = hidden;
        found = [ ];
      }
    else
      let
        lead = if stringLength line < 4096 then leading line else null;
        isLead = lead != null && !isPlaceholder false true (elemAt lead 3);
        prepared = if isHard then withoutElements (behindOptions line) else line;
        done = assignments how prepared;
      in
      if isLead then
        {
          text = elemAt lead 0 + elemAt lead 1 + elemAt lead 2 + masked + (if isHard then "" else elemAt lead 4);
          found = [ "${elemAt lead 1} ${masked}" ];
        }
      else
        done;
  # A line that goes on in the next is one.
  joint = "\\\r";
  reduced =
    how: text:
    let
      plain = withoutAddresses (withoutKeys (withoutTokens text));
      lines = splitString "\n" (if how.isHard then replaceStrings [ "\\\n" ] [ joint ] plain else plain);
      all = concatStringsSep "\n" (map (line: (reduceLine how line).text) lines);
    in
    if !isSuspect how.isHard plain then
      plain
    else if how.isHard then
      replaceStrings [ joint ] [ "\\\n" ] all
    else
      all;
  # Comments say nothing to facts, and may say anything.
  soft =
    text:
    let
      line =
        one:
        if match "[[:space:]]*#([[:space:]#].*)?" (substring 0 200 one) != null then
          "#"
        else if match "[[:space:]]*//.*" (substring 0 200 one) != null then
          "//"
        else
          one;
    in
    reduced {
      isHard = false;
      isShell = false;
    } (if has [ "#" "//" ] text then concatStringsSep "\n" (map line (splitString "\n" text)) else text);
  hard = reduced {
    isHard = true;
    isShell = false;
  };
  shell = reduced {
    isHard = true;
    isShell = true;
  };

  # What the scan judges in a text, a line each, without the text.
  findings =
    text:
    let
      isSuspected = isSuspect false text;
      how = {
        isHard = false;
        isShell = false;
      };
      bare = withoutTokens text;
      mark = substring 0 8 (fill 8);
      tokens = concatMap (
        token:
        let
          shown = token.prefix + fill token.least;
        in
        if has [ (token.prefix + mark) ] bare then [ shown ] else [ ]
      ) secrets.token;
      cleaned = withoutKeys bare;
      kinds = filter (kind: has [ "-----BEGIN ${kind}PRIVATE KEY-----\n${fill 64}" ] cleaned) [
        ""
        "RSA "
        "DSA "
        "EC "
        "OPENSSH "
        "ENCRYPTED "
      ];
      keys =
        if has [ "PRIVATE KEY-----\n${fill 64}" ] cleaned then
          map (kind: "-----BEGIN ${kind}PRIVATE KEY-----\n${fill 64}") (if kinds == [ ] then [ "" ] else kinds)
        else
          [ ];
      address = "://not-shown:${masked}@";
      addresses = if has [ address ] (withoutAddresses cleaned) then [ "https${address}host" ] else [ ];
      assigned = if isSuspected then concatMap (line: (reduceLine how line).found) lines else [ ];
      # JSON may be one line.
      lines = concatMap (line: if stringLength line > longest then splitString "," line else [ line ]) (
        splitString "\n" cleaned
      );
    in
    if !isSuspected && !has (tokenPrefixes ++ [ "PRIVATE KEY" "://" ]) text then
      [ ]
    else
      tokens ++ keys ++ addresses ++ assigned;

  # MARK: strings that nobody reads

  # The stand-in of the value of `name`.
  form =
    name: text:
    if text == "" || isStorePath text then
      text
    else if judged false name text || elem (folded name) exported.passwords.always && !isPlaceholder true false text then
      masked
    else
      let
        found = findings text;
      in
      if found == [ ] then hidden else concatStringsSep "\n" ([ hidden ] ++ found);

  # MARK: kinds of readable strings

  firstWord = line: head (filter isString (split "[[:space:]=:]" (trimmed line)) ++ [ "" ]);
  trimmed =
    line:
    let
      start = split "^[[:space:]]+" line;
    in
    if length start == 3 then elemAt start 2 else line;
  startsIn =
    list: line:
    elem (firstWord line) list
    || any (
      one: hasSuffix "*" one && hasPrefix (substring 0 (stringLength one - 1) one) (trimmed line)
    ) list;
  # Lines, and those that go on with a blank before them.
  keptLines =
    rule: text:
    let
      step =
        state: line:
        let
          goesOn = elem (substring 0 1 line) blanks;
          isKept = startsIn rule.keep line || goesOn && state.isKept;
        in
        {
          isKept = if goesOn then state.isKept else isKept;
          out = state.out ++ [ (if isKept then hard line else "") ];
        };
    in
    concatStringsSep "\n" (
      (fold step {
        isKept = false;
        out = [ ];
      } (splitString "\n" text)).out
    );
  keptAssignments =
    rule: text:
    let
      line =
        one:
        let
          parts = split "[[:space:]]*=[[:space:]]*" one;
          name = trimmed (head parts);
          isAssigned = length parts > 1 && stringLength name < 128 && match "[A-Za-z0-9_-]+" name != null;
        in
        if trimmed one == "" || hasPrefix "#" (trimmed one) then
          ""
        else if startsIn rule.words one then
          hard one
        else if !isAssigned then
          hidden
        else if elem name rule.keep then
          hard one
        else if isHiding name then
          "${name} = ${masked}"
        else
          "${name} = ${hidden}";
    in
    concatStringsSep "\n" (map line (splitString "\n" text));
  keptWords =
    rule: text:
    concatStringsSep "\n" (
      map (
        line:
        if hasPrefix "#" (trimmed line) then
          ""
        else
          "x " + concatStringsSep " x" (filter (word: has [ word ] line) rule.keep)
      ) (splitString "\n" text)
    );
  keptVariables =
    rule: text:
    let
      variable =
        part:
        if isString part then
          [ ]
        else
          let
            name = head part;
            raw = elemAt part 1;
            bare = if match "[\"'].*" raw != null then substring 1 (stringLength raw - 2) raw else raw;
            token = findings bare;
          in
          [
            (
              name
              + "="
              + (
                if elem name rule.keep then
                  (if match "[A-Za-z0-9]{0,8}" bare != null then bare else hidden)
                else if bare == "" then
                  ""
                else if judged false name bare then
                  masked
                else if token != [ ] && !has [ "\n" " " "\"" ] (head token) then
                  head token
                else
                  hidden
              )
            )
          ];
      found = concatMap variable (split "([A-Za-z_][A-Za-z0-9_]*)=(\"[^\"]*\"|'[^']*'|[^[:space:]\"']*)" text);
    in
    if text == "" then
      ""
    else if stringLength text > longest then
      hidden
    else if found == [ ] then
      (if match "-?[A-Za-z_][A-Za-z0-9_]*" text != null then text else hidden)
    else
      concatStringsSep " " found;
  mountOption =
    rule: text:
    let
      parts = splitString "=" text;
      name = head parts;
      value = concatStringsSep "=" (tail parts);
      isName = stringLength name < 64 && match "[A-Za-z_][A-Za-z0-9_.-]*" name != null;
    in
    if length parts == 1 then
      if elem text rule.words then text else hidden
    else if !isName then
      hidden
    else if elem name rule.keep && stringLength value < 64 && match "[A-Za-z0-9._-]*" value != null then
      text
    else if value == "" then
      text
    else if elem name [ "user" "username" ] && toLower value == "guest" then
      text
    else if elem name [ "user" "username" ] && has [ "%" ] value then
      "${name}=not-shown%${hidden}"
    else
      "${name}=${hidden}";
  mountOptions = rule: text: concatStringsSep "," (map (mountOption rule) (splitString "," text));
  device =
    text:
    let
      # `//user:password@host/share`, `sshfs#user:password@host:/path`, `https://token@host`
      m = if stringLength text < 1024 && has [ "@" ] text then match "(.*//|[^/#]*#|)([^/]*)@([^@]*)" text else null;
    in
    if m == null then
      (if has [ "@" ] text then hidden else text)
    else
      elemAt m 0 + (if has [ ":" ] (elemAt m 1) then "not-shown:${hidden}" else "not-shown") + "@" + elemAt m 2;
  tmpfilesLine =
    rule: text:
    let
      field = "(\"[^\"]*\"|'[^']*'|[^[:space:]]+)";
      m =
        if stringLength text > 8192 || match "[[:space:]]*[fFw].*" text == null || has rule.keep text then
          null
        else
          match "([[:space:]]*${concatStringsSep "[[:space:]]+" (genList (_: field) 6)}[[:space:]]+).*" text;
    in
    if stringLength text > 8192 then hidden else if m == null then hard text else head m + hidden;
  keyLine =
    text:
    concatStringsSep "" (
      map (part: if isString part then part else "${head part}=\"${hidden}\"") (
        split "(command|environment|principals|from)=\"([^\"\\\\]|\\\\.)*\"" text
      )
    );
  grub =
    text:
    let
      line =
        one:
        let
          own = trimmed one;
          parts = filter (piece: isString piece && piece != "") (split "[[:space:]]+" own);
          name = if parts == [ ] then "" else head parts;
        in
        if own == "" || hasPrefix "#" own then
          ""
        else if elem name [ "password" "password_pbkdf2" ] then
          (if length parts < 3 then name else "${name} ${elemAt parts 1} ${hidden}")
        else if
          has [ "superusers" ] own
          || elem name [
            "if"
            "for"
            "while"
            "until"
            "function"
            "fi"
            "done"
            "source"
            "configfile"
            "."
            "normal"
            "load_env"
            "unset"
            "export"
          ]
        then
          hard one
        else
          "not-shown";
    in
    concatStringsSep "\n" (map line (splitString "\n" text));
  nginx =
    rule: text:
    let
      tokens = split "(\"([^\"\\\\]|\\\\.)*\"|'([^'\\\\]|\\\\.)*'|[;{}]|[[:space:]]+)" (
        concatStringsSep "\n" (map (line: if hasPrefix "#" (trimmed line) then "" else line) (splitString "\n" text))
      );
      begin = state: state // { name = ""; };
      step =
        state: token:
        let
          piece = if isString token then token else head token;
          unquoted = replaceStrings [ "\"" "'" ] [ "" "" ] piece;
          lowered = toLower unquoted;
          age =
            if stringLength lowered < 512 then
              match "(max-age=[0-9]+)[^0-9].*|(max-age=[0-9]+)" lowered
            else
              null;
          argument =
            if state.name == "add_header" then
              if lowered == "strict-transport-security" then
                piece
              else if state.isHSTS && age != null then
                (if head age == null then elemAt age 1 else head age)
              else
                hidden
            else if state.name == "return" then
              if match "[0-9]{3}" piece != null then
                piece
              else if hasPrefix "https://" unquoted then
                "https://not-shown"
              else
                hidden
            else if elem state.name rule.keep then
              # What nginx reads of it is no secret; an address in it may hold one.
              withoutAddresses (withoutTokens piece)
            else
              hidden;
        in
        if piece == "" then
          state
        else if elem piece [ ";" "{" "}" ] then
          begin (state // { out = state.out ++ [ piece ]; })
        else if match "[[:space:]]+" piece != null then
          state // { out = state.out ++ [ piece ]; }
        else if state.name == "" then
          let
            isKnown = elem piece (rule.keep ++ rule.blocks ++ [ "add_header" "return" ]);
          in
          state
          // {
            name = if isKnown then piece else "not_shown";
            isHSTS = false;
            out = state.out ++ [ (if isKnown then piece else "not_shown") ];
          }
        else
          state
          // {
            isHSTS = state.isHSTS || lowered == "strict-transport-security";
            out = state.out ++ [ argument ];
          };
    in
    concatStringsSep "" (
      (fold step {
        name = "";
        isHSTS = false;
        out = [ ];
      } tokens).out
    );

  show =
    rule: text:
    if text == "" || isStorePath text then
      text
    else if rule.kind == "shell" then
      shell text
    else if rule.kind == "format" then
      soft text
    else if rule.kind == "lines" then
      keptLines rule text
    else if rule.kind == "assignments" then
      keptAssignments rule text
    else if rule.kind == "words" then
      keptWords rule text
    else if rule.kind == "environment" then
      keptVariables rule text
    else if rule.kind == "options" then
      mountOptions rule text
    else if rule.kind == "device" then
      device (withoutTokens text)
    else if rule.kind == "tmpfiles" then
      tmpfilesLine rule text
    else if rule.kind == "keys" then
      keyLine (withoutKeys (withoutTokens text))
    else if rule.kind == "grub" then
      grub text
    else if rule.kind == "nginx" then
      if stringLength text > 131072 then hidden else nginx rule text
    else if rule.kind == "return" then
      let
        own = nginx {
          keep = [ ];
          blocks = [ ];
        } "return ${text}";
      in
      substring 7 (-1) own
    else
      hard text;

  # MARK: paths

  alternative =
    one:
    let
      n = stringLength one;
    in
    if hasSuffix "*" one then
      hasPrefix (toLower (substring 0 (n - 1) one))
    else if hasPrefix "*" one then
      hasSuffix (toLower (substring 1 (-1) one))
    else
      name: name == toLower one;
  # A part of a path as a test of a name in lower case.
  part =
    text:
    let
      all = splitString "|" text;
      plain = filter (one: !has [ "*" ] one) all;
      globs = map alternative (filter (has [ "*" ]) all);
      set = listToAttrs (
        map (one: {
          name = toLower one;
          value = null;
        }) plain
      );
    in
    if text == "*" then _: true else name: set ? ${name} || any (test: test name) globs;
  # What may be read below a place: rules with the rest of their paths.
  readable = concatMap (
    rule:
    map (path: {
      inherit rule;
      rest = map (text: if text == "**" then null else part text) path;
    }) rule.paths
  ) exported.readable;
  step =
    states: name:
    if states == [ ] then
      [ ]
    else
      let
        own = toLower name;
      in
      concatMap (
        state:
        if state.rest == [ ] then
          [ ]
        else if head state.rest == null then
          [ state ]
        else if (head state.rest) own then
          [ (state // { rest = tail state.rest; }) ]
        else
          [ ]
      ) states;
  isHere = state: state.rest == [ ] || head state.rest == null;

  # MARK: values

  # The string that leaves for the value of the option or attribute `name`; `states` are the readable paths that lead here.
  safe =
    states: name: raw:
    let
      text = untracked raw;
      here = filter isHere states;
    in
    if elem name exported.passwords.hashed then
      hashForm text
    else if elem name exported.passwords.clear then
      if text == "" then "" else masked
    else if name == "SetCredential" && match "[^:]+:.+" text != null then
      head (splitString ":" text) + ":" + masked
    else if here == [ ] then
      form name text
    else if judged false name text || isAlways name && !isPlaceholder true false text then
      masked
    else if isHiding name && !isShownBehind text && text != "" then
      hidden
    else
      show (head here).rule text;
  # A list of strings: what stands behind an option word.
  safeList =
    states: name: list:
    genList (
      i:
      let
        own = elemAt list i;
        before = if i == 0 then null else elemAt list (i - 1);
        option = if isString before then optionName (untracked before) else null;
        isExpected =
          option != null && isHiding option || isString before && elem before secrets.hidden.before;
        isUser = option != null && elem option [ "u" "user" "proxy-user" ] && shown == untracked own;
        shown = safe states name own;
      in
      if !isString own then
        own
      else if isExpected && !hasPrefix "-" own && own != "" && !isShownBehind (untracked own) then
        hidden
      else if option != null && elem option [ "e" "env" ] && has [ "=" ] own then
        head (splitString "=" own) + "=" + hidden
      else if isUser && has [ ":" ] own && without (digits ++ [ ":" ]) own != "" then
        hidden
      else
        shown
    ) (length list);
  # The same of a value as JSON holds it. `path` leads to it.
  data =
    states: path: name: value:
    if isString value then
      safe states name value
    else if builtins.isAttrs value then
      builtins.mapAttrs (
        key: content:
        let
          target = if builtins.isAttrs content && isString (content.target or null) then content.target else key;
          named = step states key;
        in
        data (
          if path == [ "environment" "etc" ] && target != key then named ++ step states target else named
        ) (path ++ [ key ]) key content
      ) value
    else if builtins.isList value then
      map (one: if isString one then one else data states path name one) (safeList states name value)
    else
      value;
  # Whether the value of a name is a secret, or holds one.
  isSecret =
    name: raw:
    let
      text = untracked raw;
    in
    elem name exported.passwords.hashed && text != ""
    || elem name exported.passwords.clear && text != ""
    || judged false name text
    || elem (folded name) exported.passwords.always && !isPlaceholder true false text
    || findings text != [ ];
in
{
  inherit
    readable
    step
    safe
    safeList
    data
    isSecret
    form
    hard
    soft
    shell
    hashForm
    masked
    hidden
    ;
}
