/// A waiver and where it stands.
public struct LocatedWaiver: Sendable, Hashable {
    /// The waiver.
    public var waiver: Waiver
    /// The file that holds it, as it was named.
    public var file: String
    /// The line its table starts on, counted from 1.
    public var line: Int

    /// Creates one.
    public init(_ waiver: Waiver, file: String, line: Int) {
        self.waiver = waiver
        self.file = file
        self.line = line
    }

    /// `file:line`.
    public var place: String { "\(file):\(line)" }
}

/// The waivers of a directory or a file, in the order in which they are asked: by file name, then line.
public struct WaiverSet: Sendable, Hashable {
    /// The waivers.
    public var waivers: [LocatedWaiver]
    /// SHA-256 over their content and order, lower-case hex; nil where no waivers were given at all.
    public var digest: String?

    /// Creates a set.
    public init(waivers: [LocatedWaiver], digest: String?) {
        self.waivers = waivers
        self.digest = digest
    }

    /// No waivers were given. Applied to a report it takes away those the report brought along.
    public static let none = WaiverSet(waivers: [], digest: nil)
}
