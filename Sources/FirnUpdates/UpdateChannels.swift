/// The channels whose newest revision a system may have.
public enum UpdateChannels {
    /// Where the channels are.
    public static let base = "https://channels.nixos.org/"

    /// The names of the channels a version can come from, the likeliest first; empty where the release is no name.
    ///
    /// A version does not say whether it is of the large or the small channel, which holds the same branch and is often
    /// ahead; and a flake or a checkout is called the same before its release has a branch and after. All of them are asked,
    /// since a system that follows the small channel is not behind.
    public static func names(release: String, form: SystemVersion.Form) -> [String] {
        let bytes = Array(release.utf8)
        func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(bytes[index]) }
        guard bytes.count == 5, bytes[2] == UInt8(ascii: "."), [0, 1, 3, 4].allSatisfy(isDigit) else { return [] }
        let stable = ["nixos-" + release, "nixos-" + release + "-small"]
        let unstable = ["nixos-unstable", "nixos-unstable-small", "nixpkgs-unstable"]
        return switch form {
        case .channel, .beta: stable
        case .preRelease: unstable
        case .flake, .checkout, .unversioned, .other: stable + unstable
        }
    }

    /// The address of a channel's `git-revision`.
    public static func address(ofChannel name: String) -> String { base + name + "/git-revision" }
}
