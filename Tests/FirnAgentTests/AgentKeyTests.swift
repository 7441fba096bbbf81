import FirnSigning
import Foundation
import Glibc
import Testing

@testable import FirnAgent

/// The agent's key and the directory it lies in.
@Suite struct AgentKeyTests {
    @Test func theKeyIsMadeOnceAndIsPrivate() throws {
        let room = try AgentRoom()
        let first = try AgentKey.open(try StateDirectory(room.state))
        let second = try AgentKey.open(try StateDirectory(room.state))
        #expect(first.publicKey == second.publicKey)
        #expect(try room.mode(room.state) == 0o700)
        #expect(try room.mode(room.file("agent.key")) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: room.state) == ["agent.key"])
        let other = try AgentKey.open(try StateDirectory(room.path + "/other"))
        #expect(other.publicKey != first.publicKey)
    }

    @Test func theUmaskChangesNothing() throws {
        // umask is the process's: a test beside this one would see it, so the modes are asked for, not the umask set.
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        try state.write([1], to: "f")
        #expect(try room.mode(room.file("f")) == 0o600)
        try AgentMetrics.write("x", to: room.metrics)
        #expect(try room.mode(room.metrics) == 0o644)
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o620, 0o601] as [mode_t])
    func aKeyThatOthersMayUseIsRefused(_ mode: mode_t) throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        _ = try AgentKey.open(state)
        chmod(room.file("agent.key"), mode)
        let error = #expect(throws: AgentFailure.self) { try AgentKey.open(try StateDirectory(room.state)) }
        #expect(
            error?.message.hasSuffix(
                "others may read this key, so it proves nothing; remove it, and enroll the new one") == true)
    }

    @Test func whatIsNoKeyIsRefusedAndStays() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        for bytes in [[], Array("no key\n".utf8), [UInt8](repeating: 0x41, count: 20_000)] as [[UInt8]] {
            try state.write(bytes, to: "agent.key")
            #expect(throws: AgentFailure.self) { try AgentKey.open(try StateDirectory(room.state)) }
            #expect(try room.bytes("agent.key") == bytes)
        }
        unlink(room.file("agent.key"))
        symlink("/etc/hostname", room.file("agent.key"))
        #expect(throws: AgentFailure.self) { try AgentKey.open(try StateDirectory(room.state)) }
    }

    @Test(arguments: [0o770, 0o707, 0o777, 0o720] as [mode_t])
    func aDirectoryThatOthersMayWriteToIsRefused(_ mode: mode_t) throws {
        let room = try AgentRoom()
        mkdir(room.state, 0o700)
        chmod(room.state, mode)
        let error = #expect(throws: AgentFailure.self) { _ = try StateDirectory(room.state) }
        #expect(error?.message == "\(room.state): others may write to this directory; run: chmod 700 \(room.state)")
        #expect(error?.code == 2)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files to another user"))
    func aDirectoryOfAnotherUserIsRefused() throws {
        let room = try AgentRoom()
        mkdir(room.state, 0o700)
        chown(room.state, 12_345, 12_345)
        let error = #expect(throws: AgentFailure.self) { _ = try StateDirectory(room.state) }
        #expect(error?.message == "\(room.state): this directory belongs to the user 12345, not to 0")
    }

    @Test func thePolicyLinesAreTOMLWhateverTheHostIsCalled() throws {
        let key = try PublicKey(
            openSSH: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJPp7bL1zFeiIsW95OJHErSI49zwm7QJTvgt0nJ42PXO")
        #expect(
            AgentKey.policyLines(key, host: "web-1.example.org") == """
                [[agent-key]]
                name = "web-1.example.org"
                key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJPp7bL1zFeiIsW95OJHErSI49zwm7QJTvgt0nJ42PXO"

                """)
        #expect(AgentKey.policyLines(key, host: "a\"\nkey = \"x").contains("name = \"akeyx\"\n"))
        #expect(AgentKey.policyLines(key, host: "").contains("name = \"host\"\n"))
    }

    @Test func aLockIsHeldByOne() throws {
        let room = try AgentRoom()
        let state = try StateDirectory(room.state)
        let other = try StateDirectory(room.state)
        do {
            let held = try state.lock("l")
            let isHeld = held != nil
            #expect(isHeld)
            let second = try other.lock("l", wait: 40)
            let isRefused = second == nil
            #expect(isRefused)
            _ = consume held
        }
        let third = try other.lock("l")
        let isFree = third != nil
        #expect(isFree)
    }
}
