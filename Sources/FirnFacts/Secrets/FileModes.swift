import FirnModel
import FirnParsing

/// `secrets.world-writable` and `secrets.shadow-mode`: modes that tmpfiles.d or `environment.etc` give away.
struct FileModes {
    let protected: [(path: String, mode: Int)]
    var writable = SecretList()
    var opened = SecretList()

    /// Types that make or adjust something with a mode (tmpfiles.d(5)).
    private static let types: Set<Character> = [
        "d", "D", "e", "v", "q", "Q", "f", "F", "p", "C", "z", "Z", "m", "b", "c",
    ]

    mutating func add(_ line: TmpfilesLine, _ place: Evidence) {
        guard Self.types.contains(line.type), let mode = line.mode, !line.isMasked else { return }
        check(
            line.path, mode, isRecursive: line.type == "Z", place,
            "\(line.type)\(line.marks) \(line.path) \(octal(mode))")
    }

    mutating func add(etc path: String, mode text: String, _ place: Evidence) {
        guard let mode = Int(text, radix: 8) else { return }
        check(path, mode, isRecursive: false, place, "mode \(octal(mode))")
    }

    private func octal(_ mode: Int) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    private mutating func check(_ path: String, _ mode: Int, isRecursive: Bool, _ place: Evidence, _ text: String) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let evidence = Evidence(path: place.path, line: place.line, text: text)
        // Devices are what udev and the kernel make of them; the sticky bit is what makes /tmp safe.
        if mode & 0o002 != 0, mode & 0o1000 == 0, path != "/dev", !path.hasPrefix("/dev/"), path != "/proc",
            !path.hasPrefix("/proc/")
        {
            writable.add("\(path) \(octal(mode))", evidence)
        }
        for (file, widest) in protected where mode & 0o777 & ~widest != 0 {
            if path == file || isRecursive && (path == "/" || file.hasPrefix(path + "/")) || Self.matches(path, file) {
                opened.add("\(file) \(octal(mode))", evidence)
            }
        }
    }

    /// A glob of tmpfiles.d: `*` and `?` never match a slash.
    private static func matches(_ pattern: String, _ path: String) -> Bool {
        guard pattern.contains("*") || pattern.contains("?") || pattern.contains("[") else { return false }
        let patterns = pattern.split(separator: "/")
        let parts = path.split(separator: "/")
        guard patterns.count == parts.count else { return false }
        return zip(patterns, parts).allSatisfy { matches(Array($0.utf8)[...], Array($1.utf8)[...]) }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (p, t) = (pattern.startIndex, text.startIndex)
        var star: (p: Int, t: Int)?
        while t < text.endIndex {
            if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.endIndex, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let back = star {
                star = (back.p, back.t + 1)
                p = back.p + 1
                t = back.t + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    mutating func doubt(_ reason: String, _ place: Evidence) {
        writable.doubt(reason, place)
        opened.doubt(reason, place)
    }
}
