import FirnAgent
import Glibc

exit(FirnAgent.main(Array(CommandLine.arguments.dropFirst())))
