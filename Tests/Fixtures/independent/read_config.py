#!/usr/bin/env python3
"""Reads the values of facts straight from a fixture's config.json.

Independent of Firn: no shared table, no shared parser, written from the NixOS options' own meaning. It says only what the
options say directly, and leaves out what needs a model (kernel defaults, aliases, algorithms by version).
Prints one JSON object: fact -> value.
"""
import json
import re
import sys

SSH_OLD = {  # NixOS 20.09 option -> keyword
    "permitRootLogin": "PermitRootLogin",
    "passwordAuthentication": "PasswordAuthentication",
    "challengeResponseAuthentication": "KbdInteractiveAuthentication",
    "forwardX11": "X11Forwarding",
    "gatewayPorts": "GatewayPorts",
    "logLevel": "LogLevel",
    "useDns": "UseDNS",
    "ciphers": "Ciphers",
    "macs": "MACs",
    "kexAlgorithms": "KexAlgorithms",
}
SSH_NAMES = {"Macs": "MACs", "UseDns": "UseDNS"}
SSH_LISTS = {"Ciphers", "MACs", "KexAlgorithms", "AllowGroups", "AllowUsers"}
SSH_SKIP = {"AuthorizedPrincipalsFile", "Banner", "AcceptEnv", "PrintMotd", "Subsystem"}
# Alias keys: the kernel lets one write change another, which needs a model of the kernel.
SYSCTL_MODELLED = re.compile(r"forward|disable_ipv6|accept_redirects|kernel\.printk$")


def sysctls(config):
    """boot.kernel.sysctl, then the hand-written files that sort after 60-nixos.conf."""
    values = {}
    for key, value in config["boot"]["kernel"]["sysctl"].items():
        if value is None:
            continue
        values[key] = str(int(value)) if isinstance(value, bool) else str(value)
    for name, entry in sorted(config["environment"]["etc"].items()):
        match = re.fullmatch(r"sysctl\.d/(.*\.conf)", name)
        if match and match[1] > "60-nixos.conf" and entry.get("text"):
            for line in entry["text"].splitlines():
                assignment = re.fullmatch(r"\s*([^#;\s=]+)\s*=\s*(.*?)\s*", line)
                if assignment:
                    values[assignment[1]] = assignment[2]
    for key, value in values.items():
        if not SYSCTL_MODELLED.search(key):
            yield "sysctl." + key, int(value) if re.fullmatch(r"-?\d+", value) else " ".join(value.split())


def parameters(config):
    """name=value of the kernel's command line, the last one of each name."""
    if config["boot"].get("isContainer"):
        return
    last = {}
    for token in " ".join(config["boot"]["kernelParams"]).split():
        name, equals, value = token.partition("=")
        if equals:
            last[name] = value
    for name in ("audit_backlog_limit", "lsm", "vsyscall", "debugfs", "slub_debug"):
        if name in last:
            value = last[name]
            if name == "lsm":
                value = value.split(",")
            elif value.isdigit():
                value = int(value)
            yield "cmdline." + name, value


def word(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def ssh(config):
    openssh = config["services"]["openssh"]
    if not openssh["enable"]:
        return
    settings = openssh.get("settings")
    pairs = settings.items() if settings is not None else ((SSH_OLD[k], openssh[k]) for k in SSH_OLD if k in openssh)
    for key, value in pairs:
        key = SSH_NAMES.get(key, key)
        if value is None or key in SSH_SKIP:
            continue
        value = word(value)
        if key not in SSH_LISTS and isinstance(value, str):
            value = value.upper() if key == "LogLevel" else value.lower()
        yield "ssh." + key, value
    yield "ssh.ports", openssh["ports"]


def ports(numbers, ranges):
    spans = [(n, n) for n in numbers] + [(r["from"], r["to"]) for r in ranges]
    return [str(a) if a == b else f"{a}-{b}" for a, b in sorted(set(spans))]


def firewall(config):
    options = config["networking"]["firewall"]
    yield "firewall.enabled", options["enable"]
    if not options["enable"]:
        return
    yield "firewall.open.tcp", ports(options["allowedTCPPorts"], options["allowedTCPPortRanges"])
    yield "firewall.open.udp", ports(options["allowedUDPPorts"], options["allowedUDPPortRanges"])
    if options.get("backend") != "firewalld":
        yield "firewall.input.default", "reject" if options["rejectPackets"] else "drop"
        check = options["checkReversePath"]
        yield "firewall.reverse-path", {False: "off", True: "strict"}.get(check, check)


def main():
    config = json.load(open(sys.argv[1]))
    facts = {}
    for family in (sysctls, parameters, ssh, firewall):
        facts.update(family(config))
    json.dump(facts, sys.stdout, indent=1, sort_keys=True)


main()
