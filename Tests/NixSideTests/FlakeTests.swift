import FirnTestSupport
import Foundation
import Testing

/// flake.nix, nix/flake, default.nix and the template. The names of the outputs are made without any input, so they are
/// asked for everywhere; what the outputs are is asked with `nix flake check` where the inputs are at hand.
struct FlakeTests {
    static let systems = ["aarch64-linux", "x86_64-linux"]

    /// What the flake promises, by hand (docs/NIX_FLAKE_MODULARIZATION.md).
    static let configurations = [
        "iso-ros2", "iso-ros2-aarch64", "vm-ros2", "vm-ros2-aarch64", "wsl-ros2", "wsl-ros2-aarch64",
    ]
    static let packages = ["default", "firn", "iso", "vm", "wsl-tarball"]
    static let apps = ["default", "vm"]
    static let checks = [
        "basic-services", "dev-tools", "docker-services", "firn", "gate-iso", "gate-vm", "gate-wsl", "network",
        "security-hardening",
    ]

    struct Names: Decodable {
        var inputs: [String]
        var outputs: [String]
        var nixosConfigurations: [String]
        var packages: [String: [String]]
        var apps: [String: [String]]
        var checks: [String: [String]]
        var formatter: [String]
        var nixosModules: [String]
        var overlays: [String]
        var templates: [String]
        var lib: [String]
        var modulesExist: Bool
        var templateHasFlake: Bool
        var templateOutputs: [String]
        var templateInputs: [String]
    }

    // MARK: Names, without inputs

    static let names = """
        let
          flake = import ./flake.nix;
          names = builtins.attrNames;
          bySystem = builtins.mapAttrs (_: names);
          outputs = flake.outputs {
            self = outputs;
            nixpkgs = throw "nixpkgs is not needed for names";
            nixos-wsl = throw "NixOS-WSL is not needed for names";
            nix-ros-overlay = throw "nix-ros-overlay is not needed for names";
          };
          template = import (outputs.templates.default.path + "/flake.nix");
        in
        {
          inputs = names flake.inputs;
          outputs = names outputs;
          nixosConfigurations = names outputs.nixosConfigurations;
          apps = bySystem outputs.apps;
          checks = bySystem outputs.checks;
          packages = bySystem outputs.packages;
          formatter = names outputs.formatter;
          nixosModules = names outputs.nixosModules;
          overlays = names outputs.overlays;
          templates = names outputs.templates;
          lib = names outputs.lib;
          modulesExist = builtins.all builtins.pathExists (builtins.attrValues outputs.nixosModules);
          templateHasFlake = builtins.pathExists (outputs.templates.default.path + "/flake.nix");
          templateOutputs = names (template.outputs {
            self = { };
            nixpkgs = throw "nixpkgs is not needed for names";
            firn = throw "firn is not needed for names";
          });
          templateInputs = names template.inputs;
        }
        """

    @Test(.enabled(if: Nix.hasInstantiate, "nix-instantiate is absent"))
    func outputsHaveTheirNames() throws {
        let answer = try Nix.evaluate(Self.names)
        try #require(answer.code == 0, "\(answer.errors)")
        let names = try JSONDecoder().decode(Names.self, from: answer.output)
        #expect(names.inputs == ["nix-ros-overlay", "nixos-wsl", "nixpkgs"])
        #expect(
            names.outputs == [
                "apps", "checks", "formatter", "lib", "nixosConfigurations", "nixosModules", "overlays", "packages",
                "templates",
            ])
        #expect(names.nixosConfigurations == Self.configurations)
        #expect(names.packages == Dictionary(uniqueKeysWithValues: Self.systems.map { ($0, Self.packages) }))
        #expect(names.apps == Dictionary(uniqueKeysWithValues: Self.systems.map { ($0, Self.apps) }))
        #expect(
            names.checks == [
                "aarch64-linux": Self.checks, "x86_64-linux": (Self.checks + ["template-server"]).sorted(),
            ])
        #expect(names.formatter == Self.systems)
        #expect(names.nixosModules == ["default", "hardening"])
        #expect(names.overlays == ["default"])
        #expect(names.templates == ["default"])
        #expect(names.lib == ["catalogue", "evaluatedConfig", "gate"])
        #expect(names.modulesExist)
        #expect(names.templateHasFlake)
        #expect(names.templateOutputs == ["checks", "nixosConfigurations"])
        #expect(names.templateInputs == ["firn", "nixpkgs"])
    }

    /// `nix flake lock` asks the hosts of these addresses and no other.
    @Test func inputsAreUpstreams() throws {
        let text = try PackageTests.text("flake.nix")
        #expect(
            text.matches(of: /url = "([^"]+)"/).map { String($0.1) } == [
                "github:NixOS/nixpkgs/nixos-unstable", "github:nix-community/NixOS-WSL/main",
                "github:lopsided98/nix-ros-overlay/master",
            ])
        #expect(text.contains("inputs.nixpkgs.follows = \"nixpkgs\";"))
    }

    // MARK: What the documentation names

    /// Each `nix build .#x`, `nix run .#x` and `nix eval .#x` of the documentation is an output.
    @Test func documentedAttributesExist() throws {
        let docs = Repository.root.appendingPathComponent("docs")
        var pages = try FileManager.default.contentsOfDirectory(atPath: docs.path).filter { $0.hasSuffix(".md") }
            .map { "docs/\($0)" }
        pages.append("README.md")
        var found = 0
        for page in pages.sorted() {
            let text = try PackageTests.text(page)
            for match in text.matches(of: /nix (build|run|eval) (?:-[^\s]+ )*['"]?\.#([A-Za-z0-9_."-]+)/) {
                found += 1
                let attribute = String(match.2).trimmingCharacters(in: CharacterSet(charactersIn: ".\""))
                #expect(try Self.exists(attribute, verb: String(match.1)), "\(page): nix \(match.1) .#\(attribute)")
            }
        }
        #expect(found > 5)
        #expect(try !Self.exists("nixosConfigurations.wsl.config.system.build.tarballBuilder", verb: "build"))
        #expect(try !Self.exists("nixosConfigurations.wsl-ros2.config.system.build.tarball", verb: "build"))
        #expect(try !Self.exists("isoImage", verb: "build"))
        #expect(try !Self.exists("checks.x86_64-linux.gate", verb: "build"))
    }

    /// What each image has under `system.build`, besides what every system has (nix/images).
    static let builds = [
        "wsl": ["tarballBuilder", "wslTarball"], "iso": ["isoImage"], "vm": ["vm"],
    ]

    static let nixosTests = ["basic-services", "docker-services", "dev-tools", "security-hardening", "network"]

    static func exists(_ attribute: String, verb: String) throws -> Bool {
        let parts = attribute.split(separator: ".").map(String.init)
        switch parts.first {
        case "nixosConfigurations":
            guard parts.count > 2, configurations.contains(parts[1]), parts[2] == "config" else { return false }
            guard parts.count == 6, parts[3...4] == ["system", "build"] else { return verb == "eval" }
            let kind = String(parts[1].prefix { $0 != "-" })
            return (["toplevel", "hardeningGate"] + (builds[kind] ?? [])).contains(parts[5])
        // A NixOS test brings its driver along.
        case "checks" where parts.count == 4:
            return parts[3] == "driverInteractive" && nixosTests.contains(parts[2]) && systems.contains(parts[1])
        case "checks", "packages", "apps":
            guard parts.count == 3, systems.contains(parts[1]) else { return false }
            let names = ["checks": checks + ["template-server"], "packages": packages, "apps": apps]
            return names[parts[0]]?.contains(parts[2]) == true
        case "lib", "templates", "overlays", "nixosModules", "formatter":
            return verb == "eval"
        case "firn" where parts.count == 3 && parts[1] == "swiftPackages":
            return try PackageTests.pins().keys.contains(parts[2])
        case let name? where parts.count == 1:
            return (verb == "run" ? apps + ["firn"] : packages).contains(name)
        default:
            return false
        }
    }

    // MARK: With inputs

    /// default.nix gives those without flakes the same things.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func defaultNixServesWithoutFlakes() throws {
        let answer = try Nix.evaluate(
            """
            let
              all = import ./. { pkgs = import \(try #require(Nix.nixpkgs)) { }; };
            in
            {
              names = builtins.attrNames all;
              firn = all.firn.drvPath == all.packages.default.drvPath;
              images = builtins.attrNames all.images;
              hostName = all.images.vm.config.networking.hostName;
              package = all.images.vm.config.security.hardening.package.drvPath == all.firn.drvPath;
              lib = builtins.attrNames all.lib;
              functions = builtins.all builtins.isFunction (builtins.attrValues all.lib);
              modules = builtins.pathExists all.modules.default;
            }
            """)
        try #require(answer.code == 0, "\(answer.errors)")
        #expect(!answer.errors.contains("evaluation warning"), "\(answer.errors)")
        struct All: Decodable {
            var names: [String]
            var firn: Bool
            var images: [String]
            var hostName: String
            var package: Bool
            var lib: [String]
            var functions: Bool
            var modules: Bool
        }
        let all = try JSONDecoder().decode(All.self, from: answer.output)
        #expect(all.names == ["firn", "images", "lib", "modules", "overlay", "packages", "tests"])
        #expect(all.firn)
        #expect(all.images == ["iso", "vm", "wsl"])
        #expect(all.hostName == "nixos-ros2")
        #expect(all.package)
        #expect(all.lib == ["catalogue", "evaluatedConfig", "gate"])
        #expect(all.functions)
        #expect(all.modules)
    }

    static let inputs: [(name: String, path: String)]? = {
        let environment = ProcessInfo.processInfo.environment
        guard let nixpkgs = environment["NIXPKGS"], let wsl = environment["NIXOS_WSL"],
            let ros = environment["NIX_ROS_OVERLAY"]
        else { return nil }
        return [("nixpkgs", nixpkgs), ("nixos-wsl", wsl), ("nix-ros-overlay", ros)]
    }()

    /// All outputs of this system instantiate: configurations, packages, gates, NixOS tests, template. Takes minutes and a
    /// Nix of 2.18 or newer.
    @Test(.enabled(if: inputs != nil, "NIXPKGS, NIXOS_WSL and NIX_ROS_OVERLAY do not all name a tree"))
    func flakeCheckPasses() throws {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("flake-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let source = scratch.appendingPathComponent("source")
        try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
        // A flake is what git tracks; this also takes what is not committed yet, and not .build.
        let copied = try Nix.run(
            "bash", ["-c", #"git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$0""#, source.path])
        try #require(copied.code == 0, "\(copied.errors)")

        var overrides: [String] = []
        for input in try #require(Self.inputs) {
            let path = input.name == "nixpkgs" ? try Self.withFormatter(input.path, in: scratch) : input.path
            overrides += ["--override-input", input.name, "path:\(path)"]
        }
        let answer = try Nix.run(
            "nix",
            [
                "--extra-experimental-features", "nix-command flakes", "flake", "check", "path:\(source.path)",
                "--no-build", "--no-write-lock-file", "--offline", "--all-systems",
            ] + overrides)
        #expect(answer.code == 0, "\(answer.errors.suffix(4000))")
        // That it looked: `nix flake check` is silent about an output that it does not know.
        var evaluated = Self.configurations.map { "checking NixOS configuration 'nixosConfigurations.\($0)'" }
        for system in Self.systems {
            evaluated += Self.packages.map { "checking derivation packages.\(system).\($0)" }
            evaluated += Self.checks.map { "checking derivation checks.\(system).\($0)" }
            evaluated += Self.apps.map { "checking app 'apps.\(system).\($0)'" }
        }
        evaluated += [
            "checking derivation checks.x86_64-linux.template-server", "checking template 'templates.default'",
        ]
        for line in evaluated {
            #expect(answer.errors.contains(line), "\(line)")
        }
    }

    /// The tree itself, or a copy where nixfmt is a stand-in, should it not evaluate in the tree: some have no Haskell
    /// packages. The formatter is the only output that takes it.
    static func withFormatter(_ nixpkgs: String, in scratch: URL) throws -> String {
        let asked = try Nix.evaluate("(import \(nixpkgs) { }).nixfmt.drvPath")
        if asked.code == 0 { return nixpkgs }
        let copy = scratch.appendingPathComponent("nixpkgs").path
        let standIn = #"{ runCommand }: runCommand "nixfmt" { meta.mainProgram = "nixfmt"; } "exit 1""#
        // The new file is another one: a link would write into the tree.
        let script = """
            set -e
            cp -a "$0" "$1"
            rm "$1/pkgs/by-name/ni/nixfmt/package.nix"
            printf '%s\\n' "$2" > "$1/pkgs/by-name/ni/nixfmt/package.nix"
            """
        let done = try Nix.run("bash", ["-c", script, nixpkgs, copy, standIn])
        try #require(done.code == 0, "\(done.errors)")
        return copy
    }
}
