/// A published document of controls, such as a STIG, and how our rules answer it.
public struct Benchmark: Sendable, Hashable {
    /// Our name for it: the file's name without its ending.
    public var id: String
    /// Its title.
    public var title: String
    /// The publisher's identifier (`Anduril_NixOS_STIG`).
    public var documentID: String
    /// The version (`1`).
    public var version: String
    /// The release of the version (`2`).
    public var release: String
    /// The day of the release (`2025-10-01`).
    public var date: String
    /// Who publishes it.
    public var publisher: String
    /// Where it is published.
    public var url: String
    /// What a reader should know of this copy.
    public var note: String?
    /// Its controls, in the order of the document.
    public var controls: [Control]

    /// Creates a benchmark.
    public init(
        id: String, title: String, documentID: String, version: String, release: String, date: String,
        publisher: String, url: String, note: String? = nil, controls: [Control]
    ) {
        self.id = id
        self.title = title
        self.documentID = documentID
        self.version = version
        self.release = release
        self.date = date
        self.publisher = publisher
        self.url = url
        self.note = note
        self.controls = controls
    }
}
