# Values: user.

import shlex


def run(command: str) -> str:
    """What a command prints in the user's login shell."""
    return machine.succeed(f"su -l {user} -c {shlex.quote(command)}").strip()


def write(path: str, text: str) -> None:
    run(f"mkdir -p $(dirname {path}) && printf '%s' {shlex.quote(text)} > {path}")


def require(what: str, found: str, wanted: str) -> None:
    assert found == wanted, f"{what}: {found!r}, not {wanted!r}"


start_all()
machine.wait_for_unit("multi-user.target")

with subtest("The user is an ordinary one"):
    require("the user", run("id -un"), user)

with subtest("Git keeps, branches and merges"):
    run("git config --global user.name Tester")
    run("git config --global user.email tester@example.org")
    run("git init --quiet repository")
    write("repository/song", "one\n")
    run("cd repository && git add song && git commit --quiet -m first")
    run("cd repository && git checkout --quiet -b other && echo two >> song")
    run("cd repository && git commit --quiet -a -m second && git checkout --quiet -")
    require("before the merge", run("cat repository/song"), "one")
    run("cd repository && git merge --quiet other")
    require("after the merge", run("cat repository/song"), "one\ntwo")
    require("the log", run("cd repository && git log --format=%s"), "second\nfirst")
    run("git clone --quiet repository clone")
    require("the clone", run("cat clone/song"), "one\ntwo")
    require("the check", run("cd clone && git fsck --strict && echo sound"), "sound")

with subtest("vim edits"):
    write("text", "alpha\nbeta\n")
    run("vim -es -N -u NONE -c '%s/beta/gamma/' -c 'wq' text </dev/null")
    require("what vim wrote", run("cat text"), "alpha\ngamma")

with subtest("nano edits, in a terminal of tmux"):
    run("tmux new-session -d -s pane 'TERM=screen nano fresh'")
    # The keys: a word, Control-O and the name, Control-X.
    machine.wait_until_succeeds(
        f"su -l {user} -c 'tmux capture-pane -p -t pane' | grep -q 'GNU nano'"
    )
    run("tmux send-keys -t pane typed C-o Enter C-x")
    machine.wait_until_succeeds(f"su -l {user} -c 'test -s fresh'")
    require("what nano wrote", run("cat fresh"), "typed")

with subtest("Python computes, has its library, and makes environments"):
    require("a sum", run("python3 -c 'print(sum(range(101)))'"), "5050")
    write(
        "library.py",
        "import ctypes, json, lzma, sqlite3, ssl, zlib\n"
        "database = sqlite3.connect(':memory:')\n"
        "print(database.execute('select 6 * 7').fetchone()[0])\n"
        "ssl.create_default_context()\n"
        "print(ctypes.CDLL(None).abs(-3))\n"
        "print(json.loads(zlib.decompress(zlib.compress(b'[1]')))[0])\n",
    )
    require("the library", run("python3 library.py"), "42\n3\n1")
    run("python3 -m venv --without-pip environment")
    require(
        "the environment",
        run("environment/bin/python3 -c 'import sys; print(sys.prefix)'"),
        f"/home/{user}/environment",
    )

with subtest("C is compiled, linked, looked into and debugged"):
    write(
        "program/main.c",
        "#include <stdio.h>\n"
        "int twice(int n) { return 2 * n; }\n"
        'int main(void) { printf("%d\\n", twice(21)); return 0; }\n',
    )
    write(
        "program/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.10)\nproject(program C)\n"
        "add_executable(program main.c)\n",
    )
    run("cd program && gcc -g -O0 -Wall -Werror -o plain main.c")
    require("gcc", run("program/plain"), "42")
    write("program/Makefile", "made: main.c\n\tgcc -o made main.c\n")
    run("make -C program made")
    require("make", run("program/made"), "42")
    run("cmake -G Ninja -S program -B built && ninja -C built")
    require("cmake and ninja", run("built/program"), "42")
    assert "twice" in run("objdump --syms program/plain"), "objdump shows no function"
    assert "ELF 64-bit" in run("file program/plain"), "file knows no ELF"
    # ptrace of one's own child is what Yama leaves to users.
    trace = run(
        "gdb --batch -nx -ex 'break twice' -ex run -ex 'print n' program/plain 2>&1"
    )
    assert "$1 = 21" in trace, f"gdb did not stop in the function: {trace}"

with subtest("Utilities"):
    write("data.json", '{"name": "firn", "levels": [1, 2, 3]}')
    require("jq", run("jq -r '.levels | add' data.json"), "6")
    require("ripgrep", run("rg --files-with-matches gamma text"), "text")
    run("rsync --archive repository/ copy/")
    require("rsync", run("diff -r repository copy && echo same"), "same")
    assert "song" in run("tree repository"), "tree shows no file"
    run("python3 -m zipfile -c archive.zip text && unzip -q -d unpacked archive.zip")
    require("unzip", run("cat unpacked/text"), "alpha\ngamma")
    run("htop --version")

with subtest("curl and wget fetch"):
    machine.succeed(
        f"systemd-run --unit=pages --uid={user} --working-directory=/home/{user}"
        " /run/current-system/sw/bin/python3 -m http.server --bind 127.0.0.1 8000"
    )
    machine.wait_for_open_port(8000, "127.0.0.1")
    require("curl", run("curl --silent http://127.0.0.1:8000/text"), "alpha\ngamma")
    run("wget --quiet --output-document=fetched http://127.0.0.1:8000/data.json")
    require("wget", run("jq -r .name fetched"), "firn")
