import FirnModel

/// What is known of the real systems for the family `secrets`, written by hand.
enum SecretsTruth: FamilyTruth {
    static let traps: [Trap] =
        [
            Trap(
                fixture: "current-d-insecure", rule: "secrets.environment", outcome: .fail,
                shows: "courier.service DB_PASSWORD", why: "courier.service carries a password in its environment"),
            Trap(
                fixture: "current-d-insecure", rule: "secrets.shadow-mode", outcome: .fail, shows: "/etc/shadow 0644",
                why: "tmpfiles sets /etc/shadow to 0644"),
            Trap(
                fixture: "current-d-insecure", rule: "secrets.world-writable", outcome: .fail,
                shows: "/etc/app/secret.env 0666", why: "environment.etc gives it 0666"),
            Trap(
                fixture: "current-d-insecure", rule: "secrets.world-writable", outcome: .fail, shows: "/srv/drop 0777",
                why: "a directory for everyone without the sticky bit"),
            Trap(
                fixture: "current-d-insecure", rule: "secrets.etc", outcome: .fail,
                shows: "/etc/app/secret.env API_TOKEN",
                why: "a token in environment.etc"),
        ]
        + ["modern-d-insecure", "old-d-insecure"].flatMap { fixture in
            [
                Trap(
                    fixture: fixture, rule: "secrets.environment", outcome: .fail,
                    shows: "backdoor.service SECRET_TOKEN", why: "a token in the environment of backdoor.service"),
                Trap(
                    fixture: fixture, rule: "secrets.etc", outcome: .fail, shows: "/etc/secret.env DB_PASSWORD",
                    why: "a password in environment.etc"),
            ]
        }
        + [
            "current-a-default", "modern-a-default", "old-a-default", "current-c-hardserver", "modern-c-hardserver",
            "old-e-container-host", "current-k-firewalld", "current-s-specialisation", "current-w-container",
        ].flatMap { fixture in
            ["secrets.environment", "secrets.etc", "secrets.service-scripts", "secrets.command-lines"]
                .map {
                    Trap(fixture: fixture, rule: $0, outcome: .pass, shows: "", why: "no secret, so no false alarm")
                } + [
                    Trap(
                        fixture: fixture, rule: "secrets.files", outcome: .pass, shows: "",
                        why: "no secret, so no false alarm", sources: [.built])
                ]
        }

    static let untold: Set<String> = [
        // Exports of 25.05 have systemd.tmpfiles.rules without settings.
        "declared secrets.shadow-mode", "declared secrets.world-writable",
        // The closures of 26.11 leave out the tmpfiles.d of util-linux.
        "built secrets.shadow-mode", "built secrets.world-writable",
    ]
}
