// swift-tools-version: 6.2
import PackageDescription

/// Every target is built in Swift 6 mode with the same upcoming features and with warnings as errors, so that code can
/// move between rooms without changing its meaning.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: ["FirnTestSupport"] + dependencies,
        path: "Tests/\(name)",
        exclude: exclude,
        swiftSettings: settings
    )
}

let package = Package(
    name: "firn",
    products: [
        .executable(name: "firn", targets: ["firn"]),
        .executable(name: "firn-agent", targets: ["firn-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // The ground: values and syntax. They import nothing.
        library("FirnModel"),
        library("FirnParsing"),

        // The knowledge: profiles/ as data, and its compiled form for embedding.
        .target(name: "CCatalogue"),
        library(
            "FirnCatalogue",
            ["FirnModel", "CCatalogue", .product(name: "Crypto", package: "swift-crypto")]
        ),
        // TOML, directories and waiver files. Apart, because the agent links neither TOMLKit nor Foundation.
        library("FirnCatalogueFiles", ["FirnModel", "FirnCatalogue", .product(name: "TOMLKit", package: "TOMLKit")]),

        // Facts and where they come from.
        library("FirnFacts", ["FirnModel", "FirnParsing"]),
        library("FirnSources", ["FirnModel", "FirnParsing", "FirnFacts"]),

        // The running host. CAudit is libaudit, the kernel's audit interface as the audit project keeps it.
        .systemLibrary(name: "CAudit", pkgConfig: "audit", providers: [.apt(["libaudit-dev"])]),
        library("FirnHost", ["FirnModel", "FirnParsing", "FirnFacts", "FirnSources", "CAudit"]),

        // Audit records, events and what they tell: streaming, no I/O of its own on the hot path.
        library("FirnAuditLog", ["FirnModel"]),

        // The store: NAR hashes and closures. The agent uses it, so it stays off GRDB.
        library("FirnIntegrity", ["FirnModel", .product(name: "Crypto", package: "swift-crypto")]),
        library("FirnNixDatabase", ["FirnModel", .product(name: "GRDB", package: "GRDB.swift")]),

        // Judgement: pure.
        library("FirnEvaluation", ["FirnModel"]),
        library("FirnGate", ["FirnModel", "FirnEvaluation", "FirnReportCore"]),

        // Reports: pure.
        library("FirnReportCore", ["FirnModel", "FirnParsing"]),
        library("FirnReports", ["FirnModel", "FirnReportCore"]),

        // Signatures over documents (DSSE, in-toto), and reports over time.
        library(
            "FirnSigning",
            ["FirnModel", "FirnParsing", "FirnReportCore", .product(name: "Crypto", package: "swift-crypto")]),
        library(
            "FirnHistory", ["FirnModel", "FirnReportCore", .product(name: "GRDB", package: "GRDB.swift")]),

        // Whether a system gets updates and has taken them: pure; the commands ask the channels.
        library("FirnUpdates", ["FirnModel", "FirnReportCore"]),

        // The agent as a library, and a thin main. It stays off TOMLKit, GRDB, Foundation and FirnReports.
        library(
            "FirnAgent",
            [
                "FirnModel", "FirnParsing", "FirnCatalogue", "FirnFacts", "FirnSources", "FirnHost", "FirnAuditLog",
                "FirnEvaluation", "FirnReportCore", "FirnSigning",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .executableTarget(name: "firn-agent", dependencies: ["FirnAgent"], swiftSettings: settings),

        // The command line as a library, and a thin main.
        library(
            "FirnCommands",
            [
                "FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnFacts", "FirnSources",
                "FirnEvaluation",
                "FirnReportCore", "FirnReports", "FirnIntegrity", "FirnNixDatabase", "FirnGate", "FirnSigning",
                "FirnHistory", "FirnUpdates", "FirnHost",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(name: "firn", dependencies: ["FirnCommands"], swiftSettings: settings),

        // Generates Sources/CCatalogue/catalogue.c and docs/rules/ from profiles/ (`make catalogue`).
        .executableTarget(
            name: "firn-catalogue", dependencies: ["FirnModel", "FirnCatalogue", "FirnCatalogueFiles", "FirnReports"],
            swiftSettings: settings
        ),

        // The manual pages and completions, made of the definitions of the commands (`make manual`).
        library("FirnManual", ["FirnParsing"]),
        .executableTarget(
            name: "firn-manual", dependencies: ["FirnManual", "FirnParsing", "FirnCommands"], swiftSettings: settings),

        // What `systemd-analyze security` does, to be measured beside it (Benchmarks/units).
        .executableTarget(
            name: "firn-units", dependencies: ["FirnModel", "FirnCatalogue", "FirnFacts", "FirnSources"],
            swiftSettings: settings),

        // Renders 10,000 results, to be measured (Benchmarks/reports).
        .executableTarget(
            name: "firn-reports", dependencies: ["FirnModel", "FirnReports"], swiftSettings: settings),

        .target(
            name: "FirnTestSupport", dependencies: ["FirnFacts"], path: "Tests/FirnTestSupport", swiftSettings: settings
        ),
        tests("FirnModelTests", ["FirnModel"]),
        tests("FirnParsingTests", ["FirnParsing"]),
        tests("FirnCatalogueTests", ["FirnModel", "FirnCatalogue", "FirnCatalogueFiles"]),
        tests(
            "FirnFactsTests",
            ["FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnFacts", "FirnSources"]),
        tests(
            "FirnSourcesTests",
            [
                "FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnFacts", "FirnSources",
                "FirnEvaluation",
            ]
        ),
        tests(
            "FirnHostTests",
            [
                "FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnFacts", "FirnSources",
                "FirnHost", "FirnEvaluation",
            ]),
        tests("FirnAuditLogTests", ["FirnModel", "FirnAuditLog"]),
        tests(
            "FirnAgentTests",
            [
                "FirnModel", "FirnParsing", "FirnCatalogue", "FirnFacts", "FirnEvaluation", "FirnReportCore",
                "FirnSigning", "FirnHost", "FirnAgent",
            ]),
        tests("FirnEvaluationTests", ["FirnModel", "FirnCatalogue", "FirnCatalogueFiles", "FirnEvaluation"]),
        tests(
            "FirnReportsTests",
            ["FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnReportCore", "FirnReports"],
            exclude: ["Snapshots", "Validators"]
        ),
        tests("FirnIntegrityTests", ["FirnModel", "FirnIntegrity"]),
        tests("FirnNixDatabaseTests", ["FirnModel", "FirnIntegrity", "FirnNixDatabase"]),
        tests(
            "FirnGateTests",
            ["FirnModel", "FirnCatalogue", "FirnCatalogueFiles", "FirnEvaluation", "FirnReportCore", "FirnGate"]),
        tests(
            "FirnSigningTests",
            [
                "FirnModel", "FirnParsing", "FirnReportCore", "FirnSigning",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        tests("FirnHistoryTests", ["FirnModel", "FirnReportCore", "FirnHistory"]),
        tests("FirnUpdatesTests", ["FirnModel", "FirnReportCore", "FirnUpdates"]),
        tests(
            "FirnCommandsTests",
            [
                "FirnModel", "FirnParsing", "FirnCatalogue", "FirnCatalogueFiles", "FirnEvaluation", "FirnReportCore",
                "FirnReports",
                "FirnSigning", "FirnUpdates", "FirnHost", "FirnCommands",
            ]),
        tests("FirnManualTests", ["FirnParsing", "FirnCommands", "FirnManual"]),
        // What lies in nix/, the container builder and the workflows: parsed everywhere, evaluated where NIXPKGS is set.
        tests("NixSideTests", ["FirnCatalogue", "FirnCatalogueFiles", "FirnCommands", "FirnModel"]),
        tests("ArchitectureTests", []),
    ]
)
