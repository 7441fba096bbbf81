import FirnFacts
import FirnParsing
import FirnTestSupport
import Testing

@Suite struct SystemViewTests {
    private func system(_ files: [String: String]) -> SystemView {
        SystemView(tree: MemoryTree(files), toplevel: "/nix/store/t", etcRoot: "/etc")
    }

    @Test func onlyTargetsOfAnOrdinaryBootStartAUnit() throws {
        let base = "/etc/systemd/system/"
        let view = system([
            base + "firewall.service": "[Service]\n",
            base + "rescue.target.wants/firewall.service": "-> ../firewall.service",
            base + "multi-user.target.wants/sshd.service": "-> ../sshd.service",
            base + "multi-user.target.requires/nftables.service": "-> ../nftables.service",
        ])
        #expect(try view.wanted("firewall.service") == [])
        #expect(try view.pulled("firewall.service") == [])
        #expect(try view.pulled("sshd.service") == ["multi-user.target"])
        #expect(try view.wanted("sshd.service") == ["multi-user.target"])
        #expect(try view.wanted("nftables.service") == ["multi-user.target"])
    }

    @Test func aLinkToDevNullIsMaskedAndADanglingOneIsNotAbsent() {
        let view = system([
            "/etc/systemd/system/a.service": "-> /dev/null",
            "/etc/systemd/system/b.service": "-> /nix/store/gone/b.service",
        ])
        if case .masked = view.unit("a.service") {} else { Issue.record("a is not masked") }
        if case .unavailable = view.unit("b.service") {} else { Issue.record("b is not unavailable") }
        if case .missing = view.unit("c.service") {} else { Issue.record("c is not missing") }
    }

    @Test func dropInsAreMergedInOrder() {
        let view = system([
            "/etc/systemd/system/a.service": "[Service]\nExecStart=/bin/one\n",
            "/etc/systemd/system/a.service.d/20-b.conf": "[Service]\nExecStart=/bin/three\n",
            "/etc/systemd/system/a.service.d/10-a.conf": "[Service]\nExecStart=\nExecStart=/bin/two\n",
            "/etc/systemd/system/a.service.d/notes.txt": "no unit",
        ])
        guard case .unit(let unit, _) = view.unit("a.service") else {
            Issue.record("the unit cannot be read")
            return
        }
        #expect(unit.commands("ExecStart") == [["/bin/two"], ["/bin/three"]])
    }
}
