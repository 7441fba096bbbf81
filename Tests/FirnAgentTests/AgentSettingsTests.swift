import Testing

@testable import FirnAgent

/// The file with settings that a reload reads.
@Suite struct AgentSettingsTests {
    static let base = AgentSettings(AgentOptions(.run))

    @Test func theFileGoesOverTheCommandLine() throws {
        let text = "# the agent\nprofile = \"strict\"\n\n  interval=60 # a minute\njitter = 5\n"
        let settings = try Self.base.reading(Array(text.utf8), file: "f")
        #expect(settings.profile == "strict")
        #expect(settings.interval == 60)
        #expect(settings.jitter == 5)
        let part = try Self.base.reading(Array("interval = 100".utf8), file: "f")
        #expect(part.profile == "standard")
        #expect(part.interval == 100)
        #expect(part.jitter == 60)
        #expect(try Self.base.reading([], file: "f") == Self.base)
    }

    @Test(arguments: [
        ("interval", "f:1: this is no line 'key = value'"),
        ("\nstate = \"/x\"", "f:2: the key is none of profile, interval, jitter"),
        ("interval = 1\ninterval = 2", "f:2: 'interval' is given twice"),
        ("profile = strict", "f:1: 'profile' is text in quotes"),
        ("profile = \"\"", "f:1: 'profile' is text in quotes"),
        ("profile = \"../x\"", "f:1: 'profile' is the id of a built-in profile"),
        ("interval = 0", "f:1: 'interval' is a number of seconds from 1 to 604800"),
        ("interval = \"60\"", "f:1: 'interval' is a number of seconds from 1 to 604800"),
        ("jitter = -1", "f:1: 'jitter' is a number of seconds from 0 to 604800"),
        ("interval = 60\njitter = 60", "f: 'jitter' must be shorter than 'interval'"),
    ])
    func whatIsWrongIsSaidWithItsLine(_ text: String, _ message: String) {
        let error = #expect(throws: AgentFailure.self) {
            try Self.base.reading(Array(text.utf8), file: "f")
        }
        #expect(error?.message == message)
    }

    @Test func bytesThatAreNoTextOrTooManyAreRefused() {
        #expect(throws: AgentFailure("f: no valid UTF-8")) { try Self.base.reading([0xff, 0xfe], file: "f") }
        #expect(throws: AgentFailure("f: longer than 16384 bytes")) {
            try Self.base.reading([UInt8](repeating: 0x20, count: 16_385), file: "f")
        }
    }
}
