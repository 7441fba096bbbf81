import FirnFacts
import FirnModel

/// Not collected yet: the live source does not supply these keys.
enum LiveKconfig {
    static func facts(
        _ host: HostView, _ knowledge: Knowledge, _ context: SystemContext
    ) throws(DataError) -> FactBatch {
        FactBatch()
    }
}
