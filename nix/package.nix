# The program `firn`, with its catalogue, manual pages, completions and profiles.
#
#   pkgs.callPackage ./nix/package.nix { }
#
# It needs Swift 6.2, which nixpkgs has since pull request 557896. An older nixpkgs has no compiler for firn. There this
# file still evaluates, so that a configuration which names the package can be evaluated and audited; its build ends at
# once with the reason. `meta.broken` would not do: it stops the evaluation of the whole system.
#
# The Swift packages are those of swift-packages.json, each with a hash of its own (`scripts/pin-swift-packages`). They
# reach SwiftPM by nixpkgs' hook, in the form in which nixpkgs' `fetchSwiftPMDeps` gives them: with that fetcher there is
# one hash for all, which covers what is never built.
{
  lib,
  stdenv,
  fetchgit,
  audit,
  installShellFiles,
  pkg-config,
  runCommand,
  sqlite,
  writeText,
  # Absent, or too old, in an older nixpkgs.
  swift ? null,
  swiftpm ? null,
}:
let
  pname = "firn";
  version = "0.1.0";
  requiredSwift = "6.2";

  swiftVersion = if swift == null then "" else lib.getVersion swift;
  unbuildable =
    if lib.versionAtLeast swiftVersion requiredSwift && swiftpm != null then
      null
    else
      "firn ${version} needs Swift ${requiredSwift} or newer, and this nixpkgs (${lib.trivial.release}) has "
      + (if swiftVersion == "" then "none of a known version" else "Swift ${swiftVersion}")
      + ". Take the package from a newer nixpkgs (pull request 557896 brought Swift 6.2.4) and set it as"
      + " security.hardening.package, or override swift and swiftpm.";

  # Only what the build reads: a change of docs or tests builds nothing anew.
  src = lib.cleanSourceWith {
    name = "${pname}-source";
    src = ../.;
    filter =
      path: _:
      let
        relative = lib.removePrefix (toString ../. + "/") (toString path);
        isUnder = directory: relative == directory || lib.hasPrefix (directory + "/") relative;
      in
      lib.any (kept: isUnder kept || lib.hasPrefix (relative + "/") kept) [
        "LICENSE"
        "Package.swift"
        "Sources"
        "completions"
        "docs/man"
        "profiles"
      ];
  };

  pins = builtins.fromJSON (builtins.readFile ./swift-packages.json);
  directoryOf = pin: lib.removeSuffix ".git" (baseNameOf pin.url);

  # The hash covers the paths that are built: these are the same in every form of a release. Of a version whose revision
  # is not known, it says whether the tag still is what was pinned.
  fetch =
    pin:
    fetchgit {
      inherit (pin) url;
      rev = if pin.revision == null then "refs/tags/${pin.tag}" else pin.revision;
      sha256 = pin.hash;
      fetchSubmodules = false;
      postFetch = ''
        whole=$(mktemp -d)
        mv "$out" "$whole/checkout"
        mkdir "$out"
        cd "$whole/checkout"
        cp -rL --parents -- ${lib.escapeShellArgs pin.paths} "$out"
        cd -
      '';
    };
  swiftPackages = lib.mapAttrs (_: fetch) pins;

  # What SwiftPM is told: each package is there, as one that is edited, so it asks no network.
  workspaceState = writeText "workspace-state.json" (
    builtins.toJSON {
      version = 7;
      object = {
        artifacts = [ ];
        prebuilts = [ ];
        dependencies = lib.mapAttrsToList (
          identity: pin:
          let
            packageRef = {
              inherit identity;
              kind = "remoteSourceControl";
              location = pin.url;
              name = directoryOf pin;
            };
            subpath = directoryOf pin;
          in
          {
            inherit packageRef subpath;
            state = {
              name = "edited";
              path = null;
            };
            basedOn = {
              inherit packageRef subpath;
              basedOn = null;
              state = {
                name = "sourceControlCheckout";
                checkoutState = {
                  inherit (pin) version;
                  revision = if pin.revision == null then pin.tag else pin.revision;
                };
              };
            };
          }
        ) pins;
      };
    }
  );
  swiftpmDeps =
    runCommand "${pname}-swift-packages"
      {
        passthru = { inherit workspaceState; };
      }
      (
        ''
          mkdir -p "$out/Packages"
          cp ${workspaceState} "$out/workspace-state.json"
        ''
        + lib.concatStrings (
          lib.mapAttrsToList (identity: pin: ''
            cp -R ${swiftPackages.${identity}} "$out/Packages/${directoryOf pin}"
          '') pins
        )
      );

  common = {
    inherit pname version;

    passthru = {
      # Null, or why this nixpkgs cannot build the package.
      inherit unbuildable;
      # Each Swift package by itself, and all as SwiftPM sees them: nix build .#firn.swiftPackages.tomlkit
      inherit swiftPackages swiftpmDeps;
    };

    meta = {
      description = "Hardening auditor and compliance checker for NixOS images";
      longDescription = ''
        Firn reads the configuration of a NixOS system and the files that are built of it, and says which rules of a
        profile hold, which do not, and which it cannot tell. The rules that its NixOS module sets are the rules that it
        checks.
      '';
      license = lib.licenses.asl20;
      mainProgram = "firn";
      platforms = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    };
  };

  refusal = {
    buildCommand = ''
      echo ${lib.escapeShellArg unbuildable} >&2
      exit 1
    '';
  };

  build = {
    inherit src;
    strictDeps = true;
    __structuredAttrs = true;

    nativeBuildInputs = [
      installShellFiles
      pkg-config
      swift
      swiftpm
    ];
    buildInputs = [
      audit
      sqlite
    ];

    inherit swiftpmDeps;
    # SwiftPM builds one product, or all; the agent is built after it, of the same modules. It is dynamic here: nixpkgs'
    # Swift has no static standard library that links to an executable without a loader.
    swiftpmFlags = [
      "--product"
      pname
    ];
    postBuild = ''
      TERM=dumb swift-build -j "$NIX_BUILD_CORES" -c release --product firn-agent
    '';

    # Package.swift names test targets, whose sources are no part of this source; SwiftPM wants a file of each. Warnings
    # are errors for those who work on firn, not for those who build it with another compiler.
    postPatch = ''
      for target in FirnTestSupport $(grep -o '"[A-Za-z]*Tests"' Package.swift | tr -d '"'); do
        mkdir -p "Tests/$target"
        echo > "Tests/$target/Absent.swift"
      done
      substituteInPlace Package.swift --replace-fail '.treatAllWarnings(as: .error),' ""
    '';

    # The tests compare with the tools that they model (sshd, nft, auditctl, a browser...) and with built systems; they
    # run in the repository (`make test`). What is installed is asked below.
    doCheck = false;

    postInstall = ''
      install -Dm755 "$(swift-build -c release --show-bin-path)/firn-agent" "$out/bin/firn-agent"
      installManPage docs/man/*.[15]
      installShellCompletion --bash completions/firn.bash --zsh completions/_firn --fish completions/firn.fish
      mkdir -p "$out/share/firn"
      cp -R profiles "$out/share/firn/profiles"
      install -Dm644 LICENSE "$out/share/licenses/firn/LICENSE"
    '';

    doInstallCheck = stdenv.buildPlatform.canExecute stdenv.hostPlatform;
    installCheckPhase = ''
      runHook preInstallCheck
      [ "$("$out/bin/firn" --version)" = ${version} ]
      [ "$("$out/bin/firn-agent" --version)" = ${version} ]
      # The catalogue within the program is the one beside it.
      for level in minimal standard strict; do
        "$out/bin/firn" profiles show "$level" > embedded
        "$out/bin/firn" profiles show "$level" --profiles "$out/share/firn/profiles" > beside
        cmp embedded beside
      done
      runHook postInstallCheck
    '';
  };
in
stdenv.mkDerivation (common // (if unbuildable == null then build else refusal))
