# The program `firn`, with its catalogue, manual pages, completions and profiles.
#
#   pkgs.callPackage ./nix/package.nix { }
#
# Swift packages come through nixpkgs' `fetchSwiftPMDeps`, which arrived with its Swift 6.2 (NixOS/nixpkgs#557896); what
# is fetched is pinned in swift-packages.json (`scripts/pin-swift-packages`). An older nixpkgs has no compiler for firn.
# There this file still evaluates, so that a configuration which names the package can be evaluated and audited; its build
# ends at once with the reason. `meta.broken` would not do: it stops the evaluation of the whole system.
{
  lib,
  stdenv,
  fetchgit,
  installShellFiles,
  sqlite,
  writeText,
  # Absent, or too old, in an older nixpkgs.
  swift ? null,
  swiftpm ? null,
  fetchSwiftPMDeps ? null,
}:
let
  pname = "firn";
  version = "0.1.0";
  requiredSwift = "6.2";

  swiftVersion = if swift == null then null else lib.getVersion swift;
  unbuildable =
    if swiftVersion != null && lib.versionAtLeast swiftVersion requiredSwift && fetchSwiftPMDeps != null then
      null
    else
      "firn ${version} needs Swift ${requiredSwift} and fetchSwiftPMDeps, and this nixpkgs (${lib.trivial.release}) has "
      + (
        if swiftVersion == null || swiftVersion == "" then
          "no Swift of a known version"
        else if lib.versionAtLeast swiftVersion requiredSwift then
          "no fetchSwiftPMDeps"
        else
          "Swift ${swiftVersion}"
      )
      + ". Take the package from a newer nixpkgs (pull request 557896 brought Swift 6.2.4), for example with"
      + " security.hardening.package, or override swift, swiftpm and fetchSwiftPMDeps.";

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
        "Package.resolved"
        "Package.swift"
        "Sources"
        "completions"
        "docs/man"
        "profiles"
      ];
  };

  pins = builtins.fromJSON (builtins.readFile ./swift-packages.json);

  # The pins as the fetcher reads them. Not the repository's own Package.resolved: that one also holds a hash over
  # Package.swift, and would change the hash of what is fetched with each new target.
  resolved = writeText "Package.resolved" (
    builtins.toJSON {
      version = 3;
      pins = lib.mapAttrsToList (identity: pin: {
        inherit identity;
        kind = "remoteSourceControl";
        location = pin.url;
        state = { inherit (pin) revision version; };
      }) pins.packages;
    }
  );

  common = {
    inherit pname version;

    passthru = {
      # Null, or why this nixpkgs cannot build the package.
      inherit unbuildable;
      # Each Swift package by itself, to look at one: nix build .#firn.swiftPackages.tomlkit
      swiftPackages = lib.mapAttrs (
        _: pin:
        fetchgit {
          inherit (pin) url;
          rev = pin.revision;
          sha256 = pin.hash;
          fetchSubmodules = true;
        }
      ) pins.packages;
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
      swift
      swiftpm
    ];
    buildInputs = [ sqlite ];

    swiftpmDeps = fetchSwiftPMDeps {
      name = "${pname}-${version}";
      inherit (pins) hash;
      dontUnpack = true;
      postPatch = ''
        cp ${resolved} Package.resolved
      '';
    };
    swiftpmFlags = [
      "--product"
      pname
    ];

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
