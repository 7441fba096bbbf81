import FirnFacts
import FirnTestSupport
import Testing

/// Links are resolved inside the root, component by component, and never leave it.
@Suite struct RootTreeTests {
    let tree = MemoryTree([
        "/etc/real": "text",
        "/etc/absolute": "-> /etc/real",
        "/etc/relative": "-> real",
        "/etc/climb": "-> ../../../../../../etc/real",
        "/etc/out": "-> ../../../../../../root/secret",
        "/etc/dangling": "-> /nix/store/gone",
        "/etc/a": "-> b",
        "/etc/b": "-> a",
        "/static": "-> /nix/store/x/etc",
        "/nix/store/x/etc/ssh/config": "deep",
        "/etc/ssh": "-> /static/ssh",
        "/etc/file-as-directory": "text",
    ])

    private func text(_ path: String) throws -> String {
        String(decoding: try tree.read(path, limit: 100), as: UTF8.self)
    }

    @Test(arguments: ["/etc/real", "/etc/absolute", "/etc/relative", "/etc/climb", "/etc/./../etc/real"])
    func everyWayLeadsToTheSameFile(path: String) throws {
        #expect(try text(path) == "text")
    }

    @Test func linksInTheMiddleAreFollowed() throws {
        #expect(try text("/etc/ssh/config") == "deep")
        #expect(try tree.resolve("/etc/ssh/config") == "/nix/store/x/etc/ssh/config")
        #expect(try tree.list("/etc/ssh") == ["config"])
    }

    @Test func aLinkOutOfTheRootStaysInside() {
        #expect(throws: TreeError.self) { try tree.read("/etc/out", limit: 100) }
    }

    @Test func onlyNothingThereIsAbsence() {
        let missing = #expect(throws: TreeError.self) { try tree.read("/etc/nothing", limit: 100) }
        #expect(missing?.isAbsence == true)
        let behind = #expect(throws: TreeError.self) { try tree.read("/etc/ssh/nothing", limit: 100) }
        #expect(behind?.isAbsence == true, "a file missing behind a whole link is absent")
        for path in ["/etc/dangling", "/etc/a", "/etc/file-as-directory/x"] {
            let error = #expect(throws: TreeError.self) { try tree.read(path, limit: 100) }
            #expect(error?.isAbsence == false, "\(path)")
        }
        let large = #expect(throws: TreeError.self) { try tree.read("/etc/real", limit: 2) }
        #expect(large == .tooLarge("/etc/real", limit: 2))
    }
}
