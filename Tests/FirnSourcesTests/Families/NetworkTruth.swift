import FirnModel

/// What is known of the real systems for the family `network`, written by hand.
enum NetworkTruth: FamilyTruth {
    static let traps: [Trap] =
        ["current-d-insecure", "modern-d-insecure", "old-d-insecure"].flatMap { fixture in
            [
                Trap(
                    fixture: fixture, rule: "network.docker.tcp-without-tls", outcome: .fail, shows: "0.0.0.0:2375",
                    why: "the Docker API on 0.0.0.0:2375"),
                Trap(
                    fixture: fixture, rule: "network.services.discovery", outcome: .fail, shows: "avahi",
                    why: "avahi is enabled"),
            ]
        } + [
            Trap(
                fixture: "current-d-insecure", rule: "network.avahi.publish", outcome: .fail, shows: "user-services",
                why: "user services are published", sources: [.built]),
            Trap(
                fixture: "current-d-insecure", rule: "network.services.super-server", outcome: .fail, shows: "xinetd",
                why: "xinetd runs a program as root for whoever connects"),
            Trap(
                fixture: "old-e-container-host", rule: "network.docker.tcp-without-tls", outcome: .pass, shows: "",
                why: "Docker listens on its socket only", sources: [.built]),
            Trap(
                fixture: "current-o-overlay", rule: "network.resolved.LLMNR", outcome: .fail, shows: "default",
                why: "resolved is on and LLMNR is its default", sources: [.built]),
            Trap(
                fixture: "current-w-container", rule: "network.resolved.LLMNR", outcome: .notApplicable,
                shows: "network.resolved.enabled is false", why: "resolved is switched off by its unit"),
            Trap(
                fixture: "current-a-default", rule: "network.nfs.everyone", outcome: .notApplicable, shows: "",
                why: "no NFS server: nothing to judge"),
        ]

    static let untold: Set<String> = [
        // The fixtures' exports have services.avahi.enable, and nothing of publish.
        "declared network.avahi.publish",
        // They have services.resolved.enable, and nothing of its settings.
        "declared network.resolved.DNSSEC", "declared network.resolved.DNSOverTLS", "declared network.resolved.LLMNR",
        "declared network.resolved.MulticastDNS",
        // Exports of 25.05 and older have no socket units, and services.printing without its addresses.
        "declared network.listen.print",
        // They have services.xinetd.enable, and nothing of its services.
        "declared network.services.clear-text",
    ]
}
