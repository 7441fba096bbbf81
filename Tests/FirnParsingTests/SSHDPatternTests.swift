import Testing

@testable import FirnParsing

@Suite struct SSHDPatternTests {
    @Test(arguments: [
        ("a", "a", true), ("a", "A", false), ("abc", "a*", true), ("abc", "*c", true), ("abc", "*b", false),
        ("abc", "a?c", true), ("ac", "a?c", false), ("", "*", true), ("", "?", false), ("aXbXc", "a*X*c", true),
        ("aaa", "a**a", true), ("abcabd", "*ab?", true), ("abcabd", "*abc", false),
    ])
    func patterns(text: String, pattern: String, holds: Bool) {
        #expect(SSHDPattern.matches(text.utf8, pattern.utf8) == holds)
    }

    @Test(arguments: [
        ("root", "root", SSHDPattern.Verdict.positive), ("root", "*,!root", .negative), ("bob", "*,!root", .positive),
        ("bob", "!root", .none), ("bob", "", .none), ("bob", "a,,bob", .positive),
    ])
    func lists(text: String, list: String, verdict: SSHDPattern.Verdict) {
        #expect(SSHDPattern.list(text, list) == verdict)
    }

    @Test func aLongEntryFailsTheList() {
        #expect(SSHDPattern.list("bob", String(repeating: "x", count: 1023) + ",bob") == .none)
    }

    @Test(arguments: [
        ("10.1.2.3", "10.0.0.0/8", SSHDPattern.Verdict.positive), ("10.1.2.3", "!10.1.0.0/16,10.0.0.0/8", .negative),
        ("10.1.2.3", "10.1.2.3", .positive), ("10.1.2.3", "10.*", .positive), ("10.1.2.3", "::/0", .none),
        ("2001:db8::1", "2001:db8::/32", .positive), ("2001:db8::1", "2001:0db8:0::0:1", .positive),
        ("2001:db8::1", "2001:db9::/32", .none), ("not-an-address", "*", .none),
    ])
    func addresses(address: String, list: String, verdict: SSHDPattern.Verdict) {
        #expect(SSHDPattern.addresses(address, list) == verdict)
    }

    @Test(arguments: ["10.0.0.1/8", "2001:db8::1/64", "10.0.0.0/33", "", "a,,b", "!"])
    func malformedLists(list: String) {
        #expect(SSHDPattern.addresses(nil, list) == nil)
    }

    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::ffff:102:304", "::ffff:1.2.3.4"), ("1.2.3.4", "1.2.3.4"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ])
    func addressText(text: String, expected: String) {
        #expect(SSHDAddress(text[...])?.text == expected)
    }

    @Test(arguments: [
        "", ":", ":::", "1:2", "1::2::3", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "1.2.3", "1.2.3.256", "1.2.3.4.5",
        "+1::",
        "1:2:3:4:5:6:7:8::", ":1:2:3:4:5:6:7",
    ])
    func noAddress(text: String) {
        #expect(SSHDAddress(text[...]) == nil)
    }

    @Test(arguments: [
        ("90", 90), ("1h30m", 5400), ("2M5s", 125), ("1w", 604800), ("1d1", 86401), ("0", 0),
        ("2147483647", 2_147_483_647),
    ])
    func times(text: String, seconds: Int) {
        #expect(SSHDValue.seconds(text) == seconds)
    }

    @Test(arguments: ["", "x", "5x", "-1", "1 h", "2147483648", "9999999999w", "h", "1hh"])
    func noTimes(text: String) {
        #expect(SSHDValue.seconds(text) == nil)
    }

    @Test(arguments: [
        ("10.3p1", SSHDVersion(10, 3)), ("9.9p2", SSHDVersion(9, 9)), ("8.2", SSHDVersion(8, 2)), ("10", nil),
        ("a.b", nil),
        ("10.3-rc", nil),
    ])
    func versions(text: String, version: SSHDVersion?) {
        #expect(SSHDVersion(text[...]) == version)
    }
}
