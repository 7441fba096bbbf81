"""security-hardening.py in good order, with reports in the form of `firn check --format json`."""

import json
import re

script = "security-hardening.py"
reports = True

_levels = ("minimal", "standard", "strict")
_good_sysctls = {
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
_enforced = [f"rule.number-{i}" for i in range(25)]
values = {
    "day": "2026-12-01",
    "enforced_sysctls": {level: {"fs.protected_hardlinks": "1"} for level in _levels},
    "enforced_parameters": {level: ["slab_nomerge"] for level in _levels},
    "enforced_rules": {level: _enforced for level in _levels},
    "audit_keys": {level: ["identity"] for level in _levels},
    "firewall_unit": {level: "firewall.service" for level in _levels},
    "instrumentation": {level: ["boot.test-backdoor"] for level in _levels},
    "open_findings": {level: ["kconfig.available"] for level in _levels},
    "unknown_findings": {"minimal": [], "standard": ["cmdline.hardened_usercopy"], "strict": []},
    "weakenings": {"kernel": ["sysctl.kernel.kptr_restrict"], "firewall": ["firewall.enabled", "firewall.input.default"],
                   "accounts": ["accounts.empty-password"]},
}


def report(profile, failing=(), unknown=(), waived=(), targets=1, passing=()):
    names = set(_enforced) | set(failing) | set(unknown) | set(passing)
    outcome = lambda rule: "fail" if rule in failing else "unknown" if rule in unknown else "pass"
    return json.dumps({
        "schemaVersion": 3,
        "tool": {"name": "firn", "version": "0"},
        "profile": {"id": profile},
        "targets": [{"identity": {"toplevel": "/nix/store/here"}}] * targets,
        "results": [
            {"rule": rule, "target": 0, "outcome": outcome(rule), "observed": "root, bob",
             "severity": "info" if rule == "kconfig.available" else "medium",
             "waiver": {"owner": "nix/tests"} if rule in waived else None}
            for rule in sorted(names)
        ],
    })


_shell, _open = "boot.test-backdoor", "kconfig.available"


def _host(level):
    sysctls = {"fs.protected_hardlinks": "1", **_good_sysctls[level]}
    unknown = values["unknown_findings"][level]
    sshd = {
        "permitrootlogin": "no", "permitemptypasswords": "no", "hostbasedauthentication": "no",
        "passwordauthentication": "no", "kbdinteractiveauthentication": "no", "x11forwarding": "no",
        "permittunnel": "no", "allowtcpforwarding": "no", "allowagentforwarding": "no", "maxauthtries": "3",
        "loglevel": "VERBOSE", "ciphers": "aes256-gcm@openssh.com", "macs": "hmac-sha2-512-etm@openssh.com",
        "kexalgorithms": "curve25519-sha256",
    }
    return [
        *((f"cat /proc/sys/{re.escape(name.replace('.', '/'))}$", 0, value + "\n") for name, value in sysctls.items()),
        (r"cat /proc/cmdline", 0, "init=/nix/store/x slab_nomerge\n"),
        (r"-T -f /etc/ssh/sshd_config", 0, "".join(f"{key} {value}\n" for key, value in sshd.items())),
        (r"auditctl -s", 0, f"enabled {2 if level == 'strict' else 1}\nlost 0\n"),
        (r"auditctl -l", 0, "-w /etc/passwd -p wa -k identity\n"),
        (r"touch /etc/shadow", 0, ""),
        (r"ausearch", 0, "name=/etc/shadow\n"),
        (r"readlink -f /run/current-system", 0, "/nix/store/here\n"),
        (r"firn check", 3 if unknown else 1, report(level, (_shell, _open), unknown)),
    ]


def _weakened():
    state = {"kernel": False, "firewall": False}

    def activate(name):
        def answer(_command):
            state[name] = True
            return ""
        return answer

    def current(_command):
        failing = [_shell]
        if state["kernel"]:
            failing.append("sysctl.kernel.kptr_restrict")
        if state["firewall"]:
            failing += ["firewall.enabled", "firewall.input.default"]
        return report("minimal", failing, waived=[_shell], targets=4)

    return state, [
        (r"cat /proc/sys/kernel/kptr_restrict", 0, lambda _: "0\n" if state["kernel"] else "1\n"),
        (r"specialisation/kernel/bin/switch", 0, activate("kernel")),
        (r"specialisation/firewall/bin/switch", 0, activate("firewall")),
        *((f"firn check /run/booted-system/specialisation/{name}", 1, report("minimal", [_shell, *rules], waived=[_shell]))
          for name, rules in values["weakenings"].items()),
        (r"firn check /run/current-system", 1, current),
    ]


_state, _answers = _weakened()


class _Reset(list):
    """Each run starts with a machine that nobody has weakened yet."""

    def __add__(self, other):
        _state.update(kernel=False, firewall=False)
        return list(self) + other


machines = {level: _host(level) for level in _levels}
machines["weakened"] = _Reset(_answers)
# A stranger gets an answer once the firewall is off.
machines["client"] = [
    (r"curl", lambda _: 0 if _state["firewall"] else 28, lambda _: "pages\n" if _state["firewall"] else ""),
]
weak = [
    (r"cat /proc/sys/kernel/kptr_restrict", 0, "0\n"),
    (r"cat /proc/sys/kernel/yama/ptrace_scope", 0, "0\n"),
    (r"cat /proc/sys/kernel/modules_disabled", 0, "0\n"),
    (r"cat /proc/cmdline", 0, "init=/nix/store/x\n"),
    (r"auditctl -s", 0, "enabled 0\nlost 0\n"),
    (r"auditctl -s", 0, "enabled 1\nlost 7\n"),
    (r"auditctl -l", 0, "No rules\n"),
    (r"\[state of unit\] auditd", 0, "inactive"),
    (r"\[state of unit\] firewall", 0, "failed"),
    (r"-T -f /etc/ssh/sshd_config", 0, "permitrootlogin yes\n"),
    # A finding more, one less, one that could not be told, and an exit code that is not what the results mean.
    (r"firn check /run/current-system --profile strict", 1, report("strict", (_shell, _open, "ssh.X11Forwarding"))),
    (r"firn check /run/current-system --profile strict", 1, report("strict", (_shell,), passing=[_open])),
    (r"firn check /run/current-system --profile strict", 3, report("strict", (_shell, _open), ["audit.enabled"])),
    (r"firn check /run/current-system --profile strict", 0, report("strict", (_shell, _open))),
    (r"firn check /run/current-system --profile strict", 1, report("standard", (_shell, _open))),
    (r"firn check /run/booted-system/specialisation/kernel", 0, report("minimal", (_shell,), waived=[_shell])),
    (r"firn check /run/booted-system/specialisation/accounts", 1, report("minimal", (_shell, "other.rule"), waived=[_shell])),
]
