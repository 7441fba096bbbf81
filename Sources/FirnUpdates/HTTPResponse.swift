public import FirnModel

/// An answer of a web server as `curl --include` writes it: status line, fields, an empty line, the body.
public struct HTTPResponse: Sendable, Hashable {
    /// The status (`200`).
    public var status: Int
    /// The field `Location`, the first one.
    public var location: String?
    /// The day of the field `Last-Modified`.
    public var lastModified: CalendarDate?
    /// The body.
    public var body: [UInt8]

    /// The most bytes of an answer that are read.
    public static let limit = 64 << 10

    /// Creates one.
    public init(status: Int, location: String? = nil, lastModified: CalendarDate? = nil, body: [UInt8] = []) {
        self.status = status
        self.location = location
        self.lastModified = lastModified
        self.body = body
    }

    /// Reads one; nil where the bytes are none. Interim answers (1xx, RFC 9110 section 15.2) stand before the real one.
    public static func parse(_ bytes: [UInt8]) -> HTTPResponse? {
        guard bytes.count <= limit else { return nil }
        var rest = bytes[...]
        for _ in 0..<4 {
            guard let line = takeLine(&rest), var response = statusLine(line) else { return nil }
            var isEnded = false
            while let line = takeLine(&rest) {
                if line.isEmpty {
                    isEnded = true
                    break
                }
                response.readField(line)
            }
            guard isEnded else { return nil }
            if (100...199).contains(response.status) { continue }
            response.body = Array(rest)
            return response
        }
        return nil
    }

    private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let end = rest.firstIndex(of: 0x0a) else { return nil }
        var line = rest[..<end]
        rest = rest[(end + 1)...]
        if line.last == 0x0d { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }

    private static func statusLine(_ line: String) -> HTTPResponse? {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].utf8.count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { return nil }
        return HTTPResponse(status: status)
    }

    private mutating func readField(_ line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let blanks: Set<Character> = [" ", "\t"]
        var value = line[line.index(after: colon)...].drop { blanks.contains($0) }
        while let last = value.last, blanks.contains(last) { value.removeLast() }
        switch line[..<colon].lowercased() {
        case "location": location = location ?? String(value)
        case "last-modified": lastModified = lastModified ?? Self.day(value)
        default: return
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The day of `Wed, 19 Mar 2025 15:03:27 GMT` (RFC 9110 section 5.6.7, the one form that may be sent).
    private static func day(_ text: Substring) -> CalendarDate? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2, parts[3].count == 4,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = String(month + 1)
        return CalendarDate("\(parts[3])-\(number.count == 1 ? "0" + number : number)-\(parts[1])")
    }
}
