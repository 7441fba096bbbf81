import FirnModel
import FirnParsing
import FirnReportCore
import FirnSigning

/// Documents that statements rest on.
enum SignedInput {
    /// A verdict that stands alone, or nil where the bytes are another document.
    static func verdict(_ bytes: [UInt8]) throws(ParseError) -> Verdict? {
        guard bytes.count <= VerdictJSON.sizeLimit, !DSSEEnvelope.isEnvelope(bytes) else { return nil }
        let node = try JSONParser.parse(bytes)
        guard node["decision"] != nil, node["results"] == nil else { return nil }
        return try VerdictJSON.decode(bytes)
    }

    /// A report, plain or in its envelope; the envelope's signature is not looked at here.
    static func report(_ bytes: [UInt8]) throws(ParseError) -> Report {
        guard DSSEEnvelope.isEnvelope(bytes) else { return try ReportJSON.decode(bytes) }
        let envelope = try DSSEEnvelope.decode(bytes)
        guard envelope.payloadType == .report else {
            throw ParseError(.malformed, line: 1, "the signed document is no report")
        }
        return try ReportJSON.decode(envelope.payload)
    }
}
