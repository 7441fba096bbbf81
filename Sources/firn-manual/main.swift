import FirnCommands
import FirnManual
import FirnParsing
import FoundationEssentials
import Glibc
import Synchronization

// Writes what is made of the definitions of the commands: firn-manual MAN-DIRECTORY COMPLETIONS-DIRECTORY.

/// What the command line writes for some arguments.
func output(_ arguments: String...) -> String {
    let text = Mutex("")
    let console = Console(
        out: { more in text.withLock { $0 += more } }, err: { print($0) }, isTerminal: false, columns: 80,
        environment: [:], now: { 0 })
    let code = FirnCommand.run(arguments, console: console)
    guard code == 0 else { exit(2) }
    return text.withLock { $0 }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 2 else {
    print("usage: firn-manual MAN-DIRECTORY COMPLETIONS-DIRECTORY")
    exit(64)
}
let (manual, completions) = (URL(filePath: arguments[0]), URL(filePath: arguments[1]))
do {
    let dump = try JSONParser.parse(Array(output("--experimental-dump-help").utf8))
    guard let root = CommandDescription(dump: dump) else {
        print("firn-manual: the dump of the commands has another form than expected")
        exit(2)
    }
    let pages = ManualPages(root, version: FirnCommand.version).pages
    try FileManager.default.createDirectory(at: manual, withIntermediateDirectories: true)
    // A command that is gone leaves no page behind. Section 5 is written by hand.
    for name in try FileManager.default.contentsOfDirectory(atPath: manual.path)
    where name.hasSuffix(".1") && pages[name] == nil {
        try FileManager.default.removeItem(at: manual.appending(path: name))
    }
    for (name, text) in pages { try Data(text.utf8).write(to: manual.appending(path: name), options: .atomic) }
    print("\(arguments[0]): \(pages.count) pages")

    try FileManager.default.createDirectory(at: completions, withIntermediateDirectories: true)
    for (shell, name) in [("bash", "firn.bash"), ("zsh", "_firn"), ("fish", "firn.fish")] {
        let script = output("--generate-completion-script", shell)
        try Data(script.utf8).write(to: completions.appending(path: name), options: .atomic)
    }
    print("\(arguments[1]): bash, zsh, fish")
} catch {
    print("firn-manual: \(error)")
    exit(2)
}
