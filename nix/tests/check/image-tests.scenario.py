"""image-tests.py in good order, of an image that is no installer: sudo asks for a password."""

script = "image-tests.py"
values = {"image": "vm", "is_installer": False}

machines = {
    "machine": [
        (r"^hostname$", 0, "nixos-ros2\n"),
        (r"^id -nG nixos$", 0, "users wheel\n"),
        (r"^getent shadow nixos", 0, "!\n"),
        (r"^ip -4 -o address show dev eth1$", 0, "3: eth1    inet 192.168.1.2/24 brd 192.168.1.255 scope global eth1\n"),
        (r"sudo -n true", 1, ""),
        (r"docker import - empty$", 0, "sha256:0123\n"),
        (r"docker run --rm -v /nix/store", 0, ""),
        (r"su -l nixos -c 'docker ps'", 1, "permission denied\n"),
        (r"git init", 0, "On branch master\n"),
        (r"print\(6 \* 7\)", 0, "42\n"),
        (r"su -l nixos -c '\w+ --version'", 0, "a version\n"),
        (r"nix eval", 0, "2\n"),
        (r"^cat /proc/sys/kernel/dmesg_restrict$", 0, "1\n"),
        (r"^firn --version$", 0, "firn 0\n"),
    ],
    "client": [
        (r"^ssh (?!.*publickey).* -o PubkeyAuthentication=no .*=password,keyboard-interactive nixos@192.168.1.2 true", 255, "nixos@192.168.1.2: Permission denied (publickey).\n"),
        (r"^ssh .* -i /etc/keys/alice -o PreferredAuthentications=publickey nixos@192.168.1.2 id -un$", 0, "nixos\n"),
    ],
}
weak = [
    (r"^hostname$", 0, "nixos\n"),
    (r"^id -nG nixos$", 0, "users\n"),
    (r"^id -nG nixos$", 0, "users wheel docker\n"),
    (r"^getent shadow nixos", 0, "$y$j9T$salt$hash\n"),
    # An empty password, and an account that is not there.
    (r"^getent shadow nixos", 0, "\n"),
    (r" id -un$", 0, "root\n"),
    (r"PreferredAuthentications=password,", 0, ""),
    (r"PreferredAuthentications=password,", 255, "ssh: connect to host 192.168.1.2 port 22: Connection refused\n"),
    (r"PreferredAuthentications=password,", 255, "Permission denied (publickey,password).\n"),
    (r"su -l nixos -c 'sudo -n true'", 0, ""),
    (r"print\(6 \* 7\)", 0, "41\n"),
    (r"nix eval", 0, "3\n"),
    (r"dmesg_restrict", 0, "0\n"),
    (r"\[state of unit\] auditd", 0, "inactive"),
    (r"^firn --version$", 127, "not found\n"),
]
