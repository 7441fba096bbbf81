import FirnTestSupport
import Foundation
import Testing

/// nix/package.nix and the pins of the Swift packages.
struct PackageTests {
    /// A Swift package as nix/swift-packages.json has it.
    struct Pin: Decodable {
        var url: String
        var version: String
        var tag: String
        var revision: String?
        var hash: String
        var paths: [String]
    }

    static let canHash = Nix.path(of: "nix-hash") != nil && Nix.path(of: "python3") != nil

    static func pins() throws -> [String: Pin] {
        let file = Repository.root.appendingPathComponent("nix/swift-packages.json")
        return try JSONDecoder().decode([String: Pin].self, from: Data(contentsOf: file))
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appendingPathComponent(path), encoding: .utf8)
    }

    // MARK: The pins

    @Test func pinsNameUpstream() throws {
        for (identity, pin) in try Self.pins() {
            #expect(pin.url.hasPrefix("https://github.com/"), "\(identity)")
            #expect(pin.tag == pin.version || pin.tag == "v\(pin.version)", "\(identity)")
            #expect(pin.hash.wholeMatch(of: /sha256-[A-Za-z0-9+\/]{43}=/) != nil, "\(identity)")
            #expect(pin.paths.contains("Package.swift") && pin.paths.contains("Sources"), "\(identity)")
            #expect(pin.paths.contains { $0.hasPrefix("LICENSE") }, "\(identity)")
            if let revision = pin.revision {
                #expect(revision.wholeMatch(of: /[0-9a-f]{40}/) != nil, "\(identity)")
            }
        }
    }

    /// Package.swift states exact versions; each has a pin of that address and version.
    @Test func pinsAreThoseOfTheManifest() throws {
        let pins = try Self.pins().values
        let dependencies = try Self.text("Package.swift").matches(of: /\.package\(url: "([^"]+)", exact: "([^"]+)"\)/)
        #expect(dependencies.count == 4)
        for dependency in dependencies {
            let (url, version) = (String(dependency.1), String(dependency.2))
            #expect(pins.contains { $0.url == url && $0.version == version }, "\(url) \(version)")
        }
    }

    /// Versions and contents are those that SwiftPM resolved, transitive packages too. `swift test` itself has resolved
    /// them, so this runs everywhere.
    @Test(.enabled(if: canHash, "nix-hash or python3 is absent"))
    func pinsAreWhatIsResolved() throws {
        let answer = try Nix.run("scripts/pin-swift-packages", ["--check"])
        #expect(answer.code == 0, "\(answer.errors)")
    }

    @Test(.enabled(if: canHash, "nix-hash or python3 is absent"))
    func driftIsTold() throws {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("pins-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        for directory in ["nix", "scripts"] {
            try FileManager.default.createDirectory(
                at: scratch.appendingPathComponent(directory), withIntermediateDirectories: true)
        }
        for path in ["scripts/pin-swift-packages", "Package.resolved"] {
            try FileManager.default.copyItem(
                at: Repository.root.appendingPathComponent(path), to: scratch.appendingPathComponent(path))
        }
        try FileManager.default.createSymbolicLink(
            at: scratch.appendingPathComponent(".build"),
            withDestinationURL: Repository.root.appendingPathComponent(".build"))

        let pins = try Self.pins()
        let tomlkit = try #require(pins["tomlkit"])
        let asn1 = try #require(pins["swift-asn1"])
        // Another content, another version, and a package that nobody resolves.
        let drifted = try Self.text("nix/swift-packages.json")
            .replacing(tomlkit.hash, with: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .replacing("\"version\": \"\(asn1.version)\"", with: "\"version\": \"1.0.0\"")
            .replacing("\"grdb.swift\"", with: "\"grdb.kotlin\"")
        try Data(drifted.utf8).write(to: scratch.appendingPathComponent("nix/swift-packages.json"))
        let answer = try Nix.run(
            scratch.appendingPathComponent("scripts/pin-swift-packages").path, ["--check"], directory: scratch)
        #expect(answer.code == 1)
        for complaint in [
            "tomlkit: hash is sha256-AAAA", "swift-asn1: version is 1.0.0, and \(asn1.version) resolved",
            "grdb.kotlin: pinned, but not resolved", "grdb.swift: resolved, but not pinned",
        ] {
            #expect(answer.errors.contains(complaint), "\(complaint): \(answer.errors)")
        }
    }

    // MARK: The package

    @Test func versionIsThatOfTheProgram() throws {
        let program = try #require(
            try Self.text("Sources/FirnCommands/FirnCommand.swift").firstMatch(of: /static let version = "([^"]+)"/))
        #expect(try Self.text("nix/package.nix").contains("version = \"\(program.1)\";"))
    }

    @Test func whatIsInstalledIsThere() throws {
        let completions = ["firn.bash", "_firn", "firn.fish"].map { "completions/\($0)" }
        for path in completions + ["docs/man/firn.1", "LICENSE"] {
            let file = Repository.root.appendingPathComponent(path)
            #expect(FileManager.default.fileExists(atPath: file.path), "\(path)")
        }
        let pages = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appendingPathComponent("docs/man").path)
        #expect(pages.allSatisfy { $0.hasSuffix(".1") || $0.hasSuffix(".5") }, "the package installs *.[15]: \(pages)")
    }

    /// The package's source has no Tests/. Its recipe makes a file for each word "...Tests" of Package.swift and for
    /// FirnTestSupport: no other target may lie there.
    @Test func testTargetsAreKnownByTheirName() throws {
        let manifest = try Self.text("Package.swift")
        let called = manifest.matches(of: /[^c] tests\(\s*"([^"]+)"/).map { String($0.1) }
        #expect(called.count > 15)
        #expect(called.allSatisfy { $0.wholeMatch(of: /[A-Za-z]*Tests/) != nil }, "\(called)")
        let placed = manifest.matches(of: /path: "Tests\/([^"\\]+)"/).map { String($0.1) }
        #expect(placed == ["FirnTestSupport"])
    }

    struct Evaluated: Decodable {
        var unbuildable: String?
        var derivation: String
        var mainProgram: String
        var license: String
        var platforms: [String]
        var packages: [String]
    }

    static func expression(_ nixpkgs: String, arguments: String) -> String {
        """
        let
          pkgs = import \(nixpkgs) { };
          firn = pkgs.callPackage ./nix/package.nix \(arguments);
        in
        {
          inherit (firn) unbuildable;
          derivation = firn.drvPath;
          inherit (firn.meta) mainProgram platforms;
          license = firn.meta.license.spdxId;
          packages = map (package: builtins.seq package.drvPath package.outputHash)
            (builtins.attrValues firn.swiftPackages);
        }
        """
    }

    /// A nixpkgs whose Swift is too old gives a derivation all the same, whose build says why it ends.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func evaluatesWithAnySwift() throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        // Only the names of these are read; the interface of nixpkgs' own packages is in its manual, "Swift".
        let compiler = #"(pkgs.runCommand "swift-VERSION" { pname = "swift"; version = "VERSION"; } "")"#
        func arguments(_ version: String) -> String {
            "{ swift = \(compiler); swiftpm = \(compiler); }".replacing("VERSION", with: version)
        }
        let parts = [("old", "5.10.1"), ("new", "6.2.4"), ("newer", "6.3")].map { name, version in
            "\(name) = \(Self.expression(nixpkgs, arguments: arguments(version)));"
        }
        let source = """
            source =
              let
                pkgs = import \(nixpkgs) { };
                firn = pkgs.callPackage ./nix/package.nix \(arguments("6.2.4"));
              in
              builtins.filter (path: firn.src.filter (toString ./. + "/" + path) "regular") [
                "Package.swift" "Sources/firn/main.swift" "docs" "docs/man/firn.1" "profiles/minimal.toml" "completions/_firn"
                "README.md" "docs/design.md" "Tests/NixSideTests/Nix.swift" "nix/package.nix" ".build" "docs/manual.md"
              ];
            refusal = (import \(nixpkgs) { }).lib.hasInfix "exit 1"
              ((import \(nixpkgs) { }).callPackage ./nix/package.nix \(arguments("5.10.1"))).buildCommand;
            """
            .replacing("pkgs.runCommand", with: "(import \(nixpkgs) { }).runCommand")
        let answer = try Nix.evaluate("{ \(parts.joined(separator: "\n")) \(source) }")
        try #require(answer.code == 0, "\(answer.errors)")
        struct All: Decodable {
            var old: Evaluated
            var new: Evaluated
            var newer: Evaluated
            var source: [String]
            var refusal: Bool
        }
        let all = try JSONDecoder().decode(All.self, from: answer.output)
        #expect(all.old.unbuildable?.contains("needs Swift 6.2 or newer, and this nixpkgs") == true)
        #expect(all.old.unbuildable?.contains("has Swift 5.10.1") == true)
        #expect(all.refusal)
        #expect(all.new.unbuildable == nil)
        #expect(all.newer.unbuildable == nil)
        #expect(Set([all.old.derivation, all.new.derivation, all.newer.derivation]).count == 3)
        #expect(Set(all.new.packages) == Set(try Self.pins().values.map(\.hash)))
        #expect(all.new.mainProgram == "firn")
        #expect(all.new.license == "Apache-2.0")
        #expect(all.new.platforms == ["x86_64-linux", "aarch64-linux"])
        #expect(
            all.source == [
                "Package.swift", "Sources/firn/main.swift", "docs", "docs/man/firn.1", "profiles/minimal.toml",
                "completions/_firn",
            ])
    }

    /// SwiftPM loads the package from what the recipe hands it, and asks no host: the source as filtered, the pinned paths
    /// of each package, the state that says they are there, and the recipe's own step on the source. The hook of nixpkgs
    /// lays out the same (`fetchSwiftPMDeps` and `swiftpmUnpackHook` of pull request 557896).
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func swiftPMTakesThePackages() throws {
        let nixpkgs = try #require(Nix.nixpkgs)
        let answer = try Nix.evaluate(
            """
            let
              pkgs = import \(nixpkgs) { };
              compiler = pkgs.runCommand "swift-6.2.4" { pname = "swift"; version = "6.2.4"; } "";
              firn = pkgs.callPackage ./nix/package.nix { swift = compiler; swiftpm = compiler; };
            in
            {
              state = firn.swiftpmDeps.workspaceState.text;
              step = firn.postPatch;
            }
            """)
        try #require(answer.code == 0, "\(answer.errors)")
        struct Recipe: Decodable {
            var state: String
            var step: String
        }
        let recipe = try JSONDecoder().decode(Recipe.self, from: answer.output)

        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("package-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let source = scratch.appendingPathComponent("source")
        for directory in ["source/.build", "Packages", "home"] {
            try FileManager.default.createDirectory(
                at: scratch.appendingPathComponent(directory), withIntermediateDirectories: true)
        }
        for path in ["Package.swift", "Sources"] {
            try FileManager.default.copyItem(
                at: Repository.root.appendingPathComponent(path), to: source.appendingPathComponent(path))
        }
        for pin in try Self.pins().values {
            let name = pin.url.split(separator: "/").last.map { $0.replacing(/\.git$/, with: "") } ?? ""
            let package = scratch.appendingPathComponent("Packages/\(name)")
            try FileManager.default.createDirectory(at: package, withIntermediateDirectories: true)
            let copied = try Nix.run(
                "cp", ["-rL", "--parents", "--"] + pin.paths + [package.path],
                directory: Repository.root.appendingPathComponent(".build/checkouts/\(name)"))
            try #require(copied.code == 0, "\(copied.errors)")
        }
        try FileManager.default.createSymbolicLink(
            at: source.appendingPathComponent("Packages"),
            withDestinationURL: scratch.appendingPathComponent("Packages"))
        try Data(recipe.state.utf8).write(to: source.appendingPathComponent(".build/workspace-state.json"))

        // substituteInPlace of nixpkgs, in the one form that the step uses.
        let prelude = """
            set -e
            substituteInPlace() {
              local text
              text=$(cat "$1"; printf x)
              [ "$2" = --replace-fail ] && [[ $text == *"$3"* ]]
              text=${text//"$3"/$4}
              printf %s "${text%x}" > "$1"
            }

            """
        let patched = try Nix.run("bash", ["-c", prelude + recipe.step], directory: source)
        try #require(patched.code == 0, "\(patched.errors)")
        let manifest = try String(contentsOf: source.appendingPathComponent("Package.swift"), encoding: .utf8)
        #expect(!manifest.contains("treatAllWarnings"))

        let shown = try Nix.run(
            "swift", ["package", "--disable-sandbox", "show-dependencies", "--format", "json"],
            environment: ["GIT_ALLOW_PROTOCOL": "none", "HOME": scratch.appendingPathComponent("home").path],
            directory: source)
        try #require(shown.code == 0, "\(shown.errors)")
        for pin in try Self.pins().values {
            let name = pin.url.split(separator: "/").last.map { $0.replacing(/\.git$/, with: "") } ?? ""
            #expect(
                shown.text.contains("Packages/\(name)") || shown.text.contains("Packages\\/\(name)"), "\(shown.text)")
        }
    }

    /// The tree's own Swift, whichever it is, and no warning.
    @Test(.enabled(if: Nix.nixpkgs != nil, "NIXPKGS names no nixpkgs tree"))
    func evaluatesWithTheTreesSwift() throws {
        let answer = try Nix.evaluate(Self.expression(try #require(Nix.nixpkgs), arguments: "{ }"))
        try #require(answer.code == 0, "\(answer.errors)")
        #expect(!answer.errors.contains("evaluation warning"), "\(answer.errors)")
        let evaluated = try JSONDecoder().decode(Evaluated.self, from: answer.output)
        #expect(evaluated.derivation.hasSuffix(".drv"))
    }

    @Test(.enabled(if: Nix.nixpkgs2009 != nil, "NIXPKGS_20_09 names no nixpkgs tree"))
    func evaluatesOnNixOS2009() throws {
        let answer = try Nix.evaluate(Self.expression(try #require(Nix.nixpkgs2009), arguments: "{ }"))
        try #require(answer.code == 0, "\(answer.errors)")
        let evaluated = try JSONDecoder().decode(Evaluated.self, from: answer.output)
        #expect(evaluated.unbuildable?.contains("this nixpkgs (20.09) has Swift 5.1.1") == true)
    }
}
