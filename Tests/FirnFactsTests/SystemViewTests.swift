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

    private func values(_ view: SystemView, _ unit: String, _ key: String) -> [String] {
        guard case .unit(let unit, _) = view.unit(unit) else { return ["no unit"] }
        return unit.values("Service", key).map(\.value)
    }

    @Test func anAliasIsTheSameUnitWithTheDropInsOfAllNames() throws {
        let view = system([
            "/etc/systemd/system/broker.service": "-> /nix/store/p/broker.service",
            "/nix/store/p/broker.service": "[Service]\nExecStart=/bin/broker\n",
            "/etc/systemd/system/bus.service": "-> broker.service",
            "/etc/systemd/system/bus.service.d/overrides.conf": "[Service]\nUser=wrong\n",
            "/etc/systemd/system/bus.service.d/x.conf": "[Service]\nGroup=bus\n",
            "/etc/systemd/system/broker.service.d/overrides.conf": "[Service]\nUser=broker\n",
        ])
        #expect(try view.canonicalUnit("bus.service") == "broker.service")
        for name in ["bus.service", "broker.service"] {
            #expect(values(view, name, "User") == ["broker"])
            #expect(values(view, name, "Group") == ["bus"])
        }
    }

    @Test func anInstanceIsItsTemplateWithDropInsOfBoth() {
        let view = system([
            "/etc/systemd/system/getty@.service": "[Service]\nExecStart=/bin/getty\nUser=a\n",
            "/etc/systemd/system/getty@.service.d/overrides.conf": "[Service]\nUser=b\n",
            "/etc/systemd/system/getty@tty1.service.d/overrides.conf": "[Service]\nUser=c\n",
            "/etc/systemd/system/service.d/10-all.conf": "[Service]\nUMask=0077\n",
        ])
        #expect(values(view, "getty@tty1.service", "User") == ["a", "c"])
        #expect(values(view, "getty@tty2.service", "User") == ["a", "b"])
        #expect(values(view, "getty@tty2.service", "UMask") == ["0077"])
    }

    @Test func masksAreFoundHoweverTheyAreMade() {
        let view = system([
            "/etc/systemd/system/a.service": "-> /nix/store/u/a.service",
            "/nix/store/u/a.service": "-> /dev/null",
            "/etc/systemd/system/b.service": "",
            "/etc/systemd/system/c.service": "[Service]\nExecStart=/bin/c\n",
            "/etc/systemd/system/c.service.d/x.conf": "-> /dev/null",
        ])
        for name in ["a.service", "b.service"] {
            if case .masked = view.unit(name) {} else { Issue.record("\(name) is not masked") }
        }
        #expect(values(view, "c.service", "ExecStart") == ["/bin/c"])
    }
}
