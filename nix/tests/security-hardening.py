# Values: day, enforced_sysctls, enforced_parameters, enforced_rules, audit_keys, firewall_unit, instrumentation,
# open_findings, unknown_findings, weakenings.

# By hand, so that a module that sets nothing does not pass.
known_sysctls = {
    "minimal": {
        "kernel.kptr_restrict": "1",
        "kernel.randomize_va_space": "2",
        "fs.protected_symlinks": "1",
        "net.ipv4.tcp_syncookies": "1",
    },
    "standard": {
        "kernel.kptr_restrict": "1",
        "kernel.dmesg_restrict": "1",
        "kernel.unprivileged_bpf_disabled": "1",
        "kernel.yama.ptrace_scope": "1",
        "net.core.bpf_jit_harden": "2",
        "net.ipv4.conf.all.accept_redirects": "0",
    },
    "strict": {
        "kernel.kptr_restrict": "2",
        "kernel.modules_disabled": "1",
        "kernel.yama.ptrace_scope": "2",
        "kernel.perf_event_paranoid": "3",
        "kernel.sysrq": "0",
    },
}

# Keywords as `sshd -T` spells them, each with the values that will do.
known_sshd = {
    "minimal": {
        "permitrootlogin": ["no", "without-password", "prohibit-password"],
        "permitemptypasswords": ["no"],
        "hostbasedauthentication": ["no"],
    },
    "standard": {
        "permitrootlogin": ["no", "without-password", "prohibit-password"],
        "permitemptypasswords": ["no"],
        "passwordauthentication": ["no"],
        "kbdinteractiveauthentication": ["no"],
        "x11forwarding": ["no"],
        "permittunnel": ["no"],
    },
    "strict": {
        "permitrootlogin": ["no"],
        "passwordauthentication": ["no"],
        "allowtcpforwarding": ["no"],
        "allowagentforwarding": ["no"],
        "maxauthtries": ["3"],
        "loglevel": ["VERBOSE"],
    },
}

# Ciphers, MACs and key exchanges that no level leaves in.
broken_algorithms = ("cbc", "3des", "arcfour", "md5", "hmac-sha1", "group1-", "group14-sha1")

levels = {"minimal": minimal, "standard": standard, "strict": strict}


def require_sysctls(host: FirnHost, wanted: Dict[str, str]) -> None:
    assert wanted, "no kernel parameter is named"
    for name, value in wanted.items():
        place = "/proc/sys/" + name.replace(".", "/")
        code, text = host.execute(f"cat {place}")
        assert code == 0, f"{place} cannot be read"
        assert text.split() == value.split(), f"{place} is {text!r}, not {value!r}"


def check_level(level: str) -> None:
    host = levels[level]
    host.start()
    host.wait_for_unit("multi-user.target")

    with subtest(f"{level}: the kernel parameters are in force"):
        require_sysctls(host, enforced_sysctls[level])
        require_sysctls(host, known_sysctls[level])
        booted = host.succeed("cat /proc/cmdline").split()
        lacking = [word for word in enforced_parameters[level] if word not in booted]
        assert not lacking, f"not on the command line: {lacking}"

    with subtest(f"{level}: sshd has the settings"):
        settings: Dict[str, str] = {}
        for line in host.succeed(
            '"$(readlink -f "$(command -v sshd)")" -T -f /etc/ssh/sshd_config'
        ).splitlines():
            key, _, value = line.partition(" ")
            settings.setdefault(key, value)
        for key, allowed in known_sshd[level].items():
            assert settings[key] in allowed, f"sshd: {key} is {settings[key]}"
        for key in ("ciphers", "macs", "kexalgorithms"):
            weak = [
                name
                for name in settings[key].split(",")
                if any(broken in name for broken in broken_algorithms)
            ]
            assert settings[key] and not weak, f"sshd: {key} has {weak}"

    with subtest(f"{level}: the firewall is up"):
        host.require_unit_state(firewall_unit[level], "active")

    if level != "minimal":
        with subtest(f"{level}: the kernel audits by the rules of the level"):
            host.require_unit_state("auditd.service", "active")
            status = dict(
                line.split(maxsplit=1)
                for line in host.succeed("auditctl -s").splitlines()
                if " " in line
            )
            wanted = ("2",) if level == "strict" else ("1", "2")
            assert status["enabled"] in wanted, f"audit is {status['enabled']}"
            assert status["lost"] == "0", f"{status['lost']} records were lost"
            loaded = host.succeed("auditctl -l")
            assert audit_keys[level], "no rule of the level has a key"
            for key in audit_keys[level]:
                assert f"key={key}" in loaded or f"-k {key}" in loaded, f"no rule {key}"
            # A record of what one of them is for.
            host.succeed("touch /etc/shadow")
            host.wait_until_succeeds("ausearch --input-logs -k identity | grep -q shadow")

    with subtest(f"{level}: firn finds what the driver put in, what is open, and no more"):
        target = host.succeed("readlink -f /run/current-system").strip()
        report = firn_check(
            host, "/run/current-system", f"--profile {level} --now {day}"
        )
        assert report.profile == level, report.profile
        assert report.toplevel == target, f"firn judged {report.toplevel}"
        require_outcomes(report, instrumentation[level], "fail")
        require_exactly(
            f"{level}: failures",
            report.with_outcome("fail"),
            set(instrumentation[level]) | set(open_findings[level]),
        )
        require_exactly(
            f"{level}: could not be told",
            report.with_outcome("unknown", "error"),
            unknown_findings[level],
        )
        # What the module says it set is seen to be set; a rule of another kind of machine does not apply.
        kept = set(instrumentation[level]) | set(open_findings[level])
        asked = [rule for rule in enforced_rules[level] if rule in report.results]
        assert len(asked) >= 20, f"the module enforces {len(asked)} rules of {level}"
        for rule in asked:
            outcome = report.outcome(rule)
            ok = ("fail",) if rule in kept else ("pass", "notApplicable", "notChecked")
            assert outcome in ok, f"{rule} is enforced and {outcome}"
        require_consistent_exit(report)

    host.shutdown()


for name in ("minimal", "standard", "strict"):
    check_level(name)

weakened.start()
client.start()
weakened.wait_for_unit("multi-user.target")
weakened.wait_for_open_port(9090)
client.wait_for_unit("multi-user.target")
accept = f"--profile minimal --waivers /etc/firn/waivers.toml --now {day}"

with subtest("Without a weakening firn lets the machine pass, but for the driver's shell"):
    # Of the report only the machine itself is asked: its specialisations fail, as they should, and so does the whole.
    base = firn_check(weakened, "/run/current-system", accept)
    require_exactly("the machine", base.with_outcome("fail"), ["boot.test-backdoor"])
    require_exactly("accepted", base.waived(), ["boot.test-backdoor"])
    require_exactly("not told", base.with_outcome("unknown", "error"), [])
    assert base.code == 1, f"firn ended with {base.code} over weak specialisations"
    assert len(base.targets) == 1 + len(weakenings), base.targets

for name, rules in weakenings.items():
    with subtest(f"Weakened, {name}: exactly its rules fail, and the exit code says so"):
        report = firn_check(
            weakened, f"/run/booted-system/specialisation/{name}", accept
        )
        require_exactly(name, report.blocking(), rules)
        require_exactly("not told", report.with_outcome("unknown", "error"), [])
        assert report.code == 1, f"firn ended with {report.code}"

with subtest("Weakened, accounts: the finding names the account"):
    report = firn_check(
        weakened, "/run/booted-system/specialisation/accounts", accept
    )
    assert "bob" in report.observed("accounts.empty-password"), report.results[
        "accounts.empty-password"
    ]

activate = "/run/booted-system/specialisation/{}/bin/switch-to-configuration test"

with subtest("Weakened, kernel: what firn says of the running system is so"):
    require_sysctls(weakened, {"kernel.kptr_restrict": "1"})
    weakened.succeed(activate.format("kernel"))
    require_sysctls(weakened, {"kernel.kptr_restrict": "0"})
    report = firn_check(weakened, "/run/current-system", accept)
    require_outcomes(report, ["sysctl.kernel.kptr_restrict"], "fail")

with subtest("Weakened, firewall: a stranger reaches what nobody opened"):
    fetch = "curl --silent --show-error --max-time 8 http://weakened:9090/"
    code, text = client.execute(fetch)
    assert code == 28, f"the port was not dropped: {code} {text!r}"
    weakened.succeed(activate.format("firewall"))
    client.wait_until_succeeds(fetch)
    report = firn_check(weakened, "/run/current-system", accept)
    require_outcomes(report, ["firewall.enabled", "firewall.input.default"], "fail")
