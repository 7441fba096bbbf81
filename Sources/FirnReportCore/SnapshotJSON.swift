public import FirnModel
public import FirnParsing

/// A snapshot as a document of its own (`firn-agent facts`): the object that `snapshots` of a report holds.
public enum SnapshotJSON {
    /// Writes a snapshot as UTF-8 with a final newline; the same snapshot gives the same bytes.
    public static func bytes(_ snapshot: Snapshot) -> [UInt8] {
        JSONWriter.bytes { ReportJSON.snapshot(snapshot, to: &$0) }
    }

    /// Reads a snapshot, which is untrusted input: an unknown fact schema, a missing or an unknown key is refused, as in
    /// a report.
    ///
    /// - Throws: `ParseError` with the line and the place.
    public static func decode(_ bytes: [UInt8]) throws(ParseError) -> Snapshot {
        let root = try JSONParser.parse(
            bytes, limits: JSONParser.Limits(depth: ReportJSON.depthLimit, bytes: ReportJSON.sizeLimit))
        return try ReportJSON.snapshot(root, "the snapshot")
    }
}
