public import Foundation

/// Where the checkout is, and what lies in it.
public enum Repository {
    /// The root of the checkout.
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The unpacked NixOS fixtures; `make fixtures` (part of `make test`) puts them there.
    public static let fixtures = root.appendingPathComponent(".build/fixtures")

    /// A path below the root.
    public static func path(_ relative: String) -> String {
        root.appendingPathComponent(relative).path
    }

    /// The bytes of a file below the root.
    public static func bytes(_ relative: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appendingPathComponent(relative)))
    }
}
