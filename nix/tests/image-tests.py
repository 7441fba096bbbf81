# Values: image, is_installer.

# ssh takes the first value of an option that it is given twice, so each way has its own.
ssh = (
    "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20"
)
by_key = f"{ssh} -i /etc/keys/alice -o PreferredAuthentications=publickey"
by_password = (
    f"{ssh} -o PubkeyAuthentication=no"
    " -o PreferredAuthentications=password,keyboard-interactive"
)

start_all()
machine.wait_for_unit("multi-user.target")
client.wait_for_unit("multi-user.target")

with subtest(f"{image}: the host has its name"):
    assert machine.succeed("hostname").strip() == "nixos-ros2"

with subtest(f"{image}: the user is an administrator and not root's equal"):
    groups = machine.succeed("id -nG nixos").split()
    assert "wheel" in groups, groups
    assert "docker" not in groups, "members of docker are root"
    form = machine.succeed("getent shadow nixos | cut -d: -f2").strip()
    assert form[:1] in ("!", "*"), "nixos has a password"

with subtest(f"{image}: a key opens a session, no password does"):
    # An installer starts sshd by itself too.
    machine.wait_for_open_port(22)
    address = machine.succeed("ip -4 -o address show dev eth1").split()[3].split("/")[0]
    name = client.succeed(f"{by_key} nixos@{address} id -un").strip()
    assert name == "nixos", name
    code, text = client.execute(f"{by_password} nixos@{address} true 2>&1 </dev/null")
    # That only keys are offered is in the words of the client.
    assert code != 0 and "Permission denied (publickey)" in text, f"{code} {text}"

with subtest(f"{image}: sudo asks for a password where it is no installer"):
    code, _ = machine.execute("su -l nixos -c 'sudo -n true'")
    assert (code == 0) == is_installer, f"sudo ended with {code}"

with subtest(f"{image}: Docker runs"):
    machine.wait_for_unit("docker.service")
    machine.succeed("tar c --files-from /dev/null | docker import - empty")
    machine.succeed(
        "docker run --rm -v /nix/store:/nix/store:ro empty"
        " $(readlink -f /run/current-system/sw/bin/true)"
    )
    machine.fail("su -l nixos -c 'docker ps'")

with subtest(f"{image}: the tools are there and work"):
    machine.succeed("su -l nixos -c 'git init --quiet work && cd work && git status'")
    total = machine.succeed("su -l nixos -c \"python3 -c 'print(6 * 7)'\"").strip()
    assert total == "42", total
    for tool in ("cmake", "gcc", "gdb", "jq", "nano", "rg", "tmux", "vim"):
        machine.succeed(f"su -l nixos -c '{tool} --version'")

with subtest(f"{image}: Nix has flakes"):
    value = machine.succeed("su -l nixos -c 'nix eval --expr \"1 + 1\"'").strip()
    assert value == "2", value

with subtest(f"{image}: the module is in force"):
    assert machine.succeed("cat /proc/sys/kernel/dmesg_restrict").strip() == "1"
    machine.require_unit_state("auditd.service", "active")
    code, text = machine.execute("firn --version")
    assert code == 0 and text.strip(), f"firn does not start: {code} {text}"
