import FirnCatalogue
import FoundationEssentials
import Glibc

// Compiles a profiles directory into catalogue.c: firn-catalogue DIRECTORY OUTPUT.
let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 2, let directory = arguments.first, let output = arguments.last else {
    print("usage: firn-catalogue DIRECTORY OUTPUT")
    exit(64)
}
do {
    let source = try CompiledCatalogue.generate(directory: directory)
    try Data(source.utf8).write(to: URL(filePath: output), options: .atomic)
    print("\(output): \(source.utf8.count) bytes")
} catch {
    print("\(error)")
    exit(2)
}
