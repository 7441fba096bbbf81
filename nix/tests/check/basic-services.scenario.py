"""basic-services.py in good order: sshd refuses all but alice's key, bob's password is right, the store is sound."""

script = "basic-services.py"
values = {"password": "correct horse"}

_denied = "nobody@server: Permission denied (publickey).\n"
_built = "/nix/store/0123-built-here\n"

machines = {
    "server": [
        (r"^systemctl restart sshd", 0, ""),
        (r"-p 2222 -f /etc/ssh/sshd_config", 0, ""),
        (r"sshpass -p 'correct horse' ssh .* -p 2222 bob@localhost id -un", 0, "bob\n"),
        (r"stat -c '%a %U' /etc/ssh/", 0, "600 root\n"),
        (r"--verify-path \$\(readlink", 0, ""),
        (r"--verify-path /nix/store/0+-none", 1, "path is not valid\n"),
        (r"^test -e /etc/machine-id", 0, ""),
        (r"> /tmp/trivial.nix$", 0, ""),
        (r"nix-build --no-out-link", 0, _built),
        (r"^cat /nix/store/0123-built-here$", 0, "built\n"),
        (r"stat -c '%a %U' /nix/store/0123-built-here$", 0, "444 root\n"),
        (r"touch /nix/store/mine", 1, "Read-only file system\n"),
        (r"^id -nG alice$", 0, "users wheel\n"),
        (r"^id -nG bob$", 0, "users\n"),
        (r"^id -u alice bob", 0, "1000,1001\n"),
        (r"^awk .*/etc/passwd$", 0, "root\n"),
        (r"stat -c %a /home/(alice|bob)$", 0, "700\n"),
        (r"stat -c %a /etc/shadow$", 0, "640\n"),
        (r"su -l bob -c 'cat /etc/shadow'", 1, "Permission denied\n"),
        (r"su -l bob -c 'ls /home/alice'", 2, "Permission denied\n"),
        (r"^sudo -l -U alice$", 0, "User alice may run the following commands:\n    (ALL : ALL) SETENV: ALL\n"),
        (r"sudo -n true", 1, "a password is required\n"),
        (r"^sudo -l -U bob", 0, "User bob is not allowed to run sudo on server.\n"),
    ],
    "client": [
        (r"-i /etc/keys/alice alice@server id -un$", 0, "alice\n"),
        (r"^ssh-keygen", 0, ""),
        (r"ssh .*@server true", 255, _denied),
    ],
}
weak = [
    # Somebody else's session, or somebody let in.
    (r"alice@server id -un$", 0, "root\n"),
    (r"-i /root/unknown", 0, ""),
    (r"-i /etc/keys/alice bob@server true", 0, ""),
    (r"-i /etc/keys/alice root@server true", 0, ""),
    (r"^sshpass .* bob@server true", 0, ""),
    # Refused for another reason: nobody answers, or passwords are taken and this one was wrong.
    (r"-i /root/unknown", 255, "ssh: connect to host server port 22: Connection refused\n"),
    (r"^sshpass .* bob@server true", 5, "bob@server: Permission denied (publickey,password).\n"),
    (r"-p 2222 bob@localhost", 0, "alice\n"),
    (r"/etc/ssh/ssh_host_ed25519_key", 0, "644 root\n"),
    (r"/etc/ssh/ssh_host_ed25519_key", 0, "600 sshd\n"),
    (r"^cat /nix/store/0123-built-here$", 0, "other\n"),
    (r"stat -c '%a %U' /nix/store/", 0, "644 root\n"),
    (r"stat -c '%a %U' /nix/store/", 0, "444 alice\n"),
    (r"^id -nG alice$", 0, "users\n"),
    (r"^id -nG bob$", 0, "users wheel\n"),
    (r"^id -u alice bob", 0, "1000,0\n"),
    (r"^awk ", 0, "root\ntoor\n"),
    (r"stat -c %a /home/bob$", 0, "755\n"),
    (r"stat -c %a /etc/shadow$", 0, "644\n"),
    (r"^sudo -l -U alice$", 0, "    (ALL : ALL) NOPASSWD: ALL\n"),
    (r"^sudo -l -U alice$", 0, "User alice is not allowed to run sudo on server.\n"),
    (r"^sudo -l -U bob", 0, "    (ALL : ALL) ALL\n"),
]
