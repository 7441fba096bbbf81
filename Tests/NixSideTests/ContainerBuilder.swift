import FirnTestSupport
import Foundation

/// A checkout with the ISO builder's scripts, and a stand-in engine first in PATH (Tests/Fixtures/container).
final class ContainerBuilder {
    let base: URL
    /// Its name has spaces, as users' directories have.
    let checkout: URL
    let stand: URL
    let images: URL
    private let tools: URL

    /// - Parameter engines: what is installed.
    init(engines: [String] = ["docker", "podman"], machine: String = "x86_64", system: String = "Linux") throws {
        let files = FileManager.default
        base = files.temporaryDirectory.appendingPathComponent("container-\(UUID().uuidString)")
        checkout = base.appendingPathComponent("my check out")
        stand = base.appendingPathComponent("stand")
        images = base.appendingPathComponent("my images")
        tools = base.appendingPathComponent("tools")
        for directory in [checkout.appendingPathComponent("scripts"), stand, tools] {
            try files.createDirectory(at: directory, withIntermediateDirectories: true)
        }
        for name in ["Dockerfile", ".dockerignore", "scripts/iso", "Makefile"] {
            try files.copyItem(
                at: Repository.root.appendingPathComponent(name), to: checkout.appendingPathComponent(name))
        }
        try write(
            """
            {"decision": "pass", "toplevel": "/nix/store/a-system", "profile": {"digest": "1"}, "policy": {"digest": "2"},
             "catalogue": {"digest": "3"}, "artifact": {"digest": "DIGEST"}}
            """, to: stand.appendingPathComponent("verdict"))
        let engine = Self.fixture("engine/docker")
        for name in engines { try tool(name, text: try String(contentsOf: engine, encoding: .utf8)) }
        try tool("uname", text: "#!/bin/sh\n[ \"$1\" = -m ] && echo \(machine) || echo \(system)\n")
        // No other engine than the stand-ins is found: PATH is the tools and links to what scripts use.
        for name in [
            "awk", "bash", "basename", "cat", "chmod", "cp", "cut", "date", "dd", "df", "dirname", "find", "git",
            "grep",
            "head", "ln", "ls", "make", "mkdir", "mv", "nix", "readlink", "rm", "sed", "sh", "sha256sum", "sleep",
            "sort",
            "stat", "tail", "tar", "tee", "touch", "tr", "wc", "column",
        ] {
            guard let path = Nix.path(of: name) else { continue }
            try files.createSymbolicLink(atPath: tools.appendingPathComponent(name).path, withDestinationPath: path)
        }
        try write("{ }\n", to: checkout.appendingPathComponent("flake.nix"))
        try write("{ }\n", to: checkout.appendingPathComponent("flake.lock"))
        try write("secret.key\n", to: checkout.appendingPathComponent(".gitignore"))
    }

    deinit {
        do { try FileManager.default.removeItem(at: base) } catch { print("\(base.path) stays: \(error)") }
    }

    static func fixture(_ path: String) -> URL {
        Repository.root.appendingPathComponent("Tests/Fixtures/container/\(path)")
    }

    func write(_ text: String, to place: URL) throws { try Data(text.utf8).write(to: place) }

    /// Puts a program into PATH.
    func tool(_ name: String, text: String) throws {
        let place = tools.appendingPathComponent(name)
        // Never through a link: that would write over the program of this machine.
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: place.path)) != nil {
            try FileManager.default.removeItem(at: place)
        }
        try Data(text.utf8).write(to: place, options: .withoutOverwriting)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path)
    }

    func environment(fail: String = "", _ more: [String: String] = [:]) -> [String: String] {
        [
            "PATH": tools.path, "STAND": stand.path, "STAND_INSIDE": Self.fixture("inside").path, "FAIL": fail,
            "ISO_DIR": images.path, "ENGINE": "", "PLATFORM": "", "CONFIGURATION": "", "MAKEFLAGS": "", "MAKELEVEL": "",
        ].merging(more) { $1 }
    }

    /// Runs one of the scripts.
    func run(_ script: String, fail: String = "", _ more: [String: String] = [:]) throws -> Nix.Answer {
        let words = script.split(separator: " ").map(String.init)
        return try Nix.run(
            "bash", ["scripts/iso/\(words[0])"] + words.dropFirst(), environment: environment(fail: fail, more),
            directory: checkout)
    }

    func git(_ arguments: String...) throws {
        let answer = try Nix.run(
            "git", ["-c", "user.name=t", "-c", "user.email=t@example.org"] + arguments, directory: checkout)
        if answer.code != 0 { throw CocoaError(.executableLoad) }
    }

    /// The calls since the last time this was asked, one a line, as `docker <run> <--detach> ...`.
    func calls() throws -> [String] {
        let place = stand.appendingPathComponent("calls")
        guard FileManager.default.fileExists(atPath: place.path) else { return [] }
        let lines = try String(contentsOf: place, encoding: .utf8).split(separator: "\n").map(String.init)
        try FileManager.default.removeItem(at: place)
        return lines
    }

    /// The first two words of the calls that change something, in their order.
    static func order(_ calls: [String]) -> [String] {
        calls.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
            .filter { call in !["<info>", "<container>", "<image>", "<volume>"].contains { call.hasSuffix($0) } }
            .filter { !$0.hasPrefix("waiver ") }
    }

    /// Everything in the directory of the images, hidden files too.
    func left() throws -> [String] {
        guard FileManager.default.fileExists(atPath: images.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()
    }

    /// What is left of runs in the container.
    func leftInside() throws -> [String] {
        let build = stand.appendingPathComponent("build")
        guard FileManager.default.fileExists(atPath: build.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: build.path)
    }
}
