import FirnCatalogue
import FirnFacts
import FirnModel
import FirnSources
import Glibc

// The work of `systemd-analyze security` on a closure: reads every unit with its drop-ins and prints the exposure of each
// service. firn-units DIRECTORY [RUNS]: with RUNS it does that so often and prints the median in microseconds instead.

/// Exposures by name.
func exposures(_ directory: String, _ knowledge: Knowledge) throws -> [(name: String, score: String)] {
    let systems = try SystemClosure.find(directory: directory, name: directory, knowledge: knowledge)
    guard let system = systems.first?.system else { return [] }
    let exposure = try UnitExposure(knowledge)
    let inventory = try UnitInventory(system, exposure: exposure)
    return inventory.services.values.filter(\.isLoadable).sorted { $0.name < $1.name }.map { service in
        (service.name, exposure.score(service.sandbox).description)
    }
}

let arguments = CommandLine.arguments.dropFirst()
guard let directory = arguments.first else {
    print("usage: firn-units DIRECTORY [RUNS]")
    exit(64)
}
do {
    let knowledge = try Catalogue.embedded().knowledge
    if let runs = arguments.dropFirst().first.flatMap({ Int($0) }), runs > 0 {
        var times: [Int] = []
        var count = 0
        for _ in 0..<runs {
            var start = timespec()
            var end = timespec()
            clock_gettime(CLOCK_MONOTONIC, &start)
            count = try exposures(directory, knowledge).count
            clock_gettime(CLOCK_MONOTONIC, &end)
            times.append((end.tv_sec - start.tv_sec) * 1_000_000 + (end.tv_nsec - start.tv_nsec) / 1000)
        }
        times.sort()
        print(count, times[times.count / 2])
    } else {
        for (name, score) in try exposures(directory, knowledge) { print("\(name): \(score)") }
    }
} catch {
    print("\(error)")
    exit(2)
}
