import FirnManual
import FirnTestSupport
import Foundation
import Testing

/// The pages for users: every command, attribute, target and link in them is one that is there.
struct PageTests {
    static let pages = [
        "docs/GETTING_STARTED.md", "docs/TROUBLESHOOTING.md", "docs/hardening-levels.md", "SECURITY.md",
    ]

    /// What is written by hand of a page.
    private static func text(_ page: String) throws -> String {
        let text = String(decoding: try Repository.bytes(page), as: UTF8.self)
        return text.components(separatedBy: "<!-- Generated from ")[0]
    }

    /// The lines of the shell blocks, continued lines joined, and what stands in backquotes in the text.
    private static func commands(_ page: String) throws -> [(words: [String], isBlock: Bool)] {
        var result: [([String], Bool)] = []
        for block in try RecipeTests.blocks(of: Repository.root.appendingPathComponent(page)) {
            guard block.language == "sh" else { continue }
            for line in block.text.replacing(#/\\\n */#, with: " ").split(separator: "\n") {
                let words = line.split(separator: " ").prefix {
                    !["||", ">", "|", ";"].contains($0) && !$0.hasPrefix("#")
                }
                result.append((words.map(String.init), true))
            }
        }
        for span in try text(page).matches(of: #/`([^`\n]+)`/#) {
            result.append((span.output.1.split(separator: " ").map(String.init), false))
        }
        return result
    }

    // MARK: - Firn

    @Test(arguments: pages) func everyFirnLineIsACommand(_ page: String) throws {
        let root = try CommandLineText.commands()
        var count = 0
        for (words, isBlock) in try Self.commands(page) where words.first == "firn" && words.count > 1 {
            count += 1
            // In the text a command may be named without what it needs.
            if !isBlock, !words.contains(where: { $0.hasPrefix("--") }) {
                let names = words.dropFirst().prefix(2)
                let found = root.subcommands.contains { command in
                    command.path.last == names.first
                }
                #expect(found, "\(page): \(words.joined(separator: " "))")
            } else if words != ["firn", "--version"] {
                let defect = root.defect(in: words)
                #expect(defect == nil, "\(page): \(words.joined(separator: " ")): \(defect ?? "")")
            }
        }
        #expect(count >= 1, "\(page)")
    }

    /// The `firn` lines of the workflows and of the scripts they run.
    @Test func everyFirnLineOfTheReleaseIsACommand() throws {
        let root = try CommandLineText.commands()
        var seen: [String] = []
        var files = ["nixos-images.yml", "ci.yml"].map { ".github/workflows/" + $0 }
        files += try FileManager.default.contentsOfDirectory(atPath: Repository.path("scripts/release")).sorted()
            .map { "scripts/release/" + $0 }
        for file in files {
            let text = String(decoding: try Repository.bytes(file), as: UTF8.self)
                .replacing(#/\\\n */#, with: " ").replacing(#/>-\n */#, with: "")
                .replacing(#/\n +(--[a-z])/#, with: { " \($0.output.1)" })
            for line in text.split(separator: "\n") {
                let line = line.trimmingPrefix(#/ *(run: )?/#)
                guard line.hasPrefix("firn "), !line.hasPrefix("firn --version") else { continue }
                // The function `check` of audit-image hands its arguments on.
                if line == #"firn check "$@" || code=$?"# { continue }
                let words = line.split(separator: " ").prefix { !["||", ">", "|", ";"].contains($0) }.map(String.init)
                let defect = root.defect(in: words)
                #expect(defect == nil, "\(file): \(line): \(defect ?? "")")
                seen.append(words[1])
            }
        }
        // By hand: two gates and the report of an image; of a release the last gate, two signatures, each verified, and
        // the notes.
        #expect(seen.sorted() == ["gate", "gate", "gate", "report", "sign", "sign", "verify", "verify", "verify"])
    }

    @Test func aWaiverOfThePageIsGood() throws {
        let blocks = try RecipeTests.blocks(of: Repository.root.appendingPathComponent("docs/GETTING_STARTED.md"))
        let waiver = try #require(blocks.first { $0.language == "toml" })
        try withTemporaryDirectory { directory in
            try Data(waiver.text.utf8).write(to: directory.appendingPathComponent("web.toml"))
            let firn = try Tool.firnDirectory.appendingPathComponent("firn").path
            let arguments = ["-c", "'\(firn)' waiver lint . --now 2026-11-24"]
            let (code, output) = try Tool.bash.run(arguments, in: directory)
            #expect(code == 0, "\(output)")
            try Data(waiver.text.replacing("owner", with: "owned").utf8)
                .write(to: directory.appendingPathComponent("web.toml"))
            #expect(try Tool.bash.run(arguments, in: directory).code != 0)
        }
    }

    // MARK: - Shell, Nix, make

    @Test(arguments: pages) func blocksParse(_ page: String) throws {
        for block in try RecipeTests.blocks(of: Repository.root.appendingPathComponent(page)) {
            switch block.language {
            case "sh":
                let (code, output) = try Tool.bash.run(["-n", "-c", block.text])
                #expect(code == 0, "\(page):\(block.line): \(output)")
            case "nix":
                guard Tool.nix.isExpected else { continue }
                // Options may stand alone, as they do in the middle of a configuration.
                let isWhole = block.text.split(separator: "\n").first { !$0.hasPrefix("#") }?.hasPrefix("{") == true
                let text = isWhole ? block.text : "{\n\(block.text)}\n"
                let (code, output) = try Tool.nix.run(["--parse", "--expr", text])
                #expect(code == 0, "\(page):\(block.line): \(output)")
            default:
                #expect(["toml", "powershell"].contains(block.language), "\(page):\(block.line): \(block.language)")
            }
        }
    }

    /// Of the container's builder, by hand: these names are promised to users.
    static let isoTargets: Set<String> = [
        "iso", "rebuild", "clean-cache", "clean-container", "clean-all", "clean-iso",
    ]

    @Test(arguments: pages) func everyMakeTargetIsThere(_ page: String) throws {
        let makefile = "\n" + String(decoding: try Repository.bytes("Makefile"), as: UTF8.self)
        for (words, _) in try Self.commands(page) where words.first == "make" && words.count > 1 {
            for target in words.dropFirst() where !target.contains("=") {
                #expect(
                    makefile.contains("\n\(target):") || Self.isoTargets.contains(target), "\(page): make \(target)")
            }
        }
    }

    // MARK: - Attributes of the flake

    /// What the flake promises (docs/NIX_FLAKE_MODULARIZATION.md), by hand.
    static func isOutput(_ attribute: String) -> Bool {
        let parts = attribute.split(separator: ".").map(String.init)
        let systems = ["x86_64-linux", "aarch64-linux"]
        let packages = ["firn", "wsl-tarball", "iso", "vm", "default"]
        let checks = [
            "gate-wsl", "gate-iso", "gate-vm", "basic-services", "docker-services", "dev-tools", "security-hardening",
            "network", "firn",
        ]
        switch parts.first {
        case "nixosConfigurations":
            let names = ["wsl", "iso", "vm"].flatMap { ["\($0)-ros2", "\($0)-ros2-aarch64"] }
            guard parts.count >= 2, names.contains(parts[1]) else { return false }
            let rest = parts.dropFirst(2).joined(separator: ".")
            let image = parts[1].prefix { $0 != "-" }
            let build = "config.system.build."
            return [build + "toplevel", build + "hardeningGate", "config.security.hardening.gate.waivers"].contains(
                rest)
                || rest == build
                    + ["wsl": "tarballBuilder", "iso": "isoImage", "vm": "vm"][String(image), default: "?"]
        case "packages": return parts.count == 3 && systems.contains(parts[1]) && packages.contains(parts[2])
        case "checks":
            return (parts.count == 3 || parts.last == "driverInteractive") && systems.contains(parts[1])
                && checks.contains(parts[2])
        default: return parts.count == 1 && packages.contains(parts[0])
        }
    }

    @Test func everyAttributeThatIsNamedIsPromised() throws {
        var count = 0
        func check(_ text: String, _ place: String) {
            for match in text.matches(of: #/\.#([A-Za-z0-9_.-]*[A-Za-z0-9_])/#) {
                count += 1
                #expect(Self.isOutput(String(match.output.1)), "\(place): .#\(match.output.1)")
            }
        }
        for page in Self.pages { check(try Self.text(page), page) }
        // What stands for the variables of the scripts: every value they have.
        let values: [String: [(String, [String])]] = [
            ".github/workflows/nixos-images.yml": [
                ("$SYSTEM", ["x86_64-linux", "aarch64-linux"]),
                ("$TEST", ["basic-services", "docker-services", "dev-tools", "security-hardening", "network"]),
            ],
            "scripts/release/audit-image": [
                ("$configuration", ["wsl-ros2", "iso-ros2", "vm-ros2", "wsl-ros2-aarch64", "iso-ros2-aarch64"])
            ],
        ]
        for (file, variables) in values {
            var texts = [String(decoding: try Repository.bytes(file), as: UTF8.self)]
            for (name, all) in variables {
                texts = texts.flatMap { text in all.map { text.replacing(name, with: $0) } }
            }
            for text in texts { check(text, file) }
        }
        // build-image names the configuration and what is built of it apart.
        let build = String(decoding: try Repository.bytes("scripts/release/build-image"), as: UTF8.self)
        #expect(build.contains(#"".#nixosConfigurations.$configuration.config.system.build.$1""#))
        for (image, output) in [("wsl", "tarballBuilder"), ("iso", "isoImage"), ("vm", "vm")] {
            #expect(build.contains("  \(image))\n    build \(output) "))
            #expect(Self.isOutput("nixosConfigurations.\(image)-ros2.config.system.build.\(output)"))
        }
        #expect(count >= 30)
        for wrong in [
            "nixosConfigurations.wsl-ros2.config.system.build.isoImage", "checks.x86_64-linux.gate", "wsl",
            "nixosConfigurations.web.config.system.build.toplevel", "packages.riscv64-linux.firn",
        ] { #expect(!Self.isOutput(wrong), "\(wrong)") }
    }

    // MARK: - Links and files

    /// The anchors that GitHub makes of a page's headings.
    private static func anchors(_ text: String) -> Set<String> {
        var result: Set<String> = []
        for heading in text.matches(of: #/\n#+ ([^\n]+)/#) {
            var anchor = ""
            for character in heading.output.1.lowercased() {
                if character.isLetter || character.isNumber || character == "-" || character == "_" {
                    anchor.append(character)
                } else if character == " " {
                    anchor.append("-")
                }
            }
            result.insert(anchor)
        }
        return result
    }

    /// Pages that are written beside these; where one is there, its anchors are checked too.
    static let promised: Set<String> = ["image-formats.md", "image-size.md", "iso.md"]

    @Test(arguments: pages) func everyLinkResolves(_ page: String) throws {
        let text = try Self.text(page)
        let place = Repository.root.appendingPathComponent(page).deletingLastPathComponent()
        for match in text.matches(of: #/\]\(([^)\s]+)\)/#) {
            let link = String(match.output.1)
            if link.hasPrefix("https://") { continue }
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target =
                parts[0].isEmpty ? Repository.root.appendingPathComponent(page) : place.appendingPathComponent(parts[0])
            guard FileManager.default.fileExists(atPath: target.path) else {
                #expect(Self.promised.contains(parts[0]), "\(page): \(link) is not there")
                continue
            }
            if parts.count == 2 {
                let other = try String(contentsOf: target, encoding: .utf8)
                #expect(Self.anchors("\n" + other).contains(parts[1]), "\(page): \(link)")
            }
        }
    }

    /// Files of the checkout that commands name.
    @Test(arguments: pages) func everyFileIsThere(_ page: String) throws {
        for match in try Self.text(page).matches(
            of: #/(?:^|[ `\/(])((?:nix|scripts|profiles)\/[A-Za-z0-9_.\/-]*[A-Za-z0-9])/#)
        {
            let path = String(match.output.1)
            if path.hasPrefix("nix/store") || path.hasPrefix("nix/var") || path.hasPrefix("profiles/system") {
                continue
            }
            #expect(FileManager.default.fileExists(atPath: Repository.path(path)), "\(page): \(path)")
        }
    }

    /// The page of troubles says what to do for each reason of the gate.
    @Test func everyReasonOfTheGateHasAnAnswer() throws {
        let schema = try JSONSerialization.jsonObject(
            with: Data(Repository.bytes("reports/schema/verdict.schema.json")))
        let properties = ((schema as? [String: Any])?["properties"] as? [String: Any])?["reasons"] as? [String: Any]
        let reason = (properties?["items"] as? [String: Any])?["properties"] as? [String: Any]
        let kinds = try #require((reason?["kind"] as? [String: Any])?["enum"] as? [String])
        #expect(kinds.count >= 20)
        let text = try Self.text("docs/TROUBLESHOOTING.md")
        let section = try #require(
            text.components(separatedBy: "## The gate blocks\n").last?.components(separatedBy: "\n## ").first)
        for kind in kinds { #expect(section.contains("`\(kind)`"), "\(kind)") }
    }
}
