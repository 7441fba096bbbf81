import FirnModel
import FirnParsing

/// What the kernel command line says about auditing (kernel/audit.c): the last valid value of each parameter counts.
struct AuditKernelLine {
    /// `audit=`; nil where it is not given.
    var isOn: Bool?
    /// `audit_backlog_limit=`; 64 without it.
    var backlog: UInt32 = 64
    /// The words that said so.
    var words: [String] = []

    init(_ parameters: [String]) {
        for word in parameters {
            guard let equals = word.firstIndex(of: "=") else { continue }
            let name = KernelCommandLine.canonicalName(String(word[..<equals]))
            let value = String(word[word.index(after: equals)...])
            if name == "audit" {
                isOn = !(value.lowercased() == "off" || value == "0")
                words.append(word)
            } else if name == "audit_backlog_limit", let number = UInt32(value) {
                backlog = number
                words.append(word)
            }
        }
    }

    /// Where the word of a parameter stands.
    func evidence(_ name: String, _ path: String) -> Evidence {
        Evidence(path: path, line: 1, text: words.last { $0.hasPrefix(name + "=") })
    }
}
