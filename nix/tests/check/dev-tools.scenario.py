"""dev-tools.py in good order: each tool does its work, and the user is an ordinary one."""

script = "dev-tools.py"
values = {"user": "nixos"}

# Whether the other branch has been merged: before it the file has one line, after it two.
_state = {"merged": False}


def _merge(_command):
    _state["merged"] = True
    return ""


class _Reset(list):
    """Each run starts with a user who has done nothing yet."""

    def __add__(self, other):
        _state["merged"] = False
        return list(self) + other


machines = {
    "machine": _Reset([
        (r"-c 'id -un'$", 0, "nixos\n"),
        (r"-c 'mkdir -p .* && printf ", 0, ""),
        (r"git config --global user\.", 0, ""),
        (r"git init --quiet repository", 0, ""),
        (r"git add song && git commit", 0, ""),
        (r"git checkout --quiet -b other", 0, ""),
        (r"git commit --quiet -a -m second", 0, ""),
        (r"git merge --quiet other", 0, _merge),
        (r"cat repository/song", 0, lambda _: "one\ntwo\n" if _state["merged"] else "one\n"),
        (r"git log --format=%s", 0, "second\nfirst\n"),
        (r"git clone --quiet repository clone", 0, ""),
        (r"cat clone/song", 0, "one\ntwo\n"),
        (r"git fsck --strict", 0, "sound\n"),
        (r"vim -es ", 0, ""),
        (r"-c 'cat text'$", 0, "alpha\ngamma\n"),
        (r"tmux new-session", 0, ""),
        (r"tmux capture-pane", 0, ""),
        (r"tmux send-keys", 0, ""),
        (r"test -s fresh", 0, ""),
        (r"-c 'cat fresh'$", 0, "typed\n"),
        (r"sum\(range\(101\)\)", 0, "5050\n"),
        (r"python3 library\.py", 0, "42\n3\n1\n"),
        (r"python3 -m venv ", 0, ""),
        (r"environment/bin/python3 ", 0, "/home/nixos/environment\n"),
        (r"gcc -g -O0 ", 0, ""),
        (r"-c program/plain$", 0, "42\n"),
        (r"make -C program made", 0, "gcc -o made main.c\n"),
        (r"-c program/made$", 0, "42\n"),
        (r"cmake -G Ninja ", 0, "[2/2] Linking C executable program\n"),
        (r"-c built/program$", 0, "42\n"),
        (r"objdump --syms program/plain", 0, "0000000000001139 g     F .text 000e twice\n"),
        (r"file program/plain", 0, "program/plain: ELF 64-bit LSB executable\n"),
        (r"gdb --batch ", 0, "Breakpoint 1, twice (n=21)\n$1 = 21\n"),
        (r"jq -r .*levels", 0, "6\n"),
        (r"rg --files-with-matches gamma text", 0, "text\n"),
        (r"rsync --archive", 0, ""),
        (r"diff -r repository copy", 0, "same\n"),
        (r"tree repository", 0, "repository\n`-- song\n"),
        (r"python3 -m zipfile -c", 0, ""),
        (r"cat unpacked/text", 0, "alpha\ngamma\n"),
        (r"htop --version", 0, "htop 3\n"),
        (r"^systemd-run --unit=pages --uid=nixos ", 0, ""),
        (r"curl --silent http://127\.0\.0\.1:8000/text", 0, "alpha\ngamma\n"),
        (r"wget --quiet --output-document=fetched ", 0, ""),
        (r"jq -r .name fetched", 0, "firn\n"),
    ])
}
weak = [
    (r"-c 'id -un'$", 0, "root\n"),
    # A merge that did nothing, one that lost a line, and what was merged before anybody merged.
    (r"cat repository/song", 0, "one\n"),
    (r"cat repository/song", 0, "one\ntwo\n"),
    (r"git log --format=%s", 0, "first\n"),
    (r"cat clone/song", 0, "one\n"),
    (r"git fsck --strict", 0, ""),
    (r"-c 'cat text'$", 0, "alpha\nbeta\n"),
    (r"-c 'cat fresh'$", 0, "other\n"),
    (r"sum\(range\(101\)\)", 0, "5049\n"),
    (r"python3 library\.py", 0, "42\n3\n"),
    (r"environment/bin/python3 ", 0, "/run/current-system/sw\n"),
    (r"-c program/plain$", 0, "41\n"),
    (r"-c program/made$", 0, ""),
    (r"-c built/program$", 0, "0\n"),
    (r"objdump --syms program/plain", 0, "no symbols\n"),
    (r"file program/plain", 0, "program/plain: data\n"),
    (r"gdb --batch ", 0, "warning: ptrace: Operation not permitted\n"),
    (r"levels", 0, "123\n"),
    (r"rg --files-with-matches gamma text", 0, "\n"),
    (r"diff -r repository copy", 0, "Only in repository: song\n"),
    (r"tree repository", 0, "repository\n"),
    (r"cat unpacked/text", 0, "alpha\n"),
    (r"127\.0\.0\.1:8000/text", 0, "<title>404</title>\n"),
    (r"jq -r .name fetched", 0, "null\n"),
]
