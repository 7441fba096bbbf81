# Values: password.

ssh_options = " ".join(
    [
        "-o BatchMode=no",
        "-o ConnectTimeout=20",
        "-o NumberOfPasswordPrompts=1",
        "-o StrictHostKeyChecking=no",
        "-o UserKnownHostsFile=/dev/null",
    ]
)
key_only = f"{ssh_options} -o IdentitiesOnly=yes -o PreferredAuthentications=publickey"
password_only = (
    f"{ssh_options} -o PubkeyAuthentication=no"
    " -o PreferredAuthentications=password,keyboard-interactive"
)


def refused(command: str) -> None:
    """sshd answers and lets nobody in. A fresh sshd: it holds no penalty of an attempt before."""
    server.succeed("systemctl restart sshd.service")
    server.wait_for_open_port(22)
    code, text = client.execute(f"{command} 2>&1 </dev/null")
    assert code != 0, f"sshd let in: {command}"
    # That only keys are offered is in the words of the client.
    assert "Permission denied (publickey)" in text, f"not refused by sshd: {text}"


start_all()
server.wait_for_unit("multi-user.target")
client.wait_for_unit("multi-user.target")
server.wait_for_unit("sshd.service")
server.wait_for_open_port(22)

with subtest("A key opens a session of its owner"):
    name = client.succeed(f"ssh {key_only} -i /etc/keys/alice alice@server id -un")
    assert name.strip() == "alice", name

with subtest("A key nobody knows is refused"):
    client.succeed("ssh-keygen -q -t ed25519 -N '' -f /root/unknown")
    refused(f"ssh {key_only} -i /root/unknown alice@server true")

with subtest("alice's key opens no session of bob or root"):
    refused(f"ssh {key_only} -i /etc/keys/alice bob@server true")
    refused(f"ssh {key_only} -i /etc/keys/alice root@server true")

with subtest("The right password is refused"):
    refused(f"sshpass -p '{password}' ssh {password_only} bob@server true")
    # The control: it is the right one, an sshd that takes passwords lets bob in.
    server.succeed(
        '"$(readlink -f "$(command -v sshd)")" -p 2222 -f /etc/ssh/sshd_config'
        " -o PasswordAuthentication=yes -o KbdInteractiveAuthentication=yes"
    )
    server.wait_for_open_port(2222)
    name = server.succeed(
        f"sshpass -p '{password}' ssh {password_only} -p 2222 bob@localhost id -un"
    )
    assert name.strip() == "bob", name

with subtest("The host keys are root's alone"):
    owner = server.succeed("stat -c '%a %U' /etc/ssh/ssh_host_ed25519_key").strip()
    assert owner == "600 root", owner

with subtest("The store is what its database says"):
    server.succeed("nix-store --verify-path $(readlink -f /run/current-system)")
    server.fail("nix-store --verify-path /nix/store/00000000000000000000000000000000-none")

with subtest("A user builds through the daemon, without network, in the sandbox"):
    # The builder sees no file of the machine: /etc/shadow is root's, /etc/machine-id everybody's.
    expression = (
        'derivation { name = "built-here"; system = builtins.currentSystem;'
        ' builder = "/bin/sh";'
        ' args = [ "-c" "test ! -e /etc/machine-id && echo built > $out" ]; }'
    )
    server.succeed("test -e /etc/machine-id")
    server.succeed(f"echo '{expression}' > /tmp/trivial.nix")
    built = server.succeed("su -l alice -c 'nix-build --no-out-link /tmp/trivial.nix'")
    assert server.succeed(f"cat {built.strip()}").strip() == "built", built
    mode = server.succeed(f"stat -c '%a %U' {built.strip()}").strip()
    assert mode == "444 root", mode

with subtest("Nobody writes into the store"):
    server.fail("su -l alice -c 'touch /nix/store/mine'")
    server.fail("touch /nix/store/mine")

with subtest("Users and groups"):
    groups = server.succeed("id -nG alice").split()
    assert "wheel" in groups, groups
    groups = server.succeed("id -nG bob").split()
    assert "wheel" not in groups, groups
    assert server.succeed("id -u alice bob | paste -sd,").strip() == "1000,1001"
    roots = server.succeed("awk -F: '$3 == 0 { print $1 }' /etc/passwd").split()
    assert roots == ["root"], roots

with subtest("Modes of what holds secrets"):
    for place in ("/home/alice", "/home/bob"):
        mode = server.succeed(f"stat -c %a {place}").strip()
        assert mode == "700", f"{place} has the mode {mode}"
    mode = server.succeed("stat -c %a /etc/shadow").strip()
    assert mode in ("0", "600", "640"), f"/etc/shadow has the mode {mode}"
    server.fail("su -l bob -c 'cat /etc/shadow'")
    server.fail("su -l bob -c 'ls /home/alice'")

with subtest("sudo is for administrators, with a password"):
    rights = server.succeed("sudo -l -U alice")
    assert "ALL" in rights and "NOPASSWD" not in rights, rights
    server.fail("su -l alice -c 'sudo -n true'")
    code, text = server.execute("sudo -l -U bob 2>&1")
    assert "not allowed" in text, f"bob: {code} {text}"
