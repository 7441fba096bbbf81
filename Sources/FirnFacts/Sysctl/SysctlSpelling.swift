import FirnParsing

/// The two spellings of a setting: a path below `/proc/sys`, and a key with dots.
enum SysctlSpelling {
    static func path(_ key: String) -> String { SysctlFile.path(of: key) }
    static func key(_ path: String) -> String { SysctlFile.key(of: path) }
}
