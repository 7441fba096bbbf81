# Values: image.

start_all()
machine.wait_for_unit("multi-user.target")
machine.wait_for_unit("docker.service")

with subtest("The daemon answers, and is reached by its socket alone"):
    version = machine.succeed("docker version --format '{{.Server.Version}}'").strip()
    assert version[0].isdigit(), version
    mode = machine.succeed("stat -c '%a %U %G' /run/docker.sock").strip()
    assert mode == "660 root docker", mode
    listening = machine.succeed("ss -Hltnp")
    assert "dockerd" not in listening, listening

with subtest("A container of an image made here runs"):
    loaded = machine.succeed(f"docker load --input {image}")
    assert "firn-test:made-here" in loaded, loaded
    spoken = machine.succeed("docker run --rm firn-test:made-here")
    assert spoken.strip() == "a container spoke", spoken
    machine.fail("docker run --rm firn-test:made-here /bin/false")

with subtest("A container sees itself only"):
    name = machine.succeed(
        "docker run --rm --hostname inside firn-test:made-here /bin/hostname"
    )
    assert name.strip() == "inside", name
    machine.fail("docker run --rm firn-test:made-here /bin/ls /home/alice")
    filtered = machine.succeed(
        "docker run --rm firn-test:made-here /bin/grep Seccomp: /proc/self/status"
    )
    assert filtered.split() == ["Seccomp:", "2"], filtered
    privileges = machine.succeed(
        "docker run --rm --security-opt no-new-privileges firn-test:made-here"
        " /bin/grep NoNewPrivs: /proc/self/status"
    )
    assert privileges.split() == ["NoNewPrivs:", "1"], privileges

with subtest("A container serves a port"):
    machine.succeed(
        "docker run --detach --name web --publish 127.0.0.1:8080:80 firn-test:made-here"
        " /bin/sh -c 'mkdir /www && echo served > /www/index.html && httpd -f -p 80 -h /www'"
    )
    page = machine.wait_until_succeeds("curl --silent --fail http://127.0.0.1:8080/")
    assert page.strip() == "served", page
    machine.succeed("docker stop --time 1 web")
    machine.fail("curl --silent --fail --max-time 5 http://127.0.0.1:8080/")

with subtest("What a container keeps outlives it"):
    machine.succeed(
        "docker run --rm --volume kept:/kept firn-test:made-here"
        " /bin/sh -c 'echo still here > /kept/note'"
    )
    note = machine.succeed(
        "docker run --rm --volume kept:/kept firn-test:made-here /bin/cat /kept/note"
    )
    assert note.strip() == "still here", note

with subtest("The socket is for its group"):
    machine.succeed("su -l carol -c 'docker ps'")
    code, text = machine.execute("su -l alice -c 'docker ps' 2>&1")
    assert code != 0, "alice talks to the daemon, which makes her root"
    assert "permission denied" in text, text
