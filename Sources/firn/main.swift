import FirnCommands

#if canImport(Glibc)
    import Glibc
#endif

exit(FirnCommand.run(Array(CommandLine.arguments.dropFirst()), console: .process))
